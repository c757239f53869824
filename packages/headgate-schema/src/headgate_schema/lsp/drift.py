"""Where a place of an earlier text is in the present one: lines that are the same keep what is on them.

While a text can't be read, what was known of it before still tells about the lines that nobody touched.
"""

from __future__ import annotations

import msgspec

from headgate_schema.lsp.lines import cut_lines
from headgate_schema.span import Span


class Drift(msgspec.Struct, frozen=True):
    """The first lines that are the same, and the last ones, which stand ``shift`` lines further down."""

    first: int
    last: int
    old_count: int
    new_count: int

    @property
    def shift(self) -> int:
        """Give by how many lines what is behind the change has moved."""
        return self.new_count - self.old_count

    def find_old(self, line: int) -> int | None:
        """Give the earlier number of a present line, ``None`` for one that is new or changed."""
        if line <= self.first:
            return line
        return line - self.shift if line > self.new_count - self.last else None

    def find_new(self, span: Span) -> Span | None:
        """Give a span as it is now; ``None`` if something in it has changed."""
        if span.end_line <= self.first:
            return span
        if span.line <= self.old_count - self.last:
            return None
        return Span(span.line + self.shift, span.column, span.end_line + self.shift, span.end_column)


def measure_drift(old: str, new: str) -> Drift:
    """Compare two texts line by line, from both ends."""
    before, after = cut_lines(old, "utf-32").lines, cut_lines(new, "utf-32").lines
    most = min(len(before), len(after))
    first = next((index for index in range(most) if before[index] != after[index]), most)
    last = next(
        (count for count in range(most - first) if before[-1 - count] != after[-1 - count]), most - first
    )
    return Drift(first, last, len(before), len(after))
