"""What the published schema demands of a corpus, and what one document shows of it: facts, each by its name.

Both come from the same walk over the schema, so that a field, bound or condition that is added later is a
gap in the corpus until a document covers it. A place is named by its struct: ``Canary.percent``,
``Deploy.needs[]`` (an entry), ``Deploy.inputs{}`` (a value of a map) and ``Deploy.inputs keys``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from headgate_schema.model.base import EXTENSION_PREFIX, python_pattern

Schema = Any
Visit = tuple[str, Schema, Any]
"""A place, the part of the schema that holds there, and what stands there."""

ABSENT = object()
"""What stands everywhere when the schema is walked alone."""

BOUNDS = ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "maxProperties")
CALLBACK = r"a text like ^\.github/workflows/[A-Za-z0-9_][A-Za-z0-9._-]{0,199}\.ya?ml$"
UNREACHABLE = {
    "Manifest is of another type": "such a text is not read as a manifest: HG008",
    "Environment is of another type": "every other type is that of the short form, or of neither",
    "RunnerGroup is of another type": "every other type is that of another form, or of none",
    f"{CALLBACK} is at maxLength 255": "the pattern ends at 223 characters",
}
"""Demands that no document can meet, and why."""


class Coverage:
    """Facts about one schema."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema

    def list_demands(self) -> tuple[set[str], set[str]]:
        """What some document must show that is accepted, and what some document must show that is refused."""
        accepted: set[str] = set()
        refused: set[str] = set()
        structs = {"Manifest": self.schema, **self.schema["definitions"]}
        for struct, node in structs.items():
            for place, part, _ in self.walk(struct, node, ABSENT):
                accepted |= set(_demand_accepted(place, part))
                refused |= set(_demand_refused(place, part))
        return accepted - UNREACHABLE.keys(), refused - UNREACHABLE.keys()

    def list_shown(self, document: Any) -> set[str]:
        """What a document shows: how it stands to every part of the schema that it meets."""
        return {
            fact
            for place, part, value in self.walk("Manifest", self.schema, document)
            for fact in _show(place, part, value)
        }

    def walk(self, place: str, part: Schema, value: Any) -> Iterator[Visit]:
        """Visit every part of the schema that a value meets; with ``ABSENT`` all of one struct."""
        if "$ref" in part:
            name = part["$ref"].rpartition("/")[2]
            if value is not ABSENT:
                yield from self.walk(name, self.schema["definitions"][name], value)
            return
        yield place, part, value
        for each in part.get("allOf", ()):
            if "if" not in each:
                yield from self.walk(place, each, value)
        for branch in part.get("anyOf", ()):
            if value is ABSENT or _fits_type(self.resolve(branch), value):
                yield from self.walk(place, branch, value)
        yield from self.walk_inside(place, part, value)

    def walk_inside(self, place: str, part: Schema, value: Any) -> Iterator[Visit]:
        for name, inner in part.get("properties", {}).items():
            if inner is not False and (value is ABSENT or (isinstance(value, dict) and name in value)):
                yield from self.walk(f"{place}.{name}", inner, ABSENT if value is ABSENT else value[name])
        if "items" in part and (value is ABSENT or isinstance(value, list)):
            for item in [ABSENT] if value is ABSENT else value:
                yield from self.walk(f"{place}[]", part["items"], item)
        if part.get("additionalProperties") and (value is ABSENT or isinstance(value, dict)):
            for key, item in [(ABSENT, ABSENT)] if value is ABSENT else value.items():
                yield from self.walk(f"{place} keys", part["propertyNames"], key)
                yield from self.walk(f"{place}{{}}", part["additionalProperties"], item)

    def resolve(self, part: Schema) -> Schema:
        if "$ref" not in part:
            return part
        return self.schema["definitions"][part["$ref"].rpartition("/")[2]]


def _demand_accepted(place: str, part: Schema) -> Iterator[str]:
    for name in part.get("properties", {}):
        if part["properties"][name] is not False:
            yield f"{place}.{name} is given"
            if name not in part.get("required", ()):
                yield f"{place}.{name} is left out"
    if "default" in part:
        yield f"{place} is written as its default"
        yield f"{place} is not its default"
    for keyword in BOUNDS:
        if keyword in part:
            yield f"{_scope(place, part)} is at {keyword} {part[keyword]}"
    for word in _words(part):
        yield f"{place} is {json.dumps(word)}"
    for branch in part.get("anyOf", ()):
        yield f"{place} has the form {_name_form(branch)}"
    if "patternProperties" in part:
        yield f"{place} has an extension"
    for number, _ in enumerate(_conditions(part)):
        yield f"{place} meets condition {number}"
        yield f"{place} stays out of condition {number}"


