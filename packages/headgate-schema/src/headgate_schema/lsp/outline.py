"""A text that may be half typed → its keys and values with their places.

``block.py`` and ``flow.py`` read by indentation and never fail: what the YAML reader refuses (an open
bracket, a key without a colon) is here only a place at which somebody is typing. Rows and columns count from
0. The values are built in place and only read afterwards. No manifest is checked by it: what one says is
``document.py``'s word alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from headgate_schema.span import Path

Kind = Literal["mapping", "sequence"]
Role = Literal["key", "value", "text"]

MAX_DEPTH = 64
"""Deeper than that nothing is told apart, as the document's reader would not."""


class Scalar(msgspec.Struct, gc=False):
    """A single value as written, without its quotes."""

    text: str


class Slot(msgspec.Struct, eq=False, gc=False):
    """An entry of a mapping or an item of a list; ``is_whole`` tells that its colon or dash is there."""

    step: str | int
    row: int
    value: Scalar | Collection | None = None
    is_whole: bool = True


class Collection(msgspec.Struct, eq=False, gc=False):
    """A mapping or a list: its first row, the column of its keys or dashes, and, where it goes on behind the
    row of interest, its last row.
    """

    kind: Kind
    path: Path
    row: int
    column: int
    last_row: int
    slots: list[Slot] = []
    is_flow: bool = False


class Piece(msgspec.Struct, eq=False, gc=False):
    """A part of one row: a key or a value, or the gap in which one could be typed.

    ``role`` is ``text`` inside of block scalars. ``starts_row`` tells that a key could begin here as well;
    ``is_part``, that it is one row of a value that has several.
    """

    start: int
    end: int
    role: Role
    holder: Collection
    step: str | int
    slot: Slot | None = None
    is_gap: bool = False
    is_part: bool = False
    quote: str = ""
    is_open: bool = False
    starts_row: bool = False


class Style(msgspec.Struct, frozen=True):
    """How a text is laid out: its line break, and the columns by which mappings and dashes are indented."""

    line_break: str = "\n"
    step: int = 2
    list_step: int = 2


class Outline(msgspec.Struct, eq=False):
    """What was read: the root, and around the row of interest its pieces and what is open above it."""

    lines: Sequence[str]
    line_break: str
    row: int
    root: Collection
    pieces: list[Piece] = []
    stack: tuple[Collection, ...] = ()
    anchors: dict[str, Slot] = {}

    def find(self, path: Path) -> Scalar | Collection | None:
        """Give what stands at a path, through aliases."""
        value: Scalar | Collection | None = self.root
        for step in path:
            if not isinstance(value, Collection):
                return None
            slots = (slot for slot in value.slots if slot.step == step and slot.is_whole)
            value = self.resolve(next(slots, None))
        return value

    def resolve(self, slot: Slot | None) -> Scalar | Collection | None:
        """Give a slot's value; that of the anchor where it is an alias."""
        for _ in range(MAX_DEPTH):
            value = slot.value if slot is not None else None
            if not isinstance(value, Scalar) or not value.text.startswith("*"):
                return value
            slot = self.anchors.get(value.text[1:].strip())
        return None

    def read(self, path: Path) -> str | None:
        """Give the text of a single value."""
        value = self.find(path)
        return value.text if isinstance(value, Scalar) else None

    def list_steps(self, path: Path) -> tuple[str | int, ...]:
        """List the keys or indexes of the collection at a path."""
        value = self.find(path)
        return (
            tuple(slot.step for slot in value.slots if slot.is_whole) if isinstance(value, Collection) else ()
        )

    def list_names(self, path: Path) -> tuple[str, ...]:
        """List the names in a list: its texts, and the ``name`` of its mappings."""
        named = (
            self.read((*path, step)) or self.read((*path, step, "name")) for step in self.list_steps(path)
        )
        return tuple(name for name in named if name)

    def find_style(self) -> Style:
        """Tell how the text indents, by the first mapping and the first list in block style below a key."""
        steps: dict[Kind, int] = {}
        for holder, value in self.list_blocks():
            steps.setdefault(value.kind, value.column - holder.column)
            if len(steps) == 2:
                break
        step = max(steps.get("mapping", steps.get("sequence", 0)), 0) or 2
        return Style(self.line_break, step, max(steps.get("sequence", step), 0))

    def list_blocks(self) -> Iterator[tuple[Collection, Collection]]:
        """Give every list and mapping in block style below a key, in the order of the text, with what holds
        it.
        """
        waiting = [self.root]
        while waiting:
            holder = waiting.pop()
            values = [slot.value for slot in holder.slots if isinstance(slot.value, Collection)]
            waiting += reversed(values)
            if holder.kind == "mapping" and not holder.is_flow:
                yield from ((holder, value) for value in values if not value.is_flow)


_SPACE = re.compile(r"[ \t]*")
_COMMENT = re.compile(r"(?:(?<=[ \t])|^)#")
STRUCTURE = re.compile(r"[ \t]*(?:-(?:[ \t]|$)|[A-Za-z_][\w.-]*:(?:[ \t]|$)|(?:---|\.\.\.)(?:[ \t]|$))")
"""How a row begins that is most likely not the rest of a bracket or a quote above it."""


def skip_space(line: str, start: int) -> int:
    """Give the column of the first character that is no space."""
    found = _SPACE.match(line, start)
    return found.end() if found else start


def find_comment(line: str, start: int) -> int:
    """Give the column of the comment behind a column; the row's end if there is none."""
    found = _COMMENT.search(line, start)
    return found.start() if found else len(line)


def is_comment(line: str, column: int) -> bool:
    """Tell whether a comment begins at a column."""
    return line[column] == "#" and line[column - 1 : column] in ("", " ", "\t")


def find_room(line: str, start: int) -> int:
    """Give the last column behind a start where a value may be typed: the row's end, or before a comment."""
    comment = find_comment(line, start)
    return comment if comment == len(line) else max(start, comment - 1)


_QUOTES = {'"': re.compile(r'(?:[^"\\]|\\.)*(")'), "'": re.compile("(?:[^']|'')*(')(?!')")}


def find_quote(line: str, start: int, quote: str) -> int:
    """Give the column of the closing quote on a row, -1 if there is none."""
    found = _QUOTES[quote].match(line, start)
    return found.start(1) if found else -1
