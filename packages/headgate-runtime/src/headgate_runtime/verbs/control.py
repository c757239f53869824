"""control: what people do to a rollout. A verb that the state doesn't take is refused and writes nothing.

Where a run owns the rollout, the verb is only noted: a bake obeys within 30 s, every other gate when it
starts. Where nobody owns it, the verb acts at once and a run is dispatched for what follows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from headgate_runtime.advance import WITHDRAWING, Course, with_live
from headgate_runtime.branch import Change
from headgate_runtime.decide import expiry, must_run, settle
from headgate_runtime.errors import Refused
from headgate_runtime.jobs import APPROVE
from headgate_runtime.machine import EVENTS, HELD, VERBS, takes
from headgate_runtime.plan import BLUE_GREEN, Part
from headgate_runtime.record import BuiltRelease, Colors, Event, Owner, Record, Rollout, to_file
from headgate_runtime.recover import ending_of, record_ending
from headgate_runtime.run import Run
from headgate_runtime.state import State, changes
from headgate_runtime.summary import table
from headgate_runtime.verbs.notify import notify
from headgate_runtime.verbs.onward import start_queued
from headgate_runtime.verbs.register import registration
from headgate_runtime.verbs.sweep import sweep
from headgate_runtime.waiting import with_onward

REQUESTS = ("abort", "pause", "promote-now")
"""The verbs that a run which owns the rollout can still obey."""

GOING_ON = ("promote-now", "resume", "retry", "approve")
"""The verbs that go on with a rollout: only by the plan it started with."""

NOTED = ("promoting", "cutting_over", "deploying")
"""States in which an abort can't stop the callback that runs, but is noted."""

SHA = re.compile(r"[0-9a-f]{40}")


def control(run: Run) -> int:
    """Do what the input VERB says; 0, or Refused."""
    run.require_trunk()
    verb, environment, deploy = run.input("VERB"), run.input("ENVIRONMENT"), run.input("DEPLOY")
    reason = run.require_reason()
    sweep(run, except_for=(environment, deploy))
    if verb in EVENTS:
        what = _act_in_time(run, verb, environment, deploy, reason)
    elif verb == "resolve":
        what = _resolve(run, environment, deploy, reason)
    elif verb == "adopt":
        what = _adopt(run, environment, deploy, reason)
    elif verb in ("freeze", "unfreeze"):
        what = _freeze(run, verb == "freeze", reason)
    else:
        raise Refused(
            f"no verb {verb!r}",
            f"the verbs are: {', '.join(VERBS)}",
        )
    run.desk.say(f"{environment}{f'/{deploy}' if deploy else ''}: {what}")
    run.desk.summary(table(f"{verb}: {environment} {deploy}", ("what", "reason"), [(what, reason)], ""))
    return 0


def abort(run: Run, environment: str, deploy: str, reason: str) -> str:
    """Abort the open rollout, or drop the queued release; what was done, for people."""
    return _act(run, "abort", environment, deploy, reason)


class TimeOver(Refused):
    """The rollout's own time, or that of its pause or approval, was over before the verb came."""


def _act_in_time(run: Run, verb: str, environment: str, deploy: str, reason: str) -> str:
    """Do it, unless it comes too late; then what is due instead happens at once."""
    try:
        return _act(run, verb, environment, deploy, reason)
    except TimeOver:
        sweep(run)
        raise


def _act(run: Run, verb: str, environment: str, deploy: str, reason: str) -> str:
    def decide(state: State) -> tuple[Sequence[Change], tuple[Record, bool]]:
        before = state.record(environment, deploy)
        course = _acted(run, verb, Course(before, run.moment), reason)
        return with_onward(run.plan, state, course), (course.record, before.open is not None)

    _, (record, was_open) = run.write(decide)
    rollout = record.open
    if rollout is None:
        return _ended(run, record) if was_open else "dropped what was queued"
    if rollout.owner is not None:
        return _noted(run, verb, rollout, rollout.owner)
    if rollout.dispatched_at is not None:
        run.dispatch_deploy(environment, deploy, rollout.release.id, "resume", reason)
    else:
        notify(run, record, rollout)
    return f"the rollout is {rollout.state}"


def _ended(run: Run, record: Record) -> str:
    """What follows the end of a rollout that this verb brought about."""
    ended = record.last[0]
    notify(run, record, ended)
    start_queued(run, (record.environment, record.deploy))
    return f"the rollout is {ended.state}"


def _noted(run: Run, verb: str, rollout: Rollout, owner: Owner) -> str:
    """A run owns the rollout. One that waits for reviewers can't hear, so it is cancelled."""
    if verb == "abort" and (run.flag("NOW") or rollout.callback == APPROVE):
        run.api.cancel_run(owner.run)
        return f"noted: run {owner.run} owns the rollout and is cancelled"
    return f"noted: run {owner.run} owns the rollout and obeys at its next gate"


