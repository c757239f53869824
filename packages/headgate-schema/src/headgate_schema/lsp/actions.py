"""What an editor offers to do about findings: their fixes as text, or a comment that ignores a warning.

Every change is verified by reading the changed text again; what can't be done so is not offered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

import msgspec

from headgate_schema.check import Checked
from headgate_schema.document import read_document
from headgate_schema.edit import FileEdit, FindDocument, TextEdit, write_fix
from headgate_schema.finding import Finding
from headgate_schema.mend import Source, mend
from headgate_schema.span import Span
from headgate_schema.text import BREAK

ActionKind = Literal["quickfix", "source.fixAll"]


class Action(msgspec.Struct, frozen=True):
    """Something to offer; ``is_preferred`` for what is most likely wanted without looking at it."""

    title: str
    kind: ActionKind
    edits: tuple[FileEdit, ...]
    finding: Finding | None = None
    is_preferred: bool = False


def list_quick_fixes(
    checked: Checked, findings: Iterable[Finding], find_document: FindDocument
) -> Iterator[Action]:
    """Offer the fix of each finding, and for warnings the comment that ignores them here."""
    for finding in findings:
        if finding.fix is not None:
            edits = write_fix(finding.fix, find_document)
            if edits is not None:
                yield Action(finding.fix.title, "quickfix", edits, finding, finding.fix.is_safe)
        edit = _write_ignore(checked, finding) if finding.severity == "warning" else None
        if edit is not None:
            yield Action(f"ignore {finding.code} here", "quickfix", (edit,), finding)


def _write_ignore(checked: Checked, finding: Finding) -> FileEdit | None:
    """Write the comment above the finding, if the text still says the same with it."""
    place, document = finding.place, checked.find_document(finding.place.file)
    if document is None or document.data is None or place.span is not None:
        return None
    # Inside of a text there can be no comment: it goes above the text's key.
    line = (document.locate(place.path, "key") if place.fragment else checked.locate(place)).line
    lines = _split(document.text)
    indent = lines[line - 1][: len(lines[line - 1]) - len(lines[line - 1].lstrip(" "))]
    line_break = "\r\n" if "\r\n" in document.text else "\n"
    comment = f"{indent}# headgate: ignore[{finding.code}]{line_break}"
    after = "".join([*lines[: line - 1], comment, *lines[line - 1 :]])
    read = read_document(after.encode("utf-8", "surrogatepass"), "", are_scalar_keys_text=True)
    if read.data != document.data:
        return None
    return FileEdit(document.name, document.text, after, (TextEdit(Span(line, 1, line, 1), comment),))


def fix_all(source: Source) -> Action | None:
    """Offer every safe fix together, as the command line makes them; ``None`` if there is nothing to do."""
    mended = mend(source)
    edits = tuple(_write_file(source, file, data) for file, data in sorted(mended.files.items()))
    return Action("fix all that can be fixed safely", "source.fixAll", edits) if edits else None


def _write_file(source: Source, file: str, data: bytes) -> FileEdit:
    before, after = (source.read(file) or b"").decode("utf-8-sig"), data.decode("utf-8-sig")
    return FileEdit(file, before, after, tuple(_list_differences(before, after)))


def _list_differences(before: str, after: str) -> Iterator[TextEdit]:
    """Give the lines that differ, so that an editor keeps its place in all others."""
    from difflib import SequenceMatcher

    old, new = _split(before), _split(after)
    for tag, first, last, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            yield TextEdit(Span(first + 1, 1, last + 1, 1), "".join(new[start:end]))


def _split(text: str) -> list[str]:
    """Cut a text into lines with their ends."""
    starts = [0, *(found.end() for found in BREAK.finditer(text))]
    return [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]
