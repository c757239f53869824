"""HG016 and HG017: comments that ignore warnings and do not do what they say.

They are applied last, to what all other rules found, and can't be ignored by a comment themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from headgate_schema.finding import Place, Severity
from headgate_schema.rules.rule import Problem, rule
from headgate_schema.rules.subjects import Ignoring
from headgate_schema.wording import quote

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
    warnings = [code for code, severity in ignoring.severities.items() if severity == "warning"]
    known = [code for code in warnings if code not in UNIGNORABLE]
    for ignore in ignoring.ignores:
        if not ignore.codes:
            yield Problem(
                "the comment names nothing to ignore",
                Place(ignore.file, span=ignore.span),
                hint='name the codes of warnings: "# headgate: ignore[HG415]"',
            )
        for named in ignore.codes:
            if named.code not in known:
                message, hint = _say_odd(named.code, ignoring.severities, known)
                yield Problem(message, Place(ignore.file, span=named.span), hint=hint)


def _say_odd(code: str, severities: Mapping[str, Severity], known: list[str]) -> tuple[str, str]:
    upper = code.upper()
    family = upper.rstrip("X")
    if upper in UNIGNORABLE:
        return f"{quote(code)} is about comments like this one and can't be ignored by one", (
            f'"--ignore {upper}" leaves it out'
        )
    if severities.get(upper) == "error":
        return f"{quote(code)} is an error; only warnings can be ignored", ""
    if upper in known:
        return f"{quote(code)} is no code", f"write {quote(upper)}"
    beside = [each for each in known if each.startswith(family[:_FAMILY])] if len(family) >= _FAMILY else []
    hint = f"the warnings of that family: {', '.join(beside)}" if beside else ""
    if len(family) >= _FAMILY and any(each.startswith(family) for each in severities):
        return f"{quote(code)} names several codes; a comment names each", hint
    return f"there is no {quote(code)} that could be ignored here", hint


_FAMILY = len("HG1")

IGNORING = (
    idle_ignore,
    odd_ignore,
)
