"""The only YAML reader: bytes → plain data, with every place still findable.

What two readers could understand differently is refused: duplicate and non-string keys, tags, merge keys,
several documents. Nothing raises for bad input: what is wrong comes back as ``Trouble`` values, and where
reading can go on behind it, with the places at which the data can't be relied on. Places are looked up late,
by path.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec
import yaml

from headgate_schema.composer import MAX_DEPTH, UNTAGGED, compose, find_mark
from headgate_schema.fragment import find_fragment
from headgate_schema.gaps import Gaps, surround
from headgate_schema.scalars import NotFinite, Scalar, read_plain
from headgate_schema.span import START, Part, Path, Span
from headgate_schema.text import (
    FORBIDDEN,
    MAX_ODD,
    decode_text,
    find_odd,
    find_span,
    list_characters,
    name_character,
    replace_odd,
)
from headgate_schema.trouble import Trouble, TroubleKind, Unreadable

if TYPE_CHECKING:
    from yaml.nodes import MappingNode, Node, ScalarNode

MAX_VALUES = 50_000
"""Scalars and collections in one document, aliases counted each time they are used."""


class Document(msgspec.Struct, frozen=True):
    """A text that was read: its data (``None`` if it could not be), its troubles, and its places.

    With troubles there may still be data: the first of two values with one key, a tagged value without its
    tag; a merge key and a key that is no text are left out. ``gaps`` tells where that was.
    """

    name: str
    text: str
    data: dict[str, Any] | None
    troubles: tuple[Trouble, ...] = ()
    root: Any = None
    gaps: Gaps = Gaps()

    def has(self, path: Path) -> bool:
        """Tell whether the document has something at a path."""
        node: Node | None = self.root
        for step in path:
            entry = _find_entry(node, step) if node is not None else None
            if entry is None:
                return False
            node = entry[1]
        return node is not None

    def locate(self, path: Path, part: Part = "value", fragment: str = "") -> Span:
        """Give the place of a path, or of a text in its value; of the nearest thing around it where the path
        leads nowhere, of the first key for a thing that has no key itself.
        """
        if self.root is None:
            return START
        node: Node = self.root
        key: Node | None = None
        for step in path:
            entry = _find_entry(node, step)
            if entry is None:
                return _find_span(key or _find_first_key(node), self.text)
            key, node = entry
        if fragment:
            return find_fragment(self.text, node, fragment) or _find_span(node, self.text)
        return _find_span(key or _find_first_key(node) if part == "key" else node, self.text)

    def find_path(self, line: int, column: int) -> tuple[Path, Part] | None:
        """Give the path of what stands at a place, both counted from 1: a key, a single value, or the
        innermost list or mapping around it. A token's end counts as its own; outside of the root and in an
        alias's name there is only what is around them, or ``None``.
        """
        place = (line - 1, column - 1)
        path: Path = ()
        node: Node | None = self.root
        if node is None or not _covers(node, place, self.text):
            return None
        while True:
            entry = _find_covering(node, place, self.text)
            if entry is None:
                return path, "value"
            step, node = entry
            path = (*path, step)
            if node is None:
                return path, "key"


def read_document(data: bytes, name: str, *, are_scalar_keys_text: bool = False) -> Document:
    """Read one YAML document whose root is a mapping.

    ``are_scalar_keys_text`` is for files that GitHub reads: there ``1:`` is the key ``"1"``; in a manifest it
    is trouble.
    """
    text, trouble = decode_text(data)
    if trouble is not None:
        return Document(name, text, None, (trouble,))
    odd = find_odd(text)
    characters = tuple(list_characters(text, odd[:MAX_ODD]))
    if len(odd) > MAX_ODD:
        return Document(name, text, None, characters)
    try:
        root = _compose_mapping(replace_odd(text) if odd else text)
    except Unreadable as unreadable:
        # A character that is not allowed may well be why the rest makes no sense.
        return Document(name, text, None, characters or _explain(text, unreadable.trouble))
    builder = _Builder(text, odd, are_scalar_keys_text)
    builder.troubles += characters
    return _build_document(name, root, builder)


def _explain(text: str, trouble: Trouble) -> tuple[Trouble, ...]:
    if trouble.kind != "syntax":
        return (trouble,)
    from headgate_schema.mistakes import find_conflicts

    return tuple(find_conflicts(text)) or (trouble,)


def _compose_mapping(text: str) -> MappingNode:
    root = compose(text)
    if root is None or (isinstance(root, yaml.ScalarNode) and not root.value):
        raise Unreadable(Trouble("empty", START))
    if not isinstance(root, yaml.MappingNode):
        raise Unreadable(Trouble("not_mapping", _find_span(root, text)))
    return root


def _build_document(name: str, root: MappingNode, builder: _Builder) -> Document:
    built: dict[str, Any] | None
    try:
        built = builder.build(root, 0)
    except Unreadable as unreadable:
        builder.troubles.append(unreadable.trouble)
        built = None
    troubles = sorted(set(builder.troubles), key=lambda trouble: (trouble.span.line, trouble.span.column))
    gaps = surround(builder.gaps, builder.partial) if troubles else Gaps()
    if () in gaps.paths:
        built = None
    return Document(name, builder.text, built, tuple(troubles), root, gaps)


class _Builder:
    """Nodes → plain data, gathering on the way all troubles, and the paths of what can't be relied on."""

    def __init__(self, text: str, odd: Sequence[int], are_scalar_keys_text: bool) -> None:
        self.text = text
        self.odd = odd
        self.are_scalar_keys_text = are_scalar_keys_text
        self.troubles: list[Trouble] = []
        self.values = 0
        self.trail: list[str | int] = []
        self.gaps: list[Path] = []
        self.partial: dict[Path, frozenset[str]] = {}

    def build(self, node: Node, depth: int) -> Any:
        self.count(node)
        if depth > MAX_DEPTH:
            raise Unreadable(Trouble("too_deep", find_mark(node.start_mark), str(MAX_DEPTH)))
        value: Any
        match node:
            case yaml.ScalarNode():
                value, is_sound = self.read(node)
            case yaml.SequenceNode():
                value, is_sound = self.build_list(node, depth), True
            case _:
                value, is_sound = self.build_mapping(node, depth), True
        if not self.is_plain(node, value) or not is_sound:
            self.gaps.append(tuple(self.trail))
        return value

    def count(self, node: Node) -> None:
        self.values += 1
        if self.values > MAX_VALUES:
            raise Unreadable(Trouble("too_many_values", find_mark(node.start_mark), f"{MAX_VALUES:,}"))

    def is_plain(self, node: Node, value: Any) -> bool:
        """Tell whether no tag makes another value of it."""
        start = node.start_mark.index
        if self.text[start : start + 1] not in ("!", "&") or (found := _TAG.match(self.text, start)) is None:
            return True
        # An anchor before it ends on the same line as a rule; to count lines from the start takes long.
        line, column = node.start_mark.line + 1, node.start_mark.column + 1 + found.start("tag") - start
        span = Span(line, column, line, column + len(found["tag"]))
        if "\n" in found.group():
            span = find_span(self.text, *found.span("tag"))
        self.troubles.append(Trouble("tag", span, _show_tag(node.tag)))
        return _show_tag(node.tag) in _TAGS[type(value)]

    def build_list(self, node: Node, depth: int) -> list[Any]:
        built = []
        for index, item in enumerate(node.value):
            self.trail.append(index)
            built.append(self.build(item, depth + 1))
            self.trail.pop()
        return built

    def build_mapping(self, node: Node, depth: int) -> dict[str, Any]:
        built: dict[str, Any] = {}
        seen: dict[str, Node] = {}
        is_partial = False
        for key_node, value_node in node.value:
            key = self.build_key(key_node)
            if key is None:
                is_partial = True
                self.leave_out(value_node, depth)
            elif key in seen:
                self.report("duplicate_key", key_node, key, seen[key])
                self.gaps.append((*self.trail, key))
                self.leave_out(value_node, depth)
            else:
                seen[key] = key_node
                self.trail.append(key)
                built[key] = self.build(value_node, depth + 1)
                self.trail.pop()
        if is_partial:
            self.partial[tuple(self.trail)] = frozenset(built)
        return built

    def leave_out(self, node: Node, depth: int) -> None:
        """Read a value only for its troubles: nothing of it is in the data, so nothing of it is a gap."""
        gaps, partial = len(self.gaps), len(self.partial)
        self.build(node, depth + 1)
        del self.gaps[gaps:]
        while len(self.partial) > partial:
            self.partial.popitem()

    def build_key(self, node: Node) -> str | None:
        if not isinstance(node, yaml.ScalarNode):
            self.report("odd_key", node, "a list" if isinstance(node, yaml.SequenceNode) else "a mapping")
            return None
        if node.value == "<<" and not node.style:
            self.report("merge_key", node, "<<")
            return None
        self.count(node)
        if self.are_scalar_keys_text and not node.style:
            key: Scalar = node.value
            is_sound = not self.has_odd(node)
        else:
            key, is_sound = self.read(node)
        is_sound = self.is_plain(node, key) and is_sound
        if not isinstance(key, str):
            self.report("odd_key", node, str(node.value) or "nothing")
        return key if isinstance(key, str) and is_sound else None

    def read(self, node: ScalarNode) -> tuple[Scalar, bool]:
        """Give a scalar's value, its tag aside, and whether that is what was written."""
        value: str = node.value
        is_sound = not self.has_odd(node)
        if not node.style:
            try:
                return read_plain(value), is_sound
            except NotFinite:
                self.report("number", node, value)
                return value, False
        # Escapes are the only way for a forbidden character to come back in.
        odd = FORBIDDEN.search(value) if node.style == '"' else None
        if odd is None:
            return value, is_sound
        self.report("character", node, name_character(odd.group()))
        return replace_odd(value), False

    def has_odd(self, node: Node) -> bool:
        """Tell whether a forbidden character stands in a scalar as it is written."""
        if not self.odd:
            return False
        start = bisect_left(self.odd, node.start_mark.index)
        return start < len(self.odd) and self.odd[start] < node.end_mark.index

    def report(self, kind: TroubleKind, node: Node, detail: str, earlier: Node | None = None) -> None:
        earlier_span = _find_span(earlier, self.text) if earlier is not None else None
        self.troubles.append(Trouble(kind, _find_span(node, self.text), detail, earlier_span))


