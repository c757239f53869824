"""What is known when YAML's parser gives up: its words, where it stopped, and the text around."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import msgspec
import yaml

from headgate_schema.composer import list_events
from headgate_schema.span import Span
from headgate_schema.text import find_place, split_lines


class Scene(msgspec.Struct, frozen=True):
    """What is known when the parser gives up.

    ``line``, ``column`` and ``index`` count from 0, as its marks do; ``since`` is where what it was reading
    began (``None`` if it does not say).
    """

    text: str
    lines: Sequence[str]
    problem: str
    context: str
    line: int
    column: int
    index: int
    since: int | None

    @property
    def char(self) -> str:
        """The character at which the parser stopped; empty at the end of the text."""
        return self.text[self.index : self.index + 1]

    @property
    def quoted(self) -> tuple[int, int] | None:
        """Where the scalar stands that was read last, as two indexes, if it is quoted."""
        return _follow(self.text, self.index)[0]

    @property
    def open(self) -> int:
        """The index of the innermost bracket that is open; -1 if none is."""
        return _follow(self.text, self.index)[1]

    def place(self, index: int) -> tuple[int, int]:
        """Turn an index into a line and a column, both from 0."""
        line, column = find_place(self.text, index)
        return line - 1, column - 1

    def mark(self, index: int, end: int | None = None) -> Span:
        """Make a span on one line from an index; without an end up to where the line's words end."""
        line, column = self.place(index)
        if end is not None:
            return Span(line + 1, column + 1, line + 1, column + 1 + end - index)
        return self.mark_line(line, column)

    def mark_line(self, line: int, column: int | None = None) -> Span:
        """Make a span of a line's words, from a column on; its comment not."""
        text = self.lines[line]
        first = len(text) - len(text.lstrip(" -")) if column is None else column
        words = re.split(r"(?:^|\s)#", text[first:], maxsplit=1)[0].rstrip() or text[first : first + 1]
        return Span(line + 1, first + 1, line + 1, first + 1 + max(1, len(words)))

    def words(self, span: Span) -> str:
        """Give what stands in a span of one line."""
        return self.lines[span.line - 1][span.column - 1 : span.end_column - 1]

    def find_above(self, line: int) -> int | None:
        """Give the nearest line above one that has content."""
        above = (number for number in range(line - 1, -1, -1) if not is_blank(self.lines[number]))
        return next(above, None)


def look_around(text: str, error: Any) -> Scene | None:
    """Gather what is known about a parser's error; ``None`` if it has no place."""
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return None
    lines = split_lines(text)
    # Behind the end of a text without a last line break libyaml counts one line more.
    is_end = mark.index >= len(text)
    line, column = (len(lines) - 1, len(lines[-1])) if is_end else (mark.line, mark.column)
    return Scene(
        text=text,
        lines=lines,
        problem=error.problem or "",
        context=error.context or "",
        line=line,
        column=column,
        index=mark.index,
        since=error.context_mark.index if error.context_mark is not None else None,
    )


@lru_cache(maxsize=1)
def _follow(text: str, end: int) -> tuple[tuple[int, int] | None, int]:
    """Follow the parser up to an index: the scalar read last, if quoted, and the innermost open bracket."""
    quoted: tuple[int, int] | None = None
    opened: list[int] = []
    try:
        for event in list_events(text):
            if event.start_mark is None or event.end_mark is None or event.start_mark.index > end:
                break
            if isinstance(event, yaml.ScalarEvent):
                is_quoted = event.style in ("'", '"')
                quoted = (event.start_mark.index, event.end_mark.index) if is_quoted else None
            elif isinstance(event, yaml.CollectionStartEvent):
                # A pair in a list, `[a: b]`, is a mapping without a bracket of its own.
                bracket = event.end_mark.index - 1 if event.flow_style else -1
                around = opened[-1] if opened else -1
                opened.append(bracket if bracket < 0 or text[bracket] in "[{" else around)
            elif isinstance(event, yaml.CollectionEndEvent):
                quoted = None
                opened.pop()
    except yaml.YAMLError:
        pass  # the error that is being explained
    return quoted, opened[-1] if opened else -1


def is_blank(text: str) -> bool:
    """Tell whether a line has no content."""
    return not text.strip() or text.lstrip().startswith("#")


def count_indent(text: str) -> int:
    """Count the spaces at the start of a line."""
    return len(text) - len(text.lstrip(" "))
