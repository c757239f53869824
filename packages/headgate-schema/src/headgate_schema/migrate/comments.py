"""Which comment belongs to what: each comment of a text is given to one entry, as a reader would.

Rule: a comment behind something belongs to it; one on a line of its own to what comes next, or, indented
more than that, to what came before.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from typing import Literal

import msgspec

from headgate_schema.span import Path
from headgate_schema.syntax import Entry, Node, Syntax

Side = Literal["above", "behind", "below"]

_BLOCK_HEAD = re.compile(r"[|>][0-9+-]*[ \t]+(#[^\r\n]*)")


class Comment(msgspec.Struct, frozen=True):
    """A comment with its ``#``, where it begins in the text, and on which side of its entry."""

    text: str
    index: int
    side: Side


Comments = Mapping[Path, tuple[Comment, ...]]
"""By the path of the entry; ``()`` has those of a text without entries."""


def attach_comments(syntax: Syntax) -> Comments:
    """Give every comment of a text to an entry."""
    placed = list(_list_entries(syntax.root, ()))
    placer = _Placer(syntax, placed)
    attached: dict[Path, list[Comment]] = {}
    for index, text in sorted([*syntax.list_comments(), *_list_block_heads(syntax, placed)]):
        path, side = placer.place(index)
        attached.setdefault(path, []).append(Comment(text, index, side))
    return {path: tuple(comments) for path, comments in attached.items()}


def _list_entries(node: Node, path: Path) -> Iterator[tuple[Path, Entry]]:
    for position, entry in enumerate(node.entries):
        inner = (*path, position if entry.key is None else entry.key.text)
        yield inner, entry
        yield from _list_entries(entry.value, inner)


def _list_block_heads(syntax: Syntax, placed: list[tuple[Path, Entry]]) -> Iterator[tuple[int, str]]:
    """Find the comments on the first lines of block scalars, which the syntax counts as the scalars' own."""
    for _, entry in placed:
        if entry.value.style in ("|", ">"):
            found = _BLOCK_HEAD.match(syntax.text, entry.value.inside)
            if found is not None:
                yield found.start(1), found[1].rstrip()


class _Placer:
    def __init__(self, syntax: Syntax, placed: list[tuple[Path, Entry]]) -> None:
        self.syntax = syntax
        self.placed = placed
        self.starts = [entry.start for _, entry in placed]
        self.ending: dict[int, list[int]] = {}
        for place, (_, entry) in enumerate(placed):
            if not entry.value.is_block:
                line = syntax.find_line(max(entry.end - 1, entry.start))
                self.ending.setdefault(line, []).append(place)
        self.nearest: dict[tuple[int, int], int | None] = {}

    def place(self, index: int) -> tuple[Path, Side]:
        """Find the entry of the comment at an index."""
        line = self.syntax.find_line(index)
        following = bisect_right(self.starts, index)
        if self.syntax.text[line:index].strip():
            return self.find_before(index, line, following), "behind"
        column = index - line
        if following < len(self.placed) and self.find_column(following) >= column:
            return self.placed[following][0], "above"
        nearest = self.find_nearest(following, column)
        if nearest is not None:
            return self.placed[nearest][0], "below"
        return (self.placed[following][0], "above") if following < len(self.placed) else ((), "above")

    def find_nearest(self, following: int, column: int) -> int | None:
        """Find the last entry before a place that is indented no more than a comment there."""
        key = (following, column)
        if key not in self.nearest:
            before = range(following - 1, -1, -1)
            self.nearest[key] = next((place for place in before if self.find_column(place) <= column), None)
        return self.nearest[key]

    def find_column(self, place: int) -> int:
        return self.syntax.find_column(self.starts[place])

    def find_before(self, index: int, line: int, following: int) -> Path:
        """Find what a comment stands behind: the largest that ends on its line, else a key or dash."""
        places = (self.placed[place] for place in self.ending.get(line, ()))
        ended = [path for path, entry in places if entry.end <= index]
        if ended:
            outermost = min(len(path) for path in ended)
            return [path for path in ended if len(path) == outermost][-1]
        return self.placed[following - 1][0] if following else ()
