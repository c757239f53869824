"""The invariants of rollouts as checks of one step after another: what the state branch said, which callbacks
ran.

Pure: a check sees one step and what is remembered of the steps before it, and yields what is wrong, in words.
So the same checks judge a whole history and every edge of a graph, where histories meet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from headgate_runtime import machine
from headgate_runtime.machine import HELD, TERMINAL, table_of
from headgate_runtime.plan import ALL_AT_ONCE
from headgate_runtime.record import PROMOTE, ROLLBACK, Rollout
from headgate_runtime.waiting import STAMP_SECONDS

from tests.runtime.history import (
    BACK,
    FORWARD,
    PERSON,
    RESULTS,
    History,
    Memory,
    Rested,
    View,
    stopped_by,
)

KEYS = {
    "format", "seq", "at", "actor", "run", "attempt", "rollout", "kind", "environment", "deploy", "release",
    "step", "from", "to", "event", "reason",
}  # fmt: skip


def is_excepted(rollout: Rollout) -> bool:
    """All at once and direct releases may end with unknown traffic."""
    return rollout.direct or table_of(rollout) == ALL_AT_ONCE


def is_parked(rollout: Rollout) -> bool:
    """Nobody acts on it before somebody speaks."""
    by_verb = rollout.state == "awaiting_approval" and not rollout.asks_reviewers
    return rollout.state in (HELD, "paused") or by_verb


def i1_mixed_traffic_has_an_open_record(view: View) -> Iterator[str]:
    ended, traffic = view.said and view.said.ended, view.memory.traffic
    if ended and traffic not in ("0", "100") and not is_excepted(ended) and ended.outcome != "resolved":
        yield f"{ended.id} ended as {ended.state} while its traffic was {traffic}"


def i2_one_rollout_at_a_time(view: View) -> Iterator[str]:
    if not view.said:
        return
    before, after = view.said.before.open, view.said.after.open
    if before and after and before.id != after.id:
        yield f"{after.id} took the place of {before.id}"
    if before and not after and (not view.said.ended or view.said.ended.id != before.id):
        yield f"{before.id} vanished without an end"


def i3_intent_is_written_ahead(view: View) -> Iterator[str]:
    if not view.called:
        return
    rollout = view.memory.record.open
    named = rollout.callback if rollout else None
    if named != view.called.job:
        yield f"{view.called.job} ran while the record named {named}"
    elif rollout and (rollout.owner is None or rollout.owner.run != view.called.run):
        yield f"{view.called.job} ran in run {view.called.run}, which does not own {rollout.id}"


def i4_ends_need_a_result(view: View) -> Iterator[str]:
    if not view.said or not view.said.before.open or not view.said.ended:
        return
    before, end = view.said.before.open, view.said.ended
    good = (*RESULTS, "passed_through", "resolved_promoted", "resolved_rolled_back")
    spent = before.state in ("retiring", "discarding")
    if view.said.name not in good and not is_excepted(end) and not spent:
        yield f"{end.id} went from {before.state} to {end.state} by {view.said.name}"


def i5_only_success_is_success(view: View) -> Iterator[str]:
    if view.said and view.said.name in ("succeeded", "check_passed"):
        last = view.memory.ended
        if last is None or not last.good:
            yield f"{view.said.name} was recorded for {last}"


def i6_nothing_goes_forward_after_a_failure(view: View) -> Iterator[str]:
    """What was named before it (I3) may already be under way."""
    after = view.said.after.open if view.said else None
    if not view.said or not after or not after.callback or after.named_at is None:
        return
    before, stopped = view.said.before.open, stopped_by(view.said, view.memory.stopped)
    named = before is None or (before.callback, before.named_at) != (after.callback, after.named_at)
    if named and stopped and after.state in (*FORWARD, "deploying_canary", "retiring"):
        yield f"{after.callback} was named after {stopped}"


def i7_one_decision_in_force(view: View) -> Iterator[str]:
    said, owed = view.said, view.memory.ignores
    if owed and (not said or said.name != "request_ignored"):
        yield f"{owed} was promoted and does not say that it ignored a request"
    if said and said.before.open and said.before.open.state in BACK:
        before, now = said.before.open, said.after.open or said.ended
        state = now.state if now else ""
        if state not in (before.state, HELD, "rolled_back", "aborted"):
            yield f"{before.id} went from {before.state} to {state}"


def i8_the_target_is_frozen(view: View) -> Iterator[str]:
    if not view.said or not view.said.before.open:
        return
    before, ended = view.said.before.open, view.said.ended
    now = view.said.after.open or ended
    if now and now.replaces != before.replaces:
        yield f"{before.id} replaces another release now"
    if ended and ended.state == "rolled_back" and view.said.after.live != before.replaces:
        yield f"{before.id} was rolled back to {view.said.after.live}, not to {before.replaces}"


def i9_live_moves_with_the_traffic(view: View) -> Iterator[str]:
    said = view.said
    if not said or said.before.live == said.after.live or said.name == "adopted":
        return
    before, ended = said.before.open, said.ended
    cut_over = before is not None and before.state == "cutting_over" and said.name == "succeeded"
    if not cut_over and (ended is None or ended.state not in ("promoted", "rolled_back")):
        yield f"the live pointer moved on {said.name}"


def i10_nothing_waits_for_ever(view: View) -> Iterator[str]:
    """To be asked when the sweep has had its time: only held rollouts may be open."""
    rollout = view.memory.record.open
    if isinstance(view.step, Rested) and rollout is not None and rollout.state != HELD:
        yield f"{view.step.place} is {rollout.state} and nobody acts"


def i11_bad_releases_are_in_quarantine(view: View) -> Iterator[str]:
    said, owed = view.said, view.memory.quarantines
    if owed and (not said or (owed not in said.after.quarantine and said.name != "request_ignored")):
        yield f"{owed} is not in quarantine though it was taken back"
    opened = said.opened if said else None
    by_itself = opened is not None and opened.kind == PROMOTE and not opened.forced
    if said and opened and by_itself and opened.release.id in said.before.quarantine:
        yield f"{opened.id} brings back {opened.release.id} from quarantine"


def i13_releases_are_proven_before(view: View) -> Iterator[str]:
    opened = view.said.opened if view.said else None
    if opened is None or opened.kind != PROMOTE or opened.forced:
        return
    environment, name = view.step.place
    deploy = view.plan.deploy(name)
    earlier = view.plan.environment_before(environment, deploy) if deploy else None
    if earlier is None:
        return
    record = view.of((earlier, name)).record
    if not record.was_promoted(opened.release.id) or opened.release.id in record.quarantine:
        yield f"{opened.id} started with a release that is not proven in {earlier}"


def i14_one_change_is_one_event(view: View) -> Iterator[str]:
    if not view.said:
        return
    step, event = view.said, view.said.event
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


def i15_what_ran_is_not_forgotten(view: View) -> Iterator[str]:
    """Whatever is lost or run again: what ran is never said not to have started, what failed has failed."""
    ended, said = view.memory.ended, view.said
    if said and ended:
        forgotten = said.name == "never_started" and ended.result != "cancelled"
        if forgotten or (said.name == "lost" and ended.result == "failure"):
            yield f"{ended.call.job} ended with {ended.result}, and {said.name} was recorded"


def i16_one_callback_at_a_time(view: View) -> Iterator[str]:
    running = view.memory.running
    if running and view.called:
        yield f"{view.called.job} was called while {running.job} ran"


def i17_promotion_never_goes_down(view: View) -> Iterator[str]:
    opened = view.said.opened if view.said else None
    live = view.said.before.live if view.said else None
    if opened is None or opened.kind == ROLLBACK or opened.forced:
        return
    if live is not None and opened.release.order < live.order:
        yield f"{opened.id} takes {live.id} down to {opened.release.id}"


def owners_act_alone(view: View) -> Iterator[str]:
    """Results are written by the owner, and what rests has none."""
    if not view.said:
        return
    before, after, ended = view.said.before.open, view.said.after.open, view.said.ended
    owned = before is not None and before.owner is not None and before.callback is not None
    if view.said.name in RESULTS and not owned:
        yield f"{view.said.name} was recorded though nothing was named, or nobody owned the rollout"
    if after and is_parked(after) and (after.owner or after.callback):
        yield f"{after.id} is {after.state} and still owned"
    if ended and (ended.owner or ended.callback):
        yield f"{ended.id} is over and still owned"
    if after and (after.state == HELD) != bool(after.cause):
        yield f"{after.id} is {after.state} with cause {after.cause}"
    if after and after.state in TERMINAL:
        yield f"{after.id} is {after.state} and still open"


def colors_are_told_apart(view: View) -> Iterator[str]:
    """A new release is never deployed onto the colour that is live."""
    opened = view.said.opened if view.said else None
    if not view.said or not opened or not opened.color:
        return
    colors, live = view.said.before.colors, view.said.before.live
    if colors and live and getattr(colors, opened.color) == live.id:
        yield f"{opened.id} goes to {opened.color}, where {live.id} is live"


def recoveries_are_counted(view: View) -> Iterator[str]:
    """Nobody does the same again for ever."""
    said = view.said
    before, after = (said.before.open, said.after.open) if said else (None, None)
    if not before or not after or before.state != after.state:
        return
    if after.recoveries > max(before.recoveries, machine.RECOVERIES):
        yield f"{after.id} was recovered {after.recoveries} times"


def stages_are_gone_through(view: View) -> Iterator[str]:
    """Every step, every bake to its end (rather longer than shorter), every verification that is frozen."""
    said = view.said
    before, after = (said.before.open, said.after.open or said.ended) if said else (None, None)
    if not said or not before or not after:
        return
    stages = before.stages
    if said.name == "bake_over":
        over = before.bake_until or 0
        if said.after.at < over:
            yield f"the bake of {before.id} was over before its time"
        if before.bake.checks and (before.checked_at is None or before.checked_at < over):
            yield f"the bake of {before.id} was over without its last verification"
        if after.state == "promoting" and before.step < len(stages.steps):
            yield f"{before.id} was promoted after step {before.step} of {len(stages.steps)}"
    never_came = before.held_from in ("deploying_canary", "deploying_preview") and not before.arrived
    if said.name == "resumed" and never_came and after.state != before.held_from:
        yield f"{before.id} goes on with {after.state} though it was never deployed"
    if said.name == "succeeded" and not before.direct:
        if (before.state, after.state) == ("deploying_preview", "cutting_over") and stages.verifies_preview:
            yield f"{before.id} was cut over without a look at its preview"
        if (before.state, after.state) == ("cutting_over", "retiring") and stages.bake.checks:
            yield f"{before.id} was not watched after its cutover"


def runs_are_dispatched_once(view: View) -> Iterator[str]:
    """While a run is on its way nobody dispatches another one for the same rollout."""
    before = view.said.before.open if view.said else None
    if not view.said or not before or view.said.name != "dispatched" or before.owner is not None:
        return
    stamp = before.dispatched_at
    if stamp is not None and view.said.after.at < stamp + STAMP_SECONDS:
        yield f"a second run was dispatched for {before.id}"


def there_is_something_to_go_back_to(view: View) -> Iterator[str]:
    """Traffic is only switched back to a release that was live before."""
    after = view.said.after.open if view.said else None
    if after and after.callback in ("switchback", "rollback") and after.replaces is None:
        yield f"{after.callback} was named for {after.id}, which replaces nothing"


def people_are_asked(view: View) -> Iterator[str]:
    """Where the manifest wants an approval, nothing goes on without a person's word."""
    said = view.said
    before, after = (said.before.open, said.after.open) if said else (None, None)
    if not said or not before or not after or before.stages.approval is None or before.direct:
        return
    if after.state in FORWARD and before.state not in (*FORWARD, HELD) and said.name not in PERSON:
        yield f"{before.id} went from {before.state} to {after.state} by {said.name}, and nobody had approved"


