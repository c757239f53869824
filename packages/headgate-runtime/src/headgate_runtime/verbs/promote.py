"""promote: bring a release into an environment. It queues the release and dispatches one run per deploy
that is due.

Level-triggered: what is there already is skipped, so promoting twice does no harm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from headgate_runtime.advance import Course
from headgate_runtime.branch import Change
from headgate_runtime.entry import ENTER, HERE, REFUSED, WAIT, Verdict, may_enter, newest_for
from headgate_runtime.errors import Refused
from headgate_runtime.plan import Deploy
from headgate_runtime.record import Queued, Record, Release
from headgate_runtime.recover import on_its_way
from headgate_runtime.run import Run
from headgate_runtime.state import State, changes
from headgate_runtime.summary import table
from headgate_runtime.verbs.sweep import sweep


@dataclass(frozen=True)
class Line:
    """What becomes of one deploy; `dispatch`: its run is started now."""

    deploy: str
    release: str
    verdict: Verdict
    dispatch: bool = False


def promote(run: Run) -> int:
    """Queue and dispatch; 1 when a deploy was refused by the rules (the others go on)."""
    run.require_trunk()
    environment = run.require_environment().name
    deploys = run.require_deploys(environment)
    unusual = run.flag("FORCE") or run.flag("SKIP_STRATEGY")
    reason = run.require_reason() if unusual else run.optional_reason("promote")
    sweep(run)

    def decide(state: State) -> tuple[Sequence[Change], list[Line]]:
        release = _release(run, state, environment, deploys)
        made: list[Change] = []
        lines: list[Line] = []
        for deploy in deploys:
            course, line = _queue(run, state, environment, deploy, release, reason)
            made += changes(course)
            lines.append(line)
        return (() if run.flag("DRY_RUN") else made), lines

    commit, lines = run.write(decide)
    for line in lines:
        if line.dispatch and not run.flag("DRY_RUN"):
            run.dispatch_deploy(environment, line.deploy, line.release, "promote")
    _tell(run, environment, lines, commit)
    return 1 if any(line.verdict.word == REFUSED for line in lines) else 0


def _tell(run: Run, environment: str, lines: Sequence[Line], commit: str) -> None:
    words = {ENTER: "starts", WAIT: "waits"}
    rows = [
        (line.deploy, line.release, words.get(line.verdict.word, line.verdict.word), line.verdict.reason)
        for line in lines
    ]
    for row in rows:
        run.desk.say(f"{environment}/{row[0]}: {row[1]} {row[2]}{f' ({row[3]})' if row[3] else ''}")
    title = f"Promote to {environment}" + (" (dry run: nothing was written)" if run.flag("DRY_RUN") else "")
    run.desk.summary(table(title, ("deploy", "release", "what", "why"), rows, commit))


def _release(run: Run, state: State, environment: str, deploys: tuple[Deploy, ...]) -> Release:
    name = run.input("RELEASE")
    if name:
        built = state.release(name)
        if built is None:
            newest = ", ".join(item.id for item in state.releases()[:5])
            raise Refused(f"no release {name!r}", f"the newest are: {newest or 'none yet'}")
        return built.release
    found = newest_for(run.plan, state, environment, deploys)
    if found is None:
        raise Refused(
            f"no release may enter {environment} for all of these deploys", "name a release to see why"
        )
    return found


def _queue(
    run: Run, state: State, environment: str, deploy: Deploy, release: Release, reason: str
) -> tuple[Course, Line]:
    record = state.record(environment, deploy.name)
    course = Course(record, run.moment)
    verdict = may_enter(run.plan, state, environment, deploy, release, force=run.flag("FORCE"))
    if verdict.word not in (ENTER, WAIT):
        return course, Line(deploy.name, release.id, verdict)
    verdict = _later(state, record, verdict)
    dispatch = verdict.word == ENTER
    queued = Queued(
        release=release,
        actor=run.facts.actor,
        reason=reason,
        at=course.now,
        skip_strategy=run.flag("SKIP_STRATEGY"),
        force=run.flag("FORCE"),
        dispatched_at=course.now if dispatch else None,
    )
    if _is_queued(course, queued):
        return course, Line(deploy.name, release.id, Verdict(HERE, "queued already"))
    course = _supersede(course, release)
    return course.note("queued", reason, release=release.id, queued=queued), Line(
        deploy.name, release.id, verdict, dispatch
    )


def _later(state: State, record: Record, verdict: Verdict) -> Verdict:
    """What may enter still waits behind an open rollout and in a frozen environment."""
    if record.open is not None:
        return Verdict(WAIT, f"behind {record.open.release.id}, which is {record.open.state}")
    if state.environment(record.environment).frozen:
        return Verdict(WAIT, f"{record.environment} is frozen")
    return verdict


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


def _supersede(course: Course, release: Release) -> Course:
    queued = course.record.queued
    if queued is None or queued.release.id == release.id:
        return course
    return course.note("superseded", f"by {release.id}", release=queued.release.id, queued=None)
