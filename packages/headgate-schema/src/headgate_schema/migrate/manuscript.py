"""A manifest written anew: data of ours, the comments of what it was taken from, what is to be said on top.

``notation.py`` writes every value; this puts them in the order, with the blank lines, and below the comments
that people are used to. What is written is read again and compared before it is given away.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from headgate_schema.document import Document, read_document
from headgate_schema.migrate.comments import Comment, Comments, attach_comments
from headgate_schema.migrate.header import write_header
from headgate_schema.migrate.item import Item, list_inner
from headgate_schema.notation import (
    Layout,
    is_inline,
    read_layout,
    write_block,
    write_entry,
    write_inline,
    write_key,
)
from headgate_schema.span import Path
from headgate_schema.syntax import read_syntax

TOGETHER = frozenset({"version", "trunk"})
"""Fields of the root that share a paragraph; all others have their own."""
SHORT = 4
"""Up to so many lines, the entries of a list stand without blank lines between them."""


class Origins(msgspec.Struct, frozen=True):
    """What kind of manifest something was, and the places of it that belong to each place of the new one."""

    kind: str
    places: Mapping[Path, Sequence[Path]]


def write_manuscript(
    document: Document,
    data: Mapping[str, Any],
    origins: Origins,
    items: Sequence[Item],
    commands: Sequence[str],
) -> str | None:
    """Write a manifest that was taken from a document; ``None`` if it does not read as it should."""
    syntax = read_syntax(document.text)
    comments = attach_comments(syntax)
    there = set(_list_paths(data, ()))
    places = {target: sources for target, sources in origins.places.items() if target in there}
    carried = _carry_comments(comments, places)
    layout = read_layout(syntax)
    around = [comment for comment in carried.pop((), ()) if not is_for_editors(comment)]
    kept = {comment for found in carried.values() for comment in found} | set(around)
    left = {
        path: tuple(comment for comment in found if comment not in kept) for path, found in comments.items()
    }
    top = write_header(document, origins.kind, items, commands, left)
    body = _Writer(carried, layout).write_root(data)
    head = [comment.text for comment in around if comment.side != "below"]
    tail = [comment.text for comment in around if comment.side == "below"]
    paragraphs = [top, head, body, tail]
    text = "\n\n".join("\n".join(lines) for lines in paragraphs if lines) + "\n"
    text = text.replace("\n", layout.line_break)
    return text if is_faithful(text, data, kept) else None


def _carry_comments(
    comments: Comments, places: Mapping[Path, Sequence[Path]]
) -> dict[Path, tuple[Comment, ...]]:
    """Give each comment to the first of the places that its entry belongs to now."""
    carried: dict[Path, tuple[Comment, ...]] = {}
    done: set[Path] = set()
    for target, sources in places.items():
        carried[target] = tuple(
            comment for source in sources if source not in done for comment in comments.get(source, ())
        )
        done |= set(sources)
    return carried


def _list_paths(value: Any, path: Path) -> Iterator[Path]:
    yield path
    for step, inner in list_inner(value):
        yield from _list_paths(inner, (*path, step))


def is_for_editors(comment: Comment) -> bool:
    """Tell whether a comment tells an editor the schema of the old file."""
    return "yaml-language-server" in comment.text


def is_faithful(text: str, data: Mapping[str, Any], kept: Collection[Comment]) -> bool:
    """Tell whether a text reads as the data that was meant, and has all comments that were kept."""
    read = read_document(text.encode("utf-8", "surrogatepass"), "")
    if read.troubles or msgspec.json.encode(read.data) != msgspec.json.encode(data):
        return False
    wanted = Counter(comment.text for comment in kept)
    return not wanted - Counter(comment for _, comment in read_syntax(read.text).list_comments())


class _Writer:
    """Data → lines, an entry at a time where there are comments inside."""

    def __init__(self, comments: Comments, layout: Layout) -> None:
        self.comments = {path: found for path, found in comments.items() if found}
        self.layout = layout
        self.around = {path[:length] for path in self.comments for length in range(len(path))}

    def write_root(self, data: Mapping[str, Any]) -> list[str]:
        lines: list[str] = []
        for key, value in data.items():
            if lines and key not in TOGETHER:
                lines.append("")
            lines += self.write_entry(key, value, (key,))
        return lines

    def write_entry(self, key: str, value: Any, path: Path) -> list[str]:
        if not self.is_opened(value, path):
            return self.surround(write_entry(key, value, self.layout), path)
        width = self.layout.list_width if isinstance(value, list) else self.layout.width
        inner = self.write_inside(value, path)
        return self.surround([f"{write_key(key)}:", *_indent(inner, width)], path)

    def is_opened(self, value: Any, path: Path) -> bool:
        """Tell whether a value is written entry by entry: for its comments, or its blank lines."""
        return path in self.around or (len(path) == 1 and not is_inline(value))

    def write_inside(self, value: Any, path: Path) -> list[str]:
        if isinstance(value, dict):
            entries = (self.write_entry(key, item, (*path, key)) for key, item in value.items())
            return [line for lines in entries for line in lines]
        blocks = [self.write_item(item, (*path, index)) for index, item in enumerate(value)]
        is_spaced = len(path) == 1 and any(len(block) > SHORT for block in blocks)
        lines: list[str] = []
        for block in blocks:
            lines += ["", *block] if is_spaced and lines else block
        return lines

    def write_item(self, item: Any, path: Path) -> list[str]:
        if path in self.around and isinstance(item, dict | list):
            inner = self.write_inside(item, path)
        else:
            inner = [write_inline(item)] if is_inline(item) else write_block(item, self.layout)
        # A comment above the first key would part it from its dash.
        first = next(index for index, line in enumerate(inner) if not line.startswith("#"))
        lines = [*inner[:first], f"- {inner[first]}", *_indent(inner[first + 1 :], 2)]
        return self.surround(lines, path, has_behind=is_inline(item))

    def surround(self, lines: list[str], path: Path, *, has_behind: bool = True) -> list[str]:
        """Add the comments of an entry; the first behind it stays there where there is a place for it."""
        found = self.comments.get(path, ())
        behind = [comment.text for comment in found if comment.side == "behind"]
        above = [comment.text for comment in found if comment.side == "above"]
        below = [comment.text for comment in found if comment.side == "below"]
        if behind and has_behind:
            lines = [f"{lines[0]}  {behind[0]}", *lines[1:]]
            behind = behind[1:]
        return [*above, *behind, *lines, *below]


def _indent(lines: Sequence[str], width: int) -> Iterator[str]:
    for line in lines:
        yield f"{' ' * width}{line}" if line else line
