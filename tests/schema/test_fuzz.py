"""Any bytes give findings, never a traceback; and two deciders agree on every mutant of a manifest."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from random import Random
from typing import Any

import jsonschema
import msgspec
import pytest
from headgate_schema.check import check
from headgate_schema.decode import decode, without_extensions
from headgate_schema.document import read_document
from headgate_schema.json_schema import build_schema
from headgate_schema.model import Manifest
from headgate_schema.report import FORMATS, render
from headgate_schema.resolve import resolve
from headgate_schema.validator import list_errors
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tools.fuzz import fuzz, guard
from tools.fuzzing.shrinking import find_failure, shrink
from tools.fuzzing.trial import Trial, make_trial, run

from .conftest import FIRST_SHAPE, FULL
from .generic_validator import list_generic_errors

SEEDS = [json.loads(json.dumps(read_document(text.encode(), "x").data)) for text in (FIRST_SHAPE, FULL)]
PUBLISHED = jsonschema.Draft7Validator(build_schema())
bounded = settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))


class AnyFile:
    """A repository in which every file has the same content."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def read(self, _path: str) -> bytes | None:
        return self.content


def say_everything(data: bytes, callback: bytes = b"") -> None:
    checked = check(data, "headgate.yaml", AnyFile(callback))
    for form in FORMATS:
        render(form, [checked], has_color=True).encode()
    for finding in checked.findings:
        span = checked.locate(finding.place)
        assert 1 <= span.line <= span.end_line and span.column >= 1 and span.end_column >= 1
        assert "\n" not in finding.message and "\n" not in finding.hint
    assert checked.manifest is not None or checked.has_errors


@bounded
@given(st.binary(max_size=300))
def test_any_bytes_give_findings(data: bytes) -> None:
    say_everything(data, data)


YAML_PIECES = st.sampled_from(
    ["version: 1\n", "environments: ", "deploys:\n", "  - ", "name: app\n", "- ", ": ", "{", "}", "[", "]",
     ",", "&a ",
     "*a", "!t ", "? ", "| \n", ">-\n", "'", '"', "#", "---\n", "...\n", "%YAML 1.2\n", "\t", " ", "\n",
     "\r", "\ufeff",
     "🚀", "\u2028", "\\x00", "<<: ", "canary:\n", "percent: 10\n", "x-y: ", "~", "1e999", ".nan",
     "${{ x }}", "10m"]
)  # fmt: skip


@bounded
@given(st.lists(YAML_PIECES, max_size=40).map("".join))
def test_any_pieces_of_yaml_give_findings(text: str) -> None:
    say_everything(text.encode(), text.encode())


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 120),
    st.sampled_from([0, 1, 2, 10**30, -(10**30), 2**53, 1.5, 1e300, 5e-324]),
    st.sampled_from(
        ["", "app", "dev", "prod", "canary", "blue_green", "rolling", "inherit", "10m", "0s", "PT1M",
         "5m1h", "99d",
         "main", "a" * 41, "a" * 5000, ".github/workflows/x.yaml", "o/r/.github/workflows/x.yaml@v1",
         "read", "write",
         "x\n", "https://x", "${{ a }}", "all", "10m\n", "é"]
    ),
    st.sampled_from([[], {}, ["dev"], ["dev", "dev"], [1], {"a": 1}, {"x-a": 1}, {"name": "app"},
    [{"percent": 5}] * 11]),
)  # fmt: skip
KEYS = st.sampled_from(
    ["x-mine", "version", "name", "nmae", "canary", "blue_green", "strategy", "percent", "steps",
     "bake_time", "rolling",
     "matrix", "approval", "callback", "environments", "timeout", "inputs", "", "a b", "verify", "notify",
     "windows"]
)  # fmt: skip


def list_holders(data: Any) -> list[Any]:
    holders = [data] if isinstance(data, dict | list) else []
    inner = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    return holders + [holder for item in inner for holder in list_holders(item)]


@st.composite
def mutants(draw: st.DrawFn) -> dict[str, Any]:
    data = deepcopy(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(0, 3))):
        holder = draw(st.sampled_from(list_holders(data)))
        value = deepcopy(draw(VALUES))
        match holder:
            case dict() if holder and draw(st.booleans()):
                key = draw(st.sampled_from(sorted(holder)))
                if draw(st.booleans()):
                    del holder[key]
                else:
                    holder[key] = value
            case dict():
                holder[draw(KEYS)] = value
            case list() if holder and draw(st.booleans()):
                holder[draw(st.integers(0, len(holder) - 1))] = value
            case _:
                holder.append(value)
    return dict(data)


