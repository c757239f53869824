"""onward: start what waits and may enter now: after the end of a rollout, or of a freeze."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from headgate_runtime.advance import Course
from headgate_runtime.branch import Change
from headgate_runtime.errors import ApiFailed
from headgate_runtime.record import PROMOTE
from headgate_runtime.run import Run
from headgate_runtime.state import State, changes
from headgate_runtime.waiting import on_its_way, ready, stamped


@dataclass(frozen=True)
class Dispatch:
    """A run of a deploy workflow that has to be started; `rerun` is a run whose failed jobs are to be re-run
    instead.
    """

    environment: str
    deploy: str
    release: str
    kind: str
    rerun: int = 0


def start_queued(run: Run, *ended: tuple[str, str]) -> None:
    """Start every queued release that may enter now, unless a run of it is on its way.

    `ended` are the places (environment, deploy) whose rollout has just ended: a run that was on its way there
    may have found the place taken, so it doesn't count.
    """

    def decide(state: State) -> tuple[Sequence[Change], list[Dispatch]]:
        courses: list[Course] = []
        due: list[Dispatch] = []
        for record in state.readable_records()[0]:
            place = (record.environment, record.deploy)
            course, item = queued_due(run, state, Course(record, run.moment), ignores_stamp=place in ended)
            courses.append(course)
            due += [item] if item else []
        return changes(*courses), due

    _, due = run.write(decide)
    start_runs(run, due)


def start_runs(run: Run, dispatches: Sequence[Dispatch]) -> list[ApiFailed]:
    """Start each of them; one that GitHub refuses keeps none of the others from starting, and is tried again
    by a sweep when its stamp is old.
    """
    failures = [failure for item in dispatches if (failure := _start(run, item))]
    for failure in failures:
        run.desk.warn(f"a run could not be started: {failure}")
    return failures


def _start(run: Run, item: Dispatch) -> ApiFailed | None:
    try:
        if item.rerun:
            run.api.rerun_failed_jobs(item.rerun)
        else:
            run.dispatch_deploy(item.environment, item.deploy, item.release, item.kind)
    except ApiFailed as failure:
        return failure
    return None


def queued_due(
    run: Run, state: State, course: Course, *, ignores_stamp: bool = False
) -> tuple[Course, Dispatch | None]:
    """Stamp the queued release, if it may start and nobody has just dispatched it; and the run it needs."""
    record, queued = course.record, course.record.queued
    if queued is None or not ready(run.plan, state, record):
        return course, None
    if not ignores_stamp and on_its_way(queued.dispatched_at, course.now):
        return course, None
    return stamped(course, queued), Dispatch(record.environment, record.deploy, queued.release.id, PROMOTE)
