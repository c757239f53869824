"""Places in a text as an editor counts them ↔ as Headgate counts them.

Headgate: lines and columns from 1, columns in code points, a byte order mark not counted. An editor: both
from 0, columns in units of the encoding it agreed on, and a mark counted if its text begins with one. Lines
end with ``\n``, ``\r\n`` or ``\r``; what is past an end is the end. See
https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/#position
"""

from __future__ import annotations

from typing import Literal

import msgspec

from headgate_schema.span import Span
from headgate_schema.text import BREAK

Encoding = Literal["utf-8", "utf-16", "utf-32"]

MARK = "\ufeff"
_WIDTHS: dict[Encoding, tuple[str, int]] = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2)}


class Lines(msgspec.Struct, frozen=True):
    """A text cut into lines, as an editor holds it, and the encoding in which the editor counts."""

    lines: tuple[str, ...]
    encoding: Encoding

    @property
    def has_mark(self) -> bool:
        """Tell whether the text begins with a byte order mark."""
        return self.lines[0].startswith(MARK)

    def count(self, line: int, column: int) -> tuple[int, int]:
        """Turn a place into the editor's line and character."""
        if line > len(self.lines):
            line, column = len(self.lines), len(self.lines[-1]) + 1
        text = self.lines[line - 1]
        is_shifted = line == 1 and self.has_mark
        return line - 1, _measure(text[: column - 1 + is_shifted], self.encoding)

    def find(self, line: int, character: int) -> tuple[int, int]:
        """Turn the editor's line and character into a place."""
        if line >= len(self.lines):
            line, character = len(self.lines) - 1, len(self.lines[-1]) * 4
        text = self.lines[line]
        is_shifted = line == 0 and self.has_mark
        return line + 1, max(1, _find_index(text, character, self.encoding) + 1 - is_shifted)


class Range(msgspec.Struct, frozen=True):
    """A range of a text as the editor counts it."""

    line: int
    character: int
    end_line: int
    end_character: int


def cut_lines(text: str, encoding: Encoding) -> Lines:
    """Cut a text into lines."""
    return Lines(tuple(BREAK.split(text) if "\r" in text else text.split("\n")), encoding)


def find_range(lines: Lines, span: Span) -> Range:
    """Give a span as the editor counts it."""
    start, end = lines.count(span.line, span.column), lines.count(span.end_line, span.end_column)
    return Range(*start, *max(start, end))


def _measure(text: str, encoding: Encoding) -> int:
    if encoding == "utf-32" or text.isascii():
        return len(text)
    codec, width = _WIDTHS[encoding]
    return len(text.encode(codec, "surrogatepass")) // width


def _find_index(text: str, units: int, encoding: Encoding) -> int:
    """Find the character that a count of units leads to; from the middle of one, its start."""
    if encoding == "utf-32" or text.isascii():
        return min(units, len(text))
    for index, character in enumerate(text):
        units -= _measure(character, encoding)
        if units < 0:
            return index
    return len(text)
