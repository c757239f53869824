"""How a record changes by events: the machine says where to, this module what else changes with it. Pure.

A `Course` is a record on its way through the events of one push: each event is one entry and becomes one
commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from headgate_runtime.machine import HELD, PAUSED, TERMINAL, Row, next_row, takes
from headgate_runtime.plan import BLUE_GREEN
from headgate_runtime.record import HISTORY, ROLLBACK, Colors, Event, Record, Release, Request, Rollout

PROMOTED_KEPT = 50
"""How many releases that were promoted here a record remembers."""

CHECKS = ("check_passed", "check_failed", "check_inconclusive")
RESULTS = ("succeeded", "failed", *CHECKS)
LOSSES = ("lost", "never_started")
WITHDRAWING = ("rolling_back", "switching_back", "discarding")
DEPLOYING = ("deploying_canary", "deploying_preview")
BAKING = ("baking", "live_baking")
VERBS = ("retried", "resumed", "promoted_early", "approved", "rejected", "aborted", "paused")
"""The events that a person causes; like a callback's result they start the count of recoveries anew."""

OBEYED: Sequence[tuple[str, str]] = (
    ("abort", "aborted"),
    ("timeout", "timed_out"),
    ("timeout", "approval_expired"),
    ("promote-now", "promoted_early"),
    ("pause", "paused"),
)
"""Requests in the order in which they are obeyed, and the event that each becomes: the first that the state
takes.
"""


@dataclass(frozen=True)
class Moment:
    """When and by whom: what every event of one push shares. `now` is UTC seconds; run 0 is no run."""

    now: int
    actor: str
    run: int = 0
    attempt: int = 0


@dataclass(frozen=True)
class Entry:
    """One event and the record it leaves."""

    event: Event
    record: Record


@dataclass(frozen=True)
class Course:
    """A record and the events that have changed it so far; every method returns a new one."""

    record: Record
    moment: Moment
    entries: tuple[Entry, ...] = ()

    @property
    def now(self) -> int:
        """The time of the next event: never before the record's last one."""
        return max(self.moment.now, self.record.at)

    @property
    def events(self) -> tuple[Event, ...]:
        """What has happened so far in this push."""
        return tuple(entry.event for entry in self.entries)

    @property
    def rollout(self) -> Rollout:
        """The open rollout; only to be asked for when there is one."""
        if self.record.open is None:
            raise LookupError("no rollout is open here")
        return self.record.open

    def take(self, event: str, reason: str = "") -> Course:
        """Apply a machine event to the open rollout; raises IllegalEvent and changes nothing when it has no
        such exit.
        """
        before = self.rollout
        row = next_row(before, event)
        after = _enter(before, row, self.now, reason, self.moment.actor)
        record = _with_colors(_with_pointer(self.record, before, row), before, row)
        if row.to not in TERMINAL:
            taken = self._append(replace(record, open=after), event, before.state, after, reason)
            return taken._ignored(before, after, row)
        ended = replace(after, owner=None, requests=(), ended_at=self.now, outcome=after.outcome or row.to)
        closed = self._append(_closed(record, ended), event, before.state, ended, reason)
        return closed._ignored(before, ended, row)._quarantined(ended)

    def by(self, actor: str) -> Course:
        """The same, with the next events caused by somebody else."""
        return replace(self, moment=replace(self.moment, actor=actor))

    def note(self, event: str, reason: str = "", release: str = "", **changes: Any) -> Course:
        """An event that is no transition: `changes` are fields of the record."""
        record = replace(self.record, **changes)
        rollout = record.open
        state = rollout.state if rollout else ""
        return self._append(record, event, state, rollout, reason, release)

    def note_rollout(self, event: str, reason: str = "", **changes: Any) -> Course:
        """An event that is no transition: `changes` are fields of the open rollout."""
        return self.note(event, reason, open=replace(self.rollout, **changes))

    def amend(self, event: str, reason: str = "", **changes: Any) -> Course:
        """Change fields of the open rollout within the last event of this push, or by an event of their
        own.
        """
        if not self.entries:
            return self.note_rollout(event, reason, **changes)
        record = replace(self.record, open=replace(self.rollout, **changes))
        last = replace(self.entries[-1], record=record)
        return replace(self, record=record, entries=(*self.entries[:-1], last))

    def request(self, verb: str, reason: str) -> Course:
        """Ask the run that owns the rollout; it obeys at its next gate."""
        asked = Request(verb, self.now, self.moment.actor, reason)
        return self.note_rollout(
            f"{verb.replace('-', '_')}_requested", reason, requests=(*self.rollout.requests, asked)
        )

    def open(self, rollout: Rollout) -> Course:
        """The first event of a rollout."""
        colors = self.record.colors
        if rollout.color and rollout.state == "deploying_preview":
            colors = (colors or Colors(None, None)).with_release(rollout.color, None)
        record = replace(self.record, open=rollout, colors=colors)
        return self._append(record, "started", "", rollout, rollout.reason)

    def _append(
        self, record: Record, event: str, origin: str, rollout: Rollout | None, reason: str, release: str = ""
    ) -> Course:
        kept = replace(record, seq=self.record.seq + 1, at=self.now)
        written = Event(
            seq=kept.seq,
            at=kept.at,
            event=event,
            environment=record.environment,
            deploy=record.deploy,
            rollout=rollout.id if rollout else "",
            kind=rollout.kind if rollout else "",
            release=release or (rollout.release.id if rollout else ""),
            step=rollout.step if rollout else 0,
            origin=origin,
            to=rollout.state if rollout else "",
            actor=self.moment.actor,
            run=self.moment.run,
            attempt=self.moment.attempt,
            reason=reason,
        )
        return replace(self, record=kept, entries=(*self.entries, Entry(written, kept)))

    def _ignored(self, before: Rollout, after: Rollout, row: Row) -> Course:
        """Say of the requests that this event ends that they were not obeyed."""
        heard = [verb for verb, event in OBEYED if event == row.event]
        if row.to in (*WITHDRAWING, "failed"):
            heard += ["abort", "timeout"]
        elif row.cause == "timeout":
            heard += ["timeout"]
        gone = [request.verb for request in before.requests if request not in after.requests]
        late = [verb for verb in gone if verb not in heard]
        if not late:
            return self
        return self.note("request_ignored", f"{', '.join(late)} came too late", release=before.release.id)

    def _quarantined(self, ended: Rollout) -> Course:
        """Keep automation from bringing back what was taken away."""
        bad = quarantined_by(ended)
        if bad is None or bad in self.record.quarantine:
            return self
        return self.note("quarantined", release=bad, quarantine=(*self.record.quarantine, bad))


