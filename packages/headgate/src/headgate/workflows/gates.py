"""The jobs of Headgate's own in a deploy workflow: start, gates, approval, the cancel marker, finish.

Rule: a gate starts when its callback was named, never because of the callback's result; what a job reads of
another stands in its `env`, by the names that the runtime's verbs know.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
from headgate_runtime.jobs import CANCELLED, FINISH, START, Approval, Callback, Gate
from headgate_runtime.jobs import Job as PlannedJob
from headgate_runtime.plan import Stages
from headgate_schema.contract import READ_OUTPUTS
from headgate_schema.resolved import ResolvedRunner

from headgate.workflows import expressions as ex
from headgate.workflows.expressions import Expression, embed
from headgate.workflows.framework import (
    ASKS_FOR_REVIEWERS,
    ASKS_WHO_APPROVED,
    DISPATCHES,
    MINUTES,
    NOTIFIES,
    WRITES_STATE,
    entry_env,
    input_env,
    runtime_job,
    show_runner,
)
from headgate.workflows.model import Job, Permission, Script, Value

RESUMABLE = ("bake_",)
"""Gates that `start` may name itself, to go on with a bake."""

ENV_OF_OUTPUT = {"result": "VERDICT", "reason": "REASON", "url": "URL"}
"""How the runtime calls the outputs of a callback that it reads."""

GATE_OUTPUTS = ("next", "reason", "commit")
START_INPUTS = ("environment", "release", "kind", "reason")

OF_THIS_ATTEMPT = ex.equals(ex.need_output(START, "attempt"), Expression("github.run_attempt"))


class DeployJobs(msgspec.Struct, frozen=True):
    """The planned jobs of one deploy, and which outputs each callback's file declares."""

    deploy: str
    stages: Stages
    runner: ResolvedRunner
    planned: tuple[PlannedJob, ...]
    outputs: Mapping[str, Iterable[str]]
    notifies: bool

    @property
    def callbacks(self) -> tuple[Callback, ...]:
        """Only the callbacks."""
        return tuple(job for job in self.planned if isinstance(job, Callback))

    @property
    def gates(self) -> tuple[str, ...]:
        """The ids of the jobs that name others, in order: `start`, every gate, the approval."""
        return (START, *(job.id for job in self.planned if not isinstance(job, Callback)))

    def asks_for_approval(self, gate: str) -> bool:
        """Whether the gate may name the job that waits for reviewers."""
        return any(isinstance(job, Approval) and gate in job.named_by for job in self.planned)


def build_start(jobs: DeployJobs, outputs: Iterable[str]) -> Job:
    """Give the first job; `outputs` are those that other jobs read."""
    return runtime_job(
        START,
        "Start",
        note="Takes the rollout, or refuses: one run at a time may act on it. Names the first callback.",
        runner=jobs.runner,
        verb="start",
        condition=(ex.NOT_A_FORK,),
        permissions=(WRITES_STATE, DISPATCHES),
        outputs=outputs,
        env=entry_env() | {"HEADGATE_DEPLOY": jobs.deploy} | input_env(START_INPUTS),
    )


def build_gate(jobs: DeployJobs, gate: Gate) -> Job:
    """Give the job that follows a callback."""
    after = gate.after
    before = tuple(dict.fromkeys((START, *after.named_by)))
    return runtime_job(
        gate.id,
        gate.title,
        runner=jobs.runner,
        verb="gate",
        needs=(*before, after.id),
        condition=(ex.NOT_CANCELLED, OF_THIS_ATTEMPT, _is_due(gate)),
        timeout_minutes=_timeout_minutes(jobs.stages, gate),
        permissions=(WRITES_STATE, *_looks(jobs, gate)),
        outputs=GATE_OUTPUTS,
        env=_gate_env(jobs, gate.id, before) | _facts_of(after, jobs),
    )


def _looks(jobs: DeployJobs, gate: Gate) -> tuple[Permission, ...]:
    """What a gate asks of GitHub before it names the job that waits for reviewers."""
    if not jobs.asks_for_approval(gate.id):
        return ()
    return (NOTIFIES if jobs.notifies else ASKS_FOR_REVIEWERS,)


def _gate_env(jobs: DeployJobs, gate: str, before: Iterable[str]) -> dict[str, Value]:
    return {
        "HEADGATE_DEPLOY": jobs.deploy,
        "HEADGATE_ENVIRONMENT": embed(ex.need_output(START, "environment")),
        "HEADGATE_ROLLOUT": embed(ex.need_output(START, "rollout")),
        "HEADGATE_GATE": gate,
        "HEADGATE_COMMITS": _commits(before),
    }


