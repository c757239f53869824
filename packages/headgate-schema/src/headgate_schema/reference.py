"""Every field of the manifest as people look it up, read from the published schema: ``explain`` and reference
pages.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import msgspec

from headgate_schema.json_schema import Schema, read_schema
from headgate_schema.model import duration
from headgate_schema.model.duration import show_duration
from headgate_schema.model.reserved import RESERVED_KEYS


class Field(msgspec.Struct, frozen=True):
    """One field; ``path`` like ``deploys[].canary.percent``, ``default`` as JSON, ``bounds`` and ``allowed``
    in words.
    """

    path: str
    type: str
    description: str
    is_required: bool
    default: str | None
    bounds: str
    allowed: tuple[str, ...]
    reserved: bool = False


def list_fields() -> tuple[Field, ...]:
    """List every field in the order of the schema, the reserved ones too."""
    schema: Schema = json.loads(read_schema())
    return tuple(_walk(schema, schema, ""))


@cache
def index_fields() -> Mapping[str, Field]:
    """Give every field by its path, for whoever asks many times."""
    return {field.path: field for field in list_fields()}


def find_fields(name: str) -> tuple[Field, ...]:
    """Find the fields whose path is ``name`` or ends with it; ``[]`` may be left out."""
    wanted = name.replace("[]", "").strip(".")
    fields = list_fields()
    exact = tuple(field for field in fields if field.path.replace("[]", "") == wanted)
    return exact or tuple(field for field in fields if field.path.replace("[]", "").endswith(f".{wanted}"))


def _walk(root: Schema, struct: Schema, prefix: str) -> Iterator[Field]:
    required = struct.get("required", ())
    for name, written in struct["properties"].items():
        path = f"{prefix}{name}"
        if written is False:
            purpose = RESERVED_KEYS["Manifest" if struct is root else struct["title"]][name]
            yield Field(path, "", f"Reserved for {purpose}.", False, None, "", (), reserved=True)
            continue
        node = _resolve(root, written)
        default = json.dumps(written["default"]) if "default" in written else None
        yield Field(
            path=path,
            type=_say_type(root, node),
            description=written.get("description", ""),
            is_required=name in required,
            default=default,
            bounds=_say_limits(path) or _say_bounds(node),
            allowed=tuple(str(word) for word in node.get("enum", ())),
        )
        for inner, suffix in _find_structs(root, node):
            yield from _walk(root, inner, f"{path}{suffix}.")


def _resolve(root: Schema, node: Schema) -> Schema:
    if "allOf" in node and "$ref" in node["allOf"][0]:
        node = {**node["allOf"][0], **node}
    if "$ref" in node:
        found: Schema = root["definitions"][node["$ref"].rpartition("/")[2]]
        return found
    return node


def _find_structs(root: Schema, node: Schema) -> Iterator[tuple[Schema, str]]:
    if "properties" in node:
        yield node, ""
    if isinstance(node.get("items"), dict):
        for inner, suffix in _find_structs(root, _resolve(root, node["items"])):
            yield inner, f"[]{suffix}"
    for branch in node.get("anyOf", ()):
        yield from _find_structs(root, _resolve(root, branch))


_TYPES = {"string": "text", "integer": "whole number", "boolean": "true or false"}


def _say_type(root: Schema, node: Schema) -> str:
    node = _resolve(root, node)
    if "anyOf" in node:
        return " or ".join(dict.fromkeys(_say_type(root, branch) for branch in node["anyOf"]))
    if "const" in node:
        return json.dumps(node["const"])
    if node.get("pattern") == duration.PATTERN:
        return "duration"
    if "enum" in node:
        return " or ".join(json.dumps(word) for word in node["enum"])
    if node["type"] == "array":
        return f"list of {_say_type(root, node['items'])}"
    if node["type"] == "object":
        is_map = "properties" not in node
        return f"map of names to {_say_type(root, node['additionalProperties'])}" if is_map else "mapping"
    return _TYPES.get(node["type"], str(node["type"]))


def _say_limits(path: str) -> str:
    limits = duration.find_limits(path)
    return f"{show_duration(limits.least)} to {show_duration(limits.most)}" if limits is not None else ""


def _say_bounds(node: dict[str, Any]) -> str:
    said = []
    for least, most, unit in (
        ("minimum", "maximum", ""),
        ("minLength", "maxLength", " characters"),
        ("minItems", "maxItems", " entries"),
        ("minProperties", "maxProperties", " entries"),
    ):
        if least in node and most in node:
            said.append(f"{node[least]:,} to {node[most]:,}{unit}")
        elif most in node:
            said.append(f"at most {node[most]:,}{unit}")
    return ", ".join(said)
