"""From one generation of ours to the next: edits of the text in place, which keep its comments and layout.

A step says what the data should be, as edits; ``edit.py`` turns them into text and verifies it. There is one
generation so far, so there is no step yet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from headgate_schema.claims import DataEdit
from headgate_schema.document import Document
from headgate_schema.edit import write_fix
from headgate_schema.finding import Fix
from headgate_schema.migrate.item import Item, Outcome
from headgate_schema.migrate.registry import Step

NEWEST = 1

ListEdits = Callable[[str, Mapping[str, Any]], Sequence[DataEdit]]
"""From a file's name and its data to the edits that make it one of the next generation."""

STEPS: tuple[Step, ...] = ()


def edit_in_place(origin: int, list_edits: ListEdits) -> Step:
    """Make the step from a generation to the next one; the edits must set ``version``."""

    def convert(document: Document) -> Outcome:
        edits = tuple(list_edits(document.name, document.data or {}))
        written = write_fix(Fix("", edits), lambda file: document if file == document.name else None)
        if written is None:
            reason = (
                "its text can't be changed without losing something: anchors or brackets stand in the way"
            )
            return Outcome(None, (Item("error", ((),), reason),))
        return Outcome(written[0].after)

    return Step(origin, origin + 1, convert)
