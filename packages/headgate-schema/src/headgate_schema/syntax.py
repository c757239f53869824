"""What stands where in a YAML text: the parser's events as a tree, with the places that an edit needs.

Unlike the parser's nodes it keeps aliases and anchors apart from what they stand for, knows where a colon or
a dash ends, and lets nothing reach past its last character.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Literal

import msgspec
import yaml

from headgate_schema.composer import list_events
from headgate_schema.span import Path
from headgate_schema.text import BREAK

Kind = Literal["scalar", "alias", "list", "mapping"]

_TRIVIA = re.compile(r"(?:[ \t\r\n]|#[^\r\n]*)*")
_ANCHOR = re.compile(r"&\S+[ \t]*")
_COMMENT = re.compile(r"#[^\r\n]*")


class Node(msgspec.Struct, frozen=True):
    """A value or a key: from ``start`` to ``end``, comments behind it not; ``inside`` is behind its anchor.

    ``style`` is a scalar's quote or block indicator, empty for a plain one; ``text`` is what a scalar says.
    """

    kind: Kind
    start: int
    end: int
    inside: int
    style: str = ""
    text: str = ""
    is_flow: bool = False
    entries: tuple[Entry, ...] = ()

    @property
    def is_block(self) -> bool:
        """Tell whether it is a collection on lines of its own."""
        return self.kind in ("list", "mapping") and not self.is_flow

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing at all is written."""
        return self.kind == "scalar" and self.start == self.end


class Entry(msgspec.Struct, frozen=True):
    """An entry of a mapping or an item of a list; ``lead`` is just behind its colon or dash, if any."""

    start: int
    lead: int | None
    key: Node | None
    value: Node

    @property
    def end(self) -> int:
        """Give the place just behind the last character."""
        return max(self.value.end, self.lead or 0, self.key.end if self.key is not None else 0)


class Syntax(msgspec.Struct, frozen=True):
    """A text and its tree."""

    text: str
    root: Node

    def find(self, path: Path) -> tuple[tuple[Node, Entry], ...] | None:
        """Give the collections and entries on the way to a place; ``None`` where that leads through an alias
        or nowhere.
        """
        node, way = self.root, []
        for step in path:
            entry = _find_entry(node, step)
            if entry is None:
                return None
            way.append((node, entry))
            node = entry.value
        return tuple(way)

    def find_line(self, index: int) -> int:
        """Give the place where the line around an index begins."""
        return max(self.text.rfind("\n", 0, index), self.text.rfind("\r", 0, index)) + 1

    def find_line_end(self, index: int) -> int:
        """Give the place of the line break behind an index, or the end of the text."""
        found = BREAK.search(self.text, index)
        return found.start() if found is not None else len(self.text)

    def skip_break(self, index: int) -> int:
        """Give the place behind the line break at an index."""
        found = BREAK.match(self.text, index)
        return found.end() if found is not None else index

    def find_column(self, index: int) -> int:
        """Count the characters before an index on its line."""
        return index - self.find_line(index)

    def list_comments(self) -> Iterator[tuple[int, str]]:
        """Give every comment with its place; what a block scalar's first line says counts as its own."""
        done = 0
        for scalar in _list_scalars(self.root):
            yield from _find_comments(self.text, done, scalar.start)
            done = max(done, scalar.end)
        yield from _find_comments(self.text, done, len(self.text))


def _find_comments(text: str, start: int, end: int) -> Iterator[tuple[int, str]]:
    for found in _COMMENT.finditer(text, start, end):
        yield found.start(), found.group().rstrip()


def _list_scalars(node: Node) -> Iterator[Node]:
    if node.kind in ("scalar", "alias"):
        yield node
    for entry in node.entries:
        if entry.key is not None:
            yield from _list_scalars(entry.key)
        yield from _list_scalars(entry.value)


def _find_entry(node: Node, step: str | int) -> Entry | None:
    if node.kind == "list":
        return node.entries[step] if isinstance(step, int) and step < len(node.entries) else None
    named = (entry for entry in node.entries if entry.key is not None and entry.key.text == step)
    return next(named, None)


@lru_cache(maxsize=16)
def read_syntax(text: str) -> Syntax:
    """Read the tree of a text that has been read as a document."""
    events = list_events(text)
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            break
    return Syntax(text, _Builder(text, events).build(next(events)))


class _Builder:
    """Events → nodes."""

    def __init__(self, text: str, events: Iterator[Any]) -> None:
        self.text = text
        self.events = events

    def build(self, event: Any) -> Node:
        start, end = event.start_mark.index, event.end_mark.index
        match event:
            case yaml.AliasEvent():
                return Node("alias", start, end, start)
            case yaml.ScalarEvent():
                return self.build_scalar(event, start, end)
            case yaml.SequenceStartEvent():
                inside = self.skip_anchor(event, start)
                entries, end = self.build_items(bool(event.flow_style), inside)
                return Node("list", start, end, inside, is_flow=bool(event.flow_style), entries=entries)
            case _:
                inside = self.skip_anchor(event, start)
                entries, end = self.build_entries(bool(event.flow_style))
                return Node("mapping", start, end, inside, is_flow=bool(event.flow_style), entries=entries)

    def build_scalar(self, event: Any, start: int, end: int) -> Node:
        style = event.style or ""
        if style in ("|", ">"):
            end = start + len(self.text[start:end].rstrip())
        return Node("scalar", start, end, self.skip_anchor(event, start), style, str(event.value))

    def build_items(self, is_flow: bool, start: int) -> tuple[tuple[Entry, ...], int]:
        entries: list[Entry] = []
        done = start
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            value = self.build(event)
            if is_flow:
                entries.append(Entry(value.start, None, None, value))
            else:
                dash = self.skip_trivia(done)
                entries.append(Entry(dash, dash + 1, None, _settle(value, dash + 1)))
            done = entries[-1].end
        return tuple(entries), _find_end(event) if is_flow else done

    def build_entries(self, is_flow: bool) -> tuple[tuple[Entry, ...], int]:
        entries: list[Entry] = []
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self.build(event)
            value = self.build(next(self.events))
            colon = self.skip_trivia(key.end)
            lead = colon + 1 if self.text[colon : colon + 1] == ":" else None
            entries.append(Entry(key.start, lead, key, _settle(value, key.end if lead is None else lead)))
        return tuple(entries), _find_end(event) if is_flow or not entries else entries[-1].end

    def skip_anchor(self, event: Any, start: int) -> int:
        found = _ANCHOR.match(self.text, start) if event.anchor is not None else None
        return found.end() if found is not None else start

    def skip_trivia(self, index: int) -> int:
        found = _TRIVIA.match(self.text, index)
        return found.end() if found is not None else index


def _find_end(event: Any) -> int:
    end: int = event.end_mark.index
    return end


def _settle(value: Node, lead: int) -> Node:
    """Let a value that is not written stand just behind its colon or dash."""
    if not value.is_empty:
        return value
    return msgspec.structs.replace(value, start=lead, end=lead, inside=lead)
