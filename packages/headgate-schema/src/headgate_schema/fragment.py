"""Where a piece of a value stands: what an expression reads, say, inside of a script.

An expression is preferred to the same words outside of one. The line is counted from the value on, not from
the beginning of the text, for thousands of pieces may be asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from headgate_schema.span import Span
from headgate_schema.text import BREAK

if TYPE_CHECKING:
    from yaml.nodes import Node


def find_fragment(text: str, node: Node, fragment: str) -> Span | None:
    """Find a piece in a value as it is written, whole words only; ``None`` where escapes hide it."""
    begin, end = node.start_mark.index, node.end_mark.index
    first = None
    for index in _find_words(text, fragment, begin, end):
        first = index if first is None else first
        if text.rfind("${{", begin, index) > text.rfind("}}", begin, index):
            first = index
            break
    if first is None:
        return None
    breaks = list(BREAK.finditer(text, begin, first))
    line = node.start_mark.line + 1 + len(breaks)
    column = first - breaks[-1].end() + 1 if breaks else node.start_mark.column + 1 + first - begin
    return Span(line, column, line, column + len(fragment))


def _find_words(text: str, fragment: str, begin: int, end: int) -> Iterator[int]:
    index = text.find(fragment, begin, end)
    while index >= 0:
        after = index + len(fragment)
        is_cut = fragment[0].isalnum() and index > begin and _is_of_word(text[index - 1], ".")
        if not is_cut and not (fragment[-1].isalnum() and after < end and _is_of_word(text[after])):
            yield index
        index = text.find(fragment, after, end)


def _is_of_word(character: str, others: str = "") -> bool:
    return character.isalnum() or character in f"_-{others}"
