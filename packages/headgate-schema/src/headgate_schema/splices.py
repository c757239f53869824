"""Edits of data → changes of the text: as few characters as possible, everything else stays as it is.

Nothing here has to be believed: edit.py re-reads the changed text and compares.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

import msgspec

from headgate_schema.claims import DataEdit
from headgate_schema.finding import AddKey, Remove, RenameKey, SetValue
from headgate_schema.notation import is_inline, read_layout, write_block, write_entry, write_inline
from headgate_schema.notation import write_key as write_name
from headgate_schema.span import Path
from headgate_schema.syntax import Entry, Node, Syntax

_COMMA = re.compile(r"\s*,")


class Impossible(Exception):
    """An edit can't be made in this text; never leaves ``write_fix``."""


class Splice(msgspec.Struct, frozen=True):
    """Text in place of what stands from ``start`` to ``end``; at one place the deepest comes first."""

    start: int
    end: int
    text: str
    depth: int


class Change(msgspec.Struct, frozen=True):
    """What edits do to a text: splices in order, and the ranges whose comments go with what is removed."""

    splices: tuple[Splice, ...]
    lost: tuple[tuple[int, int], ...]


def plan_change(syntax: Syntax, edits: Iterable[DataEdit]) -> Change:
    """Turn edits of one file, whose paths all lead into the text as it is, into one change; raises
    ``Impossible``.
    """
    planner = _Planner(syntax, tuple(edits))
    planner.plan()
    splices = tuple(sorted(planner.splices, key=lambda splice: (splice.start, splice.end, -splice.depth)))
    for before, after in pairwise(splices):
        if after.start < before.end:
            raise Impossible("two edits overlap")
    return Change(splices, tuple(planner.lost))


def apply_change(text: str, change: Change) -> str:
    """Give the changed text."""
    parts, done = [], 0
    for splice in change.splices:
        parts += [text[done : splice.start], splice.text]
        done = splice.end
    return "".join((*parts, text[done:]))


