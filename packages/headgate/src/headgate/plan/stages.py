"""How a rollout advances: the strategy block of the manifest → the runtime's stages. Pure."""

from __future__ import annotations

from headgate_runtime.plan import ALL_AT_ONCE, Approval, Bake, Stages, Step
from headgate_schema import resolved


def build_stages(deploy: resolved.ResolvedDeploy, environment: str) -> Stages:
    """Give the stages of a deploy's rollouts in one environment."""
    strategy = deploy.strategy_in(environment)
    if strategy == "canary" and deploy.canary is not None:
        return _canary(deploy.canary)
    if strategy == "blue_green" and deploy.blue_green is not None:
        return _blue_green(deploy.blue_green)
    return Stages(ALL_AT_ONCE)


def _canary(canary: resolved.ResolvedCanary) -> Stages:
    return Stages(
        strategy="canary",
        steps=tuple(Step(step.percent, _bake(step.bake)) for step in canary.steps),
        failure_limit=canary.verify.failure_limit if canary.verify else 0,
        approval=_approval(canary.approval),
        holds=canary.on_failure == "hold",
        parks=canary.bake_mode == "park",
        timeout_seconds=canary.timeout_seconds,
    )


def _blue_green(blue_green: resolved.ResolvedBlueGreen) -> Stages:
    return Stages(
        strategy="blue_green",
        bake=_bake(blue_green.bake),
        failure_limit=blue_green.verify_live.failure_limit if blue_green.verify_live else 0,
        verifies_preview=blue_green.verify_preview_callback is not None,
        retires=blue_green.retire_callback is not None,
        approval=_approval(blue_green.approval),
        holds=blue_green.on_failure == "hold",
        parks=blue_green.bake_mode == "park",
        timeout_seconds=blue_green.timeout_seconds,
    )


def _bake(bake: resolved.Bake) -> Bake:
    return Bake(bake.seconds, bake.checks)


def _approval(approval: resolved.ResolvedApproval | None) -> Approval | None:
    if approval is None:
        return None
    return Approval(approval.github_environment, approval.timeout_seconds, approval.on_timeout)
