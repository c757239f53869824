"""The contract: who calls what, where each input comes from, what a calling job grants and passes."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

import pytest
from headgate_schema.callback import Callback, read_callback
from headgate_schema.contract import (
    BUILD_INPUTS,
    COLORS,
    DEPLOY_INPUTS,
    MUST_DECLARE,
    NOTIFY_INPUTS,
    SCOPES,
    TOLD_APART,
    Action,
    Call,
    Constant,
    FromBuild,
    FromContract,
    FromDefault,
    covers,
    grant_permissions,
    list_calls,
    list_deploy_calls,
    pass_inputs,
    pass_secrets,
    percent_of,
)
from headgate_schema.resolved import ResolvedManifest

Resolve = Callable[[str], ResolvedManifest]


def read(text: str) -> Callback:
    return read_callback(text.encode(), "x.yaml")


def declare(*inputs: str) -> Callback:
    return read("on: {workflow_call: {inputs: {" + ", ".join(inputs) + "}}}")


def find_call(manifest: ResolvedManifest, action: Action) -> Call:
    return next(call for call in list_calls(manifest) if call.action == action)


def test_every_callback_of_every_field_is_called(full: str, resolve_text: Resolve) -> None:
    resolved = resolve_text(full)
    called = {
        (call.action, call.callback.rpartition("/")[2], call.environments) for call in list_calls(resolved)
    }
    assert called == {
        ("build", "build-base.yaml", ()),
        ("build", "b.yaml", ()),
        ("deploy", "d.yaml", ("dev", "prod")),
        ("deploy_canary", "c.yaml", ("prod",)),
        ("verify", "v.yaml", ("prod",)),
        ("promote", "p.yaml", ("prod",)),
        ("rollback", "r.yaml", ("prod",)),
        ("deploy", "deploy-api.yaml", ("dev",)),
        ("deploy_preview", "preview.yaml", ("prod",)),
        ("verify_preview", "vp.yaml", ("prod",)),
        ("cutover", "cut.yaml", ("prod",)),
        ("verify_live", "vl.yaml", ("prod",)),
        ("switchback", "back.yaml", ("prod",)),
        ("retire", "retire.yaml", ("prod",)),
        ("discard", "retire.yaml", ("prod",)),
        ("deploy", "deploy-web.yaml", ("dev",)),
        ("notify", "tell.yaml", ()),
    }
    assert {action for action, _, _ in called} == set(get_args(Action))


def test_a_blue_green_that_applies_everywhere_never_calls_deploy(
    first_shape: str, resolve_text: Resolve
) -> None:
    api = resolve_text(first_shape).deploys[1]
    assert [call.action for call in list_deploy_calls(api)] == ["deploy_preview", "cutover", "switchback"]


def test_the_contract_inputs_are_those_of_v1() -> None:
    assert [(item.name, item.type) for item in DEPLOY_INPUTS] == [
        ("environment", "string"), ("sha", "string"), ("release", "string"), ("deploy", "string"),
        ("strategy", "string"), ("action", "string"), ("percent", "number"), ("step", "number"),
        ("color", "string"),
        ("rollout_id", "string"), ("previous_release", "string"), ("previous_sha", "string"),
        ("reason", "string"),
        ("context", "string"),
    ]  # fmt: skip
    assert [item.name for item in BUILD_INPUTS] == ["sha", "release", "context"]
    assert [item.name for item in NOTIFY_INPUTS] == ["environment", "deploy", "action", "reason", "context"]


def test_tables_speak_of_the_same_actions() -> None:
    assert {action for action in MUST_DECLARE if MUST_DECLARE[action] == "color"} <= set(COLORS)
    assert all(len(pair) == 2 for pair in TOLD_APART)


@pytest.mark.parametrize(
    ("action", "percent"),
    [
        ("deploy", 100),
        ("promote", 100),
        ("deploy_canary", 20),
        ("verify", 20),
        ("rollback", 0),
        ("cutover", 0),
    ],
)
def test_percent_follows_the_action(action: Action, percent: int) -> None:
    assert percent_of(action, 20) == percent


def test_an_input_comes_from_the_first_that_provides_it(full: str, resolve_text: Resolve) -> None:
    call = find_call(resolve_text(full), "deploy")
    callback = declare(
        "sha: {type: string}", "replicas: {type: number}", "region: {type: string}", "image: {type: string}",
        "size: {type: string, default: small}", "none: {type: string}",
    )  # fmt: skip
    outputs = {"app": ["image", "region", "sha"], "base": ["image"]}
    sources = {item.declared.name: item for item in pass_inputs(call, callback, outputs)}
    assert sources["sha"].source == FromContract("string")
    assert sources["region"].source == Constant("north", ("deploys", 0, "inputs", "region"))
    assert sources["image"].source == FromBuild("app")
    assert sources["size"].source == FromDefault("small") and not sources["size"].is_given
    assert sources["none"].list_missing(call.environments) == ("dev", "prod")
    replicas = sources["replicas"]
    assert replicas.source == Constant(3, ("deploys", 0, "inputs", "replicas"))
    assert replicas.by_environment == (
        ("prod", Constant(9, ("deploys", 0, "environment_inputs", "prod", "replicas"))),
    )


def test_builds_receive_from_the_builds_they_need(full: str, resolve_text: Resolve) -> None:
    calls = [call for call in list_calls(resolve_text(full)) if call.action == "build"]
    callback = declare("image: {type: string}", "environment: {type: string}")
    outputs = {"base": ["image"], "app": ["image"]}
    assert [item.source for item in pass_inputs(calls[0], callback, outputs)] == [FromDefault(None)] * 2
    assert [item.source for item in pass_inputs(calls[1], callback, outputs)] == [
        FromBuild("base"),
        FromDefault(None),
    ]


def test_secrets_go_only_to_callbacks_that_declare_them(full: str, resolve_text: Resolve) -> None:
    resolved = resolve_text(full)
    declaring = read("on: {workflow_call: {secrets: {TOKEN: {required: true}}}}")
    assert pass_secrets(resolved.deploys[0], declaring) == {"TOKEN": "APP_TOKEN"}
    assert pass_secrets(resolved.deploys[0], declare()) == {}
    assert pass_secrets(resolved.builds[1], declare()) == "inherit"


@pytest.mark.parametrize(
    ("callback", "granted"),
    [
        ("jobs: {a: {}}", {"contents": "read"}),
        ("permissions: {}\njobs: {a: {}}", {}),
        (
            "permissions: {contents: write, issues: read, packages: none}",
            {"contents": "write", "issues": "read"},
        ),
        ("jobs: {a: {permissions: {id-token: write}}, b: {}}", {"contents": "read", "id-token": "write"}),
        ("jobs: {a: {permissions: {issues: write}}, b: {permissions: {issues: read}}}", {"issues": "write"}),
        ("permissions: read-all", "read-all"),
        ("permissions: write-all", "write-all"),
        ("permissions: read-all\njobs: {a: {permissions: write-all}}", "write-all"),
    ],
)
def test_without_permissions_a_job_grants_what_the_callback_asks_for(
    callback: str, granted: object, first_shape: str, resolve_text: Resolve
) -> None:
    owner = resolve_text(first_shape).deploys[0]
    assert grant_permissions(owner, read(f"on: workflow_call\n{callback}\n")) == granted


def test_everything_to_read_and_one_to_write_is_written_out(first_shape: str, resolve_text: Resolve) -> None:
    owner = resolve_text(first_shape).deploys[0]
    granted = grant_permissions(
        owner, read("permissions: read-all\njobs: {a: {permissions: {issues: write}}}")
    )
    assert granted == {**{scope: "read" for scope in SCOPES if scope != "id-token"}, "issues": "write"}


def test_with_permissions_a_job_grants_just_those(full: str, resolve_text: Resolve) -> None:
    owner = resolve_text(full).deploys[0]
    callback = read("permissions: {issues: read, contents: read}")
    assert grant_permissions(owner, callback) == {"contents": "read", "id-token": "write"}
    assert [covers(owner.permissions or {}, ask) for ask in callback.asks] == [False, True]
