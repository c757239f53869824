"""Bytes → text that every reader sees alike: UTF-8, one kind of line break, nothing invisible."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import lru_cache

from headgate_schema.span import START, Span
from headgate_schema.trouble import Trouble

MAX_BYTES = 1_048_576
"""What is read of a file; it may be endless, so nobody asks how large it is."""

FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # control characters
    "\u2028\u2029"  # line breaks of YAML 1.1 only: they would shift every line number
    "\u202a-\u202e\u2066-\u2069"  # characters that reorder what a reader sees
    "\ud800-\udfff\ufeff\ufffe\uffff]"  # halves of pairs, byte order marks inside a text, non-characters
)

_UNPRINTABLE = re.compile(f"[\t\r\n]|{FORBIDDEN.pattern}")

MAX_ODD = 100
"""A text with more forbidden characters is no text: those that come first are listed, and nothing is read."""

_REPLACEMENT = "\ufffd"
BREAK = re.compile("\r\n|\r|\n")


def decode_text(data: bytes) -> tuple[str, Trouble | None]:
    """Give the text without a byte order mark, and what keeps it from being one."""
    if len(data) > MAX_BYTES:
        return "", Trouble("too_large", START)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "", Trouble("encoding", START, "UTF-16")
    try:
        return data.decode("utf-8-sig"), None
    except UnicodeDecodeError as error:
        good = error.object[: error.start].decode("utf-8-sig")
        return good, Trouble(
            "encoding", find_span(good, len(good)), f"byte 0x{error.object[error.start]:02x}"
        )


def find_odd(text: str) -> list[int]:
    """Give the indexes of forbidden characters; of one more than ``MAX_ODD`` at most."""
    found = FORBIDDEN.finditer(text)
    return [odd.start() for odd, _ in zip(found, range(MAX_ODD + 1), strict=False)]


def replace_odd(text: str) -> str:
    """Put a harmless character in place of each forbidden one; every other keeps its place."""
    return FORBIDDEN.sub(_REPLACEMENT, text)


def list_characters(text: str, indexes: Iterable[int]) -> Iterator[Trouble]:
    """Say of each of these characters, in ascending order, that it is forbidden."""
    line, line_start, done = 1, 0, 0
    for index in indexes:
        for found in BREAK.finditer(text, done, index):
            line, line_start = line + 1, found.end()
        done = index
        column = index - line_start + 1
        yield Trouble("character", Span(line, column, line, column + 1), name_character(text[index]))


def show_name(name: str) -> str:
    """Print a file's name on one line; bytes that are no text and what a terminal would obey are escaped."""
    text = name.encode("utf-8", "backslashreplace").decode()
    return _UNPRINTABLE.sub(lambda odd: odd.group().encode("unicode_escape").decode(), text)


def name_character(character: str) -> str:
    """Print a character by its number, as Unicode does."""
    return f"U+{ord(character):04X}"


@lru_cache(maxsize=8)
def split_lines(text: str) -> tuple[str, ...]:
    """Give the lines of a text without their breaks; thousands of findings may ask for one each."""
    return tuple(BREAK.split(text) if "\r" in text else text.split("\n"))


def find_span(text: str, start: int, end: int | None = None) -> Span:
    """Turn indexes of a text into a place; without an end, one character."""
    line, column = find_place(text, start)
    end_line, end_column = find_place(text, end) if end is not None else (line, column + 1)
    return Span(line, column, end_line, end_column)


def find_place(text: str, index: int) -> tuple[int, int]:
    """Turn an index of a text into a line and a column, both from 1."""
    starts = _list_lines(text)
    line = bisect_right(starts, index)
    return line, index - starts[line - 1] + 1


@lru_cache(maxsize=4)
def _list_lines(text: str) -> list[int]:
    """List where lines begin: thousands of places may be asked of one text."""
    return [0, *(found.end() for found in BREAK.finditer(text))]
