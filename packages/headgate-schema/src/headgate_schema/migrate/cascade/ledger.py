"""The account of a migration: what became of every place of the old manifest.

Whatever the converters neither carried nor spoke of is found by ``sweep`` and reported, so that nothing gets
lost by being forgotten: a field that nobody wrote code for is reported like one that cascade does not have.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from headgate_schema.document import Document
from headgate_schema.migrate.cascade.reasons import find_reason, is_carried, is_known
from headgate_schema.migrate.item import Item, ItemKind, list_inner, locate_item, name_paths
from headgate_schema.span import Path

NOT_CASCADES = "it stands beside what cascade reads, and stays in the old file"

_Row = tuple[ItemKind, Path, str]


class Ledger:
    """Filled by the converters; ``root`` is where cascade's part of the file is, most often ``("ci",)``.

    ``origins`` holds the places of the old manifest that belong to each place of the new one, the first of
    them being the one it was taken from; their comments go with it.
    """

    def __init__(self, document: Document, root: Path) -> None:
        self.document = document
        self.root = root
        self.origins: dict[Path, list[Path]] = {}
        self._settled: set[Path] = set()
        self._rows: list[_Row] = []

    def link(self, source: Path, target: Path) -> None:
        """Let something new be named after something old, whose parts are settled one by one."""
        self.origins.setdefault(target, []).append(source)

    def carry(self, source: Path, target: Path) -> None:
        """Settle a whole value: it is in the new manifest."""
        self.link(source, target)
        self._settled.add(source)

    def use(self, source: Path) -> None:
        """Settle a whole value that is used elsewhere, or says what is so anyway."""
        self._settled.add(source)

    def drop(self, source: Path, reason: str = "") -> None:
        """Settle a whole value: it gets lost, for a reason (default: the one that its field is known for)."""
        is_beside = source[: len(self.root)] != self.root
        known = NOT_CASCADES if is_beside else find_reason(self.shorten(source))
        self._add("dropped", source, reason or known)

    def change(self, source: Path, message: str) -> None:
        """Say that something is not as it was; settles nothing."""
        self._rows.append(("changed", source, message))

    def refuse(self, source: Path, message: str) -> None:
        """Settle a value because of which nothing can be migrated."""
        self._add("error", source, message)

    def _add(self, kind: ItemKind, source: Path, message: str) -> None:
        self._settled.add(source)
        self._rows.append((kind, source, message))

    def shorten(self, source: Path) -> Path:
        """Give a path as people name it: without the key around everything, and without ``config``."""
        inner = source[len(self.root) :] if source[: len(self.root)] == self.root else source
        return inner[1:] if inner[:1] == ("config",) and len(inner) > 1 else inner

    @property
    def has_errors(self) -> bool:
        """Tell whether something was refused."""
        return any(kind == "error" for kind, _, _ in self._rows)

    def sweep(self) -> None:
        """Report everything that is not settled yet, each time the largest part that is lost as a whole."""
        around = {path[:length] for path in self._settled for length in range(len(path))}
        for path in tuple(self._find_unsettled((), self.document.data, around)):
            self.drop(path)

    def _find_unsettled(self, path: Path, value: Any, around: set[Path]) -> Iterator[Path]:
        if path in self._settled:
            return
        if path in around or not path or (is_carried(self.shorten(path)) and tuple(list_inner(value))):
            for step, inner in list_inner(value):
                yield from self._find_unsettled((*path, step), inner, around)
        elif not (is_empty(value) and is_known(self.shorten(path))):
            yield path

    def list_items(self) -> tuple[Item, ...]:
        """Give all items in the order of their places; neighbours that got lost for one reason together."""
        groups: dict[object, list[Path]] = {}
        for row in self._rows:
            kind, path, message = row
            groups.setdefault((kind, path[:-1], message) if kind == "dropped" else row, []).append(path)
        items = [_write_item(self, key, tuple(paths)) for key, paths in groups.items()]
        return tuple(sorted(items, key=self._order))

    def _order(self, item: Item) -> tuple[int, int]:
        span = locate_item(self.document, item)
        return span.line, span.column


def _write_item(ledger: Ledger, key: Any, paths: tuple[Path, ...]) -> Item:
    kind, _, message = key
    subject = name_paths(tuple(ledger.shorten(path) for path in paths)) if kind == "dropped" else ""
    return Item(kind, paths, message, subject)


def is_empty(value: Any) -> bool:
    """Tell whether a value says nothing: to leave its field out is the same."""
    return value is None or value in ([], {})
