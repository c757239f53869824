"""Somebody who types: takes proposals, types letters, presses Enter, as an editor would do it."""

from __future__ import annotations

import re

from headgate_schema.lsp.complete import Proposal, complete
from headgate_schema.lsp.knowledge import Knowledge

MARK = "‸"
_HOLE = re.compile(r"\$\{\d+(?::((?:[^}\\]|\\.)*)|\|((?:[^,|\\]|\\.)*)[^}]*)\}|\$\d")


def take_mark(marked: str) -> tuple[str, tuple[int, int]]:
    """A text without its mark, and the mark's line and column, from 1."""
    before, _, after = marked.partition(MARK)
    lines = re.split("\r\n|\r|\n", before)
    return before + after, (len(lines), len(lines[-1]) + 1)


def fill_holes(text: str) -> str:
    """What an editor shows of a snippet before anything is typed into it."""
    filled = _HOLE.sub(lambda found: found.group(1) or found.group(2) or "", text)
    return re.sub(r"\\([\\$}])", r"\1", filled)


class Typist:
    """An editor with one text in it."""

    def __init__(self, marked: str, *, has_snippets: bool = False) -> None:
        text, (self.line, self.column) = take_mark(marked)
        self.line_break = "\r\n" if "\r\n" in text else "\n"
        self.lines = text.split(self.line_break)
        self.has_snippets = has_snippets

    @property
    def text(self) -> str:
        return self.line_break.join(self.lines)

    def propose(self) -> tuple[Proposal, ...]:
        """What the editor shows: proposals whose filter begins with what is typed."""
        found = complete(self.text, self.line, self.column, Knowledge(), has_snippets=self.has_snippets)
        row = self.lines[self.line - 1]
        return tuple(
            each
            for each in found
            if each.filter.startswith(row[each.span.column - 1 : self.column - 1].strip(" -"))
        )

    def take(self, label: str | None = None) -> Proposal:
        """Take the first proposal, or the first with a label."""
        proposals = self.propose()
        assert proposals, (self.text, self.line, self.column)
        chosen = next(each for each in proposals if label in (None, each.label))
        row = self.lines[self.line - 1]
        text = fill_holes(chosen.text) if chosen.has_holes else chosen.text
        before = row[: chosen.span.column - 1] + text
        self._show(before, row[chosen.span.end_column - 1 :])
        return chosen

    def type(self, letters: str) -> None:
        row = self.lines[self.line - 1]
        self._show(row[: self.column - 1] + letters, row[self.column - 1 :])

    def enter(self, columns: int | None = None) -> None:
        """Begin a new row, indented as the one above or as told."""
        row = self.lines[self.line - 1]
        indent = len(row) - len(row.lstrip(" ")) if columns is None else columns
        self._show(f"{row[: self.column - 1]}{self.line_break}{' ' * indent}", row[self.column - 1 :])

    def _show(self, before: str, after: str) -> None:
        rows = before.split(self.line_break)
        self.lines[self.line - 1 : self.line] = [*rows[:-1], rows[-1] + after]
        self.line += len(rows) - 1
        self.column = len(rows[-1]) + 1
