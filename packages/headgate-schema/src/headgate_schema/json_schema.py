"""The models → the published JSON Schemas, and the files they are published as.

Draft-07 in the subset it shares with 2020-12: no remote ``$ref``, no ``format``, patterns without lookaround.
In the manifest's, objects are closed but for ``x-*``; reserved names are ``false``; presence rules are
if/then; ``$comment`` carries the code of the rule that explains a refusal. That of the findings is open: it
describes what is written, and keys may be added.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec

from headgate_schema import model
from headgate_schema.model.base import EXTENSION_PREFIX, Alternative, Block, Model, Presence
from headgate_schema.model.reserved import RESERVED_FORMS, RESERVED_KEYS, RESERVED_STRATEGIES

Schema = dict[str, Any]
Subject = Literal["manifest", "findings"]
SUBJECTS: tuple[Subject, ...] = get_args(Subject)

ID = "urn:headgate:schema:manifest:v1"
FINDINGS_ID = "urn:headgate:schema:findings:json-v1"
DIALECT = "http://json-schema.org/draft-07/schema#"
PACKAGED: dict[Subject, str] = {
    "manifest": "v1/manifest.schema.json",
    "findings": "report/json-v1.schema.json",
}
"""Where in the package the copies of the published schemas lie."""

_FOLDER = Path(__file__).parent / "v1"

STRUCTS: Mapping[str, type[Model]] = {name: getattr(model, name) for name in model.__all__}


def build_schema(
    structs: Mapping[str, type[Model]] = STRUCTS, reserved: Mapping[str, Mapping[str, str]] = RESERVED_KEYS
) -> Schema:
    """Build the JSON Schema of the manifest from its structs by name, and the names that are kept free."""
    closed = {
        name: _close(component, structs[name], reserved.get(name, {}))
        for name, component in _describe(structs["Manifest"]).items()
    }
    _leave_to_fields(closed)
    return _assemble(ID, "headgate.yaml, version 1", closed, "Manifest")


def build_findings_schema() -> Schema:
    """Build the JSON Schema of what ``check --format json`` prints."""
    from headgate_schema.report.records import Records

    return _assemble(FINDINGS_ID, "findings of Headgate, json-v1", _describe(Records), "Records")


def _describe(root: type[msgspec.Struct]) -> dict[str, Schema]:
    _, components = msgspec.json.schema_components([root], ref_template="#/definitions/{name}")
    return {name: _rewrite(component) for name, component in components.items()}


def _assemble(identifier: str, title: str, structs: dict[str, Schema], root: str) -> Schema:
    others = {name: struct for name, struct in sorted(structs.items()) if name != root}
    facts = {key: value for key, value in structs[root].items() if key != "title"}
    return {"$schema": DIALECT, "$id": identifier, "title": title, **facts, "definitions": others}


def _leave_to_fields(structs: dict[str, Schema]) -> None:
    """Take the description off what a described field holds: editors would show it instead of the field's."""
    fields = [field for struct in structs.values() for field in struct["properties"].values() if field]
    for field in fields:
        for part in (*field.get("allOf", ()), *field.get("anyOf", ())):
            held = structs[_find_name(part["$ref"])] if "$ref" in part else part
            held.pop("description", None)


def _rewrite(node: Any) -> Any:
    """Bring msgspec's 2020-12 style into the common subset."""
    if isinstance(node, list):
        return [_rewrite(item) for item in node]
    if not isinstance(node, dict):
        return node
    node = {key: _rewrite(value) for key, value in node.items()}
    if "$ref" in node and len(node) > 1:
        node = _wrap_reference(node)
    if isinstance(node.get("pattern"), str):
        node["pattern"] = node["pattern"].replace(r"\Z", "$")
    if len(node.get("enum", ())) == 1:
        node["const"] = node.pop("enum")[0]
    if "anyOf" in node:
        node["anyOf"] = _merge_numbers(node["anyOf"])
    return node


