"""A deploy's rollouts in one line each: what happens in which environment, and what follows a failure."""

from __future__ import annotations

from collections.abc import Iterator

from headgate_schema.model.duration import show_duration
from headgate_schema.resolved import (
    Bake,
    ResolvedApproval,
    ResolvedBlueGreen,
    ResolvedCanary,
    ResolvedDeploy,
)


def list_stages(deploy: ResolvedDeploy) -> tuple[tuple[tuple[str, ...], str], ...]:
    """Give the stages of each group of environments that have the same, in the chain's order."""
    groups: dict[str, list[str]] = {}
    for environment in deploy.environments:
        groups.setdefault(_show_stages(deploy, environment), []).append(environment)
    return tuple((tuple(environments), stages) for stages, environments in groups.items())


def _show_stages(deploy: ResolvedDeploy, environment: str) -> str:
    strategy = deploy.strategy_in(environment)
    if strategy == "canary" and deploy.canary is not None:
        return " → ".join(_list_canary(deploy.canary))
    if strategy == "blue_green" and deploy.blue_green is not None:
        return " → ".join(_list_blue_green(deploy.blue_green))
    return "all at once"


def _list_canary(canary: ResolvedCanary) -> Iterator[str]:
    for index, step in enumerate(canary.steps):
        yield f"{'canary ' if index == 0 else ''}{step.percent} %"
        yield from _list_bake(step.bake, canary.bake_mode == "park")
    yield from _list_approval(canary.approval)
    yield f"promote, or {'hold' if canary.on_failure == 'hold' else 'rollback'}"


def _list_blue_green(blue_green: ResolvedBlueGreen) -> Iterator[str]:
    yield "preview"
    if blue_green.verify_preview_callback is not None:
        yield "verify"
    yield from _list_approval(blue_green.approval)
    yield "cutover"
    yield from _list_bake(blue_green.bake, blue_green.bake_mode == "park")
    retire = "retire the old colour" if blue_green.retire_callback is not None else "keep the old colour warm"
    yield f"{retire}, or {'hold' if blue_green.on_failure == 'hold' else 'switch back'}"


def _list_bake(bake: Bake, is_parked: bool) -> Iterator[str]:
    if bake.seconds:
        yield f"bake {show_duration(bake.seconds)}{' (parked)' if is_parked else ''}"
    if bake.checks:
        yield "verify" if len(bake.checks) == 1 else f"verify, {len(bake.checks)} times"


def _list_approval(approval: ResolvedApproval | None) -> Iterator[str]:
    if approval is not None:
        yield f"approval (at most {show_duration(approval.timeout_seconds)})"
