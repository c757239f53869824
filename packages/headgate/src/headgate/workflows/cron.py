"""headgate-cron.yaml: hourly, look for what is due anywhere. A backstop: GitHub's cron may be hours late."""

from __future__ import annotations

import hashlib

from headgate_runtime.plan import ALL_AT_ONCE, Plan
from headgate_schema.resolved import ResolvedRunner

from headgate.workflows.expressions import NOT_A_FORK
from headgate.workflows.framework import DISPATCHES, WRITES_STATE, runtime_job
from headgate.workflows.model import Concurrency, Triggers, Workflow

FILE = "headgate-cron.yaml"

ABOUT = """\
Finds what was left behind: rollouts whose run is gone, bakes that are over, timeouts, queued releases.
Every other run of Headgate's does this first, too; this one is for the hours in which there is none."""


def can_wait(plan: Plan) -> bool:
    """Whether a rollout of this plan can be left open: with any strategy but all_at_once it can."""
    strategies = {part.stages.strategy for deploy in plan.deploys for part in deploy.parts.values()}
    return bool(strategies - {ALL_AT_ONCE})


def build_cron(plan: Plan, runner: ResolvedRunner) -> Workflow:
    """Give the workflow that sweeps; the minute is spread over the hour by the names of the deploys."""
    names = "\n".join(deploy.name for deploy in plan.deploys)
    minute = int.from_bytes(hashlib.sha256(names.encode()).digest()[:4]) % 60
    job = runtime_job(
        "sweep",
        "Sweep",
        runner=runner,
        verb="sweep",
        condition=(NOT_A_FORK,),
        permissions=(WRITES_STATE, DISPATCHES),
        # A scheduled run is always one of the default branch; its event does not always name it.
        env={"HEADGATE_DEFAULT_BRANCH": "${{ github.event.repository.default_branch || github.ref_name }}"},
    )
    return Workflow(
        file=FILE,
        name="Headgate · sweep",
        about=ABOUT,
        triggers=Triggers(cron=f"{minute} * * * *"),
        concurrency=Concurrency("headgate-cron", cancels=False),
        jobs=(job,),
    )