def normalise(value: Any) -> Any:
    """Count integral floats as integers, as the reader does."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: normalise(item) for key, item in value.items()}
    return [normalise(item) for item in value] if isinstance(value, list) else value


def is_decodable(data: dict[str, Any]) -> bool:
    try:
        msgspec.convert(without_extensions(data), Manifest)
    except msgspec.ValidationError:
        return False
    return True


@settings(bounded, max_examples=1_000)
@given(mutants())
def test_decoder_and_schema_accept_the_same_documents(data: dict[str, Any]) -> None:
    data = normalise(data)
    assert is_decodable(data) == (not list_errors(data))


@settings(bounded, max_examples=1_000)
@given(mutants())
def test_a_generic_validator_lists_the_same_errors(data: dict[str, Any]) -> None:
    ours = [
        (each.keyword, each.path, repr(each.value), each.branch, each.is_name) for each in list_errors(data)
    ]
    assert sorted(ours, key=repr) == list_generic_errors(data)


@settings(bounded, max_examples=1_000)
@given(mutants())
def test_the_published_schema_alone_says_the_same(data: dict[str, Any]) -> None:
    data = json.loads(json.dumps(normalise(data)).replace("\\n", ""))  # its `$` is Python's here
    assert is_decodable(data) == PUBLISHED.is_valid(data)


@bounded
@given(mutants())
def test_every_misfit_is_explained_and_every_fit_resolves(data: dict[str, Any]) -> None:
    decoded = decode(normalise(data))
    assert all(misfit.keyword != "msgspec" for misfit in decoded.misfits)
    assert decoded.manifest is not None or decoded.misfits
    if decoded.manifest is not None:
        resolve(decoded.manifest)


CALLBACK = json.dumps(
    {
        "on": {"workflow_call": {"inputs": {"percent": {"type": "number", "required": True}}}},
        "jobs": {"a": {"steps": []}},
    }
).encode()


@bounded
@given(
    mutants(),
    st.sampled_from([CALLBACK, b"", b"on: push", b"on: [workflow_call]", b"jobs: 3\non: {workflow_call: 5}"]),
)
def test_a_mutant_of_a_manifest_gives_findings(data: dict[str, Any], callback: bytes) -> None:
    say_everything(json.dumps(normalise(data)).encode(), callback)


@bounded
@given(mutants())
def test_every_mutant_can_be_filled_so_that_the_other_rules_speak(data: dict[str, Any]) -> None:
    decoded = decode(data)
    assert decoded.manifest is not None
    resolve(decoded.manifest)


SEED = st.integers(0, 2**32)


@bounded
@given(SEED)
def test_a_mutant_of_a_file_of_this_repository_keeps_every_promise(seed: int) -> None:
    run(make_trial(Random(seed)))


def test_a_trial_is_the_same_for_the_same_seed_and_mutants_are_varied() -> None:
    trials = [make_trial(Random(f"1/{number}")) for number in range(200)]
    assert trials == [make_trial(Random(f"1/{number}")) for number in range(200)]
    codes = {
        finding.code for trial in trials for finding in check(trial.manifest, "headgate.yaml", trial).findings
    }
    assert {code[:3] for code in codes} >= {"HG0", "HG1", "HG2", "HG3", "HG4"} and len(codes) > 30


def test_a_failure_is_made_small_and_stays_the_same() -> None:
    def fail_on_api(trial: Trial) -> None:
        if b"name: api" in trial.manifest:
            raise ValueError("api")

    trial = Trial(FULL.encode(), b"on: push\n")
    assert find_failure(trial, fail_on_api).startswith("ValueError in ")
    assert shrink(trial, fail_on_api, seconds=60) == Trial(b"name: api", b"")


def test_a_trial_that_hangs_fails() -> None:
    def hang(_trial: Trial) -> None:
        while True:
            pass

    assert find_failure(Trial(b"", b""), guard(hang, 0.1)).startswith("Hung in ")


def test_fuzzing_ends_when_the_time_is_up_and_keeps_each_failure_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def divide(_trial: Trial) -> None:
        1 / 0  # noqa: B018

    tried, failures = fuzz(divide, 7, 0.5, tmp_path)
    assert tried > 1 and len(failures) == 1 and failures.pop().startswith("ZeroDivisionError in ")
    (kept,) = tmp_path.iterdir()
    assert (kept / "headgate.yaml").read_bytes() == b""
    assert "ZeroDivisionError" in (kept / "traceback.txt").read_text()
    assert f"kept in {kept}\n" in capsys.readouterr().out
