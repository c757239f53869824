"""All errors of the published schema, each exactly where it belongs. Imported only when something does not
fit.

It knows the keywords that the schema uses and no others (the tests compare the two, and this with jsonschema,
which takes longer to import than a whole check). Where a generic validator is vague it is exact: a refused
property, a missing one and a refused name are named in the path, and of several alternatives only the one of
the value's own type is explained (the schema's alternatives all differ in type).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Literal

import msgspec

from headgate_schema.json_schema import Schema, read_schema
from headgate_schema.json_values import is_listed, is_of_type, is_same
from headgate_schema.model.base import python_pattern
from headgate_schema.span import Path


class Violation(msgspec.Struct, frozen=True):
    """One keyword that a value does not satisfy.

    ``path`` leads to the value, or to the key that is refused or missing; ``value`` is what the keyword
    looked at, ``expected`` what it wants, ``schema`` the subschema it stands in. ``branch`` is set below a
    condition, ``is_name`` where a key of a map is the value.
    """

    keyword: str
    path: Path
    value: Any
    expected: Any
    schema: Schema
    branch: Literal["then", "else"] | None = None
    is_name: bool = False


class _At(msgspec.Struct, frozen=True):
    """How the walk came to a value."""

    path: Path = ()
    branch: Literal["then", "else"] | None = None
    is_name: bool = False

    def enter(self, step: str | int) -> _At:
        return _At((*self.path, step), self.branch, self.is_name)


def list_errors(data: object) -> list[Violation]:
    """List every error of plain data against the published schema of the manifest."""
    walk = _Walk(_load_schema()["definitions"])
    walk.check(_load_schema(), data, _At())
    return walk.errors


@cache
def _load_schema() -> Schema:
    schema: Schema = json.loads(read_schema())
    return schema


class _Walk:
    """One walk over data and schema side by side, gathering errors in the order of the schema's keywords."""

    def __init__(self, definitions: Mapping[str, Schema]) -> None:
        self.definitions = definitions
        self.errors: list[Violation] = []

    def check(self, schema: Schema, value: Any, at: _At) -> None:
        schema = self.resolve(schema)
        for keyword, wanted in schema.items():
            is_kept = ASSERTIONS.get(keyword)
            if is_kept is not None:
                if not is_kept(value, wanted):
                    self.refuse(keyword, value, schema, at)
                continue
            descend = APPLICATORS.get(keyword)
            if descend is not None:
                descend(self, schema, value, at)

    def resolve(self, schema: Schema) -> Schema:
        reference: str | None = schema.get("$ref")
        return self.definitions[reference.rpartition("/")[2]] if reference else schema

    def refuse(self, keyword: str, value: Any, schema: Schema, at: _At) -> None:
        expected = schema.get(keyword)
        self.errors.append(Violation(keyword, at.path, value, expected, schema, at.branch, at.is_name))

    def check_properties(self, schema: Schema, value: Any, at: _At) -> None:
        if not isinstance(value, dict):
            return
        for name, wanted in schema["properties"].items():
            if wanted is True or name not in value:
                continue
            if wanted is False:
                self.refuse("false", value, schema, at.enter(name))
            else:
                self.check(wanted, value[name], at.enter(name))

    def check_other_properties(self, schema: Schema, value: Any, at: _At) -> None:
        if not isinstance(value, dict):
            return
        others = _list_others(schema, value)
        wanted = schema["additionalProperties"]
        if wanted is not False:
            for name in others:
                self.check(wanted, value[name], at.enter(name))
        elif others:
            self.refuse("additionalProperties", value, schema, at)

    def check_names(self, schema: Schema, value: Any, at: _At) -> None:
        for name in value if isinstance(value, dict) else ():
            self.check(schema["propertyNames"], name, _At((*at.path, name), at.branch, is_name=True))

    def check_required(self, schema: Schema, value: Any, at: _At) -> None:
        for name in schema["required"] if isinstance(value, dict) else ():
            if name not in value:
                self.refuse("required", value, schema, at.enter(name))

    def check_items(self, schema: Schema, value: Any, at: _At) -> None:
        for index, item in enumerate(value if isinstance(value, list) else ()):
            self.check(schema["items"], item, at.enter(index))

    def check_all(self, schema: Schema, value: Any, at: _At) -> None:
        for part in schema["allOf"]:
            self.check(part, value, at)

    def check_alternatives(self, schema: Schema, value: Any, at: _At) -> None:
        types = []
        for alternative in schema["anyOf"]:
            types.append(_find_type(self.resolve(alternative)))
            if is_of_type(value, types[-1]):
                self.check(alternative, value, at)
                return
        self.errors.append(Violation("type", at.path, value, types, schema, at.branch, at.is_name))

    def check_condition(self, schema: Schema, value: Any, at: _At) -> None:
        trial = _Walk(self.definitions)
        trial.check(schema["if"], value, at)
        branch: Literal["then", "else"] = "else" if trial.errors else "then"
        if branch in schema:
            self.check(schema[branch], value, _At(at.path, branch, at.is_name))


def _find_type(alternative: Schema) -> str:
    return "string" if "const" in alternative else str(alternative["type"])


def _list_others(schema: Schema, value: Mapping[str, Any]) -> list[str]:
    known = schema.get("properties", {})
    patterns = schema.get("patternProperties", {})
    return [
        name
        for name in value
        if name not in known and not any(re.search(pattern, name) for pattern in patterns)
    ]


def _is_at_least(value: Any, least: float) -> bool:
    return not is_of_type(value, "number") or value >= least


def _is_at_most(value: Any, most: float) -> bool:
    return not is_of_type(value, "number") or value <= most


ASSERTIONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "type": is_of_type,
    "const": is_same,
    "enum": is_listed,
    "pattern": lambda value, wanted: (
        not isinstance(value, str) or bool(re.search(python_pattern(wanted), value))
    ),
    "minLength": lambda value, least: not isinstance(value, str) or len(value) >= least,
    "maxLength": lambda value, most: not isinstance(value, str) or len(value) <= most,
    "minimum": _is_at_least,
    "maximum": _is_at_most,
    "minItems": lambda value, least: not isinstance(value, list) or len(value) >= least,
    "maxItems": lambda value, most: not isinstance(value, list) or len(value) <= most,
    "maxProperties": lambda value, most: not isinstance(value, dict) or len(value) <= most,
}
"""Keywords that a value satisfies or not, whatever is inside it."""

APPLICATORS: Mapping[str, Callable[[_Walk, Schema, Any, _At], None]] = {
    "properties": _Walk.check_properties,
    "additionalProperties": _Walk.check_other_properties,
    "propertyNames": _Walk.check_names,
    "required": _Walk.check_required,
    "items": _Walk.check_items,
    "allOf": _Walk.check_all,
    "anyOf": _Walk.check_alternatives,
    "if": _Walk.check_condition,
}
"""Keywords that apply other schemas."""

WITHOUT_EFFECT = frozenset(
    {"$schema", "$id", "$comment", "title", "description", "default", "examples", "definitions"}
    | {"$ref", "patternProperties", "then", "else"}
)
"""Keywords that say nothing, or that another one of the same subschema looks at."""

KEYWORDS = frozenset(ASSERTIONS) | frozenset(APPLICATORS) | WITHOUT_EFFECT
"""Every keyword that the walk understands."""