def _wrap_reference(node: Schema) -> Schema:
    """Move a reference out of the way of what stands beside it, which draft-07 ignores.

    Title and type are repeated: an editor that completes the key looks no further, and where both levels
    refuse a value it says so once only if they have one title.
    """
    reference = node["$ref"]
    outer = {key: value for key, value in node.items() if key != "$ref"}
    return {"title": _find_name(reference), **outer, "type": "object", "allOf": [{"$ref": reference}]}


def _find_name(reference: str) -> str:
    return reference.rpartition("/")[2]


def _merge_numbers(branches: list[Schema]) -> list[Schema]:
    if not any(branch.get("type") == "number" for branch in branches):
        return branches
    merged = [branch for branch in branches if branch.get("type") != "integer"]
    bounds = next(branch for branch in branches if branch.get("type") == "integer")
    return [{**bounds, "type": "number"} if branch.get("type") == "number" else branch for branch in merged]


def _close(component: Schema, struct: type[Model], reserved: Mapping[str, str]) -> Schema:
    closed = {
        **component,
        "properties": {**component["properties"], **dict.fromkeys(reserved, False)},
        "patternProperties": {f"^{EXTENSION_PREFIX}": {"description": "Yours: kept, and never read."}},
    }
    if reserved:
        closed["$comment"] = f"HG190: reserved: {', '.join(reserved)}"
    if not closed["required"]:
        del closed["required"]
    conditions = [_write_presence(rule) for rule in struct.presence]
    return {**closed, "allOf": conditions} if conditions else closed


def _write_presence(rule: Presence) -> Schema:
    match rule:
        case Block():
            return {
                "if": {"properties": {rule.field: {"const": rule.value}}, "required": [rule.field]},
                "then": {"properties": {rule.block: True}, "required": [rule.block]},
                "else": {"properties": {rule.block: False}},
            }
        case Alternative():
            refused = dict.fromkeys((rule.needed, *rule.others), False)
            return {
                "if": {"properties": {rule.instead: True}, "required": [rule.instead]},
                "then": {"properties": refused},
                "else": {"properties": {rule.needed: True}, "required": [rule.needed]},
            }


def list_reserved() -> Schema:
    """List what is reserved and what for, for people and other tools."""
    return {
        "format": 1,
        "code": "HG190",
        "keys": {struct: dict(keys) for struct, keys in RESERVED_KEYS.items()},
        "strategies": dict(RESERVED_STRATEGIES),
        "forms": dict(RESERVED_FORMS),
    }


def print_canonical(value: Schema) -> bytes:
    """Print JSON the one way it is published: two spaces, stable order, a final newline."""
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()


def generated_files() -> dict[str, bytes]:
    """Give every published file and its copies, by path from the root of Headgate's own repository.

    Only the newest minor version comes from the models. The ones before it are frozen: they are given as they
    lie in the package, and ``schema/v1/FROZEN`` holds their hashes.
    """
    findings = print_canonical(build_findings_schema())
    package = "packages/headgate-schema/src/headgate_schema"
    published = {
        **{f"{version}.json": read_version(version) for version in list_versions()},
        "manifest.schema.json": print_canonical(build_schema()),
        "reserved.json": print_canonical(list_reserved()),
    }
    places = ("schema/v1", f"{package}/v1", "docs/schema/v1")
    return {
        **{f"{place}/{name}": content for place in places for name, content in published.items()},
        "schema/findings/json-v1.schema.json": findings,
        "docs/schema/findings/json-v1.schema.json": findings,
        f"{package}/{PACKAGED['findings']}": findings,
    }


def read_schema(subject: Subject = "manifest") -> bytes:
    """Read the copy of a schema that the package carries: of the manifest, that of the newest minor."""
    return (Path(__file__).parent / PACKAGED[subject]).read_bytes()


def list_versions() -> tuple[str, ...]:
    """List the minor versions that are published, oldest first."""
    names = (path.stem for path in _FOLDER.glob("1.*.json"))
    return tuple(sorted(names, key=lambda name: int(name.partition(".")[2])))


def read_version(version: str) -> bytes:
    """Read the schema of a minor version that is published; it never changes."""
    return (_FOLDER / f"{version}.json").read_bytes()
