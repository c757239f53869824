"""The callback contract, frozen with v1: who calls which callback, and what each call provides.

The rules check a callback file against these facts and the generated workflows are written from them. No new
contract input within v1: new data goes into ``context``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Literal

import msgspec

from headgate_schema.callback import Ask, Callback, DeclaredInput, InputType
from headgate_schema.resolved import (
    InputValue,
    Permissions,
    ResolvedBlueGreen,
    ResolvedBuild,
    ResolvedCanary,
    ResolvedDeploy,
    ResolvedManifest,
    ResolvedNotify,
)
from headgate_schema.span import Path

Action = Literal[
    "build",
    "deploy",
    "deploy_canary",
    "verify",
    "promote",
    "rollback",
    "deploy_preview",
    "verify_preview",
    "cutover",
    "verify_live",
    "switchback",
    "retire",
    "discard",
    "notify",
]
"""What a callback is called for. Every word but ``build`` is a value of the contract input ``action``."""


class ContractInput(msgspec.Struct, frozen=True):
    """An input that Headgate provides; a callback may declare it with this type or as ``string``."""

    name: str
    type: InputType
    description: str


DEPLOY_INPUTS = (
    ContractInput("environment", "string", "The environment of the rollout."),
    ContractInput("sha", "string", "The commit of the rollout's release, 40 hexadecimal digits."),
    ContractInput("release", "string", "The id of the rollout's release."),
    ContractInput("deploy", "string", "The deploy's name."),
    ContractInput("strategy", "string", "The strategy in force in this environment."),
    ContractInput("action", "string", "What the callback is called for."),
    ContractInput(
        "percent",
        "number",
        "The share of the traffic: 100 to deploy and promote, the step's for a canary, else 0.",
    ),
    ContractInput("step", "number", "The canary's step, from 1; else 0."),
    ContractInput("color", "string", "The colour acted on, `blue` or `green`; else empty."),
    ContractInput("rollout_id", "string", "The rollout's id."),
    ContractInput(
        "previous_release", "string", "The release that a rollback returns to; empty if there is none."
    ),
    ContractInput("previous_sha", "string", "The commit of that release; empty if there is none."),
    ContractInput("reason", "string", "Why, in one line; empty if there is nothing to say."),
    ContractInput("context", "string", "JSON: all of this and more, with its format number."),
)

_BY_NAME = {item.name: item for item in DEPLOY_INPUTS}
BUILD_INPUTS = tuple(_BY_NAME[name] for name in ("sha", "release", "context"))
NOTIFY_INPUTS = tuple(_BY_NAME[name] for name in ("environment", "deploy", "action", "reason", "context"))
CONTRACT_NAMES = frozenset(_BY_NAME)

READ_OUTPUTS = ("result", "reason", "url")
"""Outputs of a deploy's callback that Headgate reads, if it declares them."""

MUST_DECLARE: Mapping[Action, str] = {
    "deploy_canary": "percent",
    "deploy_preview": "color",
    "cutover": "color",
    "switchback": "color",
    "retire": "color",
    "discard": "color",
}
"""Actions that mean nothing without this input; ``context``, which contains it, will do as well."""

TOLD_APART: Mapping[frozenset[Action], str] = {
    frozenset[Action]({"deploy", "deploy_canary"}): "percent",
    frozenset[Action]({"promote", "rollback"}): "percent",
    frozenset[Action]({"cutover", "switchback"}): "color",
    frozenset[Action]({"retire", "discard"}): "color",
}
"""Two actions that one callback may serve without ``action`` if it declares this input."""

COLORS: Mapping[Action, Literal["new", "old"]] = {
    "deploy_preview": "new",
    "verify_preview": "new",
    "cutover": "new",
    "verify_live": "new",
    "discard": "new",
    "switchback": "old",
    "retire": "old",
}
"""Which release's colour ``color`` names; empty for every other action."""

CHECKS_OUT_RELEASE: frozenset[Action] = frozenset({"deploy", "deploy_canary", "deploy_preview"})
"""Actions whose callback must not check out the commit it was called at, which is the trunk's tip."""

RECOVERIES: frozenset[Action] = frozenset({"rollback", "cutover", "switchback"})
"""Actions that must not wait for a person."""

WAYS_BACK: frozenset[Action] = frozenset({"rollback", "switchback"})
"""Actions that give users the release before, after something went wrong."""

FREE_TEXT = frozenset({"reason", "context"})
"""Inputs of the contract with words that people wrote; all others have a form that Headgate guards."""


def percent_of(action: Action, step_percent: int = 0) -> int:
    """Give the contract input ``percent``; ``step_percent`` is that of the canary's step."""
    match action:
        case "deploy" | "promote":
            return 100
        case "deploy_canary" | "verify":
            return step_percent
        case _:
            return 0