class _Planner:
    def __init__(self, syntax: Syntax, edits: tuple[DataEdit, ...]) -> None:
        self.syntax = syntax
        self.text = syntax.text
        self.layout = read_layout(syntax)
        self.edits = edits
        self.removed = {edit.place.path for edit in edits if isinstance(edit, Remove)}
        self.splices: list[Splice] = []
        self.lost: list[tuple[int, int]] = []

    def plan(self) -> None:
        emptied = set()
        for edit in self.edits:
            path = edit.place.path
            match edit:
                case SetValue(value=value):
                    self.set_value(path, value)
                case RenameKey(key=key):
                    self.rename_key(path, key)
                case AddKey():
                    self.add_key(path, edit)
                case Remove() if self.is_emptied(path[:-1]):
                    emptied.add(path[:-1])
                case Remove():
                    self.remove(path)
        for path in emptied - {edit.place.path for edit in self.edits if isinstance(edit, AddKey)}:
            node = self.find_node(path)
            self.set_value(path, {} if node.kind == "mapping" else [])

    # -- the tree

    def find_way(self, path: Path) -> tuple[tuple[Node, Entry], ...]:
        way = self.syntax.find(path)
        if way is None:
            raise Impossible("there is no such place, or it stands elsewhere")
        return way

    def find_node(self, path: Path) -> Node:
        way = self.find_way(path)
        return way[-1][1].value if way else self.syntax.root

    def is_emptied(self, path: Path) -> bool:
        return all(step in self.removed for step in self.list_paths(self.find_node(path), path))

    def list_paths(self, node: Node, path: Path) -> Iterator[Path]:
        for index, entry in enumerate(node.entries):
            yield (*path, index if entry.key is None else entry.key.text)

    def list_kept(self, node: Node, path: Path) -> list[int]:
        """Give the indexes of the entries that are not removed."""
        paths = self.list_paths(node, path)
        return [index for index, inner in enumerate(paths) if inner not in self.removed]

    def find_kept_end(self, node: Node, path: Path) -> int:
        """Give the end of a block collection as it is when what is to be removed is gone."""
        kept = self.list_kept(node, path)
        if not kept or not node.is_block:
            return node.end
        entry = node.entries[kept[-1]]
        inner = (*path, kept[-1] if entry.key is None else entry.key.text)
        return self.find_kept_end(entry.value, inner) if entry.value.is_block else entry.end

    def splice(self, start: int, end: int, text: str, path: Path) -> None:
        self.splices.append(Splice(start, end, text, len(path)))

    # -- edits

    def rename_key(self, path: Path, key: str) -> None:
        way = self.find_way(path)
        if not way or way[-1][1].key is None:
            raise Impossible("there is no key")
        old = way[-1][1].key
        is_flow = any(node.is_flow for node, _ in way)
        self.splice(old.inside, old.end, write_name(key, is_flow=is_flow, style=old.style), path)

    def set_value(self, path: Path, value: Any) -> None:
        way = self.find_way(path)
        if not way:
            raise Impossible("the whole document")
        holder, entry = way[-1]
        old = entry.value
        if any(node.is_flow for node, _ in way):
            self.set_inline(entry, write_inline(value, is_flow=True, style=_keep_style(old)), path)
        elif _wants_block(old, value):
            self.set_block(holder, entry, value, path)
        elif old.is_block:
            self.set_inline_for_block(entry, write_inline(value), path)
        else:
            self.set_inline(entry, write_inline(value, style=_keep_style(old)), path)

    def set_inline(self, entry: Entry, written: str, path: Path) -> None:
        old = entry.value
        if not old.is_empty:
            self.lost.append((old.inside, old.end))
            self.splice(old.inside, old.end, written, path)
        elif entry.lead is None:
            self.splice(old.start, old.start, f": {written}", path)
        else:
            self.splice(entry.lead, entry.lead, f" {written}", path)

    def set_inline_for_block(self, entry: Entry, written: str, path: Path) -> None:
        old = entry.value
        end = self.syntax.find_line_end(old.end)
        head = self.find_head(entry)
        cut = self.find_content_end(head, old.inside)
        self.lost.append((old.inside, end))
        if head == cut:
            self.splice(head, end, f" {written}", path)
        else:
            self.splice(head, head, f" {written}", path)
            self.splice(cut, end, "", path)

    def set_block(self, holder: Node, entry: Entry, value: Any, path: Path) -> None:
        """Write a block in place of a value; a comment behind the key stays there."""
        old = entry.value
        head = self.find_head(entry)
        cut = self.find_content_end(head, old.inside)
        end = self.syntax.find_line_end(old.end) if old.is_block else old.end
        self.lost.append((old.inside, end))
        column = self.syntax.find_column(entry.start)
        lines = write_block(value, self.layout)
        if holder.kind == "mapping":
            column += self.layout.list_width if isinstance(value, list) else self.layout.width
        else:
            column += 2
        rest = self.break_lines(lines[1:], column)
        if holder.kind == "list" and head == cut and not self.has_more(end):
            self.splice(cut, end, f" {lines[0]}{rest}", path)
            return
        self.splice(cut, end, "", path)
        behind = self.syntax.find_line_end(end)
        self.splice(behind, behind, self.break_lines(lines, column), path)

    def add_key(self, path: Path, edit: AddKey) -> None:
        node = self.find_node(path)
        if node.kind == "alias":
            raise Impossible("what an alias stands for")
        if node.kind == "mapping" and node.entries and not self.is_emptied(path):
            self.add_entry(node, path, edit)
            return
        added = [other for other in self.edits if isinstance(other, AddKey) and other.place.path == path]
        if edit in added[1:]:
            return
        self.set_value(path, {other.key: other.value for other in added or [edit]})

    def add_entry(self, node: Node, path: Path, edit: AddKey) -> None:
        way = self.find_way(path)
        first = node.entries[0].start
        if node.is_flow:
            written = f"{write_name(edit.key, is_flow=True)}: {write_inline(edit.value, is_flow=True)}"
            last = node.entries[-1]
            gap = " " if last.value.is_empty else ""
            place, text = (first, f"{written}, ") if edit.is_first else (last.end, f"{gap}, {written}")
            self.splice(place, place, text, path)
            return
        if any(around.is_flow for around, _ in way):
            raise Impossible("a block within brackets")
        column = self.syntax.find_column(first)
        lines = write_entry(edit.key, edit.value, self.layout)
        if edit.is_first:
            text = self.break_lines(lines, column).removeprefix(f"{self.layout.line_break}{' ' * column}")
            self.splice(first, first, f"{text}{self.layout.line_break}{' ' * column}", path)
            return
        end = self.skip_comments(self.syntax.find_line_end(self.find_kept_end(node, path)), column)
        self.splice(end, end, self.break_lines(lines, column), path)

    def remove(self, path: Path) -> None:
        way = self.find_way(path)
        holder, entry = way[-1]
        if any(node.is_flow for node, _ in way):
            self.remove_from_flow(holder, entry, path)
            return
        end = self.syntax.find_line_end(entry.end)
        self.lost.append((entry.start, end))
        first_kept = self.list_kept(holder, path[:-1])[0]
        index = holder.entries.index(entry)
        if index > first_kept or self.begins_line(holder.entries[0]):
            self.remove_lines(self.syntax.find_line(entry.start), end, path)
        elif index == 0:
            # It shares its line with the dash before it, so the first one that is kept moves up.
            following = holder.entries[first_kept].start
            comment = self.text.find(
                "#", self.syntax.find_line_end(holder.entries[first_kept - 1].end), following
            )
            self.splice(entry.start, following if comment < 0 else comment, "", path)

    def begins_line(self, entry: Entry) -> bool:
        return not self.text[self.syntax.find_line(entry.start) : entry.start].strip(" ")

    def remove_lines(self, line: int, end: int, path: Path) -> None:
        behind = self.syntax.skip_break(end)
        if behind == end and line > 0:
            # The last line has no break to take, so the one before it goes.
            line -= len(self.layout.line_break)
        self.splice(line, behind, "", path)

    def remove_from_flow(self, holder: Node, entry: Entry, path: Path) -> None:
        """Take the comma behind, or the one in front of the last; a line of its own goes whole."""
        index, kept = holder.entries.index(entry), self.list_kept(holder, path[:-1])
        comma = _COMMA.match(self.text, entry.end)
        end = self.syntax.find_line_end(entry.end)
        rest = self.text[comma.end() if comma is not None else entry.end : end].strip()
        is_alone = not rest or rest.startswith("#")
        self.lost.append((entry.start, end if is_alone else entry.end))
        is_last = index == len(holder.entries) - 1
        before = holder.entries[kept[-1]].end
        if is_alone and self.begins_line(entry):
            self.remove_lines(self.syntax.find_line(entry.start), end, path)
            stray = _COMMA.match(self.text, before) if is_last and comma is None else None
            if stray is not None:
                self.splice(before, stray.end(), "", path)
        elif any(position > index for position in kept):
            self.splice(entry.start, holder.entries[index + 1].start, "", path)
        elif is_last:
            self.splice(before, entry.end, "", path)

    # -- the text

    def find_head(self, entry: Entry) -> int:
        """Give the place behind which a value goes on the line of its key or dash: behind its anchor."""
        if entry.lead is None:
            raise Impossible("there is no colon")
        anchor_end = len(self.text[: entry.value.inside].rstrip(" \t"))
        return anchor_end if entry.value.inside > entry.value.start else entry.lead

    def find_content_end(self, head: int, inside: int) -> int:
        """Give the end of what stands between a key and its value: a comment, most often nothing."""
        return head + len(self.text[head:inside].rstrip())

    def skip_comments(self, end: int, column: int) -> int:
        """Give the end of the comments below a line that are indented more than a column: they belong to what
        is above.
        """
        while True:
            start = self.syntax.skip_break(end)
            line = self.text[start : self.syntax.find_line_end(start)]
            if not line.startswith(" " * (column + 1)) or not line.lstrip(" ").startswith("#"):
                return end
            end = start + len(line)

    def has_more(self, index: int) -> bool:
        return bool(self.text[index : self.syntax.find_line_end(index)].strip())

    def break_lines(self, lines: list[str], column: int) -> str:
        return "".join(f"{self.layout.line_break}{' ' * column}{line}" for line in lines)


def _wants_block(old: Node, value: Any) -> bool:
    """Tell whether a value goes on lines of its own where it may: as before, or because it is long."""
    if not isinstance(value, dict | list) or not value or (old.is_flow and old.entries):
        return False
    is_alike = old.kind == ("list" if isinstance(value, list) else "mapping")
    return (old.is_block and is_alike) or not is_inline(value)


def _keep_style(old: Node) -> str:
    return old.style if old.style in ("'", '"') else ""
