"""Defaults are meaning: what leaving a field out says may not change, though every document stays valid."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec

from headgate_schema.compat.reason import Reason
from headgate_schema.compat.subset import Node
from headgate_schema.json_values import is_listed


class Leaving(msgspec.Struct, frozen=True):
    """A field that may be left out of one object, and the default that is written at it, if any."""

    field: str
    pointer: str
    defaults: tuple[Any, ...]


def compare_defaults(old: Node, new: Node) -> Iterator[Reason]:
    """Give the reasons why a document without some field means something else, or may do so."""
    newer: dict[str, list[Leaving]] = {}
    for leaving in _list_leavings(new, "", frozenset()):
        newer.setdefault(leaving.field, []).append(leaving)
    older: dict[str, list[Any]] = {}
    for leaving in _list_leavings(old, "", frozenset()):
        older.setdefault(leaving.field, []).extend(leaving.defaults)
    for field, before in older.items():
        after = [default for leaving in newer.get(field, ()) for default in leaving.defaults]
        is_kept = all(is_listed(each, after) for each in before) and all(
            is_listed(each, before) for each in after
        )
        if field in newer and not is_kept:
            place = next((each for each in newer[field] if each.defaults), newer[field][0])
            yield _reason_for(place, before, after)


def _reason_for(place: Leaving, before: list[Any], after: list[Any]) -> Reason:
    was, now = (" or ".join(dict.fromkeys(map(json.dumps, each))) for each in (before, after))
    field = place.field.removeprefix(".")
    if before and after:
        return Reason("breaking", field, place.pointer, f"the default is {now} now, was {was}")
    if before:
        return Reason("breaking", field, place.pointer, f"has no default any more, was {was}")
    message = (
        f"the default {now} is new: whether that is what leaving it out meant before is not in the schemas"
    )
    return Reason("undecided", field, place.pointer, message)


def _list_leavings(node: Node, field: str, seen: frozenset[str]) -> Iterator[Leaving]:
    """Walk through all fields; a definition within itself only once."""
    node = node.resolve()
    if isinstance(node.schema, bool) or node.pointer in seen:
        return
    seen |= {node.pointer}
    for name, schema in node.schema.get("properties", {}).items():
        inner, path = node.at("properties", name), f"{field}.{name}"
        if schema is not False and name not in node.schema.get("required", ()):
            yield Leaving(path, inner.pointer, _list_defaults(inner))
        yield from _list_leavings(inner, path, seen)
    for keyword, step in (("items", "[]"), ("additionalProperties", ".*"), ("then", ""), ("else", "")):
        if node.has(keyword):
            yield from _list_leavings(node.at(keyword), f"{field}{step}", seen)
    for keyword in ("anyOf", "allOf"):
        for index in range(len(node.schema.get(keyword, ()))):
            yield from _list_leavings(node.at(keyword, index), field, seen)
    for pattern in node.schema.get("patternProperties", ()):
        yield from _list_leavings(node.at("patternProperties", pattern), f"{field}.*", seen)


def _list_defaults(node: Node) -> tuple[Any, ...]:
    """Give the default that is written at a place, or else at the definition that it refers to."""
    for place in (node, node.resolve()):
        if place.has("default"):
            return (place.schema["default"],)
    return ()
