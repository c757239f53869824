"""Open rollouts whose run is over: is it, how did it end, and what does that mean for the record?"""

from __future__ import annotations

from dataclasses import dataclass

from headgate_runtime.advance import Course
from headgate_runtime.decide import Result, callback_of, record_result
from headgate_runtime.record import Owner, Rollout
from headgate_runtime.run import Run

STAMP_SECONDS = 30 * 60
"""How long a dispatch is taken to be on its way: nobody dispatches the same again before."""


@dataclass(frozen=True)
class Loss:
    """How the owner's run ended: `event` is cancelled, lost, failed if its callback is known to have failed.

    `finished`: the callback succeeded and only `finish` was lost, so a re-run of failed jobs can say so.
    """

    event: str
    reason: str
    finished: bool = False


def loss_of(run: Run, rollout: Rollout) -> Loss | None:
    """What became of the run that owns the rollout; None while it is alive, or when nobody owns it."""
    owner = rollout.owner
    if owner is None or owner == Owner(run.facts.run_id, run.facts.attempt):
        return None
    status = run.api.run_attempt(owner.run, owner.attempt)
    if status is not None and not status.completed and owner.run != run.facts.run_id:
        return None
    if status is not None and status.conclusion == "cancelled":
        return Loss("cancelled", f"run {owner.run} was cancelled")
    return _loss_by_jobs(run, rollout, owner)


def _loss_by_jobs(run: Run, rollout: Rollout, owner: Owner) -> Loss:
    callback = callback_of(rollout, rollout.callback or "")
    if callback is None:
        return Loss("lost", f"run {owner.run} ended without finishing")
    jobs = run.api.attempt_jobs(owner.run, owner.attempt)
    inner = [
        job.conclusion
        for job in jobs
        if job.name == callback.title or job.name.startswith(f"{callback.title} / ")
    ]
    if "failure" in inner:
        return Loss("failed", f"{callback.id} failed in run {owner.run}")
    succeeded = (
        bool(inner)
        and all(conclusion in ("success", "skipped") for conclusion in inner)
        and "success" in inner
    )
    return Loss("lost", f"run {owner.run} ended while {callback.id} was under way", finished=succeeded)


def record_loss(course: Course, loss: Loss) -> Course:
    """Record how the dead run left the rollout, before anything else is done with it."""
    if loss.event == "failed":
        return record_result(course, Result("failure", reason=loss.reason))
    return course.take(loss.event, loss.reason)


def on_its_way(dispatched_at: int | None, now: int) -> bool:
    """Whether a run was dispatched so recently that it may still start."""
    return dispatched_at is not None and now - dispatched_at < STAMP_SECONDS
