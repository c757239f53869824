"""Small random schemas, decided twice: by the proof, and by trying values one by one with jsonschema."""

from __future__ import annotations

import json
from copy import deepcopy
from itertools import product
from typing import Any

import jsonschema
import pytest
from headgate_schema.compat import compare
from headgate_schema.compat.acceptance import accepts
from headgate_schema.compat.language import CannotTell
from headgate_schema.compat.subset import open_schema
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from msgspec import UNSET

PLAIN: list[Any] = [None, True, False, 0, 1, 2, 3, 0.5, 2.5, -1, "", "a", "b", "ab", "aa", "x-a", "x"]
LISTS: list[Any] = [[], [1], ["a"], [1, "a"], [[]], [0.5, 1, 2], [{}], [{"a": 1}]]
INNER: list[Any] = [None, 1, 3, "a", "ab", [], ["a"], {}, {"a": 1}]
MAPPINGS: list[Any] = [
    {key: item for key, item in zip(("a", "b", "x-a"), items, strict=True) if item != "absent"}
    for items in product([*INNER, "absent"], ["absent", 1, "a", False], ["absent", 2, "b"])
] + [{"zz": 1}, {"": None}, {"a": {"a": {"a": "b"}}}, {"b": [1, 2]}]
UNIVERSE = [*PLAIN, *LISTS, *MAPPINGS]

patterns = st.sampled_from(
    ["^a", "^[ab]*$", "^x-", "^a|b$", "^a{1,2}$", "^(?:a|b)?$", "b", "^[^a]*$", "^x?$"]
)
names = st.sampled_from(["a", "b", "x-a"])
values = st.sampled_from([None, True, False, 0, 1, 2, 0.5, 1.0, "a", "b", "ab", [], ["a"], {}, {"a": 1}])
counts = st.integers(0, 3)
LEAVES: dict[str, st.SearchStrategy[Any]] = {
    "type": st.sampled_from(
        ["string", "integer", "number", "object", "array", "boolean", "null", ["string", "integer"]]
    ),
    "enum": st.lists(values, min_size=1, max_size=4),
    "const": values,
    "minimum": st.sampled_from([-1, 0, 0.5, 1, 2]),
    "maximum": st.sampled_from([0, 1, 1.5, 2, 3]),
    **dict.fromkeys(
        ["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"], counts
    ),
    "pattern": patterns,
    "required": st.lists(names, max_size=2, unique=True),
}


def grow(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    keywords = {
        **LEAVES,
        "properties": st.dictionaries(names, inner, max_size=2),
        "patternProperties": st.dictionaries(patterns, inner, max_size=1),
        "additionalProperties": inner,
        "propertyNames": inner,
        "items": inner,
        "anyOf": st.lists(inner, min_size=1, max_size=2),
        "allOf": st.lists(inner, min_size=1, max_size=2),
        "if": inner,
        "then": inner,
        "else": inner,
    }
    entries = st.sampled_from(sorted(keywords)).flatmap(lambda key: st.tuples(st.just(key), keywords[key]))
    return st.lists(entries, min_size=1, max_size=4).map(dict)


leaves = st.booleans() | st.sampled_from(sorted(LEAVES)).flatmap(
    lambda key: st.fixed_dictionaries({key: LEAVES[key]})
)
schemas = st.recursive(leaves, grow, max_leaves=8)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Any, Any]:
    """Two schemas: unrelated, or one made of the other by a few edits."""
    old = draw(schemas)
    if draw(st.integers(0, 3)) == 0:
        return old, draw(schemas)
    new = deepcopy(old)
    for _ in range(draw(st.integers(0, 2))):
        places = list_places(new)
        if places:
            holder, key = draw(st.sampled_from(places))
            holder[key] = draw(schemas)
        if isinstance(new, dict):
            new.update(draw(grow(leaves)))
    return (old, new) if draw(st.booleans()) else (new, old)


def list_places(schema: Any) -> list[tuple[Any, Any]]:
    """Where a schema holds schemas."""
    if not isinstance(schema, dict):
        return []
    places = [
        (schema, key) for key in ("items", "additionalProperties", "propertyNames", "if", "then", "else")
    ]
    places += [
        (schema[key], each) for key in ("properties", "patternProperties") for each in schema.get(key, ())
    ]
    places += [(schema[key], at) for key in ("anyOf", "allOf") for at in range(len(schema.get(key, ())))]
    places = [(holder, key) for holder, key in places if holder is not schema or key in schema]
    return places + [deeper for holder, key in places for deeper in list_places(holder[key])]


def is_valid(schema: Any, value: Any) -> bool:
    return bool(jsonschema.Draft7Validator(schema).is_valid(value))


@settings(max_examples=1_500, deadline=None, suppress_health_check=list(HealthCheck))
@given(pairs())
def test_no_value_says_otherwise(pair: tuple[Any, Any]) -> None:
    old, new = pair
    comparison = compare(old, new)
    event(comparison.verdict)
    if comparison.verdict == "compatible":
        older, newer = jsonschema.Draft7Validator(old), jsonschema.Draft7Validator(new)
        assert [each for each in UNIVERSE if older.is_valid(each) and not newer.is_valid(each)] == []
    for reason in comparison.reasons:
        assert "\n" not in reason.message
        if reason.witness is not UNSET:
            assert is_valid(old, reason.witness) and not is_valid(new, reason.witness), reason


@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(schemas)
def test_what_is_accepted_is_what_jsonschema_accepts(schema: Any) -> None:
    root, validator = open_schema(schema, "old"), jsonschema.Draft7Validator(schema)
    assert [each for each in UNIVERSE if accepts(root, each) != validator.is_valid(each)] == []


@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(schemas)
def test_every_schema_is_compatible_with_itself_or_nobody_can_tell(schema: Any) -> None:
    assert compare(schema, deepcopy(schema)).verdict != "breaking"


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "$ref", "allOf", "properties", "definitions", "if", "x"]), inner
        )
    ),
)


@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(JSON, JSON)
def test_any_json_gives_a_verdict(old: Any, new: Any) -> None:
    json.dumps([reason.message for reason in compare(old, new).reasons])


def test_values_within_values_without_number_give_a_verdict() -> None:
    deep: list[Any] = []
    for _ in range(20_000):
        deep = [deep]
    assert compare({"const": deep}, {"enum": [deep]}).verdict == "undecided"


def test_too_long_a_word_is_not_decided() -> None:
    with pytest.raises(CannotTell):
        accepts(open_schema({"pattern": "^(a|b"}, "old"), "a")