def frozen_environments_start_nothing(view: View) -> Iterator[str]:
    """Nothing but rollbacks."""
    opened = view.said.opened if view.said and view.said.frozen else None
    if opened and opened.kind != ROLLBACK:
        yield f"{opened.id} started in a frozen environment"


def other_plans_only_go_back(view: View) -> Iterator[str]:
    """A run by another plan than the rollout's may only take it back."""
    rollout, called = view.memory.record.open, view.called
    misled = called is not None and rollout is not None and called.digest not in ("", rollout.digest)
    if called and rollout and misled and called.action not in ("rollback", "switchback", "discard"):
        yield f"{called.action} was called by another plan than that of {rollout.id}"


Check = Callable[[View], Iterable[str]]

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
    recoveries_are_counted,
    stages_are_gone_through,
    runs_are_dispatched_once,
    there_is_something_to_go_back_to,
    people_are_asked,
    frozen_environments_start_nothing,
    other_plans_only_go_back,
)
"""What holds at any time; I10 holds when the sweep has had its time; I12 is about what people do."""


def judge(view: View, checks: Iterable[Check] = CHECKS) -> list[str]:
    """Everything that is wrong with one step, each with the name of its check."""
    return [f"{check.__name__}: {wrong}" for check in checks for wrong in check(view)]


def violations(history: History, checks: Sequence[Check] = CHECKS) -> list[str]:
    """Everything that is wrong with a history."""
    memories = {place: Memory(record) for place, record in history.begins.items()}
    found: list[str] = []
    for step in (*history.steps, *map(Rested, history.records)):
        view = View(history.plan, step, memories)
        found += judge(view, checks)
        memories = view.remember()
    return found
