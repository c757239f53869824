"""What a callback file declares, in every form that GitHub allows."""

from __future__ import annotations

from textwrap import dedent

import pytest
from headgate_schema.callback import Ask, Callback, Checkout, NamedEnvironment, read_callback

FILE = ".github/workflows/x.yaml"


def read(text: str) -> Callback:
    return read_callback(dedent(text).encode(), FILE)


@pytest.mark.parametrize(
    ("on", "is_callable"),
    [
        ("workflow_call", True),
        ("[push, workflow_call]", True),
        ("{workflow_call: }", True),
        ("{workflow_call: {inputs: {}}}", True),
        ("push", False),
        ("[push]", False),
        ("{push: }", False),
        ("", False),
        ("5", False),
    ],
)
def test_a_file_is_callable_if_it_has_workflow_call(on: str, is_callable: bool) -> None:
    assert read(f"on: {on}\njobs: {{}}\n").is_callable is is_callable


def test_inputs_outputs_and_secrets_are_read_with_their_places() -> None:
    callback = read(
        """\
        on:
          workflow_call:
            inputs:
              percent: {type: number, required: true}
              region: {type: string, default: north}
              bare:
              odd: {type: text, required: "true"}
            outputs:
              result: {value: x}
            secrets:
              TOKEN: {required: true}
              OTHER:
        """
    )
    inputs = callback.inputs
    assert [(item.type, item.is_required, item.default) for item in inputs.values()] == [
        ("number", True, None), ("string", False, "north"), (None, False, None), (None, False, None),
    ]  # fmt: skip
    assert callback.document.locate(inputs["region"].path, "key").line == 5
    assert callback.document.locate(callback.outputs["result"].path, "key").line == 9
    assert {name: secret.is_required for name, secret in callback.secrets.items()} == {
        "TOKEN": True,
        "OTHER": False,
    }
    assert callback.declares("nothing", "percent") and not callback.declares("context")


def test_permissions_of_the_workflow_and_of_each_job_are_asked_for() -> None:
    callback = read(
        """\
        on: workflow_call
        permissions: read-all
        jobs:
          a: {permissions: {id-token: write, contents: none}}
          b: {uses: ./x.yaml, permissions: write-all}
          c: {}
        """
    )
    assert [(ask.scope, ask.level) for ask in callback.asks] == [
        ("*", "read"),
        ("id-token", "write"),
        ("*", "write"),
    ]
    assert callback.asks[1] == Ask(("jobs", "a", "permissions", "id-token"), "id-token", "write")
    assert not callback.has_jobs_without_permissions


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("jobs: {a: {}}", True),
        ("jobs: {a: {permissions: {}}}", False),
        ("jobs: {a: {permissions: {}}, b: {}}", True),
        ("permissions: {}\njobs: {a: {}}", False),
    ],
)
def test_jobs_that_declare_no_permissions_are_known(text: str, expected: bool) -> None:
    assert read(text).has_jobs_without_permissions is expected


def test_environments_and_checkouts_of_jobs_are_read() -> None:
    callback = read(
        """\
        on: workflow_call
        jobs:
          a:
            environment: prod
            steps:
              - uses: actions/checkout@v4
              - run: x
              - uses: Actions/Checkout@v4
                with: {ref: 1, repository: o/r}
          b: {environment: {name: "${{ inputs.environment }}", url: x}}
          c: {environment: 5}
          d: {steps: nothing}
          e: nothing
        """
    )
    assert callback.environments == (
        NamedEnvironment(("jobs", "a", "environment"), "a", "prod"),
        NamedEnvironment(("jobs", "b", "environment", "name"), "b", "${{ inputs.environment }}"),
    )
    assert callback.checkouts == (
        Checkout(("jobs", "a", "steps", 0, "uses"), "", ""),
        Checkout(("jobs", "a", "steps", 2, "uses"), "o/r", "1"),
    )
    assert [uses for _, uses in callback.uses] == ["actions/checkout@v4", "Actions/Checkout@v4"]


@pytest.mark.parametrize(
    "text", ["", "[]", "on: [", "on: {workflow_call: [1]}", "jobs: 3", "on: {workflow_call: {inputs: 3}}"]
)
def test_any_text_gives_a_callback_with_nothing_in_it(text: str) -> None:
    callback = read(text)
    assert (callback.inputs, callback.asks, callback.file) == ({}, (), FILE)
