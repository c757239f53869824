"""What JSON Schema means by types and by sameness, for everything here that judges values by a schema."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Kind = str
"""``null``, ``boolean``, ``number``, ``string``, ``array`` or ``object``."""

_TYPES: Mapping[str, type] = {
    "null": type(None),
    "boolean": bool,
    "string": str,
    "array": list,
    "object": dict,
}


def kind_of(value: Any) -> Kind:
    """Tell which kind of JSON value this is."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


def is_of_type(value: Any, name: str) -> bool:
    """Tell whether a value is of a type as schemas name it; ``1.0`` is an integer, ``true`` is no number."""
    match name:
        case "integer":
            is_whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
            return is_whole and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case _:
            return isinstance(value, _TYPES.get(name, ()))


def is_listed(value: Any, values: Iterable[Any]) -> bool:
    """Tell whether a value is one of some."""
    return any(is_same(value, each) for each in values)


def is_same(one: Any, another: Any) -> bool:
    """Tell whether two values are the same JSON: 1 is 1.0, and is not true."""
    if kind_of(one) != kind_of(another):
        return False
    match one:
        case list():
            return len(one) == len(another) and all(map(is_same, one, another))
        case dict():
            return one.keys() == another.keys() and all(is_same(one[key], another[key]) for key in one)
        case _:
            return bool(one == another)
