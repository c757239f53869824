"""What is refused before any job starts: by the dispatch API, or as a startup failure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.snippets import call, callable_workflow, files, job, workflow
from tests.e2e.world import DispatchRefused, Repository

Create = Callable[..., Repository]
INPUTS = {"n": {"type": "string", "required": True}, "m": {"type": "string"}}
INNER = callable_workflow({"work": job("true")}, inputs=INPUTS, secrets={"key": {"required": True}})


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"secrets": {"key": "k"}}, "Input n is required, but not provided while calling."),
        ({"with_": {"n": "1"}}, "Secret key is required, but not provided while calling."),
        ({"with_": {"n": "1", "x": "2"}, "secrets": "inherit"}, "Invalid input, x is not defined in the"),
        ({"with_": {"n": "1"}, "secrets": {"key": "k", "z": "k"}}, "Invalid secret, z is not defined in the"),
    ],
)  # fmt: skip
def test_a_call_that_does_not_fit_is_a_startup_failure(
    create_repository: Create, keys: dict[str, Any], message: str
) -> None:
    repository = create_repository(files(main=workflow({"top": call("inner", **keys)}), inner=INNER))
    run = repository.finish("main.yaml")
    assert (run.conclusion, run.jobs) == ("startup_failure", ())
    assert message in run.latest.errors[0]


def test_a_call_that_fits_starts(create_repository: Create) -> None:
    top = call("inner", with_={"n": "1"}, secrets="inherit")
    repository = create_repository(files(main=workflow({"top": top}), inner=INNER))
    assert repository.finish("main.yaml").conclusion == "success"


@pytest.mark.parametrize(
    ("value", "kind", "fits"),
    [("text", "number", False), ("1", "boolean", False), (1, "number", True), (True, "string", True)],
)
def test_a_literal_of_the_wrong_type_is_a_startup_failure(
    create_repository: Create, value: object, kind: str, fits: bool
) -> None:
    inner = callable_workflow({"work": job("true")}, inputs={"n": {"type": kind}})
    repository = create_repository(
        files(main=workflow({"top": call("inner", with_={"n": value})}), inner=inner)
    )
    assert repository.finish("main.yaml").conclusion == ("success" if fits else "startup_failure")


def test_a_missing_called_workflow_is_a_startup_failure(create_repository: Create) -> None:
    repository = create_repository(files(main=workflow({"top": call("inner")})))
    run = repository.finish("main.yaml")
    assert run.conclusion == "startup_failure"
    assert "inner.yaml: workflow was not found" in run.latest.errors[0]


@pytest.mark.parametrize(
    ("asked", "granted", "starts"),
    [
        ({"contents": "write"}, {"contents": "read"}, False),
        ({"contents": "read"}, {"contents": "write"}, True),
        ({"id-token": "write"}, {}, False),
        ("write-all", {"contents": "write"}, False),
        (None, {}, True),
    ],
)
@pytest.mark.parametrize("place", ["workflow", "job"])
def test_a_called_workflow_may_not_ask_for_more_than_its_caller_grants(
    create_repository: Create, asked: Any, granted: Any, starts: bool, place: str
) -> None:
    keys = {} if asked is None else {"permissions": asked}
    top, inside = (keys, {}) if place == "workflow" else ({}, keys)
    inner = callable_workflow({"work": job("true", **inside)}, **top)
    middle = callable_workflow({"deeper": call("inner")})
    main = workflow({"top": call("middle", permissions=granted)}, permissions={})
    repository = create_repository(files(main=main, middle=middle, inner=inner))
    run = repository.finish("main.yaml")
    assert run.conclusion == ("success" if starts else "startup_failure")
    assert starts or "but is only allowed" in run.latest.errors[0]


def test_permissions_of_a_call_that_writes_none_are_those_of_its_workflow(create_repository: Create) -> None:
    inner = callable_workflow({"work": job("true", permissions={"actions": "write"})})
    repository = create_repository(files(main=workflow({"top": call("inner")}), inner=inner))
    assert repository.finish("main.yaml").conclusion == "startup_failure"


DISPATCH = {
    "workflow_dispatch": {
        "inputs": {
            "where": {"type": "choice", "options": ["dev", "prod"], "default": "dev"},
            "flag": {"type": "boolean", "default": True},
            "note": {"type": "string"},
            "count": {"type": "number"},
            "must": {"type": "string", "required": True},
        }
    }
}
SHOW = {
    "one": job(
        {
            "env": {"I": "${{ toJSON(inputs) }}", "E": "${{ toJSON(github.event.inputs) }}"},
            "run": 'echo "$I$E"',
        }
    )
}


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({}, "Required input 'must' not provided"),
        (
            {"must": "x", "where": "mars"},
            "Provided value 'mars' for input 'where' not in the list of allowed values",
        ),
        ({"must": "x", "flag": "maybe"}, "Provided value 'maybe' for input 'flag' is not a boolean"),
        ({"must": "x", "count": "many"}, "Provided value 'many' for input 'count' is not a number"),
        ({"must": "x", "other": "1"}, 'Unexpected inputs provided: ["other"]'),
    ],
)
def test_bad_inputs_of_a_dispatch_are_refused(
    create_repository: Create, inputs: dict[str, Any], message: str
) -> None:
    repository = create_repository(files(main=workflow(SHOW, on=DISPATCH)))
    with pytest.raises(DispatchRefused) as refused:
        repository.dispatch("main.yaml", inputs)
    assert str(refused.value) == message
    assert repository.runs() == []


def test_inputs_of_a_dispatch_are_typed_in_inputs_and_text_in_the_event(create_repository: Create) -> None:
    repository = create_repository(files(main=workflow(SHOW, on=DISPATCH)))
    run = repository.finish("main.yaml", {"must": "x", "flag": "false", "count": 3})
    assert run.inputs == {"where": "dev", "flag": False, "note": "", "count": 3, "must": "x"}
    assert '"flag": false' in run.job("one").log
    assert '"flag": "false"' in run.job("one").log


def test_a_dispatch_needs_the_file_on_the_default_branch_with_the_trigger(create_repository: Create) -> None:
    repository = create_repository(files(other=workflow(SHOW, on="push")))
    repository.commit(files(side=workflow(SHOW, on=DISPATCH)), branch="side")
    for name, message in [
        ("side.yaml", "Not Found"),
        ("other.yaml", "Workflow does not have 'workflow_dispatch' trigger"),
    ]:
        with pytest.raises(DispatchRefused, match=message):
            repository.dispatch(name)


def test_a_disabled_workflow_refuses_a_dispatch(create_repository: Create) -> None:
    repository = create_repository(files(main=workflow(SHOW)))
    repository.configure(disabledWorkflows=["main.yaml"])
    with pytest.raises(DispatchRefused, match="disabled"):
        repository.dispatch("main.yaml")


@pytest.mark.parametrize(
    "text", ["on: [", "on: push\njobs: {a: {runs-on: x, steps: [{run: 'echo ${{ nope.x }}'}]}}", "jobs: {}"]
)
def test_a_workflow_that_github_cannot_read_is_a_failed_run_at_push(
    create_repository: Create, text: str
) -> None:
    repository = create_repository({"README.md": ""})
    runs = repository.push(files(bad=text))
    repository.wait()
    assert [repository.run(run).conclusion for run in runs] == ["startup_failure"]


@pytest.mark.parametrize(
    ("key", "one"),
    [
        ("container", job("true", container="alpine")),
        ("matrix", job("true", strategy={"matrix": {"x": [1, 2]}})),
    ],
)
def test_what_is_not_emulated_is_refused_by_name(
    create_repository: Create, key: str, one: dict[str, Any]
) -> None:
    repository = create_repository(files(main=workflow({"one": one})))
    run = repository.finish("main.yaml")
    assert run.latest.errors == (f".github/workflows/main.yaml: job one: '{key}' is not emulated",)
