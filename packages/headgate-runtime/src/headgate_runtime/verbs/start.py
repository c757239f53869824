"""start: the first gate of a deploy run. It opens the rollout that waits, or takes over one that is open,
and names what comes first.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from headgate_runtime.advance import BAKING, WITHDRAWING, Course, other_color
from headgate_runtime.branch import Change
from headgate_runtime.decide import Call, must_run, settle
from headgate_runtime.entry import HERE, REFUSED, SUPERSEDED, WAIT, may_enter
from headgate_runtime.errors import Refused
from headgate_runtime.jobs import APPROVE, END, bake_id
from headgate_runtime.opening import Intent, begin
from headgate_runtime.plan import CANARY, Deploy, Part
from headgate_runtime.record import PROMOTE, ROLLBACK, BuiltRelease, Event, Owner, Record, Rollout
from headgate_runtime.recover import PLAN_CHANGED, ending_of, record_ending, strays
from headgate_runtime.run import Run
from headgate_runtime.state import State
from headgate_runtime.verbs.gate import can_name, hand_over
from headgate_runtime.verbs.notify import notify
from headgate_runtime.verbs.sweep import sweep
from headgate_runtime.waiting import with_onward


@dataclass(frozen=True)
class Answer:
    """What the run does: `next` names a job, or END with the reason; `refused` ends the run red.

    `rollout` is the one that this start owns or brought to where it is: finish answers for it.
    """

    record: Record
    next: str = END
    reason: str = ""
    refused: bool = False
    rollout: str = ""
    events: tuple[Event, ...] = ()


def start(run: Run) -> int:
    """Become the owner of the rollout that this run was dispatched for; 1 when the rules refuse it."""
    run.require_trunk()
    environment, deploy = run.require_environment().name, run.input("DEPLOY")
    part, found = run.plan.part(environment, deploy), run.plan.deploy(deploy)
    if part is None or found is None:
        raise Refused(
            f"the manifest has no deploy {deploy!r} in {environment}",
            "its open rollout, if any, can only be resolved",
        )
    sweep(run, except_for=(environment, deploy))

    def decide(state: State) -> tuple[Sequence[Change], tuple[Answer, BuiltRelease | None]]:
        course = Course(state.record(environment, deploy), run.moment)
        course, answer = (
            _take_over(run, course, part) if course.record.open else _begin(run, state, course, found, part)
        )
        touched = next((entry.event.rollout for entry in course.entries if entry.event.rollout), "")
        opened = answer.record.open
        built = state.release(opened.release.id) if opened else None
        answer = replace(answer, rollout=touched, events=course.events)
        return with_onward(run.plan, state, course), (answer, built)

    commit, (answer, built) = run.write(decide)
    rollout = answer.record.open
    if answer.next != END and rollout is not None:
        run.desk.outputs(_outputs(run, answer, rollout) | _build_outputs(found, built) | {"commit": commit})
        if answer.next == APPROVE:
            notify(run, answer.record, rollout)
    else:
        told = {"next": END, "environment": environment, "commit": commit, "rollout": answer.rollout}
        run.desk.outputs({**told, "attempt": str(run.facts.attempt)})
    run.desk.say(f"{environment}/{deploy}: {answer.reason or answer.next}")
    run.summarize(answer.record, answer.rollout, commit, answer.events, answer.reason)
    return 1 if answer.refused else 0


def _take_over(run: Run, course: Course, part: Part) -> tuple[Course, Answer]:
    """Go on with an open rollout, if nobody alive owns it."""
    rollout, back = course.rollout, run.input("KIND") == ROLLBACK
    if back and (rollout.kind, rollout.release.id) != (ROLLBACK, run.input("RELEASE")):
        return course, Answer(course.record, reason=f"{rollout.id} is open: abort it first", refused=True)
    if rollout.owner not in (None, _me(run)):
        ending = ending_of(run, rollout)
        if ending is None:
            reason = f"{rollout.id} is {rollout.state}, in another run"
            return course, Answer(course.record, reason=reason, refused=back)
        course = record_ending(course, ending)
    if course.record.open and strays(course.rollout, part, course.now):
        if not run.has_newest_plan():
            raise Refused(
                f"{course.rollout.id} goes by another plan than that of this run's commit",
                "this run is of an older commit: start a new one instead of running it again",
            )
        course = course.take("plan_changed", PLAN_CHANGED)
    return _enter(run, course)


def _enter(run: Run, course: Course) -> tuple[Course, Answer]:
    """Let everything due happen, then own the rollout and name the first job."""
    course, what = settle(course)
    if course.record.open is None:
        return course, Answer(course.record, reason=f"the rollout is {course.record.last[0].state}")
    if not must_run(what):
        course = course.amend("released", owner=None) if course.rollout.owner else course
        return course, Answer(course.record, reason=f"the rollout is {course.rollout.state}")
    course = course.amend("taken_over", owner=_me(run), dispatched_at=None)
    rollout = course.rollout
    if rollout.state in BAKING:
        gate = bake_id(rollout.step) if rollout.stages.strategy == CANARY else "bake_live"
        return course, Answer(course.record, gate, "goes on with the bake")
    if not isinstance(what, Call):
        raise AssertionError(f"{rollout.state} waits for nothing, it calls")
    if not can_name(run, what):
        course = course.amend("released", owner=None)
        return course, Answer(course.record, reason="reviewers are asked in a fresh run")
    course, named = hand_over(run, course, what)
    return course, Answer(course.record, named, course.rollout.because)


def _me(run: Run) -> Owner:
    return Owner(run.facts.run_id, run.facts.attempt)


def _begin(run: Run, state: State, course: Course, deploy: Deploy, part: Part) -> tuple[Course, Answer]:
    """Open a new rollout: the queued release, or the target of a rollback."""
    kind = run.input("KIND") or PROMOTE
    if kind == ROLLBACK:
        return _begin_rollback(run, state, course, part)
    wanted, queued = run.input("RELEASE"), course.record.queued
    if queued is None or queued.release.id != wanted:
        return course, _not_queued(course.record, state.release(wanted), wanted, kind)
    if state.environment(course.record.environment).frozen:
        return course, Answer(
            course.record, reason=f"{course.record.environment} is frozen; {wanted} stays queued"
        )
    environment = run.require_environment()
    if queued.by_itself and not environment.auto:
        reason = f"{environment.name} takes no releases by itself any more"
        course = course.note("dropped", reason, release=wanted, queued=None)
        return course, Answer(course.record, reason=reason)
    waiting = replace(course.record, queued=None)
    verdict = may_enter(run.plan, state, waiting.environment, deploy, queued.release, force=queued.force)
    if verdict.word == WAIT:
        return course, Answer(course.record, reason=f"{wanted} stays queued: {verdict.reason}")
    if verdict.word in (REFUSED, SUPERSEDED, HERE):
        dropped = course.note(verdict.word, verdict.reason, release=wanted, queued=None)
        return dropped, Answer(dropped.record, reason=verdict.reason, refused=verdict.word == REFUSED)
    intent = Intent(
        queued.release, queued.actor, queued.reason, direct=queued.skip_strategy, forced=queued.force
    )
    return _enter(run, begin(replace(course, record=waiting), part, intent, _me(run)))


def _not_queued(record: Record, built: BuiltRelease | None, wanted: str, kind: str) -> Answer:
    """Why a run that was dispatched for a release finds nothing to start."""
    if record.live is not None and record.live.id == wanted:
        return Answer(record, reason=f"{wanted} is live already")
    newest = max(
        (item.order for item in (record.live, record.queued and record.queued.release) if item), default=-1
    )
    if built is not None and built.order < newest:
        return Answer(record, reason=f"{wanted} is superseded by a newer release")
    if kind == "resume":
        return Answer(record, reason="no rollout is open here: nothing to resume")
    why = "is in quarantine here" if wanted in record.quarantine else "is not queued here"
    return Answer(record, reason=f"{wanted} {why}: start it with headgate-promote", refused=True)


def _begin_rollback(run: Run, state: State, course: Course, part: Part) -> tuple[Course, Answer]:
    record, name = course.record, run.input("RELEASE")
    known = {item.id: item for item in (*record.previous, *((record.live,) if record.live else ()))}
    built = state.release(name)
    wanted = known.get(name) or (built.release if built else None)
    if wanted is None:
        return course, Answer(record, reason=f"no release {name!r} to go back to", refused=True)
    intent = Intent(wanted, run.facts.actor, run.optional_reason("rollback"), ROLLBACK, direct=True)
    return _enter(run, begin(course, part, intent, _me(run)))


def _outputs(run: Run, answer: Answer, rollout: Rollout) -> dict[str, str]:
    """What callbacks receive of the rollout, and what the jobs of this run need to know."""
    color, before = rollout.color or "", rollout.replaces
    told = {
        "deploy": answer.record.deploy,
        "environment": answer.record.environment,
        "previous_release": before.id if before else "",
        "previous_sha": before.sha if before else "",
        "release": rollout.release.id,
        "rollout_id": rollout.id,
        "sha": rollout.release.sha,
        "strategy": rollout.stages.strategy,
    }
    outputs = {key: value for key, value in told.items() if key not in ("deploy", "rollout_id")}
    return outputs | {
        "next": answer.next,
        "reason": answer.reason if rollout.state in WITHDRAWING else "",
        "attempt": str(run.facts.attempt),
        "rollout": rollout.id,
        "new_color": color,
        "old_color": other_color(color) if color else "",
        "context": _context(run, rollout, told),
    }


def _build_outputs(deploy: Deploy, built: BuiltRelease | None) -> dict[str, str]:
    by_build: Mapping[str, Mapping[str, str]] = built.outputs if built else {}
    return {
        f"output_{name}": value for build in deploy.builds for name, value in by_build.get(build, {}).items()
    }


def _context(run: Run, rollout: Rollout, told: Mapping[str, str]) -> str:
    """The rest of the JSON object that callbacks get as `context`; the calling job puts action and numbers
    before it.
    """
    more = {
        **told,
        "kind": rollout.kind,
        "direct": rollout.direct,
        "steps": [
            {"percent": step.percent, "bake_seconds": step.bake.seconds} for step in rollout.stages.steps
        ],
        "bake_seconds": rollout.stages.bake.seconds,
        "timeout_seconds": rollout.stages.timeout_seconds,
        "run": run.facts.page,
        "attempt": run.facts.attempt,
    }
    return json.dumps(more, ensure_ascii=False, separators=(",", ":"))[1:]
