"""promote: bring a release into an environment. It queues the release and dispatches one run per deploy
that is due.

Level-triggered: what is there already is skipped, so promoting twice does no harm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from headgate_runtime.advance import Course
from headgate_runtime.branch import Change
from headgate_runtime.entry import ENTER, REFUSED, WAIT, Verdict, newest_for
from headgate_runtime.errors import Refused
from headgate_runtime.machine import HELD, traffic_of
from headgate_runtime.opening import Intent, begin
from headgate_runtime.plan import BLUE_GREEN, Deploy, Plan
from headgate_runtime.record import PROMOTE, Release, Rollout
from headgate_runtime.run import Run
from headgate_runtime.state import State, changes
from headgate_runtime.summary import table
from headgate_runtime.verbs.onward import Dispatch, start_runs
from headgate_runtime.verbs.sweep import sweep
from headgate_runtime.waiting import Wish, enqueue, judge, superseded


@dataclass(frozen=True)
class Line:
    """What becomes of one deploy; what may enter is started now."""

    deploy: str
    release: str
    verdict: Verdict


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
        wish = Wish(release, run.facts.actor, reason, run.flag("SKIP_STRATEGY"), run.flag("FORCE"))
        made: list[Change] = []
        lines: list[Line] = []
        for deploy in deploys:
            course = Course(state.record(environment, deploy.name), run.moment)
            fixed = _fix_forward(run.plan, state, course, wish)
            course, verdict = fixed or enqueue(run.plan, state, course, wish, starts=True)
            made += changes(course)
            lines.append(Line(deploy.name, release.id, verdict))
        return (() if run.flag("DRY_RUN") else made), lines

    commit, lines = run.write(decide)
    _tell(run, environment, lines, commit)
    starting = [
        Dispatch(environment, line.deploy, line.release, PROMOTE)
        for line in lines
        if line.verdict.word == ENTER and not run.flag("DRY_RUN")
    ]
    if start_runs(run, starting):
        return 2
    return 1 if any(line.verdict.word == REFUSED for line in lines) else 0


def _fix_forward(plan: Plan, state: State, course: Course, wish: Wish) -> tuple[Course, Verdict] | None:
    """Close a held rollout as resolved and start the release that mends it, directly and in the same push;
    None where that isn't what is asked for.
    """
    record, held = course.record, course.record.open
    part = plan.part(record.environment, record.deploy)
    if held is None or held.state != HELD or part is None or not (wish.force and wish.skip_strategy):
        return None
    verdict = judge(plan, state, record, wish)
    why = "which colour is live is unknown" if _is_color_unknown(held) else verdict.reason
    if held.cause == "not_in_manifest" or _is_color_unknown(held) or verdict.word == WAIT:
        return course, Verdict(REFUSED, f"{held.id} is held, resolve it first{f': {why}' if why else ''}")
    if verdict.word != ENTER:
        return course, verdict
    course = superseded(_resolved(course, held, wish), wish.release)
    course = replace(course, record=replace(course.record, queued=None))
    intent = Intent(wish.release, wish.actor, wish.reason, direct=True, forced=True)
    course = begin(course, part, intent, None).amend("dispatched", dispatched_at=course.now)
    return course, Verdict(ENTER, f"closes {held.id}, which was held, as resolved")


def _is_color_unknown(held: Rollout) -> bool:
    return held.stages.strategy == BLUE_GREEN and traffic_of(held) == "unknown"


def _resolved(course: Course, held: Rollout, wish: Wish) -> Course:
    """End the held rollout where its traffic is; a release that was watched and found bad stays bad."""
    outcome = "promoted" if traffic_of(held) == "100" else "rolled_back"
    course = course.take(f"resolved_{outcome}", f"mended by {wish.release.id}: {wish.reason}")
    if held.kind != PROMOTE or held.held_from != "live_baking":
        return course
    bad = (*course.record.quarantine, held.release.id)
    return course.note("quarantined", release=held.release.id, quarantine=bad)


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
