"""jsonschema as a second opinion: the errors that `headgate_schema.validator` must list too.

Five keywords are made precise: Python's ``$`` also matches before a final newline; a ``false`` property, a
missing one and a refused name are named in the path; and of several alternatives only the one of the value's
own type is worth explaining (the schema's alternatives all differ in type).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from headgate_schema.json_schema import Schema, read_schema
from headgate_schema.model.base import python_pattern
from jsonschema import Draft7Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

_SCHEMA: Schema = json.loads(read_schema())

Comparable = tuple[str, tuple[str | int, ...], str, str | None, bool]
"""Keyword, path, value, branch of a condition, whether the value is a key's name."""


def list_generic_errors(data: object) -> list[Comparable]:
    """List every error of plain data against the published schema of the manifest, sorted."""
    return sorted(map(_compare, _Validator(_SCHEMA).iter_errors(data)), key=repr)


def _compare(error: ValidationError) -> Comparable:
    steps = list(error.absolute_schema_path)
    branch = next((step for step in ("then", "else") if step in steps), None)
    path = tuple(error.absolute_path)
    return str(error.validator), path, repr(error.instance), branch, "propertyNames" in steps


def _pattern(validator: Any, pattern: str, instance: object, _schema: Schema) -> Iterator[ValidationError]:
    if validator.is_type(instance, "string") and not re.search(python_pattern(pattern), str(instance)):
        yield ValidationError("pattern")


def _properties(
    validator: Any, properties: Schema, instance: object, _schema: Schema
) -> Iterator[ValidationError]:
    if not isinstance(instance, dict):
        return
    for name, subschema in properties.items():
        if name not in instance:
            continue
        if subschema is False:
            yield ValidationError("false", validator="false", path=(name,), instance=instance, schema=_schema)
        else:
            yield from validator.descend(instance[name], subschema, path=name, schema_path=name)


def _required(
    _validator: Any, required: list[str], instance: object, _schema: Schema
) -> Iterator[ValidationError]:
    if isinstance(instance, dict):
        for name in required:
            if name not in instance:
                yield ValidationError("required", path=(name,))


def _property_names(
    validator: Any, names: Schema, instance: object, _schema: Schema
) -> Iterator[ValidationError]:
    if isinstance(instance, dict):
        for name in instance:
            yield from validator.descend(name, names, path=name, schema_path="name")


def _any_of(
    validator: Any, branches: list[Schema], instance: object, _schema: Schema
) -> Iterator[ValidationError]:
    for index, branch in enumerate(branches):
        if validator.is_type(instance, _find_type(branch)):
            yield from validator.descend(instance, branch, schema_path=index)
            return
    yield ValidationError("type", validator="type", validator_value=[_find_type(each) for each in branches])


def _find_type(branch: Schema) -> str:
    if "$ref" in branch:
        branch = _SCHEMA["definitions"][branch["$ref"].rpartition("/")[2]]
    return "string" if "const" in branch else str(branch["type"])


_KEYWORDS: Mapping[str, Any] = {
    "pattern": _pattern,
    "properties": _properties,
    "required": _required,
    "propertyNames": _property_names,
    "anyOf": _any_of,
}
_Validator: Any = extend(Draft7Validator, dict(_KEYWORDS))  # type: ignore[no-untyped-call]
