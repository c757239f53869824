"""Plain data → YAML that reads as if a careful person wrote it.

Rule: whatever string goes in comes out again, for readers of YAML 1.2 and of YAML 1.1 alike; only the key
`on` at the top stays unquoted, as everybody writes it. Style is data too: `Flow`, `Folded`, `Noted` and
`Apart` say how a value looks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import assert_never

import msgspec

Scalar = str | int | float | bool | None


class Flow(msgspec.Struct, frozen=True):
    """A list on one line: `[start, bake_1]`."""

    items: tuple[str, ...]


class Folded(msgspec.Struct, frozen=True):
    """One long string broken over lines; its value is the lines joined by single spaces."""

    lines: tuple[str, ...]

    @property
    def value(self) -> str:
        """The string that a reader gets."""
        return " ".join(self.lines)


class Apart(msgspec.Struct, frozen=True):
    """A value whose key has an empty line before it."""

    value: Node


class Noted(msgspec.Struct, frozen=True):
    """A value with comments: on the lines above it, or at the end of its line."""

    value: Node
    above: str = ""
    beside: str = ""


Node = Scalar | Flow | Folded | Apart | Noted | Mapping[str, "Node"] | Sequence["Node"]

INDENT = "  "
_WORDS = frozenset(
    {"", "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n", ".inf", ".nan", "="}
)
"""What some reader takes for something else than a string, whatever the case."""

_STARTS_PLAIN = re.compile(r"[A-Za-z_$/(\u00a1-\uffff]|\.[^0-9]")
_PLAIN_IN_FLOW = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def write_yaml(root: Mapping[str, Node], header: str = "") -> str:
    """Print one document: the header as comment lines, then the mapping. Ends with a line break."""
    lines = _comment(header, "")
    _write_mapping(lines, root, "")
    return "\n".join(lines) + "\n"


def to_data(node: Node) -> object:
    """Give what a reader of the YAML gets: the value without its style."""
    match node:
        case Noted(value=value) | Apart(value=value):
            return to_data(value)
        case Folded():
            return node.value
        case Flow(items=items):
            return list(items)
        case Mapping():
            return {key: to_data(value) for key, value in node.items()}
        case str() | bool() | int() | float() | None:
            return node
        case Sequence():
            return [to_data(item) for item in node]
        case _:
            assert_never(node)


def _write_mapping(lines: list[str], entries: Mapping[str, Node], indent: str) -> None:
    for key, value in entries.items():
        shown = key if key == "on" and not indent else show_scalar(key)
        _write_value(lines, f"{indent}{shown}:", value, indent)


def _write_value(lines: list[str], lead: str, node: Node, indent: str) -> None:
    """Append a value behind its key or dash (`lead`), which stands at `indent`."""
    match node:
        case Noted(value=value, above=above, beside=beside):
            lines += _comment(above, indent)
            at = len(lines)
            _write_value(lines, lead, value, indent)
            if beside:
                lines[at] += f" # {beside}"
        case None:
            lines.append(lead if lead.endswith(":") else f"{lead} null")
        case str():
            _write_text(lines, lead, node, indent)
        case bool() | int() | float():
            lines.append(f"{lead} {show_scalar(node)}")
        case Folded():
            _write_folded(lines, lead, node, indent)
        case Flow(items=items):
            lines.append(f"{lead} [{', '.join(show_in_flow(item) for item in items)}]")
        case Apart(value=value):
            lines.append("")
            _write_value(lines, lead, value, indent)
        case Mapping():
            _write_collection(lines, lead, node, indent)
        case Sequence():
            _write_collection(lines, lead, node, indent)
        case _:
            assert_never(node)


def _write_collection(
    lines: list[str], lead: str, node: Mapping[str, Node] | Sequence[Node], indent: str
) -> None:
    if not node:
        lines.append(f"{lead} {{}}" if isinstance(node, Mapping) else f"{lead} []")
        return
    inner = indent + INDENT
    at = len(lines)
    is_item = lead.endswith("-")
    if not is_item:
        lines.append(lead)
    if isinstance(node, Mapping):
        _write_mapping(lines, node, inner)
    else:
        for item in node:
            _write_value(lines, f"{inner}-", item, inner)
    if is_item:
        # The first line of an item's content goes behind its dash.
        lines[at] = f"{lead} {lines[at][len(inner) :]}"


def _write_text(lines: list[str], lead: str, text: str, indent: str) -> None:
    if "\n" not in text or not _fits_literal_block(text):
        lines.append(f"{lead} {show_scalar(text)}")
        return
    lines.append(f"{lead} |" if text.endswith("\n") else f"{lead} |-")
    lines += [f"{indent}{INDENT}{line}" if line else "" for line in text.removesuffix("\n").split("\n")]


def _fits_literal_block(text: str) -> bool:
    """Whether every reader gives this text back from a literal block, without an indentation indicator."""
    lines = text.removesuffix("\n").split("\n")
    return (
        bool(lines[0])
        and all(
            line.isprintable() and not line.endswith(" ") and (number or not line.startswith(" "))
            for number, line in enumerate(lines)
        )
        and bool(lines[-1])
    )


def _write_folded(lines: list[str], lead: str, folded: Folded, indent: str) -> None:
    if not all(line and line.isprintable() and line == line.strip() for line in folded.lines):
        _write_text(lines, lead, folded.value, indent)
        return
    lines.append(f"{lead} >-")
    lines += [f"{indent}{INDENT}{line}" for line in folded.lines]


def _comment(text: str, indent: str) -> list[str]:
    shown = "".join(char if char.isprintable() or char == "\n" else " " for char in text)
    return [f"{indent}# {line}".rstrip() for line in shown.split("\n")] if text else []


@lru_cache(maxsize=4096, typed=True)
def show_scalar(value: Scalar) -> str:
    """Print a scalar on one line: plain where no reader could take it for something else, else quoted."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return _show_float(value)
        case str():
            return value if _is_plain(value) else _quote(value)
        case _:
            assert_never(value)


def show_in_flow(text: str) -> str:
    """Print a string between the brackets of a flow list."""
    return text if _PLAIN_IN_FLOW.fullmatch(text) and text.lower() not in _WORDS else _quote(text)


def _show_float(value: float) -> str:
    """YAML 1.1 wants a point in a float, and a sign in its exponent."""
    shown = repr(value)
    return shown if "." in shown or "e" not in shown else shown.replace("e", ".0e")


def _is_plain(text: str) -> bool:
    return (
        _STARTS_PLAIN.match(text) is not None
        and text.isprintable()
        and text.lower() not in _WORDS
        and ": " not in text
        and " #" not in text
        and not text.endswith((":", " "))
    )


def _quote(text: str) -> str:
    if not text.isprintable():
        return '"' + "".join(_ESCAPES.get(char) or _escape(char) for char in text) + '"'
    if "'" in text and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return "'" + text.replace("'", "''") + "'"


def _escape(char: str) -> str:
    if char.isprintable():
        return char
    code = ord(char)
    if code > 0xFFFF:
        return f"\\U{code:08x}"
    return f"\\u{code:04x}"
