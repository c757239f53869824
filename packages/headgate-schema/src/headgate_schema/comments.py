"""Comments that ask for a warning to be ignored: ``# headgate: ignore[HG501]``, several codes with commas.

YAML readers drop comments, so they are looked for in the text; what stands inside quotes or in a block of
text (a script, say) is no comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec
import yaml

from headgate_schema.document import Document
from headgate_schema.span import Span
from headgate_schema.text import BREAK, find_span

if TYPE_CHECKING:
    from yaml.nodes import Node

_MARK = "headgate:"
_IGNORE = re.compile(r"(?<![^\s])#+[ \t]*headgate:[ \t]*ignore\b(?:[ \t]*\[(?P<codes>[^\]\r\n]*)\])?")
_CODE = re.compile(r"[^\s,]+")


class NamedCode(msgspec.Struct, frozen=True):
    """A code as it is written in a comment."""

    code: str
    span: Span


class Ignore(msgspec.Struct, frozen=True):
    """A comment that asks for findings on a line to be ignored; without codes it names none."""

    file: str
    line: int
    span: Span
    codes: tuple[NamedCode, ...]


def list_ignores(document: Document) -> tuple[Ignore, ...]:
    """List the comments of a text that ask to ignore something, none of a text that can't be read."""
    text = document.text
    if _MARK not in text or document.data is None:
        return ()
    found = list(_IGNORE.finditer(text))
    texts = tuple(_list_texts(document.root, text)) if found else ()
    return tuple(
        _read_ignore(document, match)
        for match in found
        if not any(start < match.start() < end for start, end in texts)
    )


def _read_ignore(document: Document, match: re.Match[str]) -> Ignore:
    text, span = document.text, find_span(document.text, *match.span())
    codes = (
        NamedCode(code.group(), find_span(text, *code.span()))
        for code in _CODE.finditer(text, *match.span("codes"))
    )
    return Ignore(document.name, _find_line(text, span.line), span, tuple(codes) if match["codes"] else ())


def _find_line(text: str, line: int) -> int:
    """Give the line that a comment is about: its own, or the next that is not a comment alone."""
    lines = BREAK.split(text)
    if not lines[line - 1].lstrip().startswith("#"):
        return line
    following = line
    while following < len(lines) and lines[following].lstrip().startswith("#"):
        following += 1
    return following + 1


def _list_texts(root: Node, text: str) -> Iterator[tuple[int, int]]:
    """Give where texts in quotes and blocks of text start and end."""
    seen, waiting = set(), [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue  # an alias
        seen.add(id(node))
        match node:
            case yaml.MappingNode():
                waiting += (each for entry in node.value for each in entry)
            case yaml.SequenceNode():
                waiting += node.value
            case yaml.ScalarNode() if node.style:
                yield _find_content(node, text)


def _find_content(node: yaml.ScalarNode, text: str) -> tuple[int, int]:
    """Give where a text is; the first line of a block, ``run: |``, may end with a comment."""
    start, end = node.start_mark.index, node.end_mark.index
    header = BREAK.search(text, start, end) if node.style in ("|", ">") else None
    return header.start() if header is not None else start, end
