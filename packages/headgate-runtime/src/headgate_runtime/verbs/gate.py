"""gate: the job between two callbacks, and the one behind an approval. It records how the one before ended,
waits out a bake, and names the one that comes next.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from headgate_runtime.advance import WITHDRAWING, Course
from headgate_runtime.branch import Change
from headgate_runtime.decide import Call, Due, Park, Result, Wait, record_result, settle
from headgate_runtime.errors import ApiFailed, GitFailed
from headgate_runtime.jobs import APPROVE, END, PARK, namers
from headgate_runtime.record import Event, Owner, Record, Rollout
from headgate_runtime.recover import answer_of_reviewers, record_ending
from headgate_runtime.run import PATIENCE, RESULT_PATIENCE, Run
from headgate_runtime.state import State
from headgate_runtime.verbs.notify import notify
from headgate_runtime.waiting import with_onward

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
    events: tuple[Event, ...] = ()


def gate(run: Run) -> int:
    """Record, wait, decide, name the next job; 0 also when the rollout is somebody else's by now."""
    name, patience, earlier = run.input("GATE"), RESULT_PATIENCE, run.input("COMMITS")
    events: tuple[Event, ...] = ()
    while True:
        commit, answer = run.write(partial(_decide, run, name), patience=patience)
        events += answer.events
        if answer.until is None:
            break
        _sleep_until(run, answer.until, commit)
        run, patience = replace(run, inputs={**run.inputs, "COMMITS": f"{earlier} {commit}"}), PATIENCE
    rollout = answer.record.open
    because = rollout.because if rollout and rollout.state in WITHDRAWING else ""
    run.desk.outputs({"next": answer.next, "reason": because, "commit": commit})
    if answer.next == APPROVE and rollout is not None:
        notify(run, answer.record, rollout)
    run.desk.say("stale: the rollout is not this run's any more" if answer.stale else f"next: {answer.next}")
    run.summarize(answer.record, run.input("ROLLOUT"), commit, events)
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


def can_name(run: Run, call: Call) -> bool:
    """Whether this attempt may start that job. Reviewers are asked once in a run: in a later attempt GitHub
    lets the job pass, and tells what was said before, perhaps of another rollout.
    """
    return call.callback != APPROVE or run.facts.attempt == 1


def hand_over(run: Run, course: Course, call: Call) -> tuple[Course, str]:
    """Write ahead which job runs next, in the same push as the decision, and give its name.

    Reviewers are asked only where GitHub is sure to wait for one: it makes an environment that is missing,
    and lets everybody into one that is not protected.
    """
    if call.callback == APPROVE and (doubt := _doubt_about_reviewers(run, course.rollout)):
        return course.take("no_approvers", doubt), END
    check = call.check or course.rollout.check
    named = course.amend("called", call.callback, callback=call.callback, named_at=course.now, check=check)
    return named, call.callback


def _doubt_about_reviewers(run: Run, rollout: Rollout) -> str:
    """Why it isn't sure that somebody will be asked; empty when it is."""
    approval = rollout.stages.approval
    name = (approval.github_environment if approval else None) or ""
    try:
        if run.api.has_reviewers(name):
            return ""
    except ApiFailed as error:
        return f"GitHub does not say whether the environment {name} has required reviewers: {error}"
    return f"the GitHub environment {name} is missing or has no required reviewers"


def _decide(run: Run, name: str, state: State) -> tuple[Sequence[Change], Answer]:
    record = state.record(run.input("ENVIRONMENT"), run.input("DEPLOY"))
    rollout = mine(run, record, run.facts.attempt)
    if rollout is None:
        return (), Answer(record, stale=True)
    course = Course(record, run.moment)
    if name == APPROVE and rollout.callback == APPROVE:
        course = _approved(run, course)
    elif rollout.callback is not None:
        result = result_of(run, rollout.callback)
        if result is None:
            return (), Answer(record, stale=True)
        course = record_result(course, result)
    course, what = settle(course)
    course, answer = _answer(run, course, what, name)
    return with_onward(run.plan, state, course), replace(answer, events=course.events)


def _approved(run: Run, course: Course) -> Course:
    """GitHub let this job start, so a reviewer approved; unless an abort was asked for, or it is too late."""
    course, what = settle(course)
    if not isinstance(what, Call) or what.callback != APPROVE:
        return course
    answer = answer_of_reviewers(run, course.rollout)
    if answer is None or answer.event != "approved":
        return course.take("no_approvers", "GitHub started the approval's job, but names nobody who approved")
    return record_ending(course, answer)


def _answer(run: Run, course: Course, what: Due, name: str) -> tuple[Course, Answer]:
    match what:
        case Wait(until=until):
            return course, Answer(course.record, until=until)
        case Park():
            return course, Answer(course.record, PARK)
        case Call(callback=callback) if can_name(run, what) and name in namers(
            course.rollout.stages, callback
        ):
            course, named = hand_over(run, course, what)
            return course, Answer(course.record, named)
        case Call():
            # This run has used that job up: a fresh run goes on.
            course = course.amend("released", owner=None)
            return course, Answer(course.record)
        case _:
            return course, Answer(course.record)


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