def _demand_refused(place: str, part: Schema) -> Iterator[str]:
    if "type" in part or "anyOf" in part:
        yield f"{place} is of another type"
    for keyword in BOUNDS:
        if keyword in part:
            yield f"{_scope(place, part)} is just past {keyword} {part[keyword]}"
    if _words(part):
        yield f"{place} is no word that it takes"
    if "pattern" in part:
        yield f"{place} breaks its pattern"
    if "patternProperties" in part:
        yield f"{place} has an unknown key"
    for name in part.get("required", ()):
        yield f"{place}.{name} is missing"
    for name in _never(part):
        yield f"{place}.{name} is reserved"
    for number, condition in enumerate(_conditions(part)):
        for branch in ("then", "else"):
            for name in (*condition[branch].get("required", ()), *_never(condition[branch])):
                yield f"{place} breaks {branch} of condition {number} by {name}"


def _show(place: str, part: Schema, value: Any) -> Iterator[str]:
    yield from _show_value(place, part, value)
    if isinstance(value, dict) and "properties" in part:
        yield from _show_keys(place, part, value)
        for number, condition in enumerate(_conditions(part)):
            yield from _show_condition(place, number, condition, value)
    for branch in part.get("anyOf", ()):
        if _fits_type(branch if "$ref" not in branch else {"type": "object"}, value):
            yield f"{place} has the form {_name_form(branch)}"


def _show_value(place: str, part: Schema, value: Any) -> Iterator[str]:
    if not _fits_type(part, value):
        yield f"{place} is of another type"
        return
    if "default" in part:
        yield f"{place} is {'written as' if value == part['default'] else 'not'} its default"
    for keyword in BOUNDS:
        size = _measure(keyword, value)
        outwards = 1 if keyword.startswith("max") else -1
        if keyword in part and size is not None:
            if size == part[keyword]:
                yield f"{_scope(place, part)} is at {keyword} {part[keyword]}"
            if size == part[keyword] + outwards:
                yield f"{_scope(place, part)} is just past {keyword} {part[keyword]}"
    if words := _words(part):
        is_word = any(type(word) is type(value) and word == value for word in words)
        yield f"{place} is {json.dumps(value)}" if is_word else f"{place} is no word that it takes"
    if "pattern" in part and not re.search(python_pattern(part["pattern"]), value):
        yield f"{place} breaks its pattern"


def _show_keys(place: str, part: Schema, value: dict[str, Any]) -> Iterator[str]:
    for name, inner in part["properties"].items():
        if inner is False:
            if name in value:
                yield f"{place}.{name} is reserved"
        elif name in value:
            yield f"{place}.{name} is given"
        else:
            yield f"{place}.{name} is {'missing' if name in part.get('required', ()) else 'left out'}"
    for key in value:
        if key.startswith(EXTENSION_PREFIX):
            yield f"{place} has an extension"
        elif key not in part["properties"]:
            yield f"{place} has an unknown key"


def _show_condition(place: str, number: int, condition: Schema, value: dict[str, Any]) -> Iterator[str]:
    test = condition["if"]
    chosen = {name: inner for name, inner in test["properties"].items() if inner is not True}
    consts = {name: inner["const"] for name, inner in chosen.items()}
    is_met = all(name in value for name in test["required"])
    is_met = is_met and all(value.get(name) == const for name, const in consts.items())
    yield f"{place} {'meets' if is_met else 'stays out of'} condition {number}"
    branch = "then" if is_met else "else"
    for name in condition[branch].get("required", ()):
        if name not in value:
            yield f"{place} breaks {branch} of condition {number} by {name}"
    for name, inner in condition[branch]["properties"].items():
        if inner is False and name in value:
            yield f"{place} breaks {branch} of condition {number} by {name}"


def _scope(place: str, part: Schema) -> str:
    """Name what has a bound: a form of text or a map wherever it stands, else the place itself."""
    if "pattern" in part:
        return f"a text like {part['pattern']}"
    if "propertyNames" in part:
        return f"a map with keys like {part['propertyNames']['pattern']}"
    return f"a {part['type']} in a map" if place.endswith("{}") else place


def _conditions(part: Schema) -> list[Schema]:
    return [each for each in part.get("allOf", ()) if "if" in each]


def _never(part: Schema) -> list[str]:
    return [name for name, inner in part.get("properties", {}).items() if inner is False]


def _words(part: Schema) -> list[Any]:
    return part.get("enum", [part["const"]] if "const" in part else [])


def _name_form(branch: Schema) -> str:
    return str(branch["$ref"].rpartition("/")[2] if "$ref" in branch else branch.get("type", "word"))


_TYPES: dict[str, Any] = {
    "string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list, "object": dict
}  # fmt: skip


def _fits_type(part: Schema, value: Any) -> bool:
    if value is ABSENT:
        return True
    if "anyOf" in part:
        return any(
            _fits_type(each if "$ref" not in each else {"type": "object"}, value) for each in part["anyOf"]
        )
    wanted = part.get("type", "string" if "const" in part and isinstance(part["const"], str) else None)
    if wanted is None:
        return True
    return isinstance(value, _TYPES[wanted]) and (wanted == "boolean") == isinstance(value, bool)


def _measure(keyword: str, value: Any) -> int | float | None:
    if keyword in ("minimum", "maximum"):
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None
    kind = {"Length": str, "Items": list, "Properties": dict}[keyword[3:]]
    return len(value) if isinstance(value, kind) else None
