"""The invariants of rollouts as checks of a history: what the state branch said, and which callbacks ran.

Pure: a history is a sequence of steps, each an event with the record it left, or a call. Every check yields
what is wrong, in words; nothing means that the invariant held.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from headgate_runtime.machine import HELD, TERMINAL, table_of
from headgate_runtime.plan import ALL_AT_ONCE, Plan
from headgate_runtime.record import PROMOTE, ROLLBACK, Record, Rollout

FORWARD = ("promoting", "cutting_over")
BACK = ("rolling_back", "switching_back", "discarding")
PERSON = ("retried", "resumed", "promoted_early", "approved", "resolved_promoted", "resolved_rolled_back")
RESULTS = ("succeeded", "failed", "check_passed", "check_failed", "check_inconclusive")
KEYS = {
    "format", "seq", "at", "actor", "run", "attempt", "rollout", "kind", "environment", "deploy", "release",
    "step", "from", "to", "event", "reason",
}  # fmt: skip


@dataclass(frozen=True)
class Said:
    """An event on the state branch, with the record before and after it."""

    event: dict[str, Any]
    before: Record
    after: Record

    @property
    def name(self) -> str:
        return str(self.event["event"])

    @property
    def place(self) -> tuple[str, str]:
        return self.after.environment, self.after.deploy

    @property
    def rollout(self) -> Rollout | None:
        """The rollout that the event is about: open before or after it."""
        return self.before.open or self.after.open


@dataclass(frozen=True)
class Call:
    """A callback ran, in that run, and ended so; the verdict is its output `result`.

    `begun` and `ended`: how many events there were in the whole repository when it began and ended.
    """

    environment: str
    deploy: str
    job: str
    action: str
    run: int
    result: str
    verdict: str = ""
    begun: int = 0
    ended: int = 0

    @property
    def place(self) -> tuple[str, str]:
        return self.environment, self.deploy

    @property
    def good(self) -> bool:
        return self.result == "success" and self.verdict in ("", "success")


Step = Said | Call


@dataclass
class History:
    """The steps of one repository in order, without the events of releases and environments."""

    plan: Plan
    steps: list[Step] = field(default_factory=list)
    records: dict[tuple[str, str], Record] = field(default_factory=dict)

    def say(self, event: dict[str, Any], after: Record) -> None:
        place = (after.environment, after.deploy)
        self.steps.append(Said(event, self.records.get(place, Record(*place)), after))
        self.records[place] = after

    def said(self) -> Iterator[Said]:
        return (step for step in self.steps if isinstance(step, Said))

    def places(self) -> list[list[Step]]:
        """The steps of each (environment, deploy)."""
        found: dict[tuple[str, str], list[Step]] = {}
        for step in self.steps:
            found.setdefault(step.place, []).append(step)
        return list(found.values())


def is_excepted(rollout: Rollout) -> bool:
    """All at once and direct releases may end with unknown traffic."""
    return rollout.direct or table_of(rollout) == ALL_AT_ONCE


def i1_mixed_traffic_has_an_open_record(history: History) -> Iterator[str]:
    shares = {
        "deploy_canary": "partial", "promote": "100", "deploy": "100", "rollback": "0", "cutover": "100",
        "switchback": "0",
    }  # fmt: skip
    for steps in history.places():
        traffic = "0"
        for step in steps:
            if isinstance(step, Call) and step.action in shares:
                traffic = shares[step.action] if step.good else "unknown"
            if not isinstance(step, Said) or step.before.open is None or step.after.open is not None:
                continue
            ended = step.after.last[0]
            if traffic not in ("0", "100") and not is_excepted(ended) and ended.outcome != "resolved":
                yield f"{ended.id} ended as {ended.state} while its traffic was {traffic}"
            traffic = "0"


def i2_one_rollout_at_a_time(history: History) -> Iterator[str]:
    for step in history.said():
        before, after = step.before.open, step.after.open
        if before and after and before.id != after.id:
            yield f"{after.id} took the place of {before.id}"
        if before and not after and (not step.after.last or step.after.last[0].id != before.id):
            yield f"{before.id} vanished without an end"


def i3_intent_is_written_ahead(history: History) -> Iterator[str]:
    records: dict[tuple[str, str], Record] = {}
    for step in history.steps:
        if isinstance(step, Said):
            records[step.place] = step.after
            continue
        rollout = records[step.place].open if step.place in records else None
        named = rollout.callback if rollout else None
        if named != step.job:
            yield f"{step.job} ran while the record named {named}"
        elif rollout and (rollout.owner is None or rollout.owner.run != step.run):
            yield f"{step.job} ran in run {step.run}, which does not own {rollout.id}"


def i4_ends_need_a_result(history: History) -> Iterator[str]:
    for step in history.said():
        before = step.before.open
        if before is None or step.after.open is not None:
            continue
        end = step.after.last[0]
        good = (*RESULTS, "passed_through", "resolved_promoted", "resolved_rolled_back")
        spent = before.state in ("retiring", "discarding")
        if step.name not in good and not is_excepted(end) and not spent:
            yield f"{end.id} went from {before.state} to {end.state} by {step.name}"


def i5_only_success_is_success(history: History) -> Iterator[str]:
    for steps in history.places():
        last: Call | None = None
        for step in steps:
            if isinstance(step, Call):
                last = step
            elif step.name in ("succeeded", "check_passed"):
                if last is None or not last.good:
                    yield f"{step.name} was recorded for {last}"
                last = None


def i6_nothing_goes_forward_after_a_failure(history: History) -> Iterator[str]:
    for steps in history.places():
        stopped = ""
        for step in steps:
            if isinstance(step, Call):
                if stopped and step.action in ("promote", "cutover", "deploy_canary"):
                    yield f"{step.action} was called after {stopped}"
                continue
            stopped = _stopped(step, stopped)


def _stopped(step: Said, stopped: str) -> str:
    before, after = step.before.open, step.after.open
    if step.name == "started" or after is None or step.name in PERSON:
        return ""
    bad = ("rejected", "timed_out", "check_inconclusive", "aborted", "abort_requested")
    tolerated = step.name == "check_failed" and before is not None and before.state == after.state
    lost = step.name in ("lost", "cancelled") and before is not None and before.state in FORWARD
    failed = step.name in ("failed", "check_failed") and not tolerated
    return step.name if failed or lost or step.name in bad else stopped


def i7_one_decision_in_force(history: History) -> Iterator[str]:
    said = list(history.said())
    for at, step in enumerate(said):
        before, after = step.before.open, step.after.open
        ended = step.after.last[0] if before and not after else None
        if before and before.state in BACK:
            state = after.state if after else ended.state if ended else ""
            if state not in (before.state, HELD, "rolled_back", "aborted"):
                yield f"{before.id} went from {before.state} to {state}"
        if before and ended and ended.state == "promoted" and before.requests:
            following = said[at + 1] if at + 1 < len(said) else None
            if following is None or following.name != "request_ignored":
                yield f"{before.id} was promoted and does not say that it ignored a request"


def i8_the_target_is_frozen(history: History) -> Iterator[str]:
    for step in history.said():
        before, after = step.before.open, step.after.open
        ended = step.after.last[0] if before and not after else None
        now = after or ended
        if before and now and now.replaces != before.replaces:
            yield f"{before.id} replaces another release now"
        if before and ended and ended.state == "rolled_back" and step.after.live != before.replaces:
            yield f"{before.id} was rolled back to {step.after.live}, not to {before.replaces}"


def i9_live_moves_with_the_traffic(history: History) -> Iterator[str]:
    for step in history.said():
        if step.before.live == step.after.live or step.name == "adopted":
            continue
        before = step.before.open
        ended = step.after.last[0].state if before and not step.after.open else ""
        cut_over = before is not None and before.state == "cutting_over" and step.name == "succeeded"
        if ended not in ("promoted", "rolled_back") and not cut_over:
            yield f"the live pointer moved on {step.name}"


def i10_nothing_waits_for_ever(history: History) -> Iterator[str]:
    """To be asked when the sweep has had its time: only held rollouts may be open."""
    for place, record in history.records.items():
        if record.open is not None and record.open.state != HELD:
            yield f"{place} is {record.open.state} and nobody acts"


def i11_bad_releases_are_in_quarantine(history: History) -> Iterator[str]:
    for steps in history.places():
        said = [step for step in steps if isinstance(step, Said)]
        for at, step in enumerate(said):
            rollout = step.before.open
            if rollout is not None and step.after.open is None:
                bad = _to_quarantine(step.after.last[0])
                later = [step.after, *(other.after for other in said[at + 1 : at + 3])]
                if bad and not any(bad in record.quarantine for record in later):
                    yield f"{bad} is not in quarantine after {rollout.id}"
            opened = step.after.open if step.name == "started" else None
            by_itself = opened is not None and opened.kind == PROMOTE and not opened.forced
            if opened and by_itself and opened.release.id in step.before.quarantine:
                yield f"{opened.id} brings back {opened.release.id} from quarantine"


def _to_quarantine(ended: Rollout) -> str | None:
    if ended.kind == ROLLBACK:
        return ended.replaces.id if ended.replaces and ended.replaces.id != ended.release.id else None
    return ended.release.id if ended.state in ("rolled_back", "aborted", "failed") else None


def i13_releases_are_proven_before(history: History) -> Iterator[str]:
    records: dict[tuple[str, str], Record] = {}
    for step in history.said():
        records[step.place] = step.after
        opened = step.after.open
        deploy = history.plan.deploy(step.after.deploy)
        if step.name != "started" or opened is None or opened.kind != PROMOTE or opened.forced or not deploy:
            continue
        earlier = history.plan.environment_before(step.after.environment, deploy)
        record = records.get((earlier, deploy.name)) if earlier else None
        if earlier and not (
            record and record.was_promoted(opened.release.id) and opened.release.id not in record.quarantine
        ):
            yield f"{opened.id} started with a release that is not proven in {earlier}"


def i14_one_change_is_one_event(history: History) -> Iterator[str]:
    for step in history.said():
        event = step.event
        if set(event) != KEYS:
            yield f"{step.name} has other keys: {set(event) ^ KEYS}"
        if step.after.seq != step.before.seq + 1 or event["seq"] != step.after.seq:
            yield f"{step.name} has number {event['seq']} after {step.before.seq}"
        if step.after.at < step.before.at:
            yield f"{step.name} goes back in time"
        before, after = step.before.open, step.after.open
        if before and event["from"] != before.state:
            yield f"{step.name} is said to come from {event['from']}, the rollout was {before.state}"
        if after and event["to"] != after.state:
            yield f"{step.name} is said to lead to {event['to']}, the rollout is {after.state}"
        if not before and not after and event["from"] != event["to"]:
            yield f"{step.name} is said to be a transition, and nothing was open"


def i15_what_ran_is_not_forgotten(history: History) -> Iterator[str]:
    """Whatever is run again: a callback that ran is never said not to have started."""
    for steps in history.places():
        running: Call | None = None
        for step in steps:
            if isinstance(step, Call):
                running = step
            elif running and step.before.open and _name_of(step.before.open) != _name_of(step.after.open):
                if step.name == "never_started" and running.result != "cancelled":
                    yield f"{running.job} ended with {running.result}, and never_started was recorded"
                running = None


def i16_one_callback_at_a_time(history: History) -> Iterator[str]:
    for steps in history.places():
        running: Call | None = None
        for step in steps:
            if not isinstance(step, Call):
                continue
            if running and step.begun < running.ended:
                yield f"{step.job} was called while {running.job} ran"
            running = step


def _name_of(rollout: Rollout | None) -> tuple[object, ...]:
    return (rollout.callback, rollout.named_at, rollout.owner, rollout.state) if rollout else ()


def i17_promotion_never_goes_down(history: History) -> Iterator[str]:
    for step in history.said():
        opened, live = step.after.open, step.before.live
        if step.name != "started" or opened is None or opened.kind == ROLLBACK or opened.forced:
            continue
        if live is not None and opened.release.order < live.order:
            yield f"{opened.id} takes {live.id} down to {opened.release.id}"


def owners_act_alone(history: History) -> Iterator[str]:
    """Results are written by the owner, and what rests has none."""
    for step in history.said():
        before, after = step.before.open, step.after.open
        alive = before.owner if before else None
        if step.name in RESULTS and (alive is None or before is None or before.callback is None):
            yield f"{step.name} was recorded though nothing was named, or nobody owned the rollout"
        if after and after.state in (HELD, "paused") and (after.owner or after.callback):
            yield f"{after.id} is {after.state} and still owned"
        if step.after.last and (step.after.last[0].owner or step.after.last[0].callback):
            yield f"{step.after.last[0].id} is over and still owned"
        if after and (after.state == HELD) != bool(after.cause):
            yield f"{after.id} is {after.state} with cause {after.cause}"
        if after and after.state in TERMINAL:
            yield f"{after.id} is {after.state} and still open"


def colors_are_told_apart(history: History) -> Iterator[str]:
    """A new release is never deployed onto the colour that is live."""
    for step in history.said():
        opened = step.after.open
        colors, live = step.before.colors, step.before.live
        if step.name != "started" or not opened or not opened.color or not colors or not live:
            continue
        if getattr(colors, opened.color) == live.id:
            yield f"{opened.id} goes to {opened.color}, where {live.id} is live"


Check = Callable[[History], Iterable[str]]

CHECKS: Sequence[Check] = (
    i1_mixed_traffic_has_an_open_record,
    i2_one_rollout_at_a_time,
    i3_intent_is_written_ahead,
    i4_ends_need_a_result,
    i5_only_success_is_success,
    i6_nothing_goes_forward_after_a_failure,
    i7_one_decision_in_force,
    i8_the_target_is_frozen,
    i9_live_moves_with_the_traffic,
    i11_bad_releases_are_in_quarantine,
    i13_releases_are_proven_before,
    i14_one_change_is_one_event,
    i15_what_ran_is_not_forgotten,
    i16_one_callback_at_a_time,
    i17_promotion_never_goes_down,
    owners_act_alone,
    colors_are_told_apart,
)
"""What holds at any time; I10 holds when the sweep has had its time; I12 is about what people do."""


def violations(history: History, checks: Iterable[Check] = CHECKS) -> list[str]:
    """Everything that is wrong with a history, each with the name of its check."""
    return [f"{check.__name__}: {wrong}" for check in checks for wrong in check(history)]


def forget(record: Record) -> Record:
    """The record without what changes by itself: numbers and times."""
    return replace(record, seq=0, at=0)
