"""Brackets and braces, closed or not yet → their keys and values with their places.

An unclosed one ends where a row below goes on with the block around it: that is where somebody types.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from headgate_schema.lsp.outline import (
    MAX_DEPTH,
    STRUCTURE,
    Collection,
    Piece,
    Scalar,
    Slot,
    find_quote,
    find_room,
    is_comment,
    skip_space,
)
from headgate_schema.span import Path

Expected = Literal["item", "key", "colon", "value", "end"]

_PLAIN = re.compile(r"(?:[^,\[\]{}:#\s]|:(?![\s,\[\]{}]|$)|(?<=\S)#|[ \t]+(?=[^\s,\[\]{}:#]))+")
_PROPERTY = re.compile(r"[&!][^\s,\[\]{}]*")
_CLOSING = "]}"


class _Level(msgspec.Struct, eq=False):
    """One bracket that is open, and what may come next in it. ``is_pair``: a mapping without braces."""

    collection: Collection
    expected: Expected
    is_pair: bool = False
    last: Piece | None = None


Add = Callable[[int, Piece], Piece]


def read_flow(
    lines: Sequence[str], row: int, column: int, path: Path, floor: int, add: Add
) -> tuple[Collection, int]:
    """Read the value in brackets that begins at a place, and give it with the row it ends on.

    ``floor`` is the column of the block's keys or dashes around it; ``add`` keeps a piece of a row.
    """
    reader = _Reader(lines, path, floor, add)
    return reader.read(row, column), reader.row


class _Reader:
    """Goes from token to token, with a stack of the brackets that are open."""

    def __init__(self, lines: Sequence[str], path: Path, floor: int, add: Add) -> None:
        self.lines, self.path, self.floor, self.add = lines, path, floor, add
        self.levels: list[_Level] = []
        self.row = self.column = 0

    def read(self, row: int, column: int) -> Collection:
        """Read from an opening bracket on; afterwards the reader stands behind the value."""
        self.row, self.column = row, column
        root = self.open(self.path, self.take())
        while self.levels and self.find_next():
            self.step()
        return root

    def take(self) -> str:
        """Step over one character."""
        self.column += 1
        return self.lines[self.row][self.column - 1]

    def open(self, path: Path, bracket: str, *, is_pair: bool = False) -> Collection:
        """Begin a list or mapping."""
        is_list = bracket == "["
        collection = Collection(
            "sequence" if is_list else "mapping", path, self.row, self.column, self.row, [], True
        )
        self.levels.append(_Level(collection, "item" if is_list else "key", is_pair))
        return collection

    def find_next(self) -> bool:
        """Go to the next character that counts, and keep what is before it as a gap if something may come
        there; tell whether there is one.
        """
        row, start = self.row, self.column
        while True:
            line = self.lines[self.row]
            self.column = skip_space(line, self.column)
            if self.column < len(line) and not is_comment(line, self.column):
                self.keep_gaps(row, start, self.column)
                return True
            if self.row + 1 == len(self.lines) or self.is_left(self.lines[self.row + 1]):
                self.row = row
                self.keep_gaps(row, start, None)
                return False
            self.row, self.column = self.row + 1, 0

    def is_left(self, line: str) -> bool:
        """Tell whether a row belongs to the block around the brackets."""
        if not STRUCTURE.match(line):
            return False
        indent = skip_space(line, 0)
        return indent <= self.floor or line[indent] == "-"

    def keep_gaps(self, row: int, start: int, end: int | None) -> None:
        """Keep the place of a key or value that may be typed between here and what was read last. Without an
        ``end``, nothing follows on the row.
        """
        level = self.levels[-1]
        if level.expected not in ("item", "key", "value"):
            return
        collection = level.collection
        slot = collection.slots[-1] if level.expected == "value" else None
        step = slot.step if slot is not None else len(collection.slots)
        role: Literal["key", "value"] = "key" if level.expected == "key" else "value"
        for each in range(row, self.row + 1):
            first = start if each == row else 0
            last = end if each == self.row and end is not None else find_room(self.lines[each], first)
            self.add(each, Piece(first, last, role, collection, step, slot, is_gap=True))

    def step(self) -> None:
        """Read one bracket, comma, colon or word."""
        level = self.levels[-1]
        character = self.lines[self.row][self.column]
        if character in _CLOSING:
            self.close()
        elif character == ",":
            self.end_pair()
            self.column += 1
            level = self.levels[-1]
            level.expected = "item" if level.collection.kind == "sequence" else "key"
        elif character == ":" and level.expected in ("colon", "end") and level.last is not None:
            self.read_colon(level)
        elif character in "[{":
            self.read_bracket(level)
        elif found := _PROPERTY.match(self.lines[self.row], self.column):
            self.column = found.end()
        else:
            self.read_word(level)

    def close(self) -> None:
        self.end_pair()
        self.column += 1
        self.levels.pop().collection.last_row = self.row
        if self.levels:
            self.levels[-1].expected = "end"
            self.levels[-1].last = None

    def end_pair(self) -> None:
        if self.levels[-1].is_pair:
            self.levels.pop()
            self.levels[-1].expected = "end"

    def read_bracket(self, level: _Level) -> None:
        bracket = self.take()
        level.last = None
        if level.expected == "end" and level.collection.kind == "sequence":
            level.expected = "item"  # the comma is not there yet
        if len(self.levels) > MAX_DEPTH or level.expected in ("key", "colon", "end"):
            return  # no key is a list or a mapping
        if level.expected == "item":
            level.collection.slots.append(Slot(len(level.collection.slots), self.row))
        slot = level.collection.slots[-1]
        slot.value = self.open((*level.collection.path, slot.step), bracket)

    def read_colon(self, level: _Level) -> None:
        self.column += 1
        piece = level.last
        if piece is None:
            return
        if level.collection.kind == "sequence":
            slot = level.collection.slots[-1]
            key = slot.value.text if isinstance(slot.value, Scalar) else ""
            pair = self.open((*level.collection.path, slot.step), "{", is_pair=True)
            slot.value = pair
            pair.slots.append(Slot(key, self.row))
            piece.role, piece.holder, piece.step, piece.slot = "key", pair, key, pair.slots[0]
        elif piece.slot is not None:
            piece.slot.is_whole = True
        self.levels[-1].expected = "value"
        self.levels[-1].last = None

    def read_word(self, level: _Level) -> None:
        """Read a quoted or plain word: a key, a value, or the rest of one."""
        line, start = self.lines[self.row], self.column
        quote = line[start] if line[start] in "\"'" else ""
        is_open = False
        if quote:
            end = find_quote(line, start + 1, quote)
            is_open = end < 0
            text = line[start + 1 : len(line) if is_open else end]
            self.column = len(line) if is_open else end + 1
        else:
            found = _PLAIN.match(line, start)
            self.column = found.end() if found else start + 1
            text = line[start : self.column]
        self.keep_word(level, start, text, quote, is_open)

    def keep_word(self, level: _Level, start: int, text: str, quote: str, is_open: bool) -> None:
        collection = level.collection
        match level.expected:
            case "key":
                slot = Slot(text, self.row, is_whole=False)
                collection.slots.append(slot)
            case "item":
                slot = Slot(len(collection.slots), self.row, Scalar(text))
                collection.slots.append(slot)
            case "value":
                slot = collection.slots[-1]
                slot.value = Scalar(text)
            case _:
                slot = collection.slots[-1]
        is_part = level.expected in ("colon", "end")
        is_key = level.expected in ("key", "colon")
        piece = Piece(start, self.column, "key" if is_key else "value", collection, slot.step, slot)
        piece.quote, piece.is_open, piece.is_part = quote, is_open, is_part
        self.add(self.row, piece)
        level.last = None if is_part else piece
        if not is_part:
            level.expected = "colon" if is_key else "end"
