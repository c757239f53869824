"""Comments that ask for a warning to be ignored: ``# headgate: ignore[HG501]``, several codes with commas.

YAML readers drop comments, so they are looked for in the text; what stands inside quotes or in a block of
text (a script, say) is no comment.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec
import yaml

from headgate_schema.document import Document
from headgate_schema.span import Span
from headgate_schema.text import BREAK, find_span, split_lines

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
    texts = sorted(_list_texts(document.root, text)) if found else []
    about = _list_about(text) if found else ()
    return tuple(
        _read_ignore(document, match, about) for match in found if not _is_inside(match.start(), texts)
    )


def _is_inside(index: int, texts: list[tuple[int, int]]) -> bool:
    before = bisect_left(texts, (index, 0))
    return before > 0 and index < texts[before - 1][1]


def _read_ignore(document: Document, match: re.Match[str], about: Sequence[int]) -> Ignore:
    text, span = document.text, find_span(document.text, *match.span())
    codes = (
        NamedCode(code.group(), find_span(text, *code.span()))
        for code in _CODE.finditer(text, *match.span("codes"))
    )
    return Ignore(document.name, about[span.line - 1], span, tuple(codes) if match["codes"] else ())


def _list_about(text: str) -> Sequence[int]:
    """Give for each line the one that a comment on it is about: itself, or the next that is no comment."""
    lines = split_lines(text)
    about = list(range(1, len(lines) + 2))
    for number in range(len(lines) - 1, -1, -1):
        if lines[number].lstrip().startswith("#"):
            about[number] = about[number + 1]
    return about


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
