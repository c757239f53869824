"""What may stand at a path of the manifest: read from the published schema and the models' presence rules, as
completion and hover need it.
"""

from __future__ import annotations

import json
from functools import cache

from headgate_schema import model
from headgate_schema.json_schema import Schema, read_schema
from headgate_schema.model.base import Presence
from headgate_schema.reference import Field, index_fields
from headgate_schema.span import Path


@cache
def _read() -> Schema:
    schema: Schema = json.loads(read_schema())
    return {**schema, "title": "Manifest"}


def find_shapes(path: Path) -> tuple[Schema, ...]:
    """Give the schemas of everything that may stand at a path; none where nothing may."""
    shapes = _expand(_read())
    for step in path:
        shapes = tuple(below for shape in shapes for below in _descend(shape, step))
    return shapes


def _descend(shape: Schema, step: str | int) -> tuple[Schema, ...]:
    if isinstance(step, int):
        return _expand(shape["items"]) if "items" in shape else ()
    if "properties" in shape:
        written = shape["properties"].get(step)
        return _expand(written) if written else ()
    others = shape.get("additionalProperties")
    return _expand(others) if isinstance(others, dict) else ()


def _expand(node: Schema) -> tuple[Schema, ...]:
    """Follow references and take alternatives apart."""
    if "$ref" in node:
        return _expand(_read()["definitions"][node["$ref"].rpartition("/")[2]])
    if "$ref" in node.get("allOf", ({},))[0]:
        return _expand(node["allOf"][0])
    if "anyOf" in node:
        return tuple(shape for branch in node["anyOf"] for shape in _expand(branch))
    return (node,)


def is_struct(shape: Schema) -> bool:
    """Tell whether it is an object with fixed keys."""
    return "properties" in shape


def is_map(shape: Schema) -> bool:
    """Tell whether it is an object whose keys are the user's."""
    return "properties" not in shape and isinstance(shape.get("additionalProperties"), dict)


def is_list(shape: Schema) -> bool:
    """Tell whether it is a list."""
    return shape.get("type") == "array"


def is_single(shape: Schema) -> bool:
    """Tell whether it is one text, number or boolean."""
    return not (is_struct(shape) or is_map(shape) or is_list(shape))


def list_keys(struct: Schema) -> tuple[str, ...]:
    """List the keys of an object with fixed keys, those first that no other object shares; not the reserved
    ones.
    """
    shared = getattr(model, struct["title"]).__base__.__struct_fields__
    names = (name for name, written in struct["properties"].items() if written is not False)
    return tuple(sorted(names, key=lambda name: name in shared))


def list_presence(struct: Schema) -> tuple[Presence, ...]:
    """Give the presence rules of an object with fixed keys."""
    presence: tuple[Presence, ...] = getattr(model, struct["title"]).presence
    return presence


def name_field(path: Path) -> str:
    """Print a path as the reference does: ``deploys[].canary.percent``."""
    shown = ""
    for step in path:
        shown += "[]" if isinstance(step, int) else f".{step}" if shown else step
    return shown


def state_facts(field: Field) -> tuple[str, ...]:
    """Say what can be said about a field in a few words each: type, bounds, whether it has to be there."""
    default = f"default {field.default}" if field.default else "optional"
    facts = (field.type, field.bounds, "required" if field.is_required else default)
    return tuple(fact for fact in facts if fact)


def find_field(path: Path) -> Field | None:
    """Give the field that a key or value at a path belongs to: for an item its list, for an entry of a map
    the map.
    """
    fields = index_fields()
    while path:
        field = fields.get(name_field(path))
        if field is not None:
            return field
        above = find_shapes(path[:-1])
        if not (isinstance(path[-1], int) or any(is_map(shape) for shape in above)):
            return None
        path = path[:-1]
    return None
