"""finish: the last job of every deploy run, also of a cancelled one. It records what no gate could, and
starts what comes after.

It is told the result of every callback, so a gate that died takes no result with it: finish records it by
the same function.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from headgate_runtime.advance import WITHDRAWING, Course
from headgate_runtime.branch import Change
from headgate_runtime.decide import Result, must_run, record_result, settle
from headgate_runtime.jobs import APPROVE
from headgate_runtime.machine import HELD, takes
from headgate_runtime.record import PROMOTE, Event, Record, Rollout
from headgate_runtime.recover import Ending, answer_of_reviewers, ending_of, record_ending
from headgate_runtime.run import RESULT_PATIENCE, Run
from headgate_runtime.state import State
from headgate_runtime.verbs.gate import mine, result_of
from headgate_runtime.verbs.notify import notify
from headgate_runtime.verbs.onward import start_queued
from headgate_runtime.waiting import with_onward

BAD = ("rolled_back", "aborted", "failed", HELD)
"""The states whose run is red: a good rollback after a failed verification leaves every other job green."""

UNSTOPPABLE = (*WITHDRAWING, "retiring")
"""Where a cancelled run only means that the callback is called again."""

CANCEL_REASON = "the run was cancelled"


@dataclass(frozen=True)
class Answer:
    """What is left: the record, this run's rollout, and whether another run must go on with it."""

    record: Record
    rollout: str
    needs_run: bool
    events: tuple[Event, ...]

    @property
    def ended(self) -> Rollout | None:
        """The rollout, if it is over and nothing came after it."""
        ended = self.record.ended(self.rollout)
        return ended if self.record.open is None and ended == (*self.record.last, None)[0] else None


def finish(run: Run) -> int:
    """Settle the rollout of this run and dispatch what follows; 1 when the rollout ended badly or is held."""
    environment, deploy = run.input("ENVIRONMENT"), run.input("DEPLOY")
    _explain_dropped_outputs(run)
    commit, answer = run.write(
        lambda state: _decide(run, state, environment, deploy), patience=RESULT_PATIENCE
    )
    rollout = answer.record.open
    shown = answer.record.ended(answer.rollout) or (
        rollout if rollout and rollout.id == answer.rollout else None
    )
    run.desk.say(f"{environment}/{deploy}: {shown.state if shown else 'nothing of this run is open'}")
    run.summarize(answer.record, answer.rollout, commit, answer.events)
    if shown is not None and (answer.events or _is_first_look(run)):
        notify(run, answer.record, shown)
    if answer.needs_run and rollout is not None:
        run.dispatch_deploy(environment, deploy, rollout.release.id, "resume", rollout.because)
    if answer.ended is not None:
        start_queued(run, (environment, deploy))
    return 1 if shown is not None and shown.state in BAD else 0


def _is_first_look(run: Run) -> bool:
    """Whether this is the attempt of `start`; a later one has told everything already, unless it wrote."""
    return run.input("ATTEMPT") in ("", str(run.facts.attempt))


def _decide(run: Run, state: State, environment: str, deploy: str) -> tuple[Sequence[Change], Answer]:
    record = state.record(environment, deploy)
    course = Course(record, run.moment)
    attempt = int(run.input("ATTEMPT") or run.facts.attempt)
    rollout = mine(run, record, attempt)
    if rollout is not None:
        course = _record_end(run, course, rollout, current=attempt == run.facts.attempt)
    elif _cancelled(run):
        course = _let_go(run, course)
    course, needs_run = _pass_on(course, acted=rollout is not None or bool(course.entries))
    name = rollout.id if rollout else run.input("ROLLOUT")
    return with_onward(run.plan, state, course), Answer(course.record, name, needs_run, course.events)


def _record_end(run: Run, course: Course, rollout: Rollout, *, current: bool) -> Course:
    """What the missing gate would have recorded: the cancel, the callback's result, or that the run died in
    between.

    In a later attempt than that of `start` only a success can be believed: what failed before shows as
    skipped now, so the attempt that is over is asked.
    """
    result = result_of(run, rollout.callback) if rollout.callback else None
    if not current and (result is None or result.result != "success"):
        ending = ending_of(run, rollout)
        return record_ending(course, ending) if ending else course
    if rollout.callback == APPROVE:
        return _record_reviewers(run, course, rollout)
    if _cancelled(run) and rollout.requested("abort") is None and rollout.state not in UNSTOPPABLE:
        course = course.request("abort", CANCEL_REASON)
    if rollout.callback is not None:
        delivered = any(run.input(f"NEXT_{gate}").split()[1:] == [rollout.callback] for gate in _gates(run))
        seen = replace(result or Result(""), run_cancelled=_cancelled(run), delivered=delivered)
        return record_result(course, seen)
    return course if _cancelled(run) else course.take("lost", "a gate was lost")


def _pass_on(course: Course, *, acted: bool) -> tuple[Course, bool]:
    """Give the open rollout up, and see whether another run has to go on with it at once."""
    rollout = course.record.open
    if rollout is None or (rollout.owner is not None and not acted):
        return course, False
    course, what = settle(course)
    if course.record.open is None or not must_run(what):
        return course, False
    if not acted and course.rollout.dispatched_at is not None:
        return course, False
    freed = course.amend("dispatched", owner=None, callback=None, dispatched_at=course.now)
    return freed, True


def _record_reviewers(run: Run, course: Course, rollout: Rollout) -> Course:
    """What the approval's job could not: a cancel, which a request that stands in the record goes before, or
    a rejection, which keeps that job from starting.
    """
    if _cancelled(run):
        return record_ending(course, Ending("cancelled", CANCEL_REASON))
    answer = answer_of_reviewers(run, rollout)
    return record_ending(course, answer or Ending("lost", "the job of the approval ended without an answer"))


def _let_go(run: Run, course: Course) -> Course:
    """A cancelled run that owns nothing takes back what it was dispatched for, or what it has parked."""
    record, release, parked = course.record, run.input("RELEASE"), run.input("ROLLOUT")
    waits = record.queued is not None and record.queued.release.id == release
    if waits and not parked and run.input("KIND") == PROMOTE:
        return course.note("dropped", CANCEL_REASON, release=release, queued=None)
    rollout = record.open
    if rollout is None or rollout.owner is not None or rollout.state == HELD:
        return course
    meant = rollout.id == parked if parked else rollout.release.id == release
    return course.take("aborted", CANCEL_REASON) if meant and takes(rollout, "aborted") else course


def _cancelled(run: Run) -> bool:
    """The marker job runs only in a cancelled run; anything but skipped says that it did."""
    return run.input("CANCELLED") not in ("", "skipped")


def _gates(run: Run) -> list[str]:
    return [name[len("NEXT_") :] for name in run.inputs if name.startswith("NEXT_")]


def _explain_dropped_outputs(run: Run) -> None:
    """GitHub drops an output in which a secret's value occurs; the gate then looks lost, so say why."""
    for gate in _gates(run):
        if run.input(f"NEXT_{gate}") == "success":
            run.desk.warn(f"GitHub dropped the output of {gate}: a secret's value occurs in it")
