"""Manifest → the same with every default explicit.

Pure and total: any structurally valid manifest resolves, also one whose names lead nowhere (the rules say
so).
"""

from __future__ import annotations

from typing import TypeVar

from msgspec import UnsetType

from headgate_schema.convention import name_build_callback, name_deploy_callback
from headgate_schema.model import (
    Approval,
    BlueGreen,
    Build,
    Canary,
    Deploy,
    Environment,
    Manifest,
    Notify,
    Verify,
    duration,
)
from headgate_schema.model.duration import parse_duration
from headgate_schema.model.environment import Promotion
from headgate_schema.model.manifest import RunnerGroup
from headgate_schema.model.strategy import Strategy
from headgate_schema.resolved import (
    Bake,
    ResolvedApproval,
    ResolvedBlueGreen,
    ResolvedBuild,
    ResolvedCanary,
    ResolvedDeploy,
    ResolvedEnvironment,
    ResolvedManifest,
    ResolvedNotify,
    ResolvedRunner,
    ResolvedStep,
    ResolvedVerify,
)
from headgate_schema.span import Path


def resolve(manifest: Manifest) -> ResolvedManifest:
    """Make every default explicit."""
    environments = tuple(
        _resolve_environment(index, item) for index, item in enumerate(manifest.environments)
    )
    chain = tuple(environment.name for environment in environments)
    builds = tuple(_resolve_build(index, build) for index, build in enumerate(manifest.builds))
    build_names = tuple(build.name for build in builds)
    return ResolvedManifest(
        trunk=manifest.trunk,
        environments=environments,
        builds=builds,
        deploys=tuple(
            _resolve_deploy(index, item, chain, build_names) for index, item in enumerate(manifest.deploys)
        ),
        runner=_resolve_runner(manifest.runner),
        state_branch=manifest.state.branch,
        notify=None if isinstance(manifest.notify, UnsetType) else _resolve_notify(manifest.notify),
    )


_T = TypeVar("_T")
_D = TypeVar("_D")


def _or(value: _T | UnsetType, default: _D) -> _T | _D:
    return default if isinstance(value, UnsetType) else value


def _resolve_environment(index: int, item: str | Environment) -> ResolvedEnvironment:
    default: Promotion = "auto" if index == 0 else "manual"
    if isinstance(item, str):
        return ResolvedEnvironment(("environments", index), item, default, None)
    return ResolvedEnvironment(
        ("environments", index), item.name, _or(item.promotion, default), _or(item.url, None)
    )


def _resolve_runner(runner: str | tuple[str, ...] | RunnerGroup) -> ResolvedRunner:
    if isinstance(runner, RunnerGroup):
        return ResolvedRunner(
            () if isinstance(runner.labels, UnsetType) else _list(runner.labels), runner.group
        )
    return ResolvedRunner(_list(runner))


def _list(labels: str | tuple[str, ...]) -> tuple[str, ...]:
    return (labels,) if isinstance(labels, str) else labels


def _resolve_build(index: int, build: Build) -> ResolvedBuild:
    return ResolvedBuild(
        path=("builds", index),
        name=build.name,
        callback=_or(build.callback, name_build_callback(build.name)),
        needs=build.needs,
        inputs=build.inputs,
        secrets=_or(build.secrets, {}),
        permissions=_or(build.permissions, None),
    )


def _resolve_notify(notify: Notify) -> ResolvedNotify:
    return ResolvedNotify(
        path=("notify",),
        callback=notify.callback,
        inputs=notify.inputs,
        secrets=_or(notify.secrets, {}),
        permissions=_or(notify.permissions, None),
    )


def _resolve_deploy(
    index: int, deploy: Deploy, chain: tuple[str, ...], builds: tuple[str, ...]
) -> ResolvedDeploy:
    path: Path = ("deploys", index)
    callback = _or(deploy.callback, name_deploy_callback(deploy.name))
    environments = _sort(_or(deploy.environments, chain), chain)
    same_name = (deploy.name,) if deploy.name in builds else builds
    return ResolvedDeploy(
        path=path,
        name=deploy.name,
        callback=callback,
        needs=deploy.needs,
        builds=_or(deploy.builds, same_name),
        environments=environments,
        inputs=deploy.inputs,
        environment_inputs=deploy.environment_inputs,
        secrets=_or(deploy.secrets, {}),
        permissions=_or(deploy.permissions, None),
        strategy=deploy.strategy,
        canary=_resolve_canary((*path, "canary"), deploy.canary, callback, environments),
        blue_green=_resolve_blue_green((*path, "blue_green"), deploy.blue_green, callback, environments),
    )


