"""sweep: the first step of every framework run. What is due anywhere? Harmless when run twice, or by two at
once.
"""

from __future__ import annotations

from collections.abc import Sequence

from headgate_runtime.advance import Course
from headgate_runtime.branch import Change
from headgate_runtime.decide import Rest, settle
from headgate_runtime.errors import ApiFailed
from headgate_runtime.machine import takes
from headgate_runtime.record import Record
from headgate_runtime.recover import loss_of, on_its_way, record_loss
from headgate_runtime.run import Run
from headgate_runtime.state import State, changes
from headgate_runtime.verbs.onward import Dispatch, dispatch_queued, go_on, ready

LOOKUPS = 10
"""How many owners one sweep asks GitHub about: a token has 1,000 requests an hour for the whole repository
(https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api), and every run sweeps.
"""


def sweep(run: Run, except_for: tuple[str, str] | None = None) -> int:
    """Recover what lost its run and start what waits; `except_for` is the record that the caller looks
    after itself.
    """
    try:
        commit, (due, ended) = run.write(lambda state: _due(run, state, except_for))
        for item in due:
            _dispatch(run, item)
        for record in ended:
            go_on(run, record.environment, record.deploy, record.last[0])
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
) -> tuple[Sequence[Change], tuple[list[Dispatch], list[Record]]]:
    """The events that are due, the runs they need, and the records whose rollout they end."""
    made: list[Change] = []
    due: list[Dispatch] = []
    ended: list[Record] = []
    records = state.records()
    others = _owned(records)[LOOKUPS:]
    for record in records:
        course, wanted = Course(record, run.moment), None
        if record in others:
            continue
        if run.plan.part(record.environment, record.deploy) is None:
            course = _removed(run, course)
        elif (record.environment, record.deploy) != except_for:
            course, wanted = _open_due(run, course) if record.open else _queued_due(run, state, course)
            ended += [course.record] if record.open and not course.record.open else []
        made += changes(course)
        due += [wanted] if wanted else []
    return made, (due, ended)


def _owned(records: Sequence[Record]) -> list[Record]:
    """The records that a run owns, those that have been quiet for longest first."""
    return sorted((record for record in records if record.open and record.open.owner), key=lambda r: r.at)


def _removed(run: Run, course: Course) -> Course:
    """What the manifest no longer has is for a person to resolve, once no run alive owns it."""
    rollout = course.record.open
    if rollout is None or not takes(rollout, "removed") or (rollout.owner and not loss_of(run, rollout)):
        return course
    return course.take("removed", "the manifest no longer has it")


def _open_due(run: Run, course: Course) -> tuple[Course, Dispatch | None]:
    """Record the loss of a dead owner; then see whether anybody has to go on with the rollout."""
    rollout = course.rollout
    on_way = on_its_way(rollout.dispatched_at, course.now)
    if rollout.owner is not None:
        loss = loss_of(run, rollout)
        if loss is None or (loss.finished and on_way):
            return course, None
        if loss.finished and rollout.owner.attempt == 1 and rollout.dispatched_at is None:
            stamped = course.note_rollout("rerun_dispatched", loss.reason, dispatched_at=course.now)
            return stamped, _resume(course, rollout.owner.run)
        course = record_loss(course, loss)
    elif on_way:
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
