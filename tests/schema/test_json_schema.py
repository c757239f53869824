"""The published schema: valid, portable, complete, and the same everywhere it lies."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from headgate_schema.json_schema import build_schema, generated_files, read_schema
from headgate_schema.model.reserved import RESERVED_KEYS
from headgate_schema.reference import find_fields, list_fields
from headgate_schema.validator import ASSERTIONS
from headgate_schema.validator import KEYWORDS as UNDERSTOOD

ROOT = Path(__file__).parents[2]
KEYWORDS = {
    "$schema", "$id", "$ref", "$comment", "title", "description", "default", "type", "enum", "const",
    "properties",
    "patternProperties", "additionalProperties", "propertyNames", "required", "items", "anyOf", "allOf",
    "if", "then",
    "else", "minimum", "maximum", "minLength", "maxLength", "pattern", "minItems", "maxItems",
    "maxProperties",
    "definitions", "examples",
}  # fmt: skip


def walk(schema: Any) -> Iterator[dict[str, Any]]:
    """Give every subschema."""
    if isinstance(schema, dict):
        yield schema
        for key, value in schema.items():
            if key in ("properties", "patternProperties", "definitions"):
                for item in value.values():
                    yield from walk(item)
            elif key in ("items", "additionalProperties", "propertyNames", "if", "then", "else"):
                yield from walk(value)
            elif key in ("anyOf", "allOf"):
                for item in value:
                    yield from walk(item)


SCHEMA = build_schema()


@pytest.mark.parametrize("dialect", [jsonschema.Draft7Validator, jsonschema.Draft202012Validator])
def test_the_schema_is_valid_in_both_dialects(dialect: Any) -> None:
    dialect.check_schema({key: value for key, value in SCHEMA.items() if key != "$schema"})


def test_only_the_portable_subset_is_used() -> None:
    assert {key for schema in walk(SCHEMA) for key in schema} <= KEYWORDS


def test_our_validator_understands_every_keyword_that_is_used() -> None:
    assert {key for schema in walk(SCHEMA) for key in schema} <= UNDERSTOOD


WANTED: list[tuple[str, Any]] = [
    *(("type", name) for name in ("string", "integer", "number", "boolean", "array", "object")),
    ("const", 1), ("const", "1"), ("enum", ["a", 1]), ("pattern", "^a$"),
    *((keyword, 2) for keyword in ("minLength", "maxLength", "minimum", "maximum")),
    *((keyword, 2) for keyword in ("minItems", "maxItems", "maxProperties")),
]  # fmt: skip
VALUES: list[Any] = [
    None, True, False, 0, 1, 1.0, 1.5, 2, 2.5, 3, "", "a", "aa", "aaa", "1", "🚀🚀",
    [], [1], [1, 2], [1, 2, 3], {}, {"a": 1}, {"a": 1, "b": 2}, {"a": 1, "b": 2, "c": 3},
]  # fmt: skip


@pytest.mark.parametrize(("keyword", "wanted"), WANTED)
def test_each_keyword_decides_as_in_jsonschema(keyword: str, wanted: Any) -> None:
    assert set(ASSERTIONS) == {keyword for keyword, _ in WANTED}
    generic = jsonschema.Draft7Validator({keyword: wanted})
    decided = {repr(value): ASSERTIONS[keyword](value, wanted) for value in VALUES}
    assert decided == {repr(value): generic.is_valid(value) for value in VALUES}


def test_patterns_mean_the_same_everywhere() -> None:
    patterns = [schema["pattern"] for schema in walk(SCHEMA) if "pattern" in schema]
    assert len(patterns) > 20
    for pattern in patterns:
        assert pattern.startswith("^") and pattern.endswith("$")
        assert not any(
            token in pattern for token in ("(?=", "(?!", "(?<", r"\d", r"\w", r"\s", r"\Z", r"\A", r"\b")
        )


def test_nothing_stands_beside_a_reference() -> None:
    assert all(len(schema) == 1 for schema in walk(SCHEMA) if "$ref" in schema)


def test_every_object_is_closed_or_a_bounded_map() -> None:
    for schema in walk(SCHEMA):
        if schema.get("type") == "object" and "allOf" not in schema:
            is_closed = schema["additionalProperties"] is False and "^x-" in schema["patternProperties"]
            assert is_closed or {"propertyNames", "maxProperties"} <= set(schema)


def test_a_field_that_holds_a_struct_has_its_title_and_describes_it_alone() -> None:
    """Editors show the innermost description, and say a wrong type once only for one title."""
    held = [field for schema in walk(SCHEMA) for field in schema.get("properties", {}).values()]
    held = [field for field in held if field and field is not True and "$ref" in str(field.get("allOf"))]
    assert len(held) >= 9
    for field in held:
        struct = SCHEMA["definitions"][field["allOf"][0]["$ref"].rpartition("/")[2]]
        assert (field["title"], field["type"]) == (struct["title"], struct["type"]) and field["description"]
        assert "description" not in struct


def test_every_text_and_list_has_a_greatest_length() -> None:
    for schema in walk(SCHEMA):
        assert schema.get("type") != "string" or "maxLength" in schema
        assert schema.get("type") != "array" or "maxItems" in schema


def test_every_field_is_described_in_a_sentence() -> None:
    for field in list_fields():
        assert field.description.endswith("."), field.path


def test_reserved_names_are_never_valid_and_say_what_for() -> None:
    published = json.loads(generated_files()["schema/v1/reserved.json"])
    assert published["keys"] == {struct: dict(keys) for struct, keys in RESERVED_KEYS.items()}
    for struct, keys in RESERVED_KEYS.items():
        schema = SCHEMA if struct == "Manifest" else SCHEMA["definitions"][struct]
        assert all(schema["properties"][key] is False for key in keys)
        assert schema["$comment"].startswith("HG190")


@pytest.mark.parametrize("path", generated_files())
def test_published_files_are_fresh(path: str) -> None:
    assert (ROOT / path).read_bytes() == generated_files()[path]


def test_published_files_have_one_form() -> None:
    for content in generated_files().values():
        assert content.endswith(b"}\n") and b"\r" not in content and b"\t" not in content
        assert json.dumps(json.loads(content), indent=2, ensure_ascii=False).encode() + b"\n" == content
    assert json.loads(read_schema())["$id"] == "urn:headgate:schema:manifest:v1"


def test_fields_are_found_by_the_end_of_their_path() -> None:
    assert [field.path for field in find_fields("canary.bake_time")] == ["deploys[].canary.bake_time"]
    assert [field.path for field in find_fields("deploys.canary.steps.percent")] == [
        "deploys[].canary.steps[].percent"
    ]
    percent = find_fields("canary.percent")[0]
    assert (percent.type, percent.bounds, percent.default, percent.is_required) == (
        "whole number",
        "1 to 99",
        None,
        False,
    )
    assert find_fields("deploys[].rolling")[0].reserved
    assert not find_fields("nothing")