def _acted(run: Run, verb: str, course: Course, reason: str) -> Course:
    record, rollout = course.record, course.record.open
    if rollout is None:
        if verb == "abort" and record.queued is not None:
            return course.note("dropped", reason, release=record.queued.release.id, queued=None)
        raise Refused(f"no rollout is open in {record.environment}/{record.deploy}: nothing to {verb}")
    if verb in GOING_ON:
        _require_same_plan(run.plan.part(record.environment, record.deploy), rollout)
    if verb in ("approve", "reject") and rollout.asks_reviewers:
        raise Refused("this approval is given on GitHub", "review the run that waits for it there")
    if rollout.owner is not None:
        ending = ending_of(run, rollout)
        if ending is None:
            return _requested(run, course, verb, reason)
        course = record_ending(course, ending)
        if verb == "abort" and (course.record.open is None or course.rollout.state in WITHDRAWING):
            return _continued(course)  # its end, found only now, leads to the same
        if course.record.open is None:
            raise Refused(f"the rollout ended with run {rollout.owner.run}: nothing to {verb}")
    late = expiry(course.rollout, course.now)
    if late is not None and verb not in ("abort", "reject"):
        raise TimeOver(f"{verb} comes too late: {late.reason}")
    return _continued(course.take(EVENTS[verb], reason))


def _requested(run: Run, course: Course, verb: str, reason: str) -> Course:
    rollout = course.rollout
    if rollout.requested("abort") is not None:
        if verb == "abort" and run.flag("NOW"):
            return course  # it stands in the record; now the run is cancelled as well
        raise Refused("an abort is requested already: it comes first")
    if rollout.callback == APPROVE and verb != "abort":
        raise Refused("a run waits for the reviewers of this approval", "approve or reject it on GitHub")
    noted = verb == "abort" and rollout.state in NOTED
    if verb not in REQUESTS or not (noted or takes(rollout, EVENTS[verb])):
        raise Refused(f"a rollout that is {rollout.state} in a run can't take {verb}")
    return course.request(verb, reason)


def _require_same_plan(part: Part | None, rollout: Rollout) -> None:
    if part is None or part.digest != rollout.digest:
        raise Refused(
            "the plan on trunk is no longer the one this rollout started with", "abort or resolve it"
        )


def _continued(course: Course) -> Course:
    """Let what follows by itself happen, and stamp the dispatch of a run where one is needed."""
    course, what = settle(course)
    if course.record.open is None or not must_run(what):
        return course
    return course.amend("dispatched", owner=None, callback=None, dispatched_at=course.now)


def _resolve(run: Run, environment: str, deploy: str, reason: str) -> str:
    outcome = run.input("OUTCOME")
    if outcome not in ("promoted", "rolled_back"):
        raise Refused(f"resolve needs an outcome: promoted or rolled_back, not {outcome!r}")

    def decide(state: State) -> tuple[Sequence[Change], Record]:
        course = Course(state.record(environment, deploy), run.moment)
        if course.record.open is None or course.rollout.state != HELD:
            raise Refused(f"no rollout is held in {environment}/{deploy}: nothing to resolve")
        course = course.take(f"resolved_{outcome}", reason)
        return with_onward(run.plan, state, course), course.record

    _, record = run.write(decide)
    _ended(run, record)
    return f"resolved as {outcome}"


def _adopt(run: Run, environment: str, deploy: str, reason: str) -> str:
    name, part = run.input("RELEASE"), run.plan.part(environment, deploy)
    if part is None:
        raise Refused(f"the manifest has no deploy {deploy!r} in {environment}")

    def decide(state: State) -> tuple[Sequence[Change], None]:
        record, built = state.record(environment, deploy), state.release(name)
        if record.open is not None:
            raise Refused(f"{record.open.id} is open", "only what is quiet can be adopted")
        if built is None and not SHA.fullmatch(name):
            raise Refused(f"no release {name!r}", "name a release, or the 40 hex digits of a commit")
        moment = run.moment
        adopted = built or BuiltRelease(name, 0, name, moment.now, {})
        changed = with_live(record, adopted.release)
        course = Course(record, moment).note(
            "adopted",
            reason,
            release=name,
            live=changed.live,
            previous=changed.previous,
            promoted=(name, *(item for item in record.promoted if item != name)),
            colors=_adopted_colors(run, record, name, part),
        )
        return (*(() if built else (registration(moment, adopted),)), *changes(course)), None

    run.write(decide)
    return f"{name} is live"


def _adopted_colors(run: Run, record: Record, release: str, part: Part) -> Colors | None:
    color = run.input("COLOR")
    if part.stages.strategy != BLUE_GREEN:
        return record.colors
    if color not in ("", "blue", "green"):
        raise Refused(f"no color {color!r}: blue or green")
    return Colors(None, None).with_release(color or "blue", release)


def _freeze(run: Run, frozen: bool, reason: str) -> str:
    environment = run.require_environment().name
    word = "frozen" if frozen else "unfrozen"

    def decide(state: State) -> tuple[Sequence[Change], None]:
        before, moment = state.environment(environment), run.moment
        if before.frozen == frozen:
            raise Refused(f"{environment} is {word} already")
        after = replace(before, frozen=frozen, seq=before.seq + 1)
        event = Event(
            after.seq, moment.now, word, environment, actor=moment.actor, run=moment.run, reason=reason
        )
        return (Change(event.subject, event.to_json(), {after.path: to_file(after)}),), None

    run.write(decide)
    if not frozen:
        start_queued(run)
    return word
