"""The catalogue of edits: no verdict is wrong, and documents say the same as the verdict."""

from __future__ import annotations

import json
from copy import deepcopy
from functools import cache
from random import Random
from typing import Any

import jsonschema
import pytest
from headgate_schema.compat import Comparison, compare
from headgate_schema.document import read_document
from msgspec import UNSET

from tests.schema.conftest import FIRST_SHAPE, FULL

from .catalogue import EDITS, PAIRS, PUBLISHED, Edit
from .test_any_schemas import UNIVERSE

BOTH_WAYS = [
    pytest.param(*case, id=f"{edit.title}{suffix}")
    for edit in [*EDITS, *PAIRS]
    for case, suffix in (
        ((edit.old, edit.new, edit.verdict, edit.field), ""),
        ((edit.new, edit.old, edit.back, edit.field), ", back"),
    )
]
LEAST = "{version: 1, environments: [dev], deploys: [{name: app, callback: .github/workflows/x.yaml}]}"
VALUES: list[Any] = [0, 1, 99, 1.5, True, "", "a", "10m", "canary", "blue_green", "inherit", "none",
    ".github/workflows/x.yaml", "https://x", [], ["a"], {}, {"a": "b"}, {"x-a": 1}]  # fmt: skip
KEYS = ["x-mine", "strategy", "canary", "steps", "percent", "bake_time", "url", "inputs", "callback"]


def test_the_catalogue_is_long_and_says_each_thing_once() -> None:
    titles = [edit.title for edit in (*EDITS, *PAIRS)]
    assert len(EDITS) >= 40 and len(set(titles)) == len(titles)


@pytest.mark.parametrize(("old", "new", "verdict", "field"), BOTH_WAYS)
def test_the_verdict_is_right(old: Any, new: Any, verdict: str, field: str) -> None:
    comparison = compare(old, new)
    assert comparison.verdict == verdict, comparison.reasons
    if verdict == "breaking":
        assert field in {reason.field for reason in comparison.reasons if reason.verdict == "breaking"}
        check_witnesses(old, new, comparison)
    if verdict == "compatible":
        refused = [value for value in documents_for(old) if not is_valid(new, value)]
        assert refused == []


def check_witnesses(old: Any, new: Any, comparison: Comparison) -> None:
    shown = [reason.witness for reason in comparison.reasons if reason.witness is not UNSET]
    assert shown or all("default" in reason.message for reason in comparison.reasons)
    for witness in shown:
        assert is_valid(old, witness) and not is_valid(new, witness)


def is_valid(schema: Any, value: Any) -> bool:
    # Python's `$` also accepts a line break at the end; the contract's does not.
    return bool(jsonschema.Draft7Validator(schema).is_valid(value))


def documents_for(old: Any) -> list[Any]:
    """Documents that are valid under a schema: mutants of manifests, or small values."""
    candidates = mutants() if isinstance(old, dict) and "Deploy" in old.get("definitions", ()) else UNIVERSE
    valid = [value for value in candidates if is_valid(old, value)]
    assert len(valid) > 10 or candidates is UNIVERSE
    return valid


@cache
def mutants() -> list[Any]:
    """Manifests with a few changes each, most of them still valid: the same ones every time."""
    random = Random(5)
    seeds = [
        json.loads(json.dumps(read_document(text.encode(), "x").data)) for text in (FIRST_SHAPE, FULL, LEAST)
    ]
    made = [*seeds]
    while len(made) < 80:
        mutant = deepcopy(random.choice(seeds))
        for _ in range(random.randint(1, 2)):
            holder = random.choice(list_holders(mutant))
            if isinstance(holder, list):
                holder[random.randrange(len(holder) + 1) :] = [random.choice(VALUES)]
            elif holder and random.random() < 0.3:
                del holder[random.choice(sorted(holder))]
            else:
                holder[random.choice(KEYS)] = deepcopy(random.choice(VALUES))
        if is_valid(PUBLISHED, mutant):
            made.append(mutant)
    return made


def list_holders(data: Any) -> list[Any]:
    inner = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    holders = [data] if isinstance(data, dict | list) else []
    return holders + [holder for item in inner for holder in list_holders(item)]


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.title)
def test_an_edit_changes_something(edit: Edit) -> None:
    assert json.dumps(edit.old) != json.dumps(edit.new)
