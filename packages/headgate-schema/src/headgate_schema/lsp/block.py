"""Rows → an outline: where each key, value and gap is, by indentation alone.

Goes through the rows once, with a stack of the block collections that are open. What stands where it should
not is kept where it was most likely meant.
"""

from __future__ import annotations

import re
from functools import lru_cache

from headgate_schema.lsp.flow import read_flow
from headgate_schema.lsp.lines import MARK
from headgate_schema.lsp.outline import (
    MAX_DEPTH,
    STRUCTURE,
    Collection,
    Kind,
    Outline,
    Piece,
    Role,
    Scalar,
    Slot,
    find_comment,
    find_quote,
    find_room,
    skip_space,
)
from headgate_schema.text import BREAK

_COLON = re.compile(r":(?=[ \t]|$)")
_PROPERTY = re.compile(r"([&!])([^\s,\[\]{}]*)(?:[ \t]+|$)")
_BLOCK_SCALAR = re.compile(r"[|>][0-9+-]*[ \t]*(?:[ \t]#.*)?$")
_EXPLICIT = re.compile(r"[?:](?:[ \t]|$)")
"""An explicit key or its value, which nobody writes in a manifest."""
_MARKER = re.compile(r"(?:---|\.\.\.)(?:[ \t]+|$)")


_SIMPLE = re.compile(
    r"(?P<indent> *)(?P<dash>- +)?(?P<key>[A-Za-z_][\w-]*):"
    r"(?: +(?P<value>[^\s#&*!|>'\"\[\]{}%@`,?:-][^#]*?))?[ \t]*"
)
"""What most rows look like."""


@lru_cache(maxsize=4)
def read_outline(text: str, line: int) -> Outline:
    """Read a text by its indentation, with the places on one line, counted from 1; any text gives an outline.

    A byte order mark is not counted.
    """
    return Reader(text.removeprefix(MARK), line - 1).read()