_TAG = re.compile(r"(?:&\S+\s+)?(?P<tag>!(?:<[^>\s]*>|[^\s,\[\]{}]*))")
_TAGS: dict[type, tuple[str, ...]] = {
    dict: ("!!map",),
    list: ("!!seq",),
    str: ("!!str", "!"),
    bool: ("!!bool",),
    int: ("!!int",),
    float: ("!!float",),
    type(None): ("!!null",),
}
"""What a tag may say without making the value another one."""


def _show_tag(tag: str) -> str:
    return "!" if tag == UNTAGGED else tag.replace("tag:yaml.org,2002:", "!!")


def _find_entry(node: Node, step: str | int) -> tuple[Node | None, Node] | None:
    if isinstance(node, yaml.MappingNode):
        return _index_entries(node).get(step)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return None, node.value[step]
    return None


def _find_covering(node: Node, place: tuple[int, int], text: str) -> tuple[str | int, Node | None] | None:
    """Give the step below a node that leads to a place counted from 0, and the value there; ``None`` instead
    of a value when the place is in the key.
    """
    if isinstance(node, yaml.SequenceNode):
        return next((entry for entry in enumerate(node.value) if _covers(entry[1], place, text)), None)
    if not isinstance(node, yaml.MappingNode):
        return None
    for key, value in node.value:
        if isinstance(key, yaml.ScalarNode):
            if _covers(key, place, text):
                return key.value, None
            if _covers(value, place, text):
                return key.value, value
    return None


