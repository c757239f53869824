"""How a value is written: as little quoting as YAML 1.1 and 1.2 agree on, in the layout of its file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec
import yaml

from headgate_schema.composer import list_events
from headgate_schema.scalars import NotFinite, read_plain
from headgate_schema.syntax import Node, Syntax
from headgate_schema.trouble import Unreadable

MAX_FLOW = 60
"""A list of plain values is written in brackets up to this length, as people write names."""

_SAFE = re.compile("[A-Za-z_][A-Za-z0-9_]*(?:[./-][A-Za-z0-9_]+)*")
_SHORT_WORDS = frozenset("yYnN")
_ITEM, _FLOW_ITEM, _KEY, _FLOW_KEY = "- {}", "[{}]", "{}:", "{{{}: }}"


class Layout(msgspec.Struct, frozen=True):
    """The habits of a file: how far mappings are indented, and lists, below their key; its line break."""

    width: int = 2
    list_width: int = 2
    line_break: str = "\n"


def read_layout(syntax: Syntax) -> Layout:
    """Give the most frequent habits of a file."""
    found = list(_measure(syntax, syntax.root))
    mappings = Counter(width for kind, width in found if kind == "mapping")
    lists = Counter(width for kind, width in found if kind == "list")
    end = syntax.find_line_end(0)
    return Layout(
        width=mappings.most_common(1)[0][0] if mappings else 2,
        list_width=lists.most_common(1)[0][0] if lists else 2,
        line_break=syntax.text[end : syntax.skip_break(end)] or "\n",
    )


def _measure(syntax: Syntax, node: Node) -> Iterator[tuple[str, int]]:
    for entry in node.entries:
        inner = entry.value
        if node.kind == "mapping" and node.is_block and inner.is_block:
            yield inner.kind, syntax.find_column(inner.entries[0].start) - syntax.find_column(entry.start)
        yield from _measure(syntax, inner)


def is_inline(value: Any) -> bool:
    """Tell whether a value is written on the line of its key also where blocks are possible."""
    if not isinstance(value, dict | list) or not value:
        return True
    is_plain = isinstance(value, list) and not any(isinstance(item, dict | list) for item in value)
    return is_plain and len(write_inline(value, is_flow=True)) <= MAX_FLOW


def write_inline(value: Any, *, is_flow: bool = False, style: str = "") -> str:
    """Write a value on one line; ``style`` is the quote that a text keeps, ``is_flow`` tells whether brackets
    are around it.
    """
    match value:
        case dict():
            entries = (
                f"{write_key(key, is_flow=True)}: {write_inline(item, is_flow=True)}"
                for key, item in value.items()
            )
            return f"{{{', '.join(entries)}}}"
        case list():
            return f"[{', '.join(write_inline(item, is_flow=True) for item in value)}]"
        case str():
            return _write_text(value, _FLOW_ITEM if is_flow else _ITEM, style)
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case _:
            return _write_number(value)


def write_key(key: str, *, is_flow: bool = False, style: str = "") -> str:
    """Write a key, without its colon."""
    return _write_text(key, _FLOW_KEY if is_flow else _KEY, style)


def write_entry(key: str, value: Any, layout: Layout) -> list[str]:
    """Write an entry of a block mapping as lines; what is nothing is not written."""
    if value is None:
        return [f"{write_key(key)}:"]
    if is_inline(value):
        return [f"{write_key(key)}: {write_inline(value)}"]
    indent = " " * (layout.list_width if isinstance(value, list) else layout.width)
    return [f"{write_key(key)}:", *(f"{indent}{line}" for line in write_block(value, layout))]


def write_block(value: Any, layout: Layout) -> list[str]:
    """Write a mapping or a list that is not empty as lines, the outermost not indented."""
    if isinstance(value, dict):
        return [line for key, item in value.items() for line in write_entry(key, item, layout)]
    lines = []
    for item in value:
        inner = [write_inline(item)] if is_inline(item) else write_block(item, layout)
        lines += [f"- {inner[0]}", *(f"  {line}" for line in inner[1:])]
    return lines


def _write_number(value: float) -> str:
    written = repr(value)
    mantissa, mark, exponent = written.partition("e")
    # YAML 1.1 takes it for text without a dot.
    return f"{mantissa}.0{mark}{exponent}" if mark and "." not in mantissa else written


def _write_text(text: str, frame: str, style: str) -> str:
    if style == "'" and text.isprintable():
        return _quote_single(text)
    if style != '"' and _is_plain(text, frame):
        return text
    if style != '"' and text.isprintable() and ('"' in text or "\\" in text):
        return _quote_single(text)
    return msgspec.json.encode(text).decode()


def _quote_single(text: str) -> str:
    return "'{}'".format(text.replace("'", "''"))


def _is_plain(text: str, frame: str) -> bool:
    """Tell whether a text without quotes is read as this text, by readers of either YAML."""
    if not _is_word(text):
        return False
    if _SAFE.fullmatch(text):
        return True
    try:
        scalars = [event for event in list_events(frame.format(text)) if isinstance(event, yaml.ScalarEvent)]
    except (Unreadable, yaml.YAMLError):
        return False
    values = [str(scalar.value) for scalar in scalars]
    return values in ([text], [text, ""]) and not scalars[0].style


def _is_word(text: str) -> bool:
    """Tell whether both YAMLs take the plain text for text."""
    try:
        if not isinstance(read_plain(text), str) or text in _SHORT_WORDS:
            return False
    except NotFinite:
        return False
    resolvers = yaml.resolver.Resolver.yaml_implicit_resolvers
    matching = (*resolvers.get(text[:1], ()), *resolvers.get(None, ()))
    return not any(pattern.match(text) for _, pattern in matching)
