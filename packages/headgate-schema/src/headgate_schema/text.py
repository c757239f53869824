"""Bytes → text that every reader sees alike: UTF-8, one kind of line break, nothing invisible."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache

from headgate_schema.span import START, Span
from headgate_schema.trouble import Trouble

MAX_BYTES = 1_048_576

FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # control characters
    "\u2028\u2029"  # line breaks of YAML 1.1 only: they would shift every line number
    "\u202a-\u202e\u2066-\u2069"  # characters that reorder what a reader sees
    "\ud800-\udfff\ufeff\ufffe\uffff]"  # halves of pairs, byte order marks inside a text, non-characters
)

BREAK = re.compile("\r\n|\r|\n")


def decode_text(data: bytes) -> tuple[str, Trouble | None]:
    """Give the text without a byte order mark, and the first thing wrong with it."""
    if len(data) > MAX_BYTES:
        return "", Trouble("too_large", START, f"{len(data):,} bytes")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "", Trouble("encoding", START, "UTF-16")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        good = error.object[: error.start].decode("utf-8-sig")
        return good, Trouble(
            "encoding", find_span(good, len(good)), f"byte 0x{error.object[error.start]:02x}"
        )
    odd = FORBIDDEN.search(text)
    if odd is not None:
        return text, Trouble("character", find_span(text, odd.start()), f"U+{ord(odd.group()):04X}")
    return text, None


def find_span(text: str, start: int, end: int | None = None) -> Span:
    """Turn indexes of a text into a place; without an end, one character."""
    line, column = _find_place(text, start)
    end_line, end_column = _find_place(text, end) if end is not None else (line, column + 1)
    return Span(line, column, end_line, end_column)


def _find_place(text: str, index: int) -> tuple[int, int]:
    starts = _list_lines(text)
    line = bisect_right(starts, index)
    return line, index - starts[line - 1] + 1


@lru_cache(maxsize=4)
def _list_lines(text: str) -> list[int]:
    """List where lines begin: thousands of places may be asked of one text."""
    return [0, *(found.end() for found in BREAK.finditer(text))]
