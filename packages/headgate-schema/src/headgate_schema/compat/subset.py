"""The keywords that are understood, and a place in a schema. What is not understood is refused, not skipped.

They are those of the published schema, and what stands beside them in draft-07 without meaning
(https://json-schema.org/draft-07/json-schema-validation#rfc.section.10).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from headgate_schema.json_schema import DIALECT
from headgate_schema.json_values import Kind
from headgate_schema.wording import quote

KINDS: Mapping[Kind, str] = {
    "string": "text",
    "number": "a number",
    "object": "a mapping",
    "array": "a list",
    "boolean": "true or false",
    "null": "nothing",
}
"""The kinds of JSON values, in words; ``integer`` is a narrower ``number``."""

BOUNDS: Mapping[str, tuple[Kind, str]] = {
    "minimum": ("number", "least"),
    "maximum": ("number", "most"),
    "minLength": ("string", "least"),
    "maxLength": ("string", "most"),
    "minItems": ("array", "least"),
    "maxItems": ("array", "most"),
    "minProperties": ("object", "least"),
    "maxProperties": ("object", "most"),
}
ONE_SCHEMA = ("items", "additionalProperties", "propertyNames", "if", "then", "else")
SCHEMAS = ("anyOf", "allOf")
NAMED_SCHEMAS = ("properties", "patternProperties", "definitions")
ANNOTATIONS = frozenset({"title", "description", "$comment", "examples", "default"})
"""What may change freely; a default is compared by ``defaults.py``."""
ONLY_AT_THE_ROOT = ("$schema", "$id", "definitions")
EXCEPT = "not-enum"
"""A keyword of ours, which no schema may have, for the negation of a condition: none of these values."""
GREATEST = 2**53
"""Beyond it, numbers lose digits in most readers of JSON."""
DEEPEST = 60
"""Subschemas within each other; ours have at most 12."""
_REFERENCE = re.compile(r"#/definitions/[A-Za-z0-9_.-]+")


class Node(msgspec.Struct, frozen=True):
    """A subschema, where it stands, and the schema (by name) that its references look into."""

    schema: Any
    pointer: str
    origin: str
    definitions: Mapping[str, Any]

    def at(self, *steps: str | int) -> Node:
        """Go to an inner subschema; a keyword that is not there allows everything."""
        schema, pointer = self.schema, self.pointer
        for step in steps:
            is_there = not isinstance(step, str) or step in schema
            schema = schema[step] if is_there else True
            pointer += f"/{str(step).replace('~', '~0').replace('/', '~1')}"
        return Node(schema, pointer, self.origin, self.definitions)

    def write(self, schema: Any, step: str) -> Node:
        """Make a subschema that is not written anywhere, under a name that is its own."""
        return Node(schema, f"{self.pointer}/{step}", self.origin, self.definitions)

    def resolve(self) -> Node:
        """Follow references to where the subschema is written."""
        node = self
        while isinstance(node.schema, dict) and "$ref" in node.schema:
            name = node.schema["$ref"].rpartition("/")[2]
            node = Node(node.definitions[name], f"/definitions/{name}", node.origin, node.definitions)
        return node

    def has(self, keyword: str) -> bool:
        """Tell whether a keyword is written here."""
        return isinstance(self.schema, dict) and keyword in self.schema

    @property
    def key(self) -> tuple[str, str]:
        """Give what names this place among those of both schemas."""
        return self.origin, self.pointer


def open_schema(schema: Any, origin: str) -> Node:
    """Give the root of a schema that has no refusals."""
    definitions = schema.get("definitions", {}) if isinstance(schema, dict) else {}
    return Node(schema, "", origin, definitions)


def list_refusals(root: Node) -> list[tuple[str, str]]:
    """List what is not understood in a schema: pointers and messages."""
    refusals = list(_list_misfits(root, 0))
    return refusals or [(f"/definitions/{name}", message) for name, message in _list_endless(root)]


def _list_misfits(node: Node, depth: int) -> Iterator[tuple[str, str]]:
    if isinstance(node.schema, bool):
        return
    if not isinstance(node.schema, dict):
        yield node.pointer, "this is no schema: a schema is a mapping, true or false"
        return
    if depth > DEEPEST:
        yield node.pointer, f"more than {DEEPEST} schemas stand in each other"
        return
    if node.has("$ref") and not node.schema.keys() <= ANNOTATIONS | {"$ref", *ONLY_AT_THE_ROOT}:
        yield node.pointer, "what stands beside $ref counts in some drafts and not in others"
    for keyword, value in node.schema.items():
        place = node.at(keyword)
        if keyword in ONLY_AT_THE_ROOT and node.pointer:
            yield place.pointer, f'"{keyword}" is read only at the root'
        elif (misfit := _find_misfit(keyword, value, node)) is not None:
            yield place.pointer, misfit
        else:
            for inner in list_inner(place, keyword):
                yield from _list_misfits(inner, depth + 1)


def _find_misfit(keyword: str, value: Any, node: Node) -> str | None:
    if keyword in ANNOTATIONS:
        return None
    if keyword not in _FORMS:
        return f'the keyword "{keyword}" is not understood'
    if not _FORMS[keyword](value):
        return f'{quote(value)} is not understood as the value of "{keyword}"'
    if keyword == "$ref" and value.rpartition("/")[2] not in node.definitions:
        return f"there is no {quote(value)}"
    return None


def list_inner(place: Node, keyword: str) -> list[Node]:
    """List the subschemas that the value of a keyword holds."""
    if keyword in ONE_SCHEMA:
        return [place]
    if keyword in SCHEMAS:
        return [place.at(index) for index in range(len(place.schema))]
    return [place.at(name) for name in place.schema] if keyword in NAMED_SCHEMAS else []


def _list_endless(root: Node) -> Iterator[tuple[str, str]]:
    """Find definitions that lead to themselves without going into a value."""
    for name in root.definitions:
        seen, waiting = set(), [root.at("definitions", name)]
        while waiting:
            node = waiting.pop()
            direct = [inner for key in (*SCHEMAS, "if", "then", "else") if node.has(key)
                      for inner in list_inner(node.at(key), key)]  # fmt: skip
            if node.has("$ref"):
                target = node.schema["$ref"].rpartition("/")[2]
                if target == name:
                    yield name, "the definition leads to itself without end"
                    break
                direct += [] if target in seen else [root.at("definitions", target)]
                seen.add(target)
            waiting += direct


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= GREATEST


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_named(value: object) -> bool:
    return isinstance(value, dict)


def _are_names(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


def _are_types(value: object) -> bool:
    types = value if isinstance(value, list) else [value]
    return bool(types) and all(isinstance(name, str) and name in {*KINDS, "integer"} for name in types)


def _are_schemas(value: object) -> bool:
    return isinstance(value, list) and bool(value)


def _is_anything(_value: object) -> bool:
    return True


def _is_reference(value: object) -> bool:
    return isinstance(value, str) and _REFERENCE.fullmatch(value) is not None


_FORMS: Mapping[str, Callable[[object], bool]] = {
    "$schema": lambda value: value == DIALECT,
    "$id": lambda value: isinstance(value, str),
    "$ref": _is_reference,
    "type": _are_types,
    "enum": lambda value: isinstance(value, list) and bool(value),
    "const": _is_anything,
    "required": _are_names,
    "pattern": lambda value: isinstance(value, str),
    **dict.fromkeys(("minimum", "maximum"), _is_number),
    **dict.fromkeys([keyword for keyword in BOUNDS if keyword not in ("minimum", "maximum")], _is_count),
    **dict.fromkeys(ONE_SCHEMA, _is_anything),
    **dict.fromkeys(SCHEMAS, _are_schemas),
    **dict.fromkeys(NAMED_SCHEMAS, _is_named),
}
