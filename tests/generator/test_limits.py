"""Each of our limits finds what it is for, and nothing in what is good."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from headgate import drift, limits
from headgate.files import Change, Survey
from headgate.limits import Emitted, check_limits
from headgate.rules import RULES
from headgate.workflows import build_workflows
from headgate.workflows.expressions import Expression
from headgate.workflows.model import (
    Action,
    CallJob,
    DispatchInput,
    Job,
    Permission,
    Script,
    Triggers,
    Workflow,
)
from headgate_schema.callback import read_callback
from headgate_schema.rules import RULES as SCHEMA_RULES

from tests.generator.case import Case, callback
from tests.generator.matrix import MATRIX, compile_case

CALLBACK = ".github/workflows/x.yaml"


def job(**changes: Any) -> Job:
    usual: dict[str, Any] = {
        "id": "one",
        "name": "One",
        "runs_on": "ubuntu-latest",
        "timeout_minutes": 5,
        "permissions": (),
        "steps": (Script(name="Run", run="true"),),
    }
    return Job(**usual | changes)


def call(**changes: Any) -> CallJob:
    usual: dict[str, Any] = {
        "id": "call",
        "name": "Call",
        "uses": f"./{CALLBACK}",
        "permissions": (Permission("contents", "read"),),
    }
    return CallJob(**usual | changes)


def found(*jobs: Job | CallJob, text: str = "", triggers: Triggers | None = None) -> list[str]:
    made = Workflow(file="x.yaml", name="X", about="", triggers=triggers or Triggers(dispatch=()), jobs=jobs)
    calls = [each.uses.removeprefix("./") for each in made.jobs if isinstance(each, CallJob)]
    callbacks = {path: read_callback(callback().encode(), path) for path in calls}
    return [finding.code for finding in check_limits(Emitted(made, text, callbacks))]


def test_good_jobs_are_fine() -> None:
    guarded = (Expression("!cancelled()"), Expression("needs.one.result == 'success'"))
    assert found(job(), call(needs=("one",), condition=guarded)) == []


def test_an_expression_of_21000_characters_is_too_long() -> None:
    def with_value(length: int) -> Job:
        value = "${{ github.sha }}" + "{" * length
        return job(steps=(Script(name="Run", run="true", env={"A": value}),))

    frame = len("format('{0}', github.sha)")
    assert found(with_value((20_999 - frame) // 2)) == []
    assert found(with_value((21_001 - frame) // 2)) == ["HG601"]


def test_text_without_expressions_may_be_long() -> None:
    assert found(job(steps=(Script(name="Run", run="x" * 30_000),))) == []


def test_more_than_25_inputs_are_too_many() -> None:
    fields = tuple(DispatchInput(name=f"i{number}", description="x") for number in range(26))
    assert found(job(), triggers=Triggers(dispatch=fields)) == ["HG602"]
    assert found(job(), triggers=Triggers(dispatch=fields[:25])) == []


def test_a_file_over_500_kilobytes_is_too_large() -> None:
    assert found(job(), text="é" * 256_001) == ["HG603"]
    assert found(job(), text="é" * 256_000) == []


def test_a_grant_that_is_too_small_is_found() -> None:
    assert found(call(permissions=())) == ["HG606"]
    assert found(call(permissions=(Permission("contents", "write"),))) == []
    assert found(call(permissions="write-all")) == []


def test_a_job_with_needs_must_say_when_it_runs() -> None:
    assert found(job(), job(id="two", needs=("one",))) == ["HG891"]
    assert found(job(), job(id="two", needs=("one",), condition=(Expression("a == 'b'"),))) == ["HG891"]


def test_no_expression_may_stand_in_a_script() -> None:
    assert found(job(steps=(Script(name="Run", run="echo ${{ github.actor }}"),))) == ["HG892"]
    assert (
        found(job(steps=(Action(name="Use", uses="a/b@c", version="v1", inputs={"x": "${{ github.sha }}"}),)))
        == []
    )


@pytest.mark.parametrize(
    "changes", [{"name": ""}, {"timeout_minutes": 0}, {"timeout_minutes": 361}, {"id": "x" * 100}]
)
def test_a_job_has_a_name_an_end_and_a_short_id(changes: dict[str, Any]) -> None:
    assert found(job(**changes)) == ["HG893"]


def test_the_largest_manifests_stay_within_the_limits() -> None:
    for name in ("canary_forty_checks", "canary_ten_steps", "longest_names", "most_builds"):
        assert [finding for finding in compile_case(name).findings if finding.severity == "error"] == []
    assert compile_case("most_builds").findings == ()


def test_constants_too_long_for_an_expression_are_found_with_their_place() -> None:
    long = "x" * 4_000
    inputs = "".join(f"      e{number}: {{a: {number}{long}}}\n" for number in range(6))
    names = ", ".join(f"e{number}" for number in range(6))
    manifest = f"\nenvironments: [{names}]\ndeploys:\n  - name: web\n    environment_inputs:\n{inputs}"
    findings = Case(manifest, {"deploy-web.yaml": callback({"a": "string"})}).compile().findings
    assert [finding.code for finding in findings] == ["HG601"]
    assert "jobs.deploy.with.a" in findings[0].message


def test_a_default_that_is_an_expression_is_not_copied() -> None:
    manifest = """