def build_approval(jobs: DeployJobs, approval: Approval) -> Job:
    """Give the job that GitHub starts when a reviewer approved."""
    before = tuple(dict.fromkeys((START, *approval.named_by)))
    return runtime_job(
        approval.id,
        approval.title,
        note="GitHub starts it when a reviewer of the environment approved; then it names what comes next.",
        runner=jobs.runner,
        verb="gate",
        needs=before,
        condition=(ex.NOT_CANCELLED, OF_THIS_ATTEMPT, ex.is_in_needs("next", approval.id)),
        environment=approval.environment,
        permissions=(WRITES_STATE, ASKS_WHO_APPROVED),
        outputs=GATE_OUTPUTS,
        env=_gate_env(jobs, approval.id, before),
    )


def build_marker(jobs: DeployJobs) -> Job:
    """Give the job that runs only in a cancelled run, so that `finish` knows."""
    return Job(
        id=CANCELLED,
        name="Cancelled",
        note="Runs only when somebody pressed Cancel, also between two jobs: that is how finish knows.",
        needs=_everything(jobs),
        condition=(ex.CANCELLED,),
        runs_on=show_runner(jobs.runner),
        timeout_minutes=MINUTES,
        permissions=(),
        steps=(Script(name="Say so", run='echo "This run was cancelled; finish takes it from here."'),),
    )


def build_finish(jobs: DeployJobs) -> Job:
    """Give the last job: it hands the rollout over or ends it, whatever happened before."""
    env: dict[str, Value] = {"HEADGATE_DEPLOY": jobs.deploy}
    env |= input_env(("environment", "release", "kind"))
    env |= {
        "HEADGATE_ROLLOUT": embed(ex.need_output(START, "rollout")),
        "HEADGATE_ATTEMPT": embed(ex.need_output(START, "attempt")),
        "HEADGATE_CANCELLED": embed(ex.need_result(CANCELLED)),
        "HEADGATE_COMMITS": _commits(jobs.gates),
    }
    for gate in jobs.gates:
        env[f"HEADGATE_NEXT_{gate}"] = f"{embed(ex.need_result(gate))} {embed(ex.need_output(gate, 'next'))}"
    for callback in jobs.callbacks:
        env |= _facts_of(callback, jobs)
    return runtime_job(
        FINISH,
        "Finish",
        note="Runs always: records what a lost gate could not, lets go of the rollout, starts what follows.",
        runner=jobs.runner,
        verb="finish",
        needs=(*_everything(jobs), CANCELLED),
        condition=(ex.ALWAYS, ex.NOT_A_FORK),
        permissions=(WRITES_STATE, DISPATCHES),
        env=env,
    )


def _everything(jobs: DeployJobs) -> tuple[str, ...]:
    return (START, *(job.id for job in jobs.planned))


def _is_due(gate: Gate) -> Expression:
    named = [ex.equals(ex.need_output(by, "next"), ex.quote(gate.after.id)) for by in gate.after.named_by]
    if gate.id.startswith(RESUMABLE):
        named.insert(0, ex.equals(ex.need_output(START, "next"), ex.quote(gate.id)))
    return ex.either(named)


def _commits(gates: Iterable[str]) -> str:
    return " ".join(embed(ex.need_output(gate, "commit")) for gate in gates)


def _facts_of(callback: Callback, jobs: DeployJobs) -> dict[str, Value]:
    """How a callback ended, and those of its outputs that Headgate reads."""
    facts: dict[str, Value] = {f"HEADGATE_RESULT_{callback.id}": embed(ex.need_result(callback.id))}
    for output in READ_OUTPUTS:
        if output in jobs.outputs[callback.id]:
            facts[f"HEADGATE_{ENV_OF_OUTPUT[output]}_{callback.id}"] = embed(
                ex.need_output(callback.id, output)
            )
    return facts


def _timeout_minutes(stages: Stages, gate: Gate) -> int:
    """A gate that may have to wait for a bake, or for its next check, gets the whole bake and a margin."""
    if stages.parks:
        return MINUTES
    is_bake = gate.id.startswith(RESUMABLE)
    bake = stages.steps[gate.after.step - 1].bake if gate.after.step else stages.bake
    waits = is_bake or (gate.after.action in {"verify", "verify_live"} and len(bake.checks) > 1)
    return MINUTES + (-(-bake.seconds // 60) if waits else 0)
