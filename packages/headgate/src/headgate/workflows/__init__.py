"""Plan → the workflows that GitHub runs: typed values first, one writer last."""

from __future__ import annotations

from collections.abc import Mapping

from headgate_runtime.plan import Plan
from headgate_schema.callback import Callback
from headgate_schema.resolved import ResolvedManifest

from headgate.workflows.check import build_check
from headgate.workflows.control import build_control
from headgate.workflows.cron import build_cron, can_wait
from headgate.workflows.deploy import build_deploy
from headgate.workflows.model import Workflow
from headgate.workflows.notify import build_notify
from headgate.workflows.promote import build_promote
from headgate.workflows.release import build_release
from headgate.workflows.rollback import build_rollback


def build_workflows(
    manifest: ResolvedManifest, plan: Plan, callbacks: Mapping[str, Callback]
) -> tuple[Workflow, ...]:
    """Give every workflow of a repository; pure, and the same for the same input."""
    runner = manifest.runner
    outputs = {build.name: build.outputs for build in plan.builds}
    deploys = [
        build_deploy(
            deploy,
            source,
            callbacks,
            outputs,
            runner=runner,
            state_branch=plan.state_branch,
            notifies=plan.notify is not None,
        )
        for deploy, source in zip(plan.deploys, manifest.deploys, strict=True)
    ]
    return (
        build_release(manifest, plan, callbacks),
        build_promote(plan, runner),
        *deploys,
        build_rollback(plan, runner),
        build_control(runner),
        *build_notify(manifest, callbacks),
        *((build_cron(plan, runner),) if can_wait(plan) else ()),
        build_check(plan.generator, runner),
    )
