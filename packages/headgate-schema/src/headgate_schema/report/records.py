"""Findings as JSON for programs: ``json-v1``, its form and its published schema.

Within the format keys may be added, never taken away or given another meaning; so the schema is open, and
readers ignore what they don't know.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from headgate_schema.check import Checked
from headgate_schema.edit import FileEdit
from headgate_schema.finding import Finding, Fix, Place, Severity
from headgate_schema.pages import find_page
from headgate_schema.report.fixes import write_fixes
from headgate_schema.span import Span

Line = Annotated[int, Meta(ge=1, description="A line, counted from 1.")]
Column = Annotated[int, Meta(ge=1, description="A column, counted from 1 in Unicode code points.")]
EndLine = Annotated[int, Meta(ge=1, description="The line in which the range ends.")]
EndColumn = Annotated[int, Meta(ge=1, description="The column just after the last character.")]
Key = Annotated[str, Meta(description="A key of a mapping.")]
Index = Annotated[int, Meta(ge=0, description="The index of an item of a list, from 0.")]
File = Annotated[str, Meta(description="A file, by its path from the folder where the check was started.")]


class SpanRecord(msgspec.Struct, frozen=True):
    """A range of a text."""

    line: Line
    column: Column
    end_line: EndLine
    end_column: EndColumn


class PlaceRecord(msgspec.Struct, frozen=True):
    """A place in a file."""

    file: File
    path: Annotated[
        tuple[Key | Index, ...], Meta(description="The way into the document, from its root to the place.")
    ]
    span: Annotated[SpanRecord, Meta(description="Where that is in the text.")]


class RelatedRecord(msgspec.Struct, frozen=True):
    """Another place that belongs to a finding."""

    place: Annotated[PlaceRecord, Meta(description="The other place.")]
    message: Annotated[str, Meta(description="What it has to do with the finding.")]


class EditRecord(msgspec.Struct, frozen=True):
    """A piece of text in place of another."""

    file: File
    span: Annotated[
        SpanRecord | None, Meta(description="What is replaced; null if the file is to be created.")
    ]
    text: Annotated[str, Meta(description="What stands there then.")]


class FixRecord(msgspec.Struct, frozen=True):
    """A change that makes the finding go away."""

    title: Annotated[str, Meta(description="What it does.")]
    is_safe: Annotated[
        bool, Meta(description="Whether it keeps what the manifest means; others need a person's yes.")
    ]
    edits: Annotated[
        tuple[EditRecord, ...],
        Meta(description="All of them together; their places are those before any is made."),
    ]


class FindingRecord(msgspec.Struct, frozen=True):
    """One finding."""

    code: Annotated[
        str, Meta(pattern="^HG[0-9]{3}$", description="The rule; a code means the same for ever.")
    ]
    severity: Annotated[Severity, Meta(description="How grave it is; the same for ever for each code.")]
    message: Annotated[str, Meta(description="What is wrong, on one line.")]
    hint: Annotated[str, Meta(description="What to do about it; empty if nothing helps beyond the message.")]
    place: Annotated[PlaceRecord, Meta(description="Where it is.")]
    related: Annotated[tuple[RelatedRecord, ...], Meta(description="Other places that belong to it.")]
    fix: Annotated[
        FixRecord | None,
        Meta(description="How to mend it; null if only a person can, and late in a long list of mistakes."),
    ]
    page: Annotated[str, Meta(description="The rule's page, from the root of the documentation site.")]
    url: Annotated[
        str | None,
        Meta(description="The page's address; null unless `HEADGATE_DOCS_URL` says where the site is."),
    ]


class FileRecord(msgspec.Struct, frozen=True):
    """What a check of one manifest came to."""

    file: File
    errors: Annotated[int, Meta(ge=0, description="How many errors there are, in its callbacks too.")]
    warnings: Annotated[int, Meta(ge=0, description="How many warnings there are, in its callbacks too.")]
    ignored: Annotated[int, Meta(ge=0, description="How many warnings comments ignore; they are not listed.")]
    skipped: Annotated[
        tuple[str, ...], Meta(description="The families of rules that could not run, as `HG4xx`.")
    ]
    why_skipped: Annotated[str, Meta(description="Why they could not run; empty if all did.")]


class Records(msgspec.Struct, frozen=True):
    """Everything that one check said."""

    format: Annotated[Literal["json-v1"], Meta(description="The version of this format.")]
    files: Annotated[
        tuple[FileRecord, ...], Meta(description="The manifests that were checked, in the order given.")
    ]
    findings: Annotated[
        tuple[FindingRecord, ...],
        Meta(description="All findings, by manifest; in each by place, its callbacks last."),
    ]


def render_json(checked: Sequence[Checked], *, docs: str | None = None) -> str:
    """Print all findings as one JSON document."""
    records = Records(
        format="json-v1",
        files=tuple(_record_file(one) for one in checked),
        findings=tuple(
            _record_finding(one, finding, edits, docs)
            for one in checked
            for finding, edits in write_fixes(one)
        ),
    )
    return msgspec.json.format(msgspec.json.encode(records), indent=2).decode() + "\n"


def _record_file(checked: Checked) -> FileRecord:
    errors = sum(finding.severity == "error" for finding in checked.findings)
    return FileRecord(
        file=checked.show_file(checked.document.name),
        errors=errors,
        warnings=len(checked.findings) - errors,
        ignored=len(checked.ignored),
        skipped=checked.skipped,
        why_skipped=checked.why_skipped,
    )


def _record_finding(
    checked: Checked, finding: Finding, edits: Sequence[FileEdit], docs: str | None
) -> FindingRecord:
    return FindingRecord(
        code=finding.code,
        severity=finding.severity,
        message=finding.message,
        hint=finding.hint,
        place=_record_place(checked, finding.place),
        related=tuple(
            RelatedRecord(_record_place(checked, item.place), item.message) for item in finding.related
        ),
        fix=_record_fix(checked, finding.fix, edits) if finding.fix and edits else None,
        page=find_page(finding.code),
        url=find_page(finding.code, docs) if docs else None,
    )


def _record_fix(checked: Checked, fix: Fix, files: Sequence[FileEdit]) -> FixRecord:
    edits = []
    for file in files:
        name = checked.show_file(file.file)
        if file.before is None:
            edits.append(EditRecord(name, None, file.after))
        else:
            edits += [EditRecord(name, _record_span(edit.span), edit.text) for edit in file.edits]
    return FixRecord(fix.title, fix.is_safe, tuple(edits))


def _record_place(checked: Checked, place: Place) -> PlaceRecord:
    return PlaceRecord(checked.show_file(place.file), place.path, _record_span(checked.locate(place)))


def _record_span(span: Span) -> SpanRecord:
    return SpanRecord(span.line, span.column, span.end_line, span.end_column)
