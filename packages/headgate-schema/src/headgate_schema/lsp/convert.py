"""Headgate's answers in the protocol's words, and nothing else."""

from __future__ import annotations

from lsprotocol import types

from headgate_schema.check import Checked
from headgate_schema.finding import Finding, Place
from headgate_schema.lsp.lines import Lines, find_range
from headgate_schema.lsp.session import Home, Session
from headgate_schema.pages import find_page
from headgate_schema.span import Span

SOURCE = "headgate"
UNUSED = frozenset({"HG016", "HG109", "HG406", "HG409"})
"""Rules about something that is written and never read; editors show it faded."""

_SEVERITIES = {"error": types.DiagnosticSeverity.Error, "warning": types.DiagnosticSeverity.Warning}


def show_range(lines: Lines, span: Span) -> types.Range:
    """Give a span as the editor counts it."""
    found = find_range(lines, span)
    return types.Range(
        types.Position(found.line, found.character), types.Position(found.end_line, found.end_character)
    )


def list_diagnostics(session: Session, home: Home) -> dict[str, list[types.Diagnostic]]:
    """Give the diagnostics of each file that a check speaks about, by address; raises ``SchemaError``."""
    checked = session.check(home)
    shown = {home.find_uri(file): list[types.Diagnostic]() for file in session.list_files(home)}
    writer = _Writer(session, home, checked)
    for finding in checked.findings:
        shown[home.find_uri(finding.place.file)].append(writer.write(finding))
    return shown


class _Writer:
    """Writes the findings of one check; each file is cut into lines once."""

    def __init__(self, session: Session, home: Home, checked: Checked) -> None:
        self.session, self.home, self.checked = session, home, checked
        self.lines: dict[str, Lines | None] = {}

    def write(self, finding: Finding) -> types.Diagnostic:
        docs = self.session.docs
        return types.Diagnostic(
            range=self.find_range(finding.place),
            severity=_SEVERITIES[finding.severity],
            code=finding.code,
            code_description=types.CodeDescription(find_page(finding.code, docs)) if docs else None,
            source=SOURCE,
            message=f"{finding.message}\n{finding.hint}" if finding.hint else finding.message,
            tags=[types.DiagnosticTag.Unnecessary] if finding.code in UNUSED else None,
            related_information=[
                types.DiagnosticRelatedInformation(self.find_location(item.place), item.message)
                for item in finding.related
            ]
            or None,
        )

    def find_location(self, place: Place) -> types.Location:
        return types.Location(self.home.find_uri(place.file), self.find_range(place))

    def find_range(self, place: Place) -> types.Range:
        if place.file not in self.lines:
            self.lines[place.file] = self.session.find_lines(self.home, place.file)
        lines = self.lines[place.file]
        if lines is None:
            return types.Range(types.Position(0, 0), types.Position(0, 0))
        return show_range(lines, self.checked.locate(place))
