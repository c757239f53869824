"""Frozen dataclasses ↔ JSON, strictly: a value of the wrong type is refused with its place, unknown keys
are kept.

Inputs written by a newer version within the same format may carry keys this version doesn't know: a
dataclass with a field `unknown` keeps them and writes them back.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, field, fields, is_dataclass
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")


class Malformed(ValueError):
    """JSON that does not have the shape of the value asked for; the text says where and why."""


def kept() -> Any:
    """The field `unknown` of a dataclass: keys of a newer version, which make no difference here."""
    return field(default_factory=dict, compare=False, repr=False)


def decode(kind: type[T], value: Any, where: str = "") -> T:
    """Build `kind` from parsed JSON; raises Malformed at the first thing that doesn't fit."""
    decoded: T = _decode(kind, value, where)
    return decoded


def encode(value: Any) -> Any:
    """The JSON form of a dataclass, tuple, mapping or scalar; unknown keys come last."""
    if is_dataclass(value):
        content = {entry.name: encode(getattr(value, entry.name)) for entry in fields(value)}
        content.update(content.pop("unknown", {}))
        return content
    if isinstance(value, Mapping):
        return {key: encode(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [encode(item) for item in value]
    return value


@cache
def _hints(kind: type[Any]) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _decode(kind: Any, value: Any, where: str) -> Any:
    if kind is Any:
        return value
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        return _decode_union(typing.get_args(kind), value, where)
    if origin is tuple:
        items = _require(list, value, where)
        return tuple(
            _decode(typing.get_args(kind)[0], item, f"{where}[{at}]") for at, item in enumerate(items)
        )
    if origin is not None:  # Mapping[str, X]: the only other generic that the values here use
        items = _require(dict, value, where)
        return {key: _decode(typing.get_args(kind)[1], item, f"{where}.{key}") for key, item in items.items()}
    if is_dataclass(kind):
        return _decode_dataclass(kind, _require(dict, value, where), where)
    return _require(kind, value, where)


def _decode_union(kinds: tuple[Any, ...], value: Any, where: str) -> Any:
    if value is None and type(None) in kinds:
        return None
    wanted = [kind for kind in kinds if kind is not type(None)]
    if len(wanted) == 1:
        return _decode(wanted[0], value, where)
    if type(value) in wanted:
        return value
    raise Malformed(f"{where or 'the value'} is {type(value).__name__}")


def _decode_dataclass(kind: Any, value: dict[str, Any], where: str) -> Any:
    known: dict[str, Any] = {}
    hints = _hints(kind)
    names = [entry for entry in fields(kind) if entry.name != "unknown"]
    for entry in names:
        place = f"{where}.{entry.name}" if where else entry.name
        if entry.name in value:
            known[entry.name] = _decode(hints[entry.name], value[entry.name], place)
        elif entry.default is MISSING and entry.default_factory is MISSING:
            raise Malformed(f"{place} is missing")
    if "unknown" in hints:
        known["unknown"] = {key: item for key, item in value.items() if key not in known}
    return kind(**known)


def _require(kind: type[Any], value: Any, where: str) -> Any:
    if type(value) is not kind:
        raise Malformed(f"{where or 'the file'} is {type(value).__name__}, not {kind.__name__}")
    return value
