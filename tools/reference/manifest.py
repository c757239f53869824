"""The page of the manifest: every field of the published schema, with type, bounds, default and meaning."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from headgate_schema.json_schema import build_schema, list_reserved
from headgate_schema.model import duration, fields

from reference.markdown import cell, code, page, table

Schema = Mapping[str, Any]

ORDER = (
    "Environment",
    "Build",
    "Deploy",
    "Canary",
    "Step",
    "BlueGreen",
    "Verify",
    "VerifyPreview",
    "Approval",
    "Notify",
    "State",
    "RunnerGroup",
)
NAMED = {
    duration.PATTERN: "[duration](#durations)",
    fields.NAME: "name",
    fields.CALLBACK: "callback path",
    fields.BRANCH: "branch",
}
"""What a pattern is called on this page."""

INTRODUCTION = """\
`headgate.yaml` stands at the root of the repository, or at `.github/headgate.yaml`. It is YAML 1.2; unknown
keys are errors, except those that start with `x-`, which are yours in any object and never read. `${{` is an
error in every string. The same facts, for editors and other tools, are in the
[JSON Schema](../schema/v1/manifest.schema.json); a default never changes its meaning within version 1."""

DURATIONS = """\
Whole numbers with a unit, each unit once, the largest first: `10m`, `1h30m`, `90s`, `2d`. `0s` means none."""

NAMES = """\
A *name* has lower-case letters, digits and hyphens, starts with a letter, does not end in a hyphen, has at
most 40 characters, and is neither `all` nor `none`. A *callback path* is a file directly in
`.github/workflows/` that ends in `.yaml` or `.yml`."""


def render(_: Path) -> dict[str, str]:
    """Return the page."""
    schema = build_schema()
    parts = [section("Top level", schema)]
    parts += [section(name, schema["definitions"][name]) for name in ORDER]
    parts += [f"## Durations\n\n{DURATIONS}", f"## Names and paths\n\n{NAMES}", reserved()]
    return {"docs/reference/manifest.md": page("The manifest", INTRODUCTION, *parts)}


def section(title: str, schema: Schema) -> str:
    """Describe one object: its fields, the required ones first."""
    required = schema.get("required", ())
    properties = {name: each for name, each in schema["properties"].items() if each is not False}
    rows = [
        (code(name), kind(each), default(each, name in required), cell(each.get("description", "")))
        for name, each in sorted(properties.items(), key=lambda item: item[0] not in required)
    ]
    said = schema.get("description", "") if title != "Top level" else ""
    return "\n\n".join(
        filter(None, (f"## {title}", said, table(("field", "type", "default", "meaning"), rows)))
    )


def default(schema: Schema, required: bool) -> str:
    """Say what holds when the field is left out."""
    if required:
        return "required"
    return code(json.dumps(schema["default"])) if "default" in schema else ""


def kind(schema: Schema) -> str:
    """Name a field's type in a few words."""
    return " or ".join(dict.fromkeys(kinds(schema)))


def kinds(schema: Schema) -> Iterator[str]:
    """Name each form that a value may have."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        yield f"[{name}](#{name.lower()})"
    elif "const" in schema:
        yield code(str(schema["const"]))
    elif "enum" in schema:
        yield from (code(str(value)) for value in schema["enum"])
    elif branches := schema.get("anyOf") or schema.get("allOf"):
        for branch in branches:
            yield from kinds(branch)
    elif schema.get("type") == "array":
        yield f"list of {kind(schema['items'])}, {schema.get('minItems', 0)} to {schema['maxItems']}"
    elif schema.get("type") == "object":
        yield f"map to {kind(schema['additionalProperties'])}"
    else:
        yield NAMED.get(schema.get("pattern", ""), number(schema))


def number(schema: Schema) -> str:
    """Name a plain type, with its range when that is short enough to help."""
    if schema["type"] == "integer" and "minimum" in schema:
        return f"{schema['minimum']} to {schema['maximum']}"
    return str(schema["type"])


def reserved() -> str:
    """List the names that mean nothing yet and are refused."""
    listed = list_reserved()
    rows = [
        (where, code(name), cell(purpose))
        for where, keys in listed["keys"].items()
        for name, purpose in keys.items()
    ]
    rows += [("strategy", code(name), cell(purpose)) for name, purpose in listed["strategies"].items()]
    head = "## Reserved\n\nThese names are refused (HG190): they will get a meaning in a later minor version."
    return f"{head}\n\n{table(('in', 'name', 'for'), rows)}"