def quarantined_by(ended: Rollout) -> str | None:
    """Which release an ended rollout puts in quarantine: what it failed to bring live, or what a rollback
    took away.
    """
    if ended.kind == ROLLBACK:
        replaced = ended.replaces
        return replaced.id if replaced and replaced.id != ended.release.id else None
    return ended.release.id if ended.state != "promoted" else None


def with_live(record: Record, release: Release | None, *, keep_old: bool = True) -> Record:
    """Move the live pointer; the release that was live becomes the first of the previous ones."""
    if release == record.live:
        return record
    old = (record.live,) if record.live and keep_old else ()
    gone = {item.id for item in (*old, release) if item}
    previous = (*old, *(item for item in record.previous if item.id not in gone))
    return replace(record, live=release, previous=previous[:HISTORY])


def other_color(color: str) -> str:
    """The other of the two."""
    return "green" if color == "blue" else "blue"


def idle_color(record: Record) -> str:
    """Where a new release goes: not where the live one is; with none recorded live is blue, with nothing
    live it is blue.
    """
    if record.live is None:
        return "blue"
    holding = record.colors.holding(record.live.id) if record.colors else None
    return other_color(holding or "blue")


def _enter(rollout: Rollout, row: Row, now: int, reason: str, actor: str) -> Rollout:
    """The rollout after the row: its state, and whatever else changes with it."""
    changes: dict[str, Any] = {"state": row.to, "callback": None, "requests": _unanswered(rollout, row)}
    changes |= _counted(rollout, row)
    changes |= _timed(rollout, row, now)
    changes |= _explained(rollout, row, reason)
    if row.to in (HELD, PAUSED):
        changes |= {"owner": None, "dispatched_at": None}
    if row.event == "approved":
        changes["approver"] = actor
    if row.event == "promoted_early":
        changes["outcome"] = "fast_promoted"
    if row.event.startswith("resolved"):
        changes["outcome"] = "resolved"
    return replace(rollout, **changes)


def _is_new_withdrawal(rollout: Rollout, row: Row) -> bool:
    return row.to in WITHDRAWING and row.to != rollout.state


def _unanswered(rollout: Rollout, row: Row) -> tuple[Request, ...]:
    """The requests that stay: not the one that had its way, and none once the way is decided."""
    if row.to == HELD or _is_new_withdrawal(rollout, row):
        return ()
    heard = [verb for verb, event in OBEYED if event == row.event]
    return tuple(request for request in rollout.requests if request.verb not in heard)


