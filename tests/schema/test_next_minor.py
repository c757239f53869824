"""The promise, worked through: a 1.1 that is only here opens one reserved name, and no document notices."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import jsonschema
import msgspec
import pytest
from headgate.plan.build import build_plan
from headgate_runtime.plan import Plan
from headgate_schema import model
from headgate_schema.callback import Callback, read_callback
from headgate_schema.check import Checked, check
from headgate_schema.compat import compare
from headgate_schema.decode import without_extensions
from headgate_schema.json_schema import STRUCTS, build_schema, print_canonical, read_version
from headgate_schema.model.reserved import RESERVED_KEYS
from headgate_schema.repository import Directory
from headgate_schema.resolve import resolve
from msgspec import Meta

TESTS = Path(__file__).parents[1]
CORPUS = TESTS.parent / "schema/v1/corpus/valid"
MANIFESTS = sorted(
    [*CORPUS.glob("*.yaml"), *TESTS.glob("cases/*/headgate.yaml"), *TESTS.glob("rules/*/ok-*.yaml")]
)
OPENED = "retries"


class Deploy(model.Deploy, frozen=True, kw_only=True):
    """A deploy of version 1.1."""

    retries: Annotated[int, Meta(ge=0, le=3, description="How often a failed callback is called again.")] = 0


class Manifest(model.Manifest, frozen=True, kw_only=True):
    """A manifest of version 1.1."""

    deploys: Annotated[
        tuple[Deploy, ...], Meta(min_length=1, max_length=50, description="What is brought live.")
    ]


def keep_free(reserved: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """The reserved names but the one that is opened."""
    return {
        struct: {key: what for key, what in keys.items() if (struct, key) != ("Deploy", OPENED)}
        for struct, keys in reserved.items()
    }


FROZEN: dict[str, Any] = json.loads(read_version("1.0"))
NEXT: dict[str, Any] = json.loads(
    print_canonical(
        build_schema({**STRUCTS, "Deploy": Deploy, "Manifest": Manifest}, keep_free(RESERVED_KEYS))
    )
)
ANY_CALLBACK = read_callback(b"on: workflow_call", "any.yaml")


def read(path: Path) -> Checked:
    return check(path.read_bytes(), "headgate.yaml", Directory(path.parent))


def valid_manifests() -> list[Path]:
    """Those whose shape is right; others are there to show that only another rule speaks."""
    frozen = jsonschema.Draft7Validator(FROZEN)
    return [path for path in MANIFESTS if frozen.is_valid(read(path).document.data)]


def plan(manifest: model.Manifest, callbacks: Mapping[str, Callback]) -> Plan:
    known = defaultdict(lambda: ANY_CALLBACK, callbacks)
    return build_plan(resolve(manifest), known, "test")


def test_opening_a_reserved_name_is_proved_compatible() -> None:
    comparison = compare(FROZEN, NEXT)
    assert comparison.verdict == "compatible", comparison.reasons
    back = compare(NEXT, FROZEN)
    assert [(reason.verdict, reason.field) for reason in back.reasons] == [("breaking", "deploys[].retries")]


def test_there_are_documents_to_keep_a_promise_to() -> None:
    assert len(valid_manifests()) >= 30


@pytest.mark.parametrize("path", valid_manifests(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_document_stays_valid_and_compiles_to_the_same_plan(path: Path) -> None:
    checked = read(path)
    data = without_extensions(checked.document.data)
    assert jsonschema.Draft7Validator(NEXT).is_valid(checked.document.data)
    before = plan(msgspec.convert(data, model.Manifest), checked.callbacks)
    after = plan(msgspec.convert(data, Manifest), checked.callbacks)
    assert before == after


def test_a_document_that_uses_the_opened_name_is_new() -> None:
    data = {"version": 1, "environments": ["dev"], "deploys": [{"name": "app", OPENED: 2}]}
    assert not jsonschema.Draft7Validator(FROZEN).is_valid(data)
    assert jsonschema.Draft7Validator(NEXT).is_valid(data)
    assert msgspec.convert(data, Manifest).deploys[0].retries == 2