class Reader:
    """Reads one text. Rows that are not of interest and look simple go a shorter way to the same end, unless
    ``is_careful``.
    """

    def __init__(self, text: str, wanted: int, *, is_careful: bool = False) -> None:
        found = BREAK.search(text)
        self.lines = BREAK.split(text)
        self.wanted, self.is_careful = wanted, is_careful
        root = Collection("mapping", (), 0, 0, 0)
        self.outline = Outline(self.lines, found.group() if found else "\n", wanted, root, [], (root,))
        self.stack = [root]
        self.row = 0
        self.has_content = False

    def read(self) -> Outline:
        """Read all rows."""
        while self.row < len(self.lines):
            row, line = self.row, self.lines[self.row]
            self.row += 1
            column = skip_space(line, 0)
            if column < len(line) and line[column] != "#":
                simple = None if row == self.wanted or self.is_careful else _SIMPLE.fullmatch(line)
                if simple is not None:
                    self.read_simple(row, simple)
                else:
                    self.read_row(row, line, column)
                self.note(row)
        return self.outline

    def note(self, row: int) -> None:
        """Note what is open above the row of interest, and what of that goes on below it."""
        self.has_content = True
        if row < self.wanted:
            self.outline.stack = tuple(self.stack)
        for collection in self.stack if self.row > self.wanted + 1 else ():
            collection.last_row = self.row - 1

    def read_simple(self, row: int, found: re.Match[str]) -> None:
        """Read a row with a key, and perhaps a dash before it and a plain value behind."""
        indent, dash, key, value = found.groups()
        column = len(indent)
        if dash:
            items = self.enter("sequence", row, column)
            if items is None:
                return
            items.slots.append(Slot(len(items.slots), row))
            column += len(dash)
        holder = self.enter("mapping", row, column)
        if holder is not None:
            holder.slots.append(Slot(key, row, Scalar(value) if value else None))

    def read_row(self, row: int, line: str, column: int) -> None:
        """Read a row of content, and those below that belong to its last value."""
        marker = _MARKER.match(line) if column == 0 else None
        if marker is not None:
            del self.stack[1:]
            column = marker.end()
        if column < len(line) and line[column] != "#" and (line[0] != "%" or self.has_content):
            self.read_content(row, line, column)

    def add(self, row: int, piece: Piece) -> Piece:
        """Keep a piece of the row of interest."""
        if row == self.wanted:
            self.outline.pieces.append(piece)
        return piece

    def read_content(self, row: int, line: str, column: int) -> None:
        """Read dashes, then a key with its value, or a value alone."""
        while line.startswith("-", column) and line[column + 1 : column + 2] in ("", " ", "\t"):
            holder = self.enter("sequence", row, column)
            if holder is None:
                return
            slot = Slot(len(holder.slots), row)
            holder.slots.append(slot)
            after, column = column + 1, self.skip_properties(line, column + 1, slot)
            if column == len(line) or line[column] == "#":
                self.add_gap(row, line, after, holder, slot)
                return
        start, column = column, self.skip_properties(line, column, self.stack[-1].slots[-1:])
        if column == len(line) or _EXPLICIT.match(line, column):
            return
        if not self.read_entry(row, line, start, column):
            self.read_alone(row, line, start, column)

    def skip_properties(self, line: str, column: int, slot: Slot | list[Slot]) -> int:
        """Step over spaces, anchors and tags; remember what an anchor stands for."""
        column = skip_space(line, column)
        if line[column : column + 1] not in ("&", "!"):
            return column
        while found := _PROPERTY.match(line, column):
            slots = [slot] if isinstance(slot, Slot) else slot
            if found.group(1) == "&" and slots:
                self.outline.anchors.setdefault(found.group(2), slots[0])
            column = found.end()
        return column

    def add_gap(self, row: int, line: str, start: int, holder: Collection, slot: Slot) -> None:
        """Keep the rest of a row as the place of a value that may follow."""
        end, is_item = find_room(line, start), holder.kind == "sequence"
        self.add(row, Piece(start, end, "value", holder, slot.step, slot, is_gap=True, starts_row=is_item))

    def read_entry(self, row: int, line: str, start: int, column: int) -> bool:
        """Read ``key: value``; tell whether there is a key."""
        quote = line[column] if line[column] in "\"'" else ""
        if quote:
            end = find_quote(line, column + 1, quote)
            colon = skip_space(line, end + 1) if end >= 0 else -1
            if colon < 0 or not _COLON.match(line, colon):
                return False
            key, end = line[column + 1 : end], end + 1
        else:
            found = (
                None if line[column] in "[{|>*" else _COLON.search(line, column, find_comment(line, column))
            )
            if found is None:
                return False
            colon = found.start()
            key = line[column:colon].rstrip()
            end = column + len(key)
        holder = self.enter("mapping", row, start)
        if holder is None:
            return True
        slot = Slot(key, row)
        holder.slots.append(slot)
        self.add(row, Piece(column, end, "key", holder, key, slot, quote=quote))
        value = self.skip_properties(line, colon + 1, slot)
        if value == len(line) or line[value] == "#":
            self.add_gap(row, line, colon + 1, holder, slot)
        else:
            self.read_value(row, line, value, holder, slot)
        return True

    def read_alone(self, row: int, line: str, start: int, column: int) -> None:
        """Read what has no colon: a value, the rest of the value above, or a key being typed."""
        found = self.find_home(start)
        if found is None:
            return
        holder, slot = found
        if slot is None and line[column] in "[{":
            if not self.outline.root.slots:
                self.read_flow(row, column, holder, None)
            return
        if slot is None:
            end = len(line[: find_comment(line, column)].rstrip())
            is_key = holder.kind == "mapping"
            step = line[column:end] if is_key else len(holder.slots)
            slot = Slot(step, row, None if is_key else Scalar(line[column:end]), is_whole=False)
            holder.slots.append(slot)
            role: Role = "key" if is_key else "value"
            self.add(row, Piece(column, end, role, holder, step, slot, starts_row=True))
        elif isinstance(slot.value, Scalar):
            end = len(line[: find_comment(line, column)].rstrip())
            self.add(row, Piece(column, end, "value", holder, slot.step, slot, is_part=True))
        elif slot.value is None:
            self.read_value(row, line, column, holder, slot, starts_row=True)

    def read_value(
        self, row: int, line: str, column: int, holder: Collection, slot: Slot, *, starts_row: bool = False
    ) -> None:
        """Read the value of an entry or item, also over several rows."""
        if line[column] in "[{":
            self.read_flow(row, column, holder, slot)
        elif _BLOCK_SCALAR.match(line, column):
            self.read_block_scalar(row, line, column, holder, slot)
        elif line[column] in "\"'":
            self.read_quoted(row, line, column, holder, slot, starts_row)
        else:
            end = len(line[: find_comment(line, column)].rstrip())
            slot.value = Scalar(line[column:end])
            self.add(row, Piece(column, end, "value", holder, slot.step, slot, starts_row=starts_row))

    def read_block_scalar(self, row: int, line: str, column: int, holder: Collection, slot: Slot) -> None:
        """Step over a block scalar: what is deeper than its key or dash."""
        slot.value = Scalar("")
        self.add(row, Piece(column, len(line), "text", holder, slot.step, slot))
        first = self.row
        while self.row < len(self.lines):
            line = self.lines[self.row]
            indent = skip_space(line, 0)
            if indent < len(line) and indent <= holder.column:
                break
            self.row += 1
        while self.row > first and not self.lines[self.row - 1].strip():
            self.row -= 1
        for row in range(first, self.row):
            self.add(row, Piece(0, len(self.lines[row]), "text", holder, slot.step, slot))

    def read_quoted(
        self, row: int, line: str, column: int, holder: Collection, slot: Slot, starts_row: bool
    ) -> None:
        """Read a value in quotes, closed or not, also over several rows."""
        quote = line[column]
        end = find_quote(line, column + 1, quote)
        last = row if end >= 0 else self.find_closing_row(quote, holder.column)
        if last is None or last == row:
            is_open = last is None
            end = len(line) if is_open else end
            slot.value = Scalar(line[column + 1 : end].rstrip() if is_open else line[column + 1 : end])
            piece = Piece(column, end if is_open else end + 1, "value", holder, slot.step, slot)
            piece.quote, piece.is_open, piece.starts_row = quote, is_open, starts_row
            self.add(row, piece)
            return
        slot.value = Scalar("")
        for each in range(row, last + 1):
            text = self.lines[each]
            start = column if each == row else 0
            end = find_quote(text, 0, quote) + 1 if each == last else len(text)
            self.add(each, Piece(start, end, "value", holder, slot.step, slot, is_part=True))
        self.row = last + 1

    def find_closing_row(self, quote: str, floor: int) -> int | None:
        """Find the row below in which a quote is closed; none where the structure goes on before that."""
        for row in range(self.row, len(self.lines)):
            line = self.lines[row]
            if STRUCTURE.match(line) and skip_space(line, 0) <= floor:
                return None
            if find_quote(line, 0, quote) >= 0:
                return row
        return None

    def read_flow(self, row: int, column: int, holder: Collection, slot: Slot | None) -> None:
        """Read brackets; without a slot they are the whole document."""
        path = (*holder.path, slot.step) if slot is not None else ()
        floor = holder.column if slot is not None else -1
        value, last = read_flow(self.lines, row, column, path, floor, self.add)
        self.row = max(self.row, last + 1)
        if slot is not None:
            slot.value = value
        elif value.kind == "mapping":
            self.outline.root = value
            self.stack[0] = value

    # -- where a row belongs

    def enter(self, kind: Kind, row: int, column: int) -> Collection | None:
        """Give the collection to which a key or dash at a column belongs, opened if need be."""
        while True:
            top = self.stack[-1]
            is_root = len(self.stack) == 1
            if is_root and kind == "mapping" and (not top.slots or column < top.column):
                top.column = column
            if top.kind == kind and column == top.column and not top.is_flow:
                return top
            if top.slots and (column > top.column or _is_beside(kind, column, top)):
                return self.open(top, top.slots[-1], kind, row, column)
            if is_root:
                return self.push(Collection(kind, (), row, column, row)) if not top.slots else None
            self.stack.pop()

    def open(self, holder: Collection, slot: Slot, kind: Kind, row: int, column: int) -> Collection | None:
        """Give the collection below an entry or item; one of another kind there is kept."""
        path = (*holder.path, slot.step)
        value = slot.value
        if isinstance(value, Collection):
            if value.is_flow or len(self.stack) > MAX_DEPTH:
                return None
            self.push(value)
            if value.kind == kind:
                return value
            if value.kind == "mapping":
                return self.push(Collection(kind, path, row, column, row))
            # A key where a dash belongs: most likely an item whose dash is still missing.
            path, slot = (*path, len(value.slots)), Slot(len(value.slots), row)
            value.slots.append(slot)
        if len(self.stack) > MAX_DEPTH:
            return None
        opened = Collection(kind, path, row, column, row)
        slot.value = opened
        return self.push(opened)

    def push(self, collection: Collection) -> Collection:
        """Let a collection be the innermost open one."""
        self.stack.append(collection)
        return collection

    def find_home(self, column: int) -> tuple[Collection, Slot | None] | None:
        """Tell where a value alone at a column belongs: to a slot, or to a collection as a slot to be."""
        while True:
            top = self.stack[-1]
            slot = top.slots[-1] if top.slots else None
            if top.kind == "mapping" and column == top.column:
                return top, None
            if slot is not None and column > top.column:
                if not isinstance(slot.value, Collection):
                    return top, slot
                if slot.value.is_flow:
                    return None
                self.push(slot.value)
                return slot.value, None
            if len(self.stack) == 1:
                return top, None
            is_beside = self.stack[-2].kind == "mapping" and self.stack[-2].column == column
            if top.kind == "sequence" and column == top.column and not is_beside:
                return top, None
            self.stack.pop()


def _is_beside(kind: Kind, column: int, top: Collection) -> bool:
    """Tell whether a dash stands right below the key whose list it begins."""
    if kind != "sequence" or top.kind != "mapping" or column != top.column:
        return False
    value = top.slots[-1].value
    return value is None or (isinstance(value, Collection) and value.kind == "sequence")
