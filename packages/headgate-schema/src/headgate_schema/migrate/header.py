"""The comment at the top of a manifest that was written anew: what it was, what got lost, what is left to do.

Rule: every line is one comment, whatever the old file held; values are quoted and cut, places are its lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from headgate_schema.document import Document
from headgate_schema.migrate.comments import Comments
from headgate_schema.migrate.item import LABELS, Item, ItemKind, locate_item
from headgate_schema.span import Path
from headgate_schema.text import find_span
from headgate_schema.wording import quote

NEXT = "What is live. Run these when Headgate's workflows are on the trunk, before its first release:"
STRAY = "Comments of what has no place here:"


def write_header(
    document: Document, kind: str, items: Sequence[Item], commands: Sequence[str], left: Comments
) -> list[str]:
    """Write the lines; ``left`` are the comments of the old file that have no other place."""
    lines = [
        f"Migrated from {quote(document.name)}, a manifest of {kind}. Delete this comment when it is done."
    ]
    notes = _sort_comments(document, items, left)
    parts: tuple[ItemKind, ...] = ("dropped", "changed")
    for part in parts:
        found = [item for item in items if item.kind == part]
        if found:
            lines += ["", f"{LABELS[part].capitalize()}:"]
            lines += [line for item in found for line in _write_item(document, item, notes)]
    stray = notes.get(None, ())
    if stray:
        lines += ["", STRAY, *(f"  {line}" for line in stray)]
    if commands:
        lines += ["", NEXT, *(f"  {command}" for command in commands)]
    return [f"# {line}".rstrip() for line in lines]


_Notes = Mapping[Path | None, Sequence[str]]
"""By the path that got lost: the comments that go with it; those of nothing that did below ``None``."""


def _write_item(document: Document, item: Item, notes: _Notes) -> Iterator[str]:
    yield f"  line {locate_item(document, item).line}: {item.text}"
    if item.kind == "dropped":
        for path in item.paths:
            yield from (f"    {note}" for note in notes.get(path, ()))


def _sort_comments(document: Document, items: Sequence[Item], left: Comments) -> _Notes:
    lost = {path for item in items if item.kind == "dropped" for path in item.paths}
    notes: dict[Path | None, list[str]] = {}
    for path, comments in left.items():
        lengths = range(len(path) + 1)
        owner = next((path[:length] for length in lengths if path[:length] in lost), None)
        for comment in comments:
            line = find_span(document.text, comment.index).line
            notes.setdefault(owner, []).append(f"line {line}: {comment.text}")
    return notes
