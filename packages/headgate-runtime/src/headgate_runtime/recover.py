"""Open rollouts whose run is over: is it, how did it end, and what does that mean for the record?"""

from __future__ import annotations

from dataclasses import dataclass

from headgate_runtime.advance import Course, obey
from headgate_runtime.decide import Call, Result, callback_of, expiry, one_line, record_result, settle
from headgate_runtime.jobs import APPROVE
from headgate_runtime.machine import takes
from headgate_runtime.plan import Part
from headgate_runtime.record import Owner, Rollout
from headgate_runtime.run import Run

PLAN_CHANGED = "the plan on trunk is no longer the one this rollout started with"


@dataclass(frozen=True)
class Ending:
    """How the owner's run ended: `event` is cancelled, lost, failed if its callback is known to have failed;
    approved or rejected if a reviewer, the `actor`, is known to have said so.

    `finished`: the callback succeeded and only `finish` was lost, so a re-run of failed jobs can say so.
    """

    event: str
    reason: str
    finished: bool = False
    actor: str = ""


def ending_of(run: Run, rollout: Rollout) -> Ending | None:
    """What became of the run that owns the rollout; None while it is alive, or when nobody owns it."""
    owner = rollout.owner
    if owner is None or owner == Owner(run.facts.run_id, run.facts.attempt):
        return None
    status = run.api.run_attempt(owner.run, owner.attempt)
    if status is not None and not status.completed and owner.run != run.facts.run_id:
        return None
    if status is not None and status.conclusion == "cancelled":
        return Ending("cancelled", f"run {owner.run} was cancelled")
    return _ending_by_jobs(run, rollout, owner)


def answer_of_reviewers(run: Run, rollout: Rollout) -> Ending | None:
    """What the reviewers of the approval's GitHub environment said last in the run that owns the rollout;
    None when nobody said anything.
    """
    approval, owner = rollout.stages.approval, rollout.owner
    if approval is None or owner is None or rollout.callback != APPROVE:
        return None
    wanted = (approval.github_environment or "").lower()
    said = [review for review in run.api.run_reviews(owner.run) if review.environment.lower() == wanted]
    if not said:
        return None
    last = said[-1]
    return Ending("approved" if last.approved else "rejected", one_line(last.comment), actor=last.actor)


def _ending_by_jobs(run: Run, rollout: Rollout, owner: Owner) -> Ending:
    answer = answer_of_reviewers(run, rollout)
    if answer is not None:
        return answer
    callback = callback_of(rollout, rollout.callback or "")
    if callback is None:
        return Ending("lost", f"run {owner.run} ended without finishing")
    jobs = run.api.attempt_jobs(owner.run, owner.attempt)
    inner = [
        job.conclusion
        for job in jobs
        if job.name == callback.title or job.name.startswith(f"{callback.title} / ")
    ]
    if "failure" in inner:
        return Ending("failed", f"{callback.id} failed in run {owner.run}")
    succeeded = (
        bool(inner)
        and all(conclusion in ("success", "skipped") for conclusion in inner)
        and "success" in inner
    )
    return Ending("lost", f"run {owner.run} ended while {callback.id} was under way", finished=succeeded)


def record_ending(course: Course, ending: Ending) -> Course:
    """Record how the dead run left the rollout, before anything else is done with it."""
    if ending.event == "failed":
        return record_result(course, Result("failure", reason=ending.reason))
    if ending.event == "cancelled":
        return _record_cancel(course, ending.reason)
    if ending.event == "approved":
        course, what = settle(course)
        if not isinstance(what, Call):  # an abort was asked for, or it is too late
            return course
    taken = course.by(ending.actor or course.moment.actor).take(ending.event, ending.reason)
    return taken.by(course.moment.actor)


def strays(rollout: Rollout, part: Part, now: int) -> bool:
    """Whether the rollout would go forward by another plan than the one it started with.

    It may still go back, so an abort that was asked for, or a time that is over, comes first.
    """
    aborts = rollout.requested("abort") is not None and takes(rollout, "aborted")
    goes_back = aborts or expiry(rollout, now) is not None
    return part.digest != rollout.digest and takes(rollout, "plan_changed") and not goes_back


def _record_cancel(course: Course, reason: str) -> Course:
    """A cancelled run means abort; but one that waited for reviewers too long was cancelled for that."""
    rollout = course.rollout
    if rollout.state == "awaiting_approval" and rollout.requested("timeout") is not None:
        return obey(course)
    return course.take("cancelled", reason)
