"""HG016 and HG017: comments that ignore warnings and do not do what they say.

They are applied last, to what all other rules found, and can't be ignored by a comment themselves.
"""

from __future__ import annotations

from collections.abc import Iterator

from headgate_schema.comments import NamedCode
from headgate_schema.finding import Place
from headgate_schema.rules.rule import Problem, rule
from headgate_schema.rules.subjects import Ignoring
from headgate_schema.wording import hint_suggestion, quote

UNIGNORABLE = ("HG016", "HG017")


@rule("HG016", "ignore without effect", "warning")
def idle_ignore(ignoring: Ignoring) -> Iterator[Problem]:
    """A comment ignores a warning that is not there. What it was written for is gone or has moved, and the
    comment would hide the next one unseen.

    Remove the code from the comment. It works on its own line, or alone on a line for the line below.
    """
    if not ignoring.is_complete:
        return
    for ignore in ignoring.ignores:
        for named in ignore.codes:
            is_warning = ignoring.severities.get(named.code) == "warning" and named.code not in UNIGNORABLE
            was_looked_for = f"{named.code[:3]}xx" not in ignoring.skipped
            used = (ignore.file, ignore.line, named.code) in ignoring.ignored
            if is_warning and was_looked_for and not used:
                yield Problem(
                    f"there is no {quote(named.code)} to ignore on line {ignore.line}",
                    Place(ignore.file, span=named.span),
                    hint="remove it",
                )


@rule("HG017", "ignore that names no warning", "warning")
def odd_ignore(ignoring: Ignoring) -> Iterator[Problem]:
    """A comment wants to ignore something that can't be ignored: an error, a family, a code that does not
    exist; or it names nothing. Errors stop `headgate generate` and are there to be corrected.

    Name the codes of warnings: `# headgate: ignore[HG415]`, several with commas.
    """
    for ignore in ignoring.ignores:
        if not ignore.codes:
            yield Problem(
                "the comment names nothing to ignore",
                Place(ignore.file, span=ignore.span),
                hint='name the codes of warnings: "# headgate: ignore[HG415]"',
            )
        for named in ignore.codes:
            if ignoring.severities.get(named.code) != "warning" or named.code in UNIGNORABLE:
                yield Problem(
                    f"{quote(named.code)} can't be ignored here; codes of warnings can",
                    Place(ignore.file, span=named.span),
                    hint=_hint_code(ignoring, named),
                )


def _hint_code(ignoring: Ignoring, named: NamedCode) -> str:
    code = named.code.upper()
    family = code.rstrip("X")
    warnings = [
        known
        for known, severity in ignoring.severities.items()
        if severity == "warning" and known not in UNIGNORABLE
    ]
    if code in UNIGNORABLE:
        return f'it is about such comments; "--ignore {code}" leaves it out'
    if ignoring.severities.get(code) == "error":
        return "it is an error; errors stop the generating and have to be corrected"
    if code in warnings:
        return f"write {quote(code)}"
    if len(family) > 1 and any(known.startswith(family) for known in ignoring.severities):
        return "name each code"
    return hint_suggestion(code, warnings)


IGNORING = (
    idle_ignore,
    odd_ignore,
)