def _covers(node: Node, place: tuple[int, int], text: str) -> bool:
    start, end = node.start_mark, node.end_mark
    if not (start.line, start.column) <= place <= (end.line, end.column):
        return False
    line, column = _find_end(node, text)
    return place <= (line - 1, column - 1)


@lru_cache(maxsize=64)
def _index_entries(node: MappingNode) -> dict[str | int, tuple[Node, Node]]:
    """Index a mapping's entries, the first of each key: thousands of places may be asked of one."""
    entries: dict[str | int, tuple[Node, Node]] = {}
    for key, value in node.value:
        if isinstance(key, yaml.ScalarNode):
            entries.setdefault(key.value, (key, value))
    return entries


def _find_first_key(node: Node) -> Node:
    """Give what stands for a mapping that nothing names: an item of a list, or the whole document."""
    first: Node = node.value[0][0] if isinstance(node, yaml.MappingNode) and node.value else node
    return first


def _find_span(node: Node, text: str) -> Span:
    start, end = node.start_mark, _find_end(node, text)
    return Span(start.line + 1, start.column + 1, *end)


def _find_end(node: Node, text: str) -> tuple[int, int]:
    """Trim what the parser counts in behind a block: blank lines and comments up to the next token."""
    last = node
    while isinstance(last, yaml.CollectionNode) and not last.flow_style and last.value:
        child = last.value[-1][1] if isinstance(last, yaml.MappingNode) else last.value[-1]
        if child.start_mark.index <= last.start_mark.index:
            break  # an alias: its node stands earlier
        last = child
    start, end = last.start_mark, last.end_mark
    kept = text[start.index : end.index].rstrip()
    if not kept:
        return start.line + 1, start.column + 1
    breaks = kept.count("\n")
    if breaks == 0:
        return start.line + 1, start.column + 1 + len(kept)
    return start.line + 1 + breaks, len(kept) - kept.rfind("\n")
