"""How a rollout begins: all that its decisions will need is frozen in the record at this moment. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from headgate_runtime.advance import Course, idle_color
from headgate_runtime.machine import table_of
from headgate_runtime.plan import ALL_AT_ONCE, BLUE_GREEN, Part
from headgate_runtime.record import PROMOTE, ROLLBACK, Owner, Record, Release, Rollout


@dataclass(frozen=True)
class Intent:
    """What is to be brought live, by whom and why; `direct`: without the strategy."""

    release: Release
    actor: str
    reason: str
    kind: str = PROMOTE
    direct: bool = False
    forced: bool = False


def begin(course: Course, part: Part, intent: Intent, owner: Owner | None) -> Course:
    """Open the rollout in its first state; a promotion lifts the quarantine: only force brought it here."""
    record = course.record
    kept = tuple(item for item in record.quarantine if item != intent.release.id)
    if intent.kind == PROMOTE:
        course = replace(course, record=replace(record, quarantine=kept))
    rollout = _first_state(_frozen(course, part, intent, owner), record)
    if not rollout.direct and table_of(rollout) != ALL_AT_ONCE and rollout.stages.timeout_seconds:
        rollout = replace(rollout, deadline=course.now + rollout.stages.timeout_seconds)
    return course.open(rollout)


def _frozen(course: Course, part: Part, intent: Intent, owner: Owner | None) -> Rollout:
    record, stages = course.record, part.stages
    live = record.live
    return Rollout(
        id=f"{record.environment}-{record.deploy}-{record.seq + 1}",
        kind=intent.kind,
        release=intent.release,
        replaces=live,
        stages=stages,
        digest=part.digest,
        state="",
        direct=stages.strategy != ALL_AT_ONCE and (intent.direct or live is None),
        started_at=course.now,
        actor=intent.actor,
        reason=intent.reason,
        color=idle_color(record) if stages.strategy == BLUE_GREEN else None,
        forced=intent.forced,
        owner=owner,
    )


def _first_state(rollout: Rollout, record: Record) -> Rollout:
    """Where the strategy begins; a rollback to a colour that is still warm begins with the cutover."""
    match table_of(rollout):
        case "canary":
            return replace(rollout, state="deploying_canary", step=1)
        case "blue_green":
            back = rollout.kind == ROLLBACK and record.colors is not None
            warm = record.colors.holding(rollout.release.id) if back and record.colors else None
            return replace(rollout, state="cutting_over" if warm == rollout.color else "deploying_preview")
        case _:
            return replace(rollout, state="deploying")
