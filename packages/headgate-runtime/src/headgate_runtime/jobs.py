"""The jobs of a deploy workflow: gates and callbacks alternate; who may name whom.

The generator emits these jobs, the runtime names them in records and outputs: both read this module, so a
name is said once. A gate decides and names what runs next; a callback runs only when a gate of its attempt
named it.
"""

from __future__ import annotations

from dataclasses import dataclass

from headgate_runtime.plan import BLUE_GREEN, CANARY, Bake, Stages

START, FINISH, CANCELLED, APPROVE = "start", "finish", "cancelled", "approve"
END, PARK = "end", "park"
"""What a gate names when no job of this run comes next: the rollout is over or needs another run; or it is
parked.
"""

NEW, OLD = "new", "old"
"""Which colour a blue-green callback acts on: that of the release coming in, or the other one."""


@dataclass(frozen=True)
class Callback:
    """A job that calls the user's workflow for one action; `named_by` are the gates that may name it."""

    id: str
    title: str
    action: str
    named_by: tuple[str, ...]
    percent: int = 0
    step: int = 0
    color: str = ""


@dataclass(frozen=True)
class Gate:
    """A job of Headgate's that follows a callback: it records the result, waits, and decides."""

    id: str
    title: str
    after: Callback


@dataclass(frozen=True)
class Approval:
    """A job of Headgate's that GitHub starts only when a reviewer of its GitHub environment approved it."""

    id: str
    title: str
    environment: str
    named_by: tuple[str, ...]


Job = Callback | Gate | Approval


def canary_id(step: int) -> str:
    """The callback that puts the release on a step's share of the traffic; steps count from 1."""
    return f"canary_{step}"


def bake_id(step: int) -> str:
    """The gate that waits out a canary step's bake."""
    return f"bake_{step}"


def check_suffix(bake: Bake, check: int) -> str:
    """Tells the checks of one bake apart; nothing when there is only one. Checks count from 1."""
    return f"_{check}" if len(bake.checks) > 1 else ""


def verify_id(strategy: str, step: int, bake: Bake, check: int) -> str:
    """The callback that runs one check of a bake."""
    place = str(step) if strategy == CANARY else "live"
    return f"verify_{place}{check_suffix(bake, check)}"


def jobs(stages: Stages, *, with_all_at_once: bool) -> tuple[Job, ...]:
    """The jobs between `start` and `finish`, each after those it depends on.

    `with_all_at_once` adds the job `deploy` to a blue-green deploy that is all_at_once in some environment; a
    canary always has it, for releases that go direct.
    """
    deploy = Callback("deploy", "Deploy: 100 %", "deploy", (START,), percent=100)
    if stages.strategy == CANARY:
        return (deploy, *_canary(stages))
    if stages.strategy == BLUE_GREEN:
        return (*((deploy,) if with_all_at_once else ()), *_blue_green(stages))
    return (deploy,)


def _canary(stages: Stages) -> tuple[Job, ...]:
    made: list[Job] = []
    gates: tuple[str, ...] = (START,)
    before: tuple[str, ...] = (START,)
    for number, step in enumerate(stages.steps, 1):
        share = f"step {number} of {len(stages.steps)}, {step.percent} %"
        canary = Callback(
            canary_id(number), f"Canary: {share}", "deploy_canary", before, step.percent, number
        )
        bake = Gate(bake_id(number), f"Bake: {share}", canary)
        checks = _checks(stages, step.bake, bake.id, f"{share}", step.percent, number)
        made += [canary, bake, *checks]
        before = (bake.id, *(job.id for job in checks if isinstance(job, Gate)))
        gates += before
        before = (START, *before)
    approval = _approval(stages, before)
    gates += tuple(job.id for job in approval)
    promote = Callback("promote", "Promote: 100 %", "promote", gates, percent=100)
    rollback = Callback("rollback", "Roll back: 0 %", "rollback", gates)
    return (*made, *approval, promote, rollback)


def _blue_green(stages: Stages) -> tuple[Job, ...]:
    preview = Callback("preview", "Deploy to the idle colour", "deploy_preview", (START,), color=NEW)
    made: list[Job] = [preview, Gate("gate_preview", "Decide on the preview", preview)]
    before: tuple[str, ...] = (START, "gate_preview")
    if stages.verifies_preview:
        verify = Callback("verify_preview", "Verify the preview", "verify_preview", before, color=NEW)
        made += [verify, Gate("judge_preview", "Judge the preview", verify)]
        before = (*before, "judge_preview")
    approval = _approval(stages, before)
    before = (*before, *(job.id for job in approval))
    cutover = Callback("cutover", "Cut over", "cutover", before, color=NEW)
    watch = Gate("bake_live", "Bake: live", cutover)
    checks = _checks(stages, stages.bake, watch.id, "live", 0, 0)
    after = (START, watch.id, *(job.id for job in checks if isinstance(job, Gate)))
    made += [*approval, cutover, watch, *checks]
    if stages.retires:
        made.append(Callback("retire", "Retire the old colour", "retire", after, color=OLD))
        made.append(Callback("discard", "Discard the preview", "discard", before, color=NEW))
    made.append(Callback("switchback", "Switch back", "switchback", after, color=OLD))
    return tuple(made)


def _approval(stages: Stages, named_by: tuple[str, ...]) -> tuple[Approval, ...]:
    """The job at which reviewers decide, if it is GitHub that asks them."""
    if stages.approval is None or stages.approval.github_environment is None:
        return ()
    return (Approval(APPROVE, "Approve", stages.approval.github_environment, named_by),)


def _checks(stages: Stages, bake: Bake, waiting: str, where: str, percent: int, step: int) -> tuple[Job, ...]:
    made: list[Job] = []
    gates: tuple[str, ...] = (waiting,)
    action = "verify" if stages.strategy == CANARY else "verify_live"
    color = "" if stages.strategy == CANARY else NEW
    for check in range(1, len(bake.checks) + 1):
        name = verify_id(stages.strategy, step, bake, check)
        which = f", check {check} of {len(bake.checks)}" if len(bake.checks) > 1 else ""
        verify = Callback(name, f"Verify: {where}{which}", action, gates, percent, step, color)
        judge = Gate(name.replace("verify", "judge", 1), f"Judge: {where}{which}", verify)
        made += [verify, judge]
        gates += (judge.id,)
    return tuple(made)


def namers(stages: Stages, name: str) -> tuple[str, ...]:
    """The gates that may name that job; none for a job that starts otherwise, or that there is not."""
    known = jobs(stages, with_all_at_once=True)
    return next((job.named_by for job in known if job.id == name and not isinstance(job, Gate)), ())


def callbacks(stages: Stages, *, with_all_at_once: bool) -> tuple[Callback, ...]:
    """Only the callbacks of `jobs`."""
    return tuple(job for job in jobs(stages, with_all_at_once=with_all_at_once) if isinstance(job, Callback))
