"""What a migration says and gives: plain values, printed by the command and by the header of the result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec

from headgate_schema.document import Document
from headgate_schema.span import Path, Span, show_path

ItemKind = Literal["error", "dropped", "changed"]
LABELS: Mapping[ItemKind, str] = {"error": "error", "dropped": "not carried over", "changed": "changed"}
"""How people read the kinds. They are no codes: a code is about ``headgate.yaml`` and lasts for ever, an item
is about another file, once.
"""

MAX_NAME = 200


class Item(msgspec.Struct, frozen=True):
    """One thing that a person should know: why it can't be done, what got lost, what is called otherwise.

    ``paths`` lead into the old document, siblings that share the reason together; the first is the place.
    ``subject`` is how the message names them, empty where the message says it.
    """

    kind: ItemKind
    paths: tuple[Path, ...]
    message: str
    subject: str = ""

    @property
    def place(self) -> Path:
        """Give the path of the place."""
        return self.paths[0]

    @property
    def text(self) -> str:
        """Give what it says, on one line."""
        return f"{self.subject}: {self.message}" if self.subject else self.message


def locate_item(document: Document, item: Item) -> Span:
    """Give where an item is in the document that it is about: at a key where there is one."""
    return document.locate(item.place, "key" if item.place and isinstance(item.place[-1], str) else "value")


class Outcome(msgspec.Struct, frozen=True):
    """What one step made of a document: its new text, ``None`` if it can't be migrated.

    ``commands`` are for a person to run afterwards; ``origins`` tells from which path of the old document one
    of the new was taken, ``None`` for a document whose paths stayed.
    """

    text: str | None
    items: tuple[Item, ...] = ()
    commands: tuple[str, ...] = ()
    origins: Mapping[Path, Path] | None = None


def name_paths(paths: tuple[Path, ...]) -> str:
    """Name a place, and others beside it: ``builds[0].triggers, retries``."""
    first, *others = paths
    return ", ".join((_cut(show_path(first)), *(_cut(show_path(path[-1:])) for path in others)))


def _cut(name: str) -> str:
    return name if len(name) <= MAX_NAME else f"{name[:MAX_NAME]}…"


def trace(path: Path, origins: Mapping[Path, Path] | None) -> Path:
    """Give where something of the new document, or the nearest thing around it, was in the old one."""
    if origins is None:
        return path
    lengths = range(len(path), -1, -1)
    return next((origins[path[:length]] for length in lengths if path[:length] in origins), ())


def list_inner(value: Any) -> Iterator[tuple[str | int, Any]]:
    """Give the steps into a value, and what is there."""
    if isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, list):
        yield from enumerate(value)
