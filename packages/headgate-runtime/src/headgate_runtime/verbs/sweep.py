"""sweep: the first step of every framework run. What is due anywhere? Harmless when run twice, or by two at
once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from headgate_runtime.advance import Course
from headgate_runtime.branch import Change
from headgate_runtime.decide import Rest, settle
from headgate_runtime.entry import unmet_needs
from headgate_runtime.errors import ApiFailed
from headgate_runtime.record import Queued, Record
from headgate_runtime.recover import loss_of, on_its_way, record_loss
from headgate_runtime.run import Run
from headgate_runtime.state import State, changes


@dataclass(frozen=True)
class Dispatch:
    """A run of a deploy workflow that has to be started; `rerun` is a run whose failed jobs are to be re-
    run instead.
    """

    environment: str
    deploy: str
    release: str
    kind: str
    rerun: int = 0


def sweep(run: Run, except_for: tuple[str, str] | None = None) -> int:
    """Recover what lost its run and start what waits; `except_for` is the record that the caller looks
    after itself.
    """
    try:
        commit, due = run.write(lambda state: _due(run, state, except_for))
        for item in due:
            _dispatch(run, item)
    except ApiFailed as error:
        run.desk.warn(f"the sweep could not ask GitHub: {error}")
        return 0
    if due:
        run.desk.say(f"sweep: {len(due)} rollouts needed a run (state {commit[:12]})")
    return 0


def _dispatch(run: Run, item: Dispatch) -> None:
    if item.rerun:
        run.api.rerun_failed_jobs(item.rerun)
    else:
        run.dispatch_deploy(item.environment, item.deploy, item.release, item.kind)


def _due(
    run: Run, state: State, except_for: tuple[str, str] | None
) -> tuple[Sequence[Change], list[Dispatch]]:
    made: list[Change] = []
    due: list[Dispatch] = []
    for record in state.records():
        if (record.environment, record.deploy) == except_for or run.plan.part(
            record.environment, record.deploy
        ) is None:
            continue
        course = Course(record, run.moment)
        course, wanted = _open_due(run, course) if record.open else _queued_due(run, state, course)
        made += changes(course)
        due += [wanted] if wanted else []
    return made, due


def _open_due(run: Run, course: Course) -> tuple[Course, Dispatch | None]:
    """Record the loss of a dead owner; then see whether anybody has to go on with the rollout."""
    rollout = course.rollout
    if rollout.owner is not None:
        loss = loss_of(run, rollout)
        if loss is None:
            return course, None
        if loss.finished and rollout.owner.attempt == 1 and rollout.dispatched_at is None:
            stamped = course.note_rollout("rerun_dispatched", loss.reason, dispatched_at=course.now)
            return stamped, _resume(course, rollout.owner.run)
        course = record_loss(course, loss)
    elif on_its_way(rollout.dispatched_at, course.now):
        return course, None
    course, what = settle(course)
    if course.record.open is None or isinstance(what, Rest):
        return course, None
    freed = course.amend("dispatched", owner=None, callback=None, dispatched_at=course.now)
    return freed, _resume(freed)


def _resume(course: Course, rerun: int = 0) -> Dispatch:
    record = course.record
    return Dispatch(record.environment, record.deploy, course.rollout.release.id, "resume", rerun)


def _queued_due(run: Run, state: State, course: Course) -> tuple[Course, Dispatch | None]:
    queued = course.record.queued
    if queued is None or on_its_way(queued.dispatched_at, course.now) or not ready(run, state, course.record):
        return course, None
    return dispatch_queued(course, queued)


def ready(run: Run, state: State, record: Record) -> bool:
    """Whether the queued release of this record could start now."""
    deploy = run.plan.deploy(record.deploy)
    if record.queued is None or record.open is not None or record.queued.waits_for_person or deploy is None:
        return False
    if state.environment(record.environment).frozen:
        return False
    return not unmet_needs(run.plan, state, record.environment, deploy, record.queued.release)


def dispatch_queued(course: Course, queued: Queued) -> tuple[Course, Dispatch]:
    """Stamp the queued release as on its way."""
    release, record = queued.release.id, course.record
    stamped = course.note("dispatched", release=release, queued=replace(queued, dispatched_at=course.now))
    return stamped, Dispatch(record.environment, record.deploy, release, "promote")
