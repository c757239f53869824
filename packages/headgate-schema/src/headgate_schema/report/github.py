"""Findings as workflow commands: GitHub shows each on its line of the change, and in the job's summary.

A command is one line, ``::error file=…,line=…::message``. What could end it is escaped as GitHub's toolkit
does: ``%``, CR and LF everywhere, in properties ``:`` and ``,`` too; so nothing in a manifest or a file's
name starts a command of its own.
https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands and
https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from headgate_schema.check import Checked
from headgate_schema.finding import Finding, Place
from headgate_schema.pages import find_page
from headgate_schema.rules import RULES
from headgate_schema.span import Span

_TITLES = {rule.code: f"{rule.code} {rule.title}" for rule in RULES}
_IN_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_IN_PROPERTIES = _IN_DATA | str.maketrans({":": "%3A", ",": "%2C"})


def render_github(checked: Sequence[Checked], *, docs: str | None = None) -> str:
    """Print one command per finding, and a notice where rules could not run; nothing when all is well."""
    return "".join(f"{line}\n" for one in checked for line in _render_one(one, docs))


def _render_one(checked: Checked, docs: str | None) -> Iterator[str]:
    for finding in checked.findings:
        span = checked.locate(finding.place)
        properties = {"file": checked.show_file(finding.place.file), **_list_lines(span)}
        title = _TITLES.get(finding.code, finding.code)
        yield _write_command(
            finding.severity, {**properties, "title": title}, _say(checked, finding, span, docs)
        )
    if checked.skipped:
        file = checked.show_file(checked.document.name)
        said = f"{', '.join(checked.skipped)} not checked: {checked.why_skipped}"
        yield _write_command("notice", {"file": file, "title": "not everything was checked"}, said)


def _list_lines(span: Span) -> dict[str, object]:
    lines: dict[str, object] = {"line": span.line, "endLine": span.end_line}
    if span.line != span.end_line:
        # The runner drops columns of a place on several lines, and says so in the debug log:
        # https://github.com/actions/runner/blob/main/src/Runner.Worker/ActionCommandManager.cs
        return lines
    return {**lines, "col": span.column, "endColumn": span.end_column}


def _say(checked: Checked, finding: Finding, span: Span, docs: str | None) -> str:
    """Say where in the message too: the log shows nothing else of a command."""

    def show(place: Place, span: Span) -> str:
        return f"{checked.show_file(place.file)}:{span.line}:{span.column}"

    lines = [f"{show(finding.place, span)}: {finding.code} {finding.message}"]
    lines += [f"{item.message}: {show(item.place, checked.locate(item.place))}" for item in finding.related]
    lines += [f"hint: {finding.hint}"] if finding.hint else []
    lines += [find_page(finding.code, docs)] if docs else []
    return "\n".join(lines)


def _write_command(command: str, properties: dict[str, object], message: str) -> str:
    written = ",".join(f"{name}={str(value).translate(_IN_PROPERTIES)}" for name, value in properties.items())
    return f"::{command} {written}::{message.translate(_IN_DATA)}"