def _sort(names: tuple[str, ...], chain: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in chain if name in names)


def _resolve_canary(
    path: Path, canary: Canary | UnsetType, callback: str, environments: tuple[str, ...]
) -> ResolvedCanary | None:
    if isinstance(canary, UnsetType):
        return None
    verify = _or(canary.verify, None)
    steps = _resolve_steps(canary, verify)
    return ResolvedCanary(
        path=path,
        environments=_sort(_or(canary.environments, environments), environments),
        approval=_resolve_approval(canary.approval),
        on_failure=canary.on_failure,
        bake_mode=canary.bake_mode,
        timeout_seconds=_resolve_timeout(canary, sum(step.bake.seconds for step in steps)),
        callback=_or(canary.callback, callback),
        steps=steps,
        verify=_resolve_verify(verify),
        promote_callback=canary.promote_callback,
        rollback_callback=canary.rollback_callback,
    )


def _resolve_steps(canary: Canary, verify: Verify | None) -> tuple[ResolvedStep, ...]:
    if not isinstance(canary.steps, UnsetType):
        return tuple(_resolve_step(step.percent, step.bake_time, verify) for step in canary.steps)
    percent, bake_time = _or(canary.percent, 0), _or(canary.bake_time, duration.CANARY_BAKE_TIME)
    return (_resolve_step(percent, bake_time, verify),)


def _resolve_step(percent: int, bake_time: str, verify: Verify | None) -> ResolvedStep:
    return ResolvedStep(percent, _resolve_bake(bake_time, verify))


def _resolve_blue_green(
    path: Path, blue_green: BlueGreen | UnsetType, callback: str, environments: tuple[str, ...]
) -> ResolvedBlueGreen | None:
    if isinstance(blue_green, UnsetType):
        return None
    verify_live = _or(blue_green.verify_live, None)
    preview = _or(blue_green.verify_preview, None)
    bake = _resolve_bake(blue_green.bake_time, verify_live)
    return ResolvedBlueGreen(
        path=path,
        environments=_sort(_or(blue_green.environments, environments), environments),
        approval=_resolve_approval(blue_green.approval),
        on_failure=blue_green.on_failure,
        bake_mode=blue_green.bake_mode,
        timeout_seconds=_resolve_timeout(blue_green, bake.seconds),
        callback=_or(blue_green.callback, callback),
        verify_preview_callback=preview.callback if preview else None,
        cutover_callback=blue_green.cutover_callback,
        switchback_callback=_or(blue_green.switchback_callback, blue_green.cutover_callback),
        verify_live=_resolve_verify(verify_live),
        bake=bake,
        retire_callback=_or(blue_green.retire_callback, None),
    )


def _resolve_approval(approval: Approval | UnsetType) -> ResolvedApproval | None:
    if isinstance(approval, UnsetType):
        return None
    return ResolvedApproval(
        github_environment=_or(approval.github_environment, None),
        timeout_seconds=parse_duration(approval.timeout),
        on_timeout=approval.on_timeout,
    )


def _resolve_verify(verify: Verify | None) -> ResolvedVerify | None:
    if verify is None:
        return None
    interval = None if isinstance(verify.interval, UnsetType) else parse_duration(verify.interval)
    return ResolvedVerify(verify.callback, verify.failure_limit, interval)


def _resolve_timeout(strategy: Strategy, bake_sum: int) -> int:
    if isinstance(strategy.timeout, UnsetType):
        return parse_duration(duration.TIMEOUT_BESIDE_BAKES) + bake_sum
    return parse_duration(strategy.timeout)


def _resolve_bake(bake_time: str, verify: Verify | None) -> Bake:
    seconds = parse_duration(bake_time)
    if verify is None:
        return Bake(seconds)
    count = 1
    if not isinstance(verify.interval, UnsetType):
        interval = max(parse_duration(verify.interval), duration.INTERVAL.least)
        count = max(1, seconds // interval)
    return Bake(seconds, tuple(seconds * check // count for check in range(1, count + 1)))
