"""onward: what the end of a rollout makes possible: the queued release, the deploys that waited for this
one, the next `auto` environments.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from headgate_runtime.advance import Course
from headgate_runtime.branch import Change
from headgate_runtime.entry import ENTER, HERE, SUPERSEDED, WAIT, may_enter, unmet_needs
from headgate_runtime.record import PROMOTE, Queued, Record, Rollout
from headgate_runtime.recover import on_its_way
from headgate_runtime.run import Run
from headgate_runtime.state import State, changes

PROMOTE_WORKFLOW = "headgate-promote.yaml"


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


def go_on(run: Run, environment: str, deploy: str, ended: Rollout) -> None:
    """Dispatch what became possible. A rollback never leads to another deploy or environment."""
    if ended.state != "promoted" or ended.kind != PROMOTE:
        start_queued(run, environment, [deploy])
        return
    others = [other.name for other in run.plan.deploys_in(environment) if other.name != deploy]
    start_queued(run, environment, [deploy], others)
    for name in open_environments(run, run.read(), environment, ended):
        run.dispatch(PROMOTE_WORKFLOW, environment=name, release=ended.release.id, deploys="all", reason="")


def start_queued(run: Run, environment: str, deploys: Sequence[str], others: Sequence[str] = ()) -> None:
    """Start the queued releases that are ready: of `deploys` in any case, of `others` unless a run is on its
    way.
    """

    def decide(state: State) -> tuple[Sequence[Change], list[Dispatch]]:
        made: list[Change] = []
        due: list[Dispatch] = []
        for name in (*deploys, *others):
            course = Course(state.record(environment, name), run.moment)
            queued = course.record.queued
            if queued is None or not ready(run, state, course.record):
                continue
            if name in others and on_its_way(queued.dispatched_at, course.now):
                continue
            course, item = dispatch_queued(course, queued)
            made += changes(course)
            due.append(item)
        return made, due

    _, due = run.write(decide)
    for item in due:
        run.dispatch_deploy(item.environment, item.deploy, item.release, item.kind)


def open_environments(run: Run, state: State, environment: str, ended: Rollout) -> list[str]:
    """The later `auto` environments whose deploys may now all take the release, and not all have it."""
    names = [place.name for place in run.plan.environments]
    later = run.plan.environments[names.index(environment) + 1 :]
    found = []
    for place in later:
        deploys = run.plan.deploys_in(place.name)
        words = [may_enter(run.plan, state, place.name, d, ended.release, force=False).word for d in deploys]
        waiting = [state.record(place.name, d.name).queued for d in deploys]
        asked = any(queued is not None and queued.release.id == ended.release.id for queued in waiting)
        allowed = all(word in (ENTER, WAIT, HERE, SUPERSEDED) for word in words)
        if place.auto and allowed and not asked and (ENTER in words or WAIT in words):
            found.append(place.name)
    return found


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