Owner = ResolvedBuild | ResolvedDeploy | ResolvedNotify


class Call(msgspec.Struct, frozen=True):
    """A callback that will be called: for whom, what for, and where (nowhere for builds and notify)."""

    owner: Owner
    action: Action
    callback: str
    path: Path
    environments: tuple[str, ...] = ()


def list_calls(manifest: ResolvedManifest) -> tuple[Call, ...]:
    """List every callback that the compiled workflows call, once per owner and action."""
    return tuple(_list_calls(manifest))


def _list_calls(manifest: ResolvedManifest) -> Iterator[Call]:
    for build in manifest.builds:
        yield Call(build, "build", build.callback, (*build.path, "callback"))
    for deploy in manifest.deploys:
        yield from list_deploy_calls(deploy)
    if manifest.notify is not None:
        yield Call(manifest.notify, "notify", manifest.notify.callback, (*manifest.notify.path, "callback"))


def list_deploy_calls(deploy: ResolvedDeploy) -> Iterator[Call]:
    """List what one deploy calls, in the order of its rollout."""
    direct = _list_direct_environments(deploy)
    if direct:
        yield Call(deploy, "deploy", deploy.callback, (*deploy.path, "callback"), direct)
    if deploy.canary is not None:
        yield from _list_canary_calls(deploy, deploy.canary)
    if deploy.blue_green is not None:
        yield from _list_blue_green_calls(deploy, deploy.blue_green)


def _list_direct_environments(deploy: ResolvedDeploy) -> tuple[str, ...]:
    """A canary is also brought live directly; a blue-green does that through its own callbacks."""
    if deploy.blue_green is None:
        return deploy.environments
    return tuple(name for name in deploy.environments if name not in deploy.blue_green.environments)


def _list_canary_calls(deploy: ResolvedDeploy, canary: ResolvedCanary) -> Iterator[Call]:
    where = canary.environments
    path = (*canary.path, "callback")
    yield Call(deploy, "deploy_canary", canary.callback, path, where)
    if canary.verify is not None:
        yield Call(deploy, "verify", canary.verify.callback, (*canary.path, "verify", "callback"), where)
    yield Call(deploy, "promote", canary.promote_callback, (*canary.path, "promote_callback"), where)
    yield Call(deploy, "rollback", canary.rollback_callback, (*canary.path, "rollback_callback"), where)


def _list_blue_green_calls(deploy: ResolvedDeploy, blue_green: ResolvedBlueGreen) -> Iterator[Call]:
    where, path = blue_green.environments, blue_green.path
    yield Call(deploy, "deploy_preview", blue_green.callback, (*path, "callback"), where)
    if blue_green.verify_preview_callback is not None:
        preview = (*path, "verify_preview", "callback")
        yield Call(deploy, "verify_preview", blue_green.verify_preview_callback, preview, where)
    yield Call(deploy, "cutover", blue_green.cutover_callback, (*path, "cutover_callback"), where)
    if blue_green.verify_live is not None:
        yield Call(
            deploy, "verify_live", blue_green.verify_live.callback, (*path, "verify_live", "callback"), where
        )
    yield Call(deploy, "switchback", blue_green.switchback_callback, (*path, "switchback_callback"), where)
    if blue_green.retire_callback is not None:
        yield Call(deploy, "retire", blue_green.retire_callback, (*path, "retire_callback"), where)
        yield Call(deploy, "discard", blue_green.retire_callback, (*path, "retire_callback"), where)


# -- inputs


class FromContract(msgspec.Struct, frozen=True):
    """Provided by Headgate, as ``type``."""

    type: InputType


class Constant(msgspec.Struct, frozen=True):
    """Written in the manifest at ``path``."""

    value: InputValue
    path: Path


class FromBuild(msgspec.Struct, frozen=True):
    """An output of a build: text, whatever it says."""

    build: str


class FromDefault(msgspec.Struct, frozen=True):
    """The callback's own default; ``None`` is GitHub's empty value of the input's type."""

    value: InputValue | None


class FromUnknown(msgspec.Struct, frozen=True):
    """An output of a build whose callback can't be looked into, if that has one of this name."""


Source = FromContract | Constant | FromBuild | FromDefault | FromUnknown


class PassedInput(msgspec.Struct, frozen=True):
    """Where a declared input comes from: ``by_environment`` where it names one, else ``source``."""

    declared: DeclaredInput
    source: Source
    by_environment: tuple[tuple[str, Constant], ...] = ()

    @property
    def is_given(self) -> bool:
        """Tell whether anything but the callback's own default provides it somewhere: then it is passed."""
        return bool(self.by_environment) or not isinstance(self.source, FromDefault)

    def list_missing(self, environments: tuple[str, ...]) -> tuple[str, ...]:
        """List the environments in which nothing provides it; ``("",)`` for a call that has none."""
        if not isinstance(self.source, FromDefault):
            return ()
        given = {name for name, _ in self.by_environment}
        return tuple(name for name in environments or ("",) if name not in given)


