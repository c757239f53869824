"""headgate-deploy-<name>.yaml: one run brings at most one release of one deploy live in one environment.

Gates and callbacks alternate. Rule: a callback runs only if a gate of this attempt named it; conditions have
the same size however many steps there are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import assert_never

import msgspec
from headgate_runtime.jobs import OLD, START, Approval, Callback, Gate
from headgate_runtime.jobs import jobs as plan_jobs
from headgate_runtime.plan import ALL_AT_ONCE, Deploy, Stages
from headgate_schema import callback as schema
from headgate_schema.contract import Call, list_deploy_calls
from headgate_schema.resolved import ResolvedDeploy, ResolvedRunner

from headgate.workflows import expressions as ex
from headgate.workflows.calls import Scene, call_job
from headgate.workflows.expressions import Expression, embed
from headgate.workflows.gates import (
    OF_THIS_ATTEMPT,
    DeployJobs,
    build_approval,
    build_finish,
    build_gate,
    build_marker,
    build_start,
)
from headgate.workflows.model import CallJob, DispatchInput, Job, Triggers, Value, Workflow
from headgate.workflows.names import deploy_title

KINDS = ("promote", "rollback", "resume")
ALWAYS_SENT = ("next", "reason", "attempt", "commit")
"""Outputs of `start` that filters over all gates, or the runtime, count on."""

ABOUT = """\
Brings one release of {name} live in one environment. Dispatched by headgate-promote, by
headgate-rollback, and by runs of this workflow itself when something is left to do.

Gates, which are Headgate's jobs, and callbacks, which are yours, take turns. A gate records on the branch
{branch} what happened, and only then says in its output `next` which callback comes now. Most jobs of a
run are skipped."""


def build_deploy(
    deploy: Deploy,
    source: ResolvedDeploy,
    callbacks: Mapping[str, schema.Callback],
    build_outputs: Mapping[str, tuple[str, ...]],
    *,
    runner: ResolvedRunner,
    state_branch: str,
    notifies: bool = False,
) -> Workflow:
    """Give a deploy's workflow; `build_outputs` are the outputs that each build's callback declares."""
    calls: dict[str, Call] = {call.action: call for call in list_deploy_calls(source)}
    planned = plan_jobs(_stages(deploy), with_all_at_once="deploy" in calls)
    files = {job.id: callbacks[calls[job.action].callback] for job in planned if isinstance(job, Callback)}
    outputs = {job: tuple(file.outputs) for job, file in files.items()}
    jobs = DeployJobs(deploy.name, _stages(deploy), runner, planned, outputs, notifies)
    middle: list[Job | CallJob] = []
    for job in planned:
        match job:
            case Gate():
                middle.append(build_gate(jobs, job))
            case Approval():
                middle.append(build_approval(jobs, job))
            case Callback():
                received = _release_outputs(source, build_outputs)
                scene = Scene(_contract_values(job, deploy.name), received, ENVIRONMENT)
                middle.append(call_job(_frame(job), calls[job.action], files[job.id], build_outputs, scene))
            case _:
                assert_never(job)
    rest = (*middle, build_marker(jobs), build_finish(jobs))
    return Workflow(
        file=deploy.workflow,
        name=f"Headgate · deploy {deploy.name}",
        run_name=_run_name(deploy),
        about=ABOUT.format(name=deploy.name, branch=state_branch),
        triggers=Triggers(dispatch=_inputs(deploy)),
        jobs=(build_start(jobs, _outputs_read(rest)), *rest),
    )


ENVIRONMENT = ex.need_output(START, "environment")


def _stages(deploy: Deploy) -> Stages:
    """The stages that the jobs are for: all environments with the strategy have the same."""
    stages = [part.stages for part in deploy.parts.values()]
    return next((each for each in stages if each.strategy != ALL_AT_ONCE), stages[0])


def _inputs(deploy: Deploy) -> tuple[DispatchInput, ...]:
    return (
        DispatchInput(name="environment", description="Where to", kind="choice", options=tuple(deploy.parts)),
        DispatchInput(name="release", description="Which release"),
        DispatchInput(name="kind", description="What for", kind="choice", options=KINDS, default=KINDS[0]),
        DispatchInput(name="reason", description="Why, in one line", default=""),
    )


def _run_name(deploy: Deploy) -> str:
    """`app → prod · 128-1a2b3c4 · canary`: the strategy in force, or the kind when it is no promotion."""
    strategy = _stages(deploy).strategy
    where = [name for name, part in deploy.parts.items() if part.stages.strategy == strategy]
    in_force = ex.quote(strategy)
    if len(where) < len(deploy.parts):
        there = ex.is_one_of(ex.dispatch_input("environment"), where)
        in_force = Expression(f"({ex.choose(there, in_force, ex.quote(ALL_AT_ONCE))})")
    kind = ex.dispatch_input("kind")
    shown = ex.choose(Expression(f"{kind} != {ex.quote(KINDS[0])}"), kind, in_force)
    title = deploy_title(deploy.name, "${{ inputs.environment }}")
    return f"{title}${{{{ inputs.release }}}} · {embed(shown)}"


def _frame(job: Callback) -> CallJob:
    """The calling job without what depends on the callback's file."""
    if job.named_by == (START,):
        condition = (
            ex.NOT_CANCELLED,
            OF_THIS_ATTEMPT,
            ex.equals(ex.need_output(START, "next"), ex.quote(job.id)),
        )
    else:
        condition = (ex.NOT_CANCELLED, OF_THIS_ATTEMPT, ex.is_in_needs("next", job.id))
    needs = tuple(dict.fromkeys((START, *job.named_by)))
    return CallJob(id=job.id, name=job.title, uses="", permissions=(), needs=needs, condition=condition)


def _contract_values(job: Callback, deploy: str) -> dict[str, Value | tuple[str, ...]]:
    """The contract's inputs as this job gives them; what goes with the action stands there as a literal."""

    def of_start(output: str) -> str:
        return embed(ex.need_output(START, output))

    color = ex.need_output(START, "old_color" if job.color == OLD else "new_color") if job.color else None
    reason = ex.join_needs("reason")
    shown_color = embed(ex.to_json(color)) if color else '""'
    return {
        "environment": of_start("environment"),
        "sha": of_start("sha"),
        "release": of_start("release"),
        "deploy": deploy,
        "strategy": of_start("strategy"),
        "action": job.action,
        "percent": job.percent,
        "step": job.step,
        "color": embed(color) if color else "",
        "rollout_id": of_start("rollout"),
        "previous_release": of_start("previous_release"),
        "previous_sha": of_start("previous_sha"),
        "reason": embed(reason),
        "context": (
            f'{{"format":1,"action":"{job.action}","percent":{job.percent},"step":{job.step},"color":{shown_color},',
            f'"reason":{embed(ex.to_json(reason))},{of_start("context")}',
        ),
    }


def _release_outputs(
    source: ResolvedDeploy, build_outputs: Mapping[str, tuple[str, ...]]
) -> dict[tuple[str, str], Expression]:
    """Where the outputs of the release's builds are found."""
    return {
        (build, name): ex.need_output(START, f"output_{name}")
        for build in source.builds
        for name in build_outputs[build]
    }


_OF_START = re.compile(rb"needs\.start\.outputs\.([A-Za-z0-9_-]+)")


def _outputs_read(jobs: Sequence[Job | CallJob]) -> tuple[str, ...]:
    """The outputs of `start` that other jobs read, in the order in which they do."""
    read = (found.decode() for found in _OF_START.findall(msgspec.json.encode(jobs)))
    return tuple(dict.fromkeys((*ALWAYS_SENT, *read)))