environments: [dev, prod]
deploys: [{name: web, environment_inputs: {prod: {tier: gold}}}]
"""
    made = callback({"tier": "string"}, defaults={"tier": "'${{ github.ref }}'"})
    compiled = Case(manifest, {"deploy-web.yaml": made}).compile()
    assert [finding.code for finding in compiled.findings] == ["HG809"]
    assert compiled.files == {}


def test_every_rule_has_its_own_code_and_an_explanation() -> None:
    rules = (*RULES, *SCHEMA_RULES)
    assert len({each.code for each in rules}) == len(rules)
    assert all(each.explanation.strip() and each.title for each in rules)


def test_drift_is_told_by_its_kind() -> None:
    pinned = b"uses: actions/checkout@aaa # v1\nrun: x\n"
    changes = (
        Change("stale", b"a", b"b"),
        Change("missing", None, b"b"),
        Change("left", b"a", None),
        Change("pin", pinned, pinned.replace(b"@aaa # v1", b"@bbb # v2")),
        Change("more", pinned, pinned.replace(b"@aaa # v1", b"@bbb # v2").replace(b"x", b"y")),
    )
    told = [(finding.place.file, finding.code) for finding in drift.list_drift(Survey(changes, (), ()))]
    assert told == [
        ("stale", "HG804"),
        ("more", "HG804"),
        ("missing", "HG805"),
        ("left", "HG806"),
        ("pin", "HG807"),
    ]


@pytest.mark.parametrize(
    ("written_by", "codes"),
    [
        ("", []),
        ("0.0.9", []),
        ("0.1.0", []),
        ("0.1.0rc1", []),
        ("0.1.1", ["HG802"]),
        ("1.0", ["HG802"]),
        ("x", []),
    ],
)
def test_files_of_a_newer_headgate_are_not_taken_back(written_by: str, codes: list[str]) -> None:
    assert [finding.code for finding in drift.find_newer.apply(written_by)] == codes


def test_a_broken_generator_would_be_noticed() -> None:
    """The rules that guard against ourselves see the generated workflows, not copies of them."""
    checked, compiled = MATRIX["readme"].check(), compile_case("readme")
    assert checked.resolved is not None
    for workflow in build_workflows(checked.resolved, compiled.plan, checked.callbacks):
        broken = msgspec.structs.replace(workflow, jobs=tuple(without_guard(each) for each in workflow.jobs))
        codes = {finding.code for finding in check_limits(Emitted(broken, "", checked.callbacks))}
        assert ("HG891" in codes) == any(each.needs for each in workflow.jobs)


def without_guard(each: Job | CallJob) -> Job | CallJob:
    kept = tuple(part for part in each.condition if part not in limits.STATUS_FUNCTIONS)
    return msgspec.structs.replace(each, condition=kept)
