"""Findings as JSON for programs: ``json-v1``. Within it keys may be added; readers ignore what they don't
know.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from headgate_schema.check import Checked
from headgate_schema.finding import Finding, Place
from headgate_schema.span import Path, Span


class PlaceRecord(msgspec.Struct, frozen=True):
    """Where: lines and columns from 1, columns in code points, the end just after the last one."""

    file: str
    path: Path
    span: Span


class RelatedRecord(msgspec.Struct, frozen=True):
    """Another place, and what it has to do with the finding."""

    place: PlaceRecord
    message: str


class FindingRecord(msgspec.Struct, frozen=True):
    """One finding."""

    code: str
    severity: str
    message: str
    hint: str
    place: PlaceRecord
    related: tuple[RelatedRecord, ...]


class FileRecord(msgspec.Struct, frozen=True):
    """One manifest: how many findings, and which families of rules could not run."""

    file: str
    errors: int
    warnings: int
    skipped: tuple[str, ...]


class Records(msgspec.Struct, frozen=True):
    """Everything that one check said."""

    format: str
    files: tuple[FileRecord, ...]
    findings: tuple[FindingRecord, ...]


def render_json(checked: Sequence[Checked]) -> str:
    """Print all findings as one JSON document."""
    records = Records(
        format="json-v1",
        files=tuple(_record_file(one) for one in checked),
        findings=tuple(_record_finding(one, finding) for one in checked for finding in one.findings),
    )
    return msgspec.json.format(msgspec.json.encode(records), indent=2).decode() + "\n"


def _record_file(checked: Checked) -> FileRecord:
    errors = sum(finding.severity == "error" for finding in checked.findings)
    return FileRecord(
        checked.show_file(checked.document.name), errors, len(checked.findings) - errors, checked.skipped
    )


def _record_finding(checked: Checked, finding: Finding) -> FindingRecord:
    def record(place: Place) -> PlaceRecord:
        return PlaceRecord(checked.show_file(place.file), place.path, checked.locate(place))

    return FindingRecord(
        code=finding.code,
        severity=finding.severity,
        message=finding.message,
        hint=finding.hint,
        place=record(finding.place),
        related=tuple(RelatedRecord(record(item.place), item.message) for item in finding.related),
    )
