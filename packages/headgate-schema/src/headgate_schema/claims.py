"""Which edits of one file can be made together: no two about one thing, none inside of what another takes."""

from __future__ import annotations

from headgate_schema.finding import AddKey, Remove, RenameKey, SetValue
from headgate_schema.span import Path

DataEdit = SetValue | RenameKey | AddKey | Remove


class Claims:
    """What edits have taken for themselves; made by one that asks and takes in turn."""

    def __init__(self) -> None:
        self._replaced: set[Path] = set()
        self._entered: set[Path] = set()
        self._places: set[tuple[Path, str | None]] = set()
        self._names: set[tuple[Path, str]] = set()

    def clash(self, edit: DataEdit) -> bool:
        """Tell whether an edit can't be made beside those that were taken."""
        path = edit.place.path
        return (
            not self._replaced.isdisjoint(_list_entered(edit))
            or (isinstance(edit, Remove | SetValue) and path in self._entered)
            or _find_place(edit) in self._places
            or _find_name(edit) in self._names
        )

    def take(self, edit: DataEdit) -> None:
        """Remember an edit."""
        if isinstance(edit, Remove | SetValue):
            self._replaced.add(edit.place.path)
        self._entered.update(_list_entered(edit))
        self._places.add(_find_place(edit))
        if (name := _find_name(edit)) is not None:
            self._names.add(name)


def _list_entered(edit: DataEdit) -> list[Path]:
    """List the collections that must stay for an edit to have its place."""
    path = edit.place.path
    return [path[:length] for length in range(len(path) + isinstance(edit, AddKey))]


def _find_place(edit: DataEdit) -> tuple[Path, str | None]:
    return edit.place.path, edit.key if isinstance(edit, AddKey) else None


def _find_name(edit: DataEdit) -> tuple[Path, str] | None:
    """Give the mapping that gets a new key, and that key."""
    match edit:
        case AddKey():
            return edit.place.path, edit.key
        case RenameKey():
            return edit.place.path[:-1], edit.key
        case _:
            return None