def pass_inputs(
    call: Call, callback: Callback, outputs: Mapping[str, Collection[str]]
) -> tuple[PassedInput, ...]:
    """Tell for each input that the callback declares where its value comes from.

    ``outputs`` maps each build whose callback can be looked into to the outputs that declares. Precedence:
    contract, ``environment_inputs``, ``inputs``, build outputs, the callback's default.
    """
    return tuple(pass_input(call, declared, outputs) for declared in callback.inputs.values())


def pass_input(call: Call, declared: DeclaredInput, outputs: Mapping[str, Collection[str]]) -> PassedInput:
    """Tell the same for one input."""
    contract = next((item for item in contract_inputs(call.action) if item.name == declared.name), None)
    if contract is not None:
        return PassedInput(declared, FromContract(contract.type))
    return PassedInput(
        declared, _find_source(call.owner, declared, outputs), tuple(_find_constants(call, declared.name))
    )


def contract_inputs(action: Action) -> tuple[ContractInput, ...]:
    """List what Headgate provides to a callback that serves an action."""
    match action:
        case "build":
            return BUILD_INPUTS
        case "notify":
            return NOTIFY_INPUTS
        case _:
            return DEPLOY_INPUTS


def _find_constants(call: Call, name: str) -> Iterator[tuple[str, Constant]]:
    if not isinstance(call.owner, ResolvedDeploy):
        return
    for environment in call.environments:
        inputs = call.owner.environment_inputs.get(environment, {})
        if name in inputs:
            path = (*call.owner.path, "environment_inputs", environment, name)
            yield environment, Constant(inputs[name], path)


def _find_source(owner: Owner, declared: DeclaredInput, outputs: Mapping[str, Collection[str]]) -> Source:
    name = declared.name
    if name in owner.inputs:
        return Constant(owner.inputs[name], (*owner.path, "inputs", name))
    builds = list_sources(owner)
    build = next((build for build in builds if name in outputs.get(build, ())), None)
    if build is not None:
        return FromBuild(build)
    return FromDefault(declared.default) if all(build in outputs for build in builds) else FromUnknown()


def list_sources(owner: Owner) -> tuple[str, ...]:
    """List the builds whose outputs reach an owner's callbacks."""
    match owner:
        case ResolvedBuild():
            return owner.needs
        case ResolvedDeploy():
            return owner.builds
        case ResolvedNotify():
            return ()


# -- secrets and permissions


def pass_secrets(owner: Owner, callback: Callback) -> Literal["inherit"] | Mapping[str, str]:
    """Give what the calling job passes: everything, or those entries that the callback declares."""
    if owner.secrets == "inherit":
        return "inherit"
    return {theirs: ours for theirs, ours in owner.secrets.items() if theirs in callback.secrets}


SCOPES = (
    "actions",
    "artifact-metadata",
    "attestations",
    "checks",
    "contents",
    "deployments",
    "discussions",
    "id-token",
    "issues",
    "models",
    "packages",
    "pages",
    "pull-requests",
    "repository-projects",
    "security-events",
    "statuses",
)
"""The scopes of ``GITHUB_TOKEN`` that GitHub documents for a workflow's ``permissions``."""

_LEVELS = {"none": 0, "read": 1, "write": 2}


def grant_permissions(owner: Owner, callback: Callback) -> Permissions | Literal["read-all", "write-all"]:
    """Give what the calling job grants: what the manifest says, else what the callback file asks for.

    Jobs that declare nothing get ``contents: read``, enough to check out.
    """
    if owner.permissions is not None:
        return owner.permissions
    asked: dict[str, str] = {"contents": "read"} if callback.has_jobs_without_permissions else {}
    for ask in callback.asks:
        if _LEVELS[ask.level] > _LEVELS[asked.get(ask.scope, "none")]:
            asked[ask.scope] = ask.level
    every = asked.pop("*", None)
    if every == "write" or (every == "read" and "write" not in asked.values()):
        return "write-all" if every == "write" else "read-all"
    if every == "read":
        asked = {scope: asked.get(scope, "read") for scope in SCOPES if scope != "id-token" or scope in asked}
    return dict(sorted(asked.items()))


def covers(granted: Permissions, ask: Ask) -> bool:
    """Tell whether a grant is enough for what a callback asks for."""
    if ask.scope == "*":
        return all(
            covers(granted, Ask(ask.path, scope, ask.level)) for scope in SCOPES if scope != "id-token"
        )
    return _LEVELS[granted.get(ask.scope, "none")] >= _LEVELS[ask.level]
