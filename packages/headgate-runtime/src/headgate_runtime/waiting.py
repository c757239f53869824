"""What waits to enter an environment: one release per deploy, the newest that was asked for. Pure.

Level-triggered: what is there already, or waits already, is left as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from headgate_runtime.advance import Course
from headgate_runtime.branch import Change
from headgate_runtime.entry import ENTER, HERE, SUPERSEDED, WAIT, Verdict, may_enter, unmet_needs
from headgate_runtime.plan import Deploy, Plan
from headgate_runtime.record import PROMOTE, Queued, Record, Release, Rollout
from headgate_runtime.state import State, changes

STAMP_SECONDS = 30 * 60
"""How long a dispatch is taken to be on its way: nobody dispatches the same again before."""


@dataclass(frozen=True)
class Wish:
    """What somebody wants to bring into an environment, and how."""

    release: Release
    actor: str
    reason: str
    skip_strategy: bool = False
    force: bool = False
    by_itself: bool = False
    """Nobody asked: an `auto` environment takes it."""


def on_its_way(dispatched_at: int | None, now: int) -> bool:
    """Whether a run was dispatched so recently that it may still start."""
    return dispatched_at is not None and now - dispatched_at < STAMP_SECONDS


def ready(plan: Plan, state: State, record: Record) -> bool:
    """Whether the queued release of this record could start now."""
    deploy, queued = plan.deploy(record.deploy), record.queued
    if deploy is None or record.environment not in deploy.parts:
        return False
    if queued is None or queued.waits_for_person or record.open is not None:
        return False
    if state.environment(record.environment).frozen:
        return False
    return not unmet_needs(plan, state, record.environment, deploy, queued.release)


def judge(plan: Plan, state: State, record: Record, wish: Wish) -> Verdict:
    """Whether what is wished may enter that place now, waits there, or is refused."""
    deploy = plan.deploy(record.deploy)
    if deploy is None:
        raise LookupError(f"the plan has no deploy {record.deploy}")
    verdict = may_enter(plan, state, record.environment, deploy, wish.release, force=wish.force)
    if verdict.word == ENTER and state.environment(record.environment).frozen:
        return Verdict(WAIT, f"{record.environment} is frozen")
    return verdict


def enqueue(plan: Plan, state: State, course: Course, wish: Wish, *, starts: bool) -> tuple[Course, Verdict]:
    """Let a release wait for its turn in the place of the course, if it may; and whether it starts or waits.

    `starts`: whoever asks dispatches the run of what may enter at once.
    """
    verdict, ahead = judge(plan, state, course.record, wish), course.record.open
    if verdict.word not in (ENTER, WAIT):
        return course, verdict
    if ahead is not None:
        verdict = Verdict(WAIT, f"behind {ahead.release.id}, which is {ahead.state}")
    stamp = course.now if starts and verdict.word == ENTER else None
    queued = Queued(
        release=wish.release,
        actor=wish.actor,
        reason=wish.reason,
        at=course.now,
        skip_strategy=wish.skip_strategy,
        force=wish.force,
        by_itself=wish.by_itself,
        dispatched_at=stamp,
    )
    if _is_queued(course, queued):
        return course, Verdict(HERE, "queued already")
    course = superseded(course, wish.release)
    return course.note("queued", wish.reason, release=wish.release.id, queued=queued), verdict


def stamped(course: Course, queued: Queued) -> Course:
    """The queued release is on its way from now on."""
    on_way = replace(queued, dispatched_at=course.now)
    return course.note("dispatched", release=queued.release.id, queued=on_way)


def with_onward(plan: Plan, state: State, *courses: Course) -> Sequence[Change]:
    """One change per event of the courses, and of what the promotions among them let into later `auto`
    environments: it waits there from the same push on, so no death of a run can forget it. For every verb by
    which a rollout can end.
    """
    latest = {(course.record.environment, course.record.deploy): course for course in courses}
    for course in courses:
        ended = _promoted(state, course)
        if ended is not None:
            _follow(plan, state, course, ended, latest)
    return changes(*latest.values())


def _promoted(state: State, course: Course) -> Rollout | None:
    """The promotion that ends in this course; a rollback leads to no other place."""
    record = course.record
    if record.open is not None or state.record(record.environment, record.deploy).open is None:
        return None
    ended = record.last[0]
    return ended if ended.state == "promoted" and ended.kind == PROMOTE else None


def _follow(
    plan: Plan, state: State, course: Course, ended: Rollout, latest: dict[tuple[str, str], Course]
) -> None:
    reason = f"promoted in {course.record.environment}"
    wish = Wish(ended.release, course.moment.actor, reason, by_itself=True)
    for place in later_environments(plan, course.record.environment):
        now = state.overlaid(one.record for one in latest.values())
        deploys = plan.deploys_in(place)
        concerned = any(deploy.name == course.record.deploy for deploy in deploys)
        if not concerned or not _is_open(plan, now, place, deploys, ended.release):
            continue
        for deploy in deploys:
            there = latest.get((place, deploy.name)) or Course(now.record(place, deploy.name), course.moment)
            waits = there.record.queued is not None and there.record.queued.release.id == ended.release.id
            if not waits:  # what a person said of it stands
                latest[place, deploy.name], _ = enqueue(plan, now, there, wish, starts=False)


def later_environments(plan: Plan, environment: str) -> tuple[str, ...]:
    """The `auto` environments behind this one, in order."""
    names = [place.name for place in plan.environments]
    if environment not in names:
        return ()
    return tuple(place.name for place in plan.environments[names.index(environment) + 1 :] if place.auto)


def _is_open(plan: Plan, state: State, environment: str, deploys: Sequence[Deploy], release: Release) -> bool:
    """Whether every deploy of an environment may take the release, or has it."""
    words = [may_enter(plan, state, environment, each, release, force=False).word for each in deploys]
    return all(word in (ENTER, WAIT, HERE, SUPERSEDED) for word in words)


def _is_queued(course: Course, wanted: Queued) -> bool:
    """Whether the same waits already, and neither a person nor a run that is due is what it waits for."""
    there = course.record.queued
    return (
        there is not None
        and (there.release, there.skip_strategy, there.force)
        == (wanted.release, wanted.skip_strategy, wanted.force)
        and not there.waits_for_person
        and (wanted.dispatched_at is None or on_its_way(there.dispatched_at, course.now))
    )


def superseded(course: Course, release: Release) -> Course:
    """Drop what waits for another release, and say so."""
    queued = course.record.queued
    if queued is None or queued.release.id == release.id:
        return course
    return course.note("superseded", f"by {release.id}", release=queued.release.id, queued=None)
