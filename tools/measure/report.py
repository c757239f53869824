"""What a part of the benchmark found: a table with a title and a sentence on how to read it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Section:
    """One table of the report; cells are text already."""

    title: str
    reading: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def __str__(self) -> str:
        """Draw it as Markdown, with columns lined up for the terminal."""
        lines = [self.head, *self.rows]
        widths = [max(len(line[column]) for line in lines) for column in range(len(self.head))]
        drawn = [
            " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines
        ]
        drawn.insert(1, " | ".join("-" * width for width in widths))
        return "\n".join((f"## {self.title}", "", self.reading, "", *(f"| {line} |" for line in drawn)))


def ratio(seconds: float, base: float) -> str:
    """Write how many times the base a time is."""
    return f"{seconds / base:.2f}×"
