"""JSON in and out: strict about types, generous about keys it doesn't know."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from headgate_runtime.codec import Malformed, decode, encode
from headgate_runtime.plan import (
    Approval,
    Build,
    Deploy,
    Environment,
    Part,
    Plan,
    PlanError,
    Scalar,
)
from headgate_runtime.record import (
    BuiltRelease,
    Colors,
    EnvironmentState,
    Event,
    Queued,
    Record,
    Release,
    from_file,
    to_file,
)

from tests.runtime.rollouts import APPROVAL, NEW, NOW, OLD, STAGES, record, requests, rollout


@dataclass(frozen=True)
class Inner:
    number: int
    note: str = ""


@dataclass(frozen=True)
class Outer:
    name: str
    inner: Inner | None = None
    many: tuple[Inner, ...] = ()
    by_name: Mapping[str, Scalar] = field(default_factory=dict)
    flag: bool = False
    unknown: Mapping[str, Any] = field(default_factory=dict)


WHOLE = {
    "name": "x", "inner": {"number": 1, "note": "n"}, "many": [{"number": 2, "note": ""}],
    "by_name": {"a": True, "b": 1, "c": 1.5, "d": "text"}, "flag": True,
}  # fmt: skip


def test_a_value_survives_the_way_out_and_in() -> None:
    value = decode(Outer, WHOLE)
    assert value == Outer("x", Inner(1, "n"), (Inner(2),), {"a": True, "b": 1, "c": 1.5, "d": "text"}, True)
    assert encode(value) == WHOLE
    assert decode(Outer, json.loads(json.dumps(encode(value)))) == value


def test_unknown_keys_are_kept_and_written_back_last() -> None:
    value = decode(Outer, {"later": [1, {"x": None}], **WHOLE})
    assert value.unknown == {"later": [1, {"x": None}]}
    written = encode(replace(value, name="y"))
    assert list(written)[-1] == "later"
    assert written == {**WHOLE, "name": "y", "later": [1, {"x": None}]}


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"name": 1}, "name is int, not str"),
        ({"name": None}, "name is NoneType, not str"),
        ({"flag": 1}, "flag is int, not bool"),
        ({"inner": []}, "inner is list, not dict"),
        ({"inner": {"number": "1"}}, r"inner\.number is str, not int"),
        ({"inner": {"number": True}}, r"inner\.number is bool, not int"),
        ({"inner": {}}, r"inner\.number is missing"),
        ({"many": {}}, "many is dict, not list"),
        ({"many": [{"number": 1}, {"number": 1.0}]}, r"many\[1\]\.number is float, not int"),
        ({"by_name": {"a": []}}, r"by_name\.a is list"),
        ({"by_name": {"a": None}}, r"by_name\.a is NoneType"),
    ],
)
def test_a_wrong_type_is_refused_with_its_place(change: dict[str, Any], place: str) -> None:
    with pytest.raises(Malformed, match=place):
        decode(Outer, {**WHOLE, **change})


@pytest.mark.parametrize("value", [None, [], "x", 1])
def test_a_file_that_holds_no_object_is_refused(value: object) -> None:
    with pytest.raises(Malformed, match="the file is"):
        decode(Outer, value)


def test_what_is_missing_is_named_and_defaults_are_not() -> None:
    assert decode(Outer, {"name": "x"}) == Outer("x")
    with pytest.raises(Malformed, match="name is missing"):
        decode(Outer, {})


FULL = record(
    rollout(
        "canary", "held", approval=APPROVAL, holds=True, requests=requests("abort", "pause"), cause="timeout",
        held_from="baking", bake_until=NOW, url="https://example.invalid", unknown={"later": 1},
    ),
    previous=(OLD, Release("0-0000000", 0, "0" * 40)),
    colors=Colors("1-aaaaaaa", None),
    queued=Queued(NEW, "somebody", "promote", NOW, force=True),
    quarantine=("9-9999999",),
    last=(rollout("blue_green", "promoted", owner=None),),
    unknown={"more": {"x": [1]}},
)  # fmt: skip


def test_every_value_of_a_record_keeps_the_keys_of_a_newer_version() -> None:
    def with_later(value: Any) -> Any:
        if isinstance(value, dict):
            return {**{key: with_later(item) for key, item in value.items()}, "later": 1}
        return [with_later(item) for item in value] if isinstance(value, list) else value

    written = with_later(encode(FULL))
    assert encode(decode(Record, written)) == written


@pytest.mark.parametrize(
    "value",
    [
        FULL,
        Record("dev", "app"),
        EnvironmentState("dev", 3, frozen=True, unknown={"later": 1}),
        BuiltRelease("1-aaaaaaa", 1, "a" * 40, NOW, {"app": {"image": "näme ☃ ${{ x }}\n::error::"}}),
    ],
    ids=["full record", "empty record", "environment", "release"],
)
def test_a_state_file_survives_the_way_out_and_in(value: Any) -> None:
    content = to_file(value)
    assert from_file(type(value), content) == value
    assert to_file(from_file(type(value), content)) == content
    assert content.endswith(b"}\n")


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe", b"null", b"[1]", b"[" * 100_000, b'{"environment": "dev"}', b'{"seq": 9e999}'],
)
def test_a_state_file_that_is_damaged_is_refused_as_such(content: bytes) -> None:
    with pytest.raises(Malformed):
        from_file(Record, content)


def test_an_event_has_the_keys_of_the_format() -> None:
    event = Event(3, NOW, "bake_over", "prod", "app", "prod-app-1", "promote", "2-bbbbbbb", 1, "baking",
                  "promoting", "somebody", 7, 1, "bake over")  # fmt: skip
    assert event.to_json() == {
        "format": 1, "seq": 3, "at": NOW, "event": "bake_over", "environment": "prod", "deploy": "app",
        "rollout": "prod-app-1", "kind": "promote", "release": "2-bbbbbbb", "step": 1, "from": "baking",
        "to": "promoting", "actor": "somebody", "run": 7, "attempt": 1, "reason": "bake over",
    }  # fmt: skip
    assert event.subject == "prod/app: baking → promoting (bake over)"
    assert (
        replace(event, origin="baking", to="baking", event="check_passed").subject == "prod/app: check passed"
    )


PLAN = Plan(
    "0.1.0",
    "main",
    "headgate/state",
    (Environment("dev", True), Environment("test", False), Environment("prod", False, "https://x.invalid")),
    (Build("image", ("tag",)),),
    (
        Deploy("app", "headgate-deploy-app.yaml", ("api", "db"), ("image",), {
            "dev": Part(STAGES["canary"], {"deploy": "a.yaml"}, {"replicas": 2, "fast": True, "name": "x"}),
            "prod": Part(replace(STAGES["canary"], approval=APPROVAL), {"deploy": "a.yaml"}),
        }),
        Deploy("api", "headgate-deploy-api.yaml", (), (), {
            name: Part(STAGES["blue_green"], {}) for name in ("dev", "test", "prod")
        }),
        Deploy("db", "headgate-deploy-db.yaml", ("api",), (), {"dev": Part(STAGES["all_at_once"], {})}),
    ),
)  # fmt: skip


def test_a_plan_survives_the_way_out_and_in() -> None:
    written = json.loads(json.dumps(PLAN.to_json()))
    assert Plan.from_json(written) == PLAN
    assert written["format"] == 1
    assert written["deploys"][0]["parts"]["dev"]["digest"] == PLAN.deploys[0].parts["dev"].digest


@pytest.mark.parametrize("content", [None, [], {}, {"format": 2}, {"format": "1"}, {"format": 1}])
def test_a_plan_that_is_damaged_or_newer_says_what_to_run(content: object) -> None:
    with pytest.raises(PlanError, match="headgate generate"):
        Plan.from_json(content)


def test_a_part_has_another_digest_as_soon_as_anything_about_it_differs() -> None:
    part = PLAN.deploys[0].parts["dev"]
    others = [
        replace(part, stages=replace(part.stages, failure_limit=1)),
        replace(part, stages=replace(part.stages, approval=Approval("x", 1, "hold"))),
        replace(part, callbacks={"deploy": "b.yaml"}),
        replace(part, inputs={**part.inputs, "replicas": "2"}),
    ]
    assert len({part.digest, *(other.digest for other in others)}) == 5
    assert len(part.digest) == 16
    assert replace(part, inputs=dict(reversed(part.inputs.items()))).digest == part.digest


def test_a_plan_knows_order_needs_and_the_environment_before() -> None:
    app, api = PLAN.deploys[0], PLAN.deploys[1]
    assert [deploy.name for deploy in PLAN.deploys_in("dev")] == ["api", "db", "app"]
    assert [deploy.name for deploy in PLAN.deploys_in("prod")] == ["api", "app"]
    assert PLAN.needs_in("dev", app) == ("api", "db")
    assert PLAN.needs_in("prod", app) == ("api",)
    assert PLAN.environment_before("dev", app) is None
    assert PLAN.environment_before("prod", app) == "dev"
    assert PLAN.environment_before("prod", api) == "test"
    assert PLAN.environment_before("nowhere", api) is None
    assert PLAN.part("test", "app") is None and PLAN.part("dev", "none") is None
