"""The comment at the top of a manifest that was written anew: what it was, what got lost, what is left to do.

Rule: every line is one comment, whatever the old file held; values are quoted and cut, places are its lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
    parts: tuple[ItemKind, ...] = ("dropped", "changed")
    for part in parts:
        found = [item for item in items if item.kind == part]
        if found:
            lines += ["", f"{LABELS[part].capitalize()}:"]
            lines += [line for item in found for line in _write_item(document, item, left)]
    spoken = {path for item in items if item.kind == "dropped" for path in item.paths}
    stray = [path for path in left if not any(_is_within(path, above) for above in spoken)]
    others = [line for path in stray for line in _list_comments(document, left, path)]
    if others:
        lines += ["", STRAY, *(f"  {line}" for line in others)]
    if commands:
        lines += ["", NEXT, *(f"  {command}" for command in commands)]
    return [f"# {line}".rstrip() for line in lines]


def _write_item(document: Document, item: Item, left: Comments) -> Iterator[str]:
    yield f"  line {locate_item(document, item).line}: {item.text}"
    if item.kind == "dropped":
        for path in left:
            if any(_is_within(path, above) for above in item.paths):
                yield from (f"    {comment}" for comment in _list_comments(document, left, path))


def _list_comments(document: Document, left: Comments, path: Path) -> Iterator[str]:
    for comment in left[path]:
        yield f"line {find_span(document.text, comment.index).line}: {comment.text}"


def _is_within(path: Path, above: Path) -> bool:
    return path[: len(above)] == above
