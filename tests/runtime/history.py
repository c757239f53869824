"""What happened in a repository, step by step, and what has to be remembered of it to judge the next step.

Pure: values in, values out. Histories with the same memory are alike for whoever judges the next step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from headgate_runtime.plan import Plan
from headgate_runtime.record import ROLLBACK, Record, Rollout

FORWARD = ("promoting", "cutting_over")
BACK = ("rolling_back", "switching_back", "discarding")
PERSON = ("retried", "resumed", "promoted_early", "approved", "resolved_promoted", "resolved_rolled_back")
RESULTS = ("succeeded", "failed", "check_passed", "check_failed", "check_inconclusive")
SHARES = {
    "deploy_canary": "partial", "promote": "100", "deploy": "100", "rollback": "0", "cutover": "100",
    "switchback": "0",
}  # fmt: skip
"""The share of the traffic that the new release has after each action that moves it."""

Place = tuple[str, str]


@dataclass(frozen=True)
class Said:
    """An event on the state branch, with the record before and after it; was the environment frozen?"""

    event: Mapping[str, Any]
    before: Record
    after: Record
    frozen: bool = False

    @property
    def name(self) -> str:
        return str(self.event["event"])

    @property
    def place(self) -> Place:
        return self.after.environment, self.after.deploy

    @property
    def ended(self) -> Rollout | None:
        """The rollout that this event ends."""
        return self.after.last[0] if self.before.open and not self.after.open and self.after.last else None

    @property
    def opened(self) -> Rollout | None:
        """The rollout that this event starts."""
        return self.after.open if self.name == "started" else None


@dataclass(frozen=True)
class Called:
    """A callback begins, in that run, which follows a plan with that digest (empty: not known)."""

    place: Place
    job: str
    action: str
    run: int
    digest: str = ""


@dataclass(frozen=True)
class Ended:
    """A callback is over; the verdict is its output `result`."""

    call: Called
    result: str
    verdict: str = ""

    @property
    def place(self) -> Place:
        return self.call.place

    @property
    def good(self) -> bool:
        return self.result == "success" and self.verdict in ("", "success")


@dataclass(frozen=True)
class Rested:
    """Everything that one push says of the place is said."""

    place: Place


Step = Said | Called | Ended | Rested


@dataclass(frozen=True)
class Memory:
    """What the next step of a place is judged by."""

    record: Record
    traffic: str = "0"
    running: Called | None = None
    ended: Ended | None = None
    """The last callback, until the event that takes its end up."""
    stopped: str = ""
    """Why nothing may start a promote or cutover by itself."""
    ignores: str = ""
    """The rollout that has yet to say that it ignored a request."""
    quarantines: str = ""
    """The release that has yet to be put in quarantine."""

    def after(self, step: Step) -> Memory:
        """The memory of that step too."""
        match step:
            case Called():
                traffic = "unknown" if step.action in SHARES else self.traffic
                return replace(self, running=step, ended=None, traffic=traffic)
            case Ended():
                return self._after_call(step)
            case Said():
                return self._after_event(step)
            case _:
                return replace(self, ignores="", quarantines="")

    def _after_call(self, step: Ended) -> Memory:
        moved = step.call.action in SHARES and step.good
        traffic = SHARES[step.call.action] if moved else self.traffic
        named = self.record.open is not None and self.record.open.callback == step.call.job
        return replace(self, running=None, ended=step if named else None, traffic=traffic)

    def _after_event(self, step: Said) -> Memory:
        taken_up = step.before.open is not None and _name_of(step.before.open) != _name_of(step.after.open)
        ended = step.ended
        owes = (
            ended is not None and ended.state == "promoted" and step.before.open and step.before.open.requests
        )
        bad = (owed_to_quarantine(ended) if ended else None) or self.quarantines
        return replace(
            self,
            record=step.after,
            traffic="0" if ended else self.traffic,
            ended=None if taken_up else self.ended,
            stopped=stopped_by(step, self.stopped),
            ignores=ended.id if ended and owes else "" if step.name == "request_ignored" else self.ignores,
            quarantines="" if bad in step.after.quarantine else bad,
        )


@dataclass(frozen=True)
class View:
    """One step, and what is remembered of every place before it."""

    plan: Plan
    step: Step
    memories: Mapping[Place, Memory]

    @property
    def memory(self) -> Memory:
        return self.of(self.step.place)

    def of(self, place: Place) -> Memory:
        return self.memories.get(place) or Memory(Record(*place))

    @property
    def said(self) -> Said | None:
        return self.step if isinstance(self.step, Said) else None

    @property
    def called(self) -> Called | None:
        return self.step if isinstance(self.step, Called) else None

    def remember(self) -> dict[Place, Memory]:
        """The memories with this step."""
        return {**self.memories, self.step.place: self.memory.after(self.step)}


@dataclass
class History:
    """The steps of one repository in order, without the events of releases and environments.

    `begins` are the records that there were before the first step.
    """

    plan: Plan
    steps: list[Step] = field(default_factory=list)
    records: dict[Place, Record] = field(default_factory=dict)
    begins: Mapping[Place, Record] = field(default_factory=dict)

    def say(self, event: Mapping[str, Any], after: Record) -> None:
        place = (after.environment, after.deploy)
        self.steps.append(Said(event, self.records.get(place, Record(*place)), after))
        self.records[place] = after


def stopped_by(step: Said, stopped: str) -> str:
    """Why nothing may go forward by itself after this event; a person's word lifts it, but not an abort."""
    before, after = step.before.open, step.after.open
    aborts = before is not None and before.requested("abort") is not None
    if step.name == "started" or after is None or (step.name in PERSON and not aborts):
        return ""
    bad = ("rejected", "timed_out", "check_inconclusive", "aborted", "abort_requested", "timeout_requested")
    tolerated = step.name == "check_failed" and after.checks_failed <= after.stages.failure_limit
    lost = step.name in ("lost", "cancelled") and before is not None and before.state in FORWARD
    failed = step.name in ("failed", "check_failed") and not tolerated
    return step.name if failed or lost or step.name in bad else stopped


def owed_to_quarantine(ended: Rollout) -> str:
    """The release that an ended rollout puts in quarantine, or none."""
    if ended.kind == ROLLBACK:
        taken = ended.replaces
        return taken.id if taken and taken.id != ended.release.id else ""
    return ended.release.id if ended.state in ("rolled_back", "aborted", "failed") else ""


def _name_of(rollout: Rollout | None) -> tuple[object, ...]:
    return (rollout.callback, rollout.named_at, rollout.owner, rollout.state) if rollout else ()
