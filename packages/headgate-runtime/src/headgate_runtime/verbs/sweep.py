"""sweep: the first step of every framework run. What is due anywhere? Harmless when run twice, or by two at
once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from headgate_runtime.advance import Course
from headgate_runtime.branch import Change
from headgate_runtime.decide import expiry, must_run, settle
from headgate_runtime.errors import ApiFailed, HeadgateError, StateCorrupt
from headgate_runtime.jobs import APPROVE
from headgate_runtime.machine import takes
from headgate_runtime.plan import Part
from headgate_runtime.record import Record, Rollout
from headgate_runtime.recover import PLAN_CHANGED, ending_of, record_ending, strays
from headgate_runtime.run import Run
from headgate_runtime.state import State
from headgate_runtime.verbs.notify import needs_person, notify
from headgate_runtime.verbs.onward import Dispatch, queued_due, start_queued, start_runs
from headgate_runtime.waiting import on_its_way, with_onward

LOOKUPS = 10
"""How many owners one sweep asks GitHub about: a token has 1,000 requests an hour for the whole repository
(https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api), and every run sweeps.
"""


@dataclass(frozen=True)
class Found:
    """What a sweep found due: the runs that are needed, those that are in the way, the records whose rollout
    ended or needs a person since, and what kept it from looking at others.
    """

    dispatches: tuple[Dispatch, ...] = ()
    cancels: tuple[int, ...] = ()
    told: tuple[tuple[Record, Rollout], ...] = ()
    troubles: tuple[HeadgateError, ...] = ()


def sweep(run: Run, except_for: tuple[str, str] | None = None) -> int:
    """Recover what lost its run and start what waits; `except_for` is the record that the caller looks
    after itself. 2 when a record can't be read: it keeps nothing from the others.
    """
    commit, found = run.write(lambda state: _due(run, state, except_for))
    for record, rollout in found.told:
        notify(run, record, rollout)
    for trouble in found.troubles:
        run.desk.warn(f"{trouble}\n{trouble.hint}".strip())
    start_runs(run, found.dispatches)
    for owner in found.cancels:
        _cancel(run, owner)
    ended = [(record.environment, record.deploy) for record, _ in found.told if record.open is None]
    if ended:
        start_queued(run, *ended)
    if found.dispatches:
        run.desk.say(f"sweep: {len(found.dispatches)} rollouts needed a run (state {commit[:12]})")
    return 2 if any(isinstance(trouble, StateCorrupt) for trouble in found.troubles) else 0


def _cancel(run: Run, owner: int) -> None:
    try:
        run.api.cancel_run(owner)
    except ApiFailed as failure:
        run.desk.warn(f"run {owner}, which waits for reviewers in vain, could not be cancelled: {failure}")


def _due(run: Run, state: State, except_for: tuple[str, str] | None) -> tuple[Sequence[Change], Found]:
    """The events that are due anywhere, in one push, and what has to follow it."""
    courses: list[Course] = []
    dispatches: list[Dispatch] = []
    cancels: list[int] = []
    records, corrupt = state.readable_records()
    troubles: list[HeadgateError] = [*corrupt]
    owned = _owned(records)
    unasked = {record.path for record in owned} - {r.path for r in _in_turn(owned, run.facts.run_id)}
    for record in records:
        part = run.plan.part(record.environment, record.deploy)
        if record.path in unasked or (part and (record.environment, record.deploy) == except_for):
            continue
        course, wanted, trouble = _due_in(run, state, Course(record, run.moment), part)
        courses.append(course)
        troubles += [trouble] if trouble else []
        dispatches += [wanted] if wanted else []
        cancels += _in_the_way(course)
    told = tuple(news for course in courses if (news := _to_tell(state, course)))
    found = Found(tuple(dispatches), tuple(cancels), told, tuple(troubles))
    return with_onward(run.plan, state, *courses), found


def _due_in(
    run: Run, state: State, course: Course, part: Part | None
) -> tuple[Course, Dispatch | None, ApiFailed | None]:
    """What is due in one place; where GitHub gives no answer about it, nothing, and why."""
    try:
        if course.record.open is None:
            return *queued_due(run, state, course), None
        if part is None:
            return _removed(run, course), None, None
        return *_open_due(run, course, part), None
    except ApiFailed as failure:
        place = f"{course.record.environment}/{course.record.deploy}"
        about = f"the sweep could not ask GitHub about {place}: {failure}"
        return course, None, ApiFailed(about, failure.status, failure.hint)


def _owned(records: Sequence[Record]) -> list[Record]:
    """The records that a run owns, those that have been quiet for longest first."""
    return sorted((record for record in records if record.open and record.open.owner), key=lambda r: r.at)


def _in_turn(owned: Sequence[Record], turn: int) -> tuple[Record, ...]:
    """Those whose owner this sweep asks about: half of them have been quiet for longest, the others come in
    turn, so that many long bakes hide no dead run for ever.
    """
    half = LOOKUPS // 2
    oldest, others = owned[:half], tuple(owned[half:])
    begin = turn * half % len(others) if others else 0
    return (*oldest, *(others[begin:] + others[:begin])[:half])


def _removed(run: Run, course: Course) -> Course:
    """What the manifest no longer has is for a person to resolve, once no run alive owns it."""
    rollout = course.rollout
    if not takes(rollout, "removed") or not run.has_newest_plan():
        return course
    if rollout.owner and not ending_of(run, rollout):
        return course
    return course.take("removed", "the manifest no longer has it")


def _open_due(run: Run, course: Course, part: Part) -> tuple[Course, Dispatch | None]:
    """Record how a dead owner ended; then see whether anybody has to go on with the rollout."""
    rollout = course.rollout
    on_way = on_its_way(rollout.dispatched_at, course.now)
    if rollout.owner is not None:
        ending = ending_of(run, rollout)
        if ending is None:
            return _overdue(course), None
        if ending.finished and on_way:
            return course, None
        if ending.finished and rollout.owner.attempt == 1 and rollout.dispatched_at is None:
            stamped = course.note_rollout("rerun_dispatched", ending.reason, dispatched_at=course.now)
            return stamped, _resume(course, rollout.owner.run)
        course = record_ending(course, ending)
    elif on_way:
        return course, None
    return _onward(run, course, part)


def _onward(run: Run, course: Course, part: Part) -> tuple[Course, Dispatch | None]:
    """Nobody acts on the rollout: let happen what is due, and see whether it needs a run."""
    if course.record.open and strays(course.rollout, part, course.now) and run.has_newest_plan():
        course = course.take("plan_changed", PLAN_CHANGED)
    course, what = settle(course)
    if course.record.open is None or not must_run(what):
        return course, None
    freed = course.amend("dispatched", owner=None, callback=None, dispatched_at=course.now)
    return freed, _resume(freed)


def _overdue(course: Course) -> Course:
    """Ask the run that owns the rollout to end it when its time is over; it obeys at its next gate."""
    rollout = course.rollout
    fire = expiry(rollout, course.now)
    if fire is None or rollout.requested("timeout") or rollout.requested("abort"):
        return course
    return course.request("timeout", fire.reason)


def _in_the_way(course: Course) -> list[int]:
    """The run that waits for reviewers although somebody, or the time, has decided: it can't hear, so it is
    cancelled.
    """
    rollout = course.record.open
    if rollout is None or rollout.owner is None or rollout.callback != APPROVE:
        return []
    asked = rollout.requested("abort") or rollout.requested("timeout")
    return [rollout.owner.run] if asked else []


def _to_tell(state: State, course: Course) -> tuple[Record, Rollout] | None:
    """The rollout that ended in this course, or needs a person since."""
    record = course.record
    before = state.record(record.environment, record.deploy).open
    if before is None or not course.entries:
        return None
    if record.open is None:
        return record, record.last[0]
    changed = record.open.state != before.state and needs_person(record.open)
    return (record, record.open) if changed else None


def _resume(course: Course, rerun: int = 0) -> Dispatch:
    record = course.record
    return Dispatch(record.environment, record.deploy, course.rollout.release.id, "resume", rerun)
