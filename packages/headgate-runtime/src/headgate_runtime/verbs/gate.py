"""gate: the job between two callbacks. It records how the one before ended, waits out a bake, and names the
one that comes next.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from headgate_runtime.advance import WITHDRAWING, Course
from headgate_runtime.branch import Change
from headgate_runtime.decide import Call, Due, Result, Wait, callback_of, record_result, settle
from headgate_runtime.errors import GitFailed
from headgate_runtime.jobs import END, PARK
from headgate_runtime.record import Owner, Record, Rollout
from headgate_runtime.run import PATIENCE, RESULT_PATIENCE, Run
from headgate_runtime.state import State, changes
from headgate_runtime.summary import summarize

POLL_SECONDS = 15.0
"""How long a bake sleeps before it looks for requests again; half of what people are promised."""


@dataclass(frozen=True)
class Answer:
    """What the gate found: the job it names, or until when it waits; `stale`: the rollout is not this run's
    any more.
    """

    record: Record
    next: str = END
    until: int | None = None
    stale: bool = False


def gate(run: Run) -> int:
    """Record, wait, decide, name the next job; 0 also when the rollout is somebody else's by now."""
    name, patience, earlier = run.input("GATE"), RESULT_PATIENCE, run.input("COMMITS")
    while True:
        commit, answer = run.write(partial(_decide, run, name), patience=patience)
        if answer.until is None:
            break
        _sleep_until(run, answer.until, commit)
        run, patience = replace(run, inputs={**run.inputs, "COMMITS": f"{earlier} {commit}"}), PATIENCE
    rollout = answer.record.open
    because = rollout.because if rollout and rollout.state in WITHDRAWING else ""
    run.desk.outputs({"next": answer.next, "reason": because, "commit": commit})
    run.desk.say("stale: the rollout is not this run's any more" if answer.stale else f"next: {answer.next}")
    run.desk.summary(summarize(answer.record, run.input("ROLLOUT"), "", commit))
    return 0


def mine(run: Run, record: Record, attempt: int) -> Rollout | None:
    """The open rollout, if it is the one this run started and still owns by that attempt of its start."""
    rollout = record.open
    owned = rollout is not None and rollout.owner == Owner(run.facts.run_id, attempt)
    return rollout if rollout and owned and run.input("ROLLOUT") in ("", rollout.id) else None


def result_of(run: Run, callback: str) -> Result | None:
    """How that callback's job ended, as the workflow told this job; None when it says nothing of it."""
    result = run.input(f"RESULT_{callback}")
    if not result:
        return None
    verdict, reason, url = (run.input(f"{kind}_{callback}") for kind in ("VERDICT", "REASON", "URL"))
    return Result(result, verdict, reason, url)


def hand_over(course: Course, call: Call) -> Course:
    """Write ahead which callback runs next, in the same push as the decision."""
    check = call.check or course.rollout.check
    return course.amend("called", call.callback, callback=call.callback, named_at=course.now, check=check)


def _decide(run: Run, name: str, state: State) -> tuple[Sequence[Change], Answer]:
    record = state.record(run.input("ENVIRONMENT"), run.input("DEPLOY"))
    rollout = mine(run, record, run.facts.attempt)
    if rollout is None:
        return (), Answer(record, stale=True)
    course = Course(record, run.moment)
    if rollout.callback is not None:
        result = result_of(run, rollout.callback)
        if result is None:
            return (), Answer(record, stale=True)
        course = record_result(course, result)
    course, what = settle(course)
    course, answer = _answer(course, what, name)
    return changes(course), answer


def _answer(course: Course, what: Due, name: str) -> tuple[Course, Answer]:
    if course.record.open is None or course.rollout.state == "held":
        return course, Answer(course.record)
    if isinstance(what, Wait):
        return course, Answer(course.record, until=what.until)
    if isinstance(what, Call):
        callback = callback_of(course.rollout, what.callback)
        if callback is not None and name in callback.named_by:
            course = hand_over(course, what)
            return course, Answer(course.record, what.callback)
        course = course.amend("released", owner=None)  # this run has used that job up: a fresh run goes on
        return course, Answer(course.record)
    return course, Answer(course.record, PARK)


def _sleep_until(run: Run, until: int, commit: str) -> None:
    """Sleep until the time has come or the state branch moved; GitHub's clock decides, not the timer."""
    while (left := until - run.api.now()) > 0:
        run.sleep(min(float(left), POLL_SECONDS))
        try:
            if run.branch.tip() != commit:
                return
        except GitFailed as error:
            run.desk.say(f"could not look for requests, will look again: {error}")
    run.api.refresh_clock()
