"""The fixes that several rules offer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headgate_schema.finding import AddKey, Fix, Place, Remove, RenameKey, SetValue
from headgate_schema.wording import quote


def rename_key(place: Place, meant: str | None) -> Fix | None:
    """Write the key that was most likely meant: a guess."""
    return Fix(f"rename it to {quote(meant)}", (RenameKey(place, meant),)) if meant is not None else None


def write_value(place: Place, value: Any, *, is_safe: bool = False) -> Fix | None:
    """Write another value; nothing where there is none to suggest."""
    if value is None:
        return None
    shown = f"[{', '.join(map(quote, value))}]" if isinstance(value, list) else quote(value)
    return Fix(f"write {shown}", (SetValue(place, value),), is_safe)


def replace_word(place: Place, meant: str | None) -> Fix | None:
    """Write the key or value that was most likely meant: a guess."""
    return rename_key(place, meant) if place.part == "key" else write_value(place, meant)


def set_field(place: Place, field: str, value: Any) -> Fix:
    """Give a field of the mapping at a place a value, whether it is there or not: a choice."""
    return Fix(f'set "{field}: {value}"', (SetValue(_inside(place, field), value),))


def add_key(place: Place, key: str, value: Any, *, is_safe: bool = False, is_first: bool = False) -> Fix:
    """Add an entry to the mapping at a place."""
    return Fix(f"add {quote(key)}", (AddKey(place, key, value, is_first),), is_safe)


def remove(place: Place, *, is_safe: bool = False) -> Fix:
    """Take the entry or item at a place out."""
    return Fix("remove it", (Remove(place),), is_safe)


def add_to_map(owner: Place, field: str, entries: Mapping[str, str], *, has_field: bool) -> Fix:
    """Add entries to a map of an owner, which may not be written yet: a choice."""
    shown = ", ".join(f"{key}: {value}" for key, value in entries.items())
    title = f'add "{shown}" to {quote(field)}'
    if not has_field:
        return Fix(title, (AddKey(owner, field, dict(entries)),))
    inside = _inside(owner, field)
    return Fix(title, tuple(SetValue(_inside(inside, key), value) for key, value in entries.items()))


def _inside(place: Place, step: str) -> Place:
    return Place(place.file, (*place.path, step))