def _explained(rollout: Rollout, row: Row, reason: str) -> dict[str, Any]:
    """Why a release is held, taken back or failed; and where it was held."""
    changes: dict[str, Any] = {}
    if rollout.state == HELD:
        changes = {"held_from": None, "cause": None, "because": ""}
    if row.to == HELD:
        changes = {"held_from": rollout.state, "cause": row.cause, "because": reason}
    elif row.to == "failed":
        changes["because"] = reason
    elif _is_new_withdrawal(rollout, row):
        asked = rollout.requested("abort")
        changes["because"] = asked.reason if asked else reason
    return changes


def _counted(rollout: Rollout, row: Row) -> dict[str, Any]:
    """Recoveries in a row, the step, and the checks of its bake."""
    changes: dict[str, Any] = {}
    if row.to in DEPLOYING:
        changes["arrived"] = False
        if "baking" in (rollout.state, rollout.held_from):
            changes["step"] = rollout.step + 1
    elif rollout.state in DEPLOYING and row.event == "succeeded":
        changes["arrived"] = True
    if row.event in LOSSES:
        changes["recoveries"] = rollout.recoveries + 1
    elif row.event in RESULTS or row.event in VERBS:
        changes["recoveries"] = 0
    if row.event in CHECKS:
        changes["checked_at"] = rollout.named_at
    if row.event == "check_failed":
        changes["checks_failed"] = rollout.checks_failed + 1
    return changes


def _timed(rollout: Rollout, row: Row, now: int) -> dict[str, Any]:
    """Bakes start and stop, and a person's word stops the rollout's clock."""
    if row.to == PAUSED:
        return {"paused_at": now, "bake_remaining": max(0, (rollout.bake_until or now) - now)}
    changes: dict[str, Any] = {}
    if rollout.state == PAUSED:
        paused = now - (rollout.paused_at or now)
        changes = {"paused_at": None, "paused_seconds": rollout.paused_seconds + paused}
        if rollout.deadline is not None:
            changes["deadline"] = rollout.deadline + paused
    if row.event in ("resumed", "retried") and rollout.state == HELD:
        changes["deadline"] = None
    if row.to in BAKING and rollout.state == PAUSED:
        changes["bake_until"] = now + (rollout.bake_remaining or 0)
    elif row.to in BAKING and rollout.state not in BAKING and row.event != "retried":
        changes |= {
            "bake_until": now + rollout.bake.seconds,
            "check": 0,
            "checks_failed": 0,
            "checked_at": None,
        }
    if row.to == "awaiting_approval" and rollout.state != row.to and rollout.stages.approval:
        changes["waits_until"] = now + rollout.stages.approval.timeout_seconds
    return changes


def _with_pointer(record: Record, before: Rollout, row: Row) -> Record:
    """The live pointer follows the traffic, in the same commit as the event that moved it."""
    if row.to == "promoted":
        moved = with_live(record, before.release)
        kept = tuple(item for item in record.promoted if item != before.release.id)
        return replace(moved, promoted=(before.release.id, *kept)[:PROMOTED_KEPT])
    if before.state == "cutting_over" and row.event == "succeeded":
        return with_live(record, before.release)
    if row.to == "rolled_back":
        return with_live(record, before.replaces, keep_old=before.kind == ROLLBACK)
    return record


def _with_colors(record: Record, before: Rollout, row: Row) -> Record:
    """Which release each colour holds after the event."""
    if before.color is None or before.stages.strategy != BLUE_GREEN:
        return record
    colors = record.colors or Colors(None, None)
    if row.to in ("rolled_back", "aborted", "failed"):
        colors = colors.with_release(before.color, None)
    elif row.to == "promoted":
        old = other_color(before.color)
        retired = before.stages.retires and "retiring" in (before.state, before.held_from)
        twin = getattr(colors, old) == before.release.id  # it would be taken for the live one
        colors = colors.with_release(before.color, before.release.id)
        colors = colors.with_release(old, None) if retired or twin else colors
    elif before.state == "deploying_preview" and row.event == "succeeded":
        colors = colors.with_release(before.color, before.release.id)
    return replace(record, colors=colors)


def _closed(record: Record, ended: Rollout) -> Record:
    """No rollout is open any more; after a rollback a queued release waits for a person."""
    queued = record.queued
    if queued and (ended.kind == ROLLBACK or ended.state in ("rolled_back", "aborted")):
        queued = replace(queued, waits_for_person=True)
    return replace(record, open=None, queued=queued, last=(ended, *record.last)[:HISTORY])


def obey(course: Course) -> Course:
    """Let the first request that the rollout's state can take have its way; the others stay noted."""
    for verb, event in OBEYED:
        request = course.record.open.requested(verb) if course.record.open else None
        if request and takes(course.rollout, event):
            return course.take(event, request.reason)
    return course
