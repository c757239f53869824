"""THE machine: every state, every event it knows, and where they lead. The only place that says how a
rollout's state changes.

One table per strategy. A row is `(state, event, to)`, with a named guard where the way depends on the
rollout: the first row whose guard holds is taken. There is no condition beside the tables, so what is
drawn, simulated and run is the same. No I/O, no clock.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from headgate_runtime.errors import HeadgateError
from headgate_runtime.plan import ALL_AT_ONCE, BLUE_GREEN, CANARY
from headgate_runtime.record import Rollout

Guard = Callable[[Rollout], bool]

RECOVERIES = 3
"""How often in a row a rollout is recovered by itself; the loss after that is for a person."""

TERMINAL = ("promoted", "rolled_back", "aborted", "failed")
HELD, PAUSED = "held", "paused"

TRAFFIC: dict[str, dict[str, str]] = {
    ALL_AT_ONCE: {"deploying": "unknown", "promoted": "100", "failed": "unknown"},
    CANARY: {
        "deploying_canary": "unknown",
        "baking": "partial",
        "paused": "partial",
        "awaiting_approval": "partial",
        "promoting": "unknown",
        "rolling_back": "unknown",
        "held": "as before",
        "promoted": "100",
        "rolled_back": "0",
    },
    BLUE_GREEN: {
        "deploying_preview": "0",
        "verifying_preview": "0",
        "awaiting_approval": "0",
        "cutting_over": "unknown",
        "live_baking": "100",
        "paused": "100",
        "retiring": "100",
        "switching_back": "unknown",
        "discarding": "0",
        "held": "as before",
        "promoted": "100",
        "rolled_back": "0",
        "aborted": "0",
        "failed": "unknown",
    },
}
"""Every state of every strategy, with the share of the traffic that the new release has in it."""


def traffic_of(rollout: Rollout) -> str:
    """The share of the traffic that the new release has; where it is held, that of the state it was in."""
    return TRAFFIC[rollout.stages.strategy].get(rollout.held_from or rollout.state, "unknown")


RETRYABLE = (
    "deploy_failed",
    "promote_failed",
    "promote_lost",
    "cutover_lost",
    "rollback_failed",
    "recoveries",
    "no_approvers",
)
RESUMABLE = ("inconclusive", "verify_failed", "approval_timeout", "timeout")
CAUSES = (*RETRYABLE, *RESUMABLE, "plan_changed", "not_in_manifest")
"""Why a rollout is held."""


EVENTS = {
    "abort": "aborted",
    "pause": "paused",
    "resume": "resumed",
    "approve": "approved",
    "reject": "rejected",
    "promote-now": "promoted_early",
    "retry": "retried",
}
"""What a person can say to a rollout, and the event that it is for the machine."""

VERBS = (*EVENTS, "resolve", "adopt", "freeze", "unfreeze")
"""Everything a person can say: to a rollout, of its outcome, of what is live, of an environment."""


class IllegalEvent(HeadgateError):
    """The event means nothing in this state; nothing was changed."""

    exit_code = 1

    def __init__(self, state: str, event: str) -> None:
        """Name both, for the person who asked."""
        super().__init__(f"a rollout that is {state} can't take {event}")
        self.state, self.event = state, event


@dataclass(frozen=True)
class Row:
    """One way out of a state. `cause` is set on the rows that lead to held."""

    state: str
    event: str
    to: str
    guard: Guard | None = None
    cause: str = ""


def abort_requested(rollout: Rollout) -> bool:
    """A person asked to abort while a callback ran."""
    return rollout.requested("abort") is not None


def timeout_requested(rollout: Rollout) -> bool:
    """The rollout's time was over while a callback ran."""
    return rollout.requested("timeout") is not None


def timeout_requested_and_holds(rollout: Rollout) -> bool:
    """The same, and the manifest says `on_failure: hold`."""
    return timeout_requested(rollout) and rollout.stages.holds


def holds(rollout: Rollout) -> bool:
    """The manifest says `on_failure: hold`."""
    return rollout.stages.holds


def approval_holds(rollout: Rollout) -> bool:
    """The manifest says `on_timeout: hold` for the approval."""
    return rollout.stages.approval is not None and rollout.stages.approval.on_timeout == "hold"


def spent(rollout: Rollout) -> bool:
    """Every recovery in a row is used up."""
    return rollout.recoveries >= RECOVERIES


def not_arrived(rollout: Rollout) -> bool:
    """The callback that brings the step, or the preview, has not succeeded yet."""
    return not rollout.arrived


def more_steps(rollout: Rollout) -> bool:
    """The canary has a step after this one."""
    return rollout.step < len(rollout.stages.steps)


def wants_approval(rollout: Rollout) -> bool:
    """A person must say yes before the promotion or cutover; never for a release that goes direct."""
    return rollout.stages.approval is not None and not rollout.direct


def verifies_preview(rollout: Rollout) -> bool:
    """The preview is verified before cutover; never for a release that goes direct."""
    return rollout.stages.verifies_preview and not rollout.direct


def watches(rollout: Rollout) -> bool:
    """The new colour is watched after cutover; never for a release that goes direct."""
    return not rollout.direct and (rollout.stages.bake.seconds > 0 or bool(rollout.stages.bake.checks))


def tolerates(rollout: Rollout) -> bool:
    """One more failed check is within the bake's failure limit."""
    return rollout.checks_failed < rollout.stages.failure_limit


def first_release(rollout: Rollout) -> bool:
    """Nothing was live before, so there is nothing to switch back to."""
    return rollout.replaces is None


def abort_requested_first(rollout: Rollout) -> bool:
    """An abort is asked for a first release."""
    return abort_requested(rollout) and first_release(rollout)


def abort_requested_with_predecessor(rollout: Rollout) -> bool:
    """An abort is asked and there is a release to go back to."""
    return abort_requested(rollout) and not first_release(rollout)


def spent_first(rollout: Rollout) -> bool:
    """Recoveries are used up on a first release."""
    return spent(rollout) and first_release(rollout)


def unnamed(rollout: Rollout) -> bool:
    """No callback is named, so none can be running."""
    return rollout.callback is None


def unnamed_first(rollout: Rollout) -> bool:
    """The same for a first release."""
    return unnamed(rollout) and first_release(rollout)


def retryable_from(state: str) -> Guard:
    """Held by a failed or lost step of that state."""

    def guard(rollout: Rollout) -> bool:
        return rollout.held_from == state and rollout.cause in RETRYABLE

    guard.__name__ = f"retryable_from_{state}"
    return guard


def resumable_from(state: str, also: Guard | None = None) -> Guard:
    """Held in that state by something a person may judge to be fine."""

    def guard(rollout: Rollout) -> bool:
        return rollout.held_from == state and rollout.cause in RESUMABLE and (also is None or also(rollout))

    guard.__name__ = f"resumable_from_{state}" + (f"_and_{also.__name__}" if also else "")
    return guard


def held_in(*states: str) -> Guard:
    """Held in one of those states, by a cause that the present plan can still act on."""

    def guard(rollout: Rollout) -> bool:
        return rollout.held_from in states and rollout.cause != "not_in_manifest"

    guard.__name__ = "held_in_" + "_or_".join(states)
    return guard


def held_in_first_cutover(rollout: Rollout) -> bool:
    """Held in the cutover of a first release, which can't be switched back."""
    return held_in("cutting_over")(rollout) and first_release(rollout)


def held_early_in(*states: str) -> Guard:
    """Held before the decision, with the plan unchanged."""

    def guard(rollout: Rollout) -> bool:
        return rollout.held_from in states and rollout.cause not in ("plan_changed", "not_in_manifest")

    guard.__name__ = "held_early_in_" + "_or_".join(states)
    return guard


def _again(state: str, *events: str) -> tuple[Row, ...]:
    """Lost work is done again, in the same state, until the recoveries are spent."""
    return tuple(row for event in events for row in _held_or(state, event, state, "recoveries", spent))


def _again_until(state: str, end: str, *events: str) -> tuple[Row, ...]:
    """The same, where a rollout ends rather than being held."""
    return tuple(row for event in events for row in (Row(state, event, end, spent), Row(state, event, state)))


def _held_or(state: str, event: str, to: str, cause: str, guard: Guard = holds) -> tuple[Row, ...]:
    """Held where the guard says so, else on to another state."""
    return Row(state, event, HELD, guard, cause), Row(state, event, to)


def _on(state: str, to: str, *events: str) -> tuple[Row, ...]:
    """Several events that lead to the same state."""
    return tuple(Row(state, event, to) for event in events)


def _removable(*states: str) -> tuple[Row, ...]:
    """What the manifest no longer has, or says differently now, is for a person to end."""
    return tuple(Row(state, "removed", HELD, cause="not_in_manifest") for state in states)


def _changeable(*states: str) -> tuple[Row, ...]:
    return tuple(Row(state, "plan_changed", HELD, cause="plan_changed") for state in states)


_ALL_AT_ONCE = (
    Row("deploying", "succeeded", "promoted"),
    *_on("deploying", "failed", "failed", "cancelled", "lost"),
    Row("deploying", "never_started", "failed", abort_requested),
    Row("deploying", "never_started", "failed", spent),
    Row("deploying", "never_started", "deploying"),
    Row("deploying", "aborted", "failed", unnamed),
    *_on("deploying", "failed", "plan_changed", "removed"),
)

_CANARY = (
    Row("deploying_canary", "succeeded", "rolling_back", abort_requested),
    Row("deploying_canary", "succeeded", HELD, timeout_requested_and_holds, "timeout"),
    Row("deploying_canary", "succeeded", "rolling_back", timeout_requested),
    Row("deploying_canary", "succeeded", "baking"),
    Row("deploying_canary", "failed", "rolling_back", abort_requested),
    *_held_or("deploying_canary", "failed", "rolling_back", "deploy_failed"),
    *_on("deploying_canary", "rolling_back", "cancelled", "aborted"),
    *_held_or("deploying_canary", "timed_out", "rolling_back", "timeout"),
    *_again("deploying_canary", "lost", "never_started"),
    Row("baking", "check_passed", "baking"),
    Row("baking", "check_failed", "baking", tolerates),
    Row("baking", "check_failed", "rolling_back", abort_requested),
    *_held_or("baking", "check_failed", "rolling_back", "verify_failed"),
    Row("baking", "check_inconclusive", "rolling_back", abort_requested),
    Row("baking", "check_inconclusive", HELD, cause="inconclusive"),
    Row("baking", "bake_over", "deploying_canary", more_steps),
    Row("baking", "bake_over", "awaiting_approval", wants_approval),
    Row("baking", "bake_over", "promoting"),
    *_held_or("baking", "timed_out", "rolling_back", "timeout"),
    *_on("baking", "rolling_back", "aborted", "cancelled"),
    Row("baking", "paused", PAUSED),
    Row("baking", "promoted_early", "promoting"),
    *_again("baking", "lost", "never_started"),
    Row(PAUSED, "resumed", "baking"),
    *_on(PAUSED, "rolling_back", "aborted", "pause_expired"),
    Row(PAUSED, "promoted_early", "promoting"),
    *_on("awaiting_approval", "promoting", "approved", "promoted_early"),
    *_on("awaiting_approval", "rolling_back", "rejected", "aborted", "cancelled"),
    *_held_or("awaiting_approval", "approval_expired", "rolling_back", "approval_timeout", approval_holds),
    Row("awaiting_approval", "no_approvers", HELD, cause="no_approvers"),
    *_again("awaiting_approval", "lost", "never_started"),
    Row("promoting", "succeeded", "promoted"),
    Row("promoting", "failed", "rolling_back", abort_requested),
    Row("promoting", "failed", HELD, cause="promote_failed"),
    Row("promoting", "never_started", "rolling_back", abort_requested),
    Row("promoting", "aborted", "rolling_back", unnamed),
    *_again("promoting", "never_started"),
    Row("promoting", "lost", HELD, cause="promote_lost"),
    Row("promoting", "cancelled", HELD, cause="promote_lost"),
    Row("rolling_back", "succeeded", "rolled_back"),
    Row("rolling_back", "failed", HELD, cause="rollback_failed"),
    *_again("rolling_back", "lost", "cancelled", "never_started"),
    Row(HELD, "retried", "deploying_canary", retryable_from("deploying_canary")),
    Row(HELD, "retried", "baking", retryable_from("baking")),
    Row(HELD, "retried", "awaiting_approval", retryable_from("awaiting_approval")),
    Row(HELD, "retried", "promoting", retryable_from("promoting")),
    Row(HELD, "retried", "rolling_back", retryable_from("rolling_back")),
    Row(HELD, "resumed", "deploying_canary", resumable_from("deploying_canary", not_arrived)),
    Row(HELD, "resumed", "baking", resumable_from("deploying_canary")),
    Row(HELD, "resumed", "deploying_canary", resumable_from("baking", more_steps)),
    Row(HELD, "resumed", "awaiting_approval", resumable_from("baking", wants_approval)),
    Row(HELD, "resumed", "promoting", resumable_from("baking")),
    Row(HELD, "resumed", "promoting", resumable_from("awaiting_approval")),
    Row(
        HELD, "promoted_early", "promoting", held_early_in("deploying_canary", "baking", "awaiting_approval")
    ),
    Row(
        HELD,
        "aborted",
        "rolling_back",
        held_in("deploying_canary", "baking", "awaiting_approval", "promoting", "rolling_back"),
    ),
    Row(HELD, "resolved_promoted", "promoted"),
    Row(HELD, "resolved_rolled_back", "rolled_back"),
    *_changeable("deploying_canary", "baking", "awaiting_approval", "promoting"),
    *_removable("deploying_canary", "baking", PAUSED, "awaiting_approval", "promoting", "rolling_back"),
)

_BLUE_GREEN = (
    Row("deploying_preview", "succeeded", "discarding", abort_requested),
    Row("deploying_preview", "succeeded", HELD, timeout_requested_and_holds, "timeout"),
    Row("deploying_preview", "succeeded", "discarding", timeout_requested),
    Row("deploying_preview", "succeeded", "verifying_preview", verifies_preview),
    Row("deploying_preview", "succeeded", "awaiting_approval", wants_approval),
    Row("deploying_preview", "succeeded", "cutting_over"),
    Row("deploying_preview", "failed", "discarding", abort_requested),
    *_held_or("deploying_preview", "failed", "discarding", "deploy_failed"),
    *_held_or("deploying_preview", "timed_out", "discarding", "timeout"),
    *_on("deploying_preview", "discarding", "aborted", "cancelled"),
    *_again("deploying_preview", "lost", "never_started"),
    Row("verifying_preview", "check_passed", "discarding", abort_requested),
    Row("verifying_preview", "check_passed", HELD, timeout_requested_and_holds, "timeout"),
    Row("verifying_preview", "check_passed", "discarding", timeout_requested),
    Row("verifying_preview", "check_passed", "awaiting_approval", wants_approval),
    Row("verifying_preview", "check_passed", "cutting_over"),
    Row("verifying_preview", "check_failed", "discarding", abort_requested),
    *_held_or("verifying_preview", "check_failed", "discarding", "verify_failed"),
    Row("verifying_preview", "check_inconclusive", "discarding", abort_requested),
    Row("verifying_preview", "check_inconclusive", HELD, cause="inconclusive"),
    *_held_or("verifying_preview", "timed_out", "discarding", "timeout"),
    *_on("verifying_preview", "discarding", "aborted", "cancelled"),
    *_again("verifying_preview", "lost", "never_started"),
    *_on("awaiting_approval", "cutting_over", "approved", "promoted_early"),
    *_on("awaiting_approval", "discarding", "rejected", "aborted", "cancelled"),
    *_held_or("awaiting_approval", "approval_expired", "discarding", "approval_timeout", approval_holds),
    Row("awaiting_approval", "no_approvers", HELD, cause="no_approvers"),
    *_again("awaiting_approval", "lost", "never_started"),
    Row("cutting_over", "succeeded", "switching_back", abort_requested_with_predecessor),
    Row("cutting_over", "succeeded", "live_baking", watches),
    Row("cutting_over", "succeeded", "retiring"),
    Row("cutting_over", "failed", "failed", first_release),
    Row("cutting_over", "failed", "switching_back"),
    Row("cutting_over", "never_started", "failed", abort_requested_first),
    Row("cutting_over", "never_started", "switching_back", abort_requested),
    Row("cutting_over", "never_started", "failed", spent_first),
    *_again("cutting_over", "never_started"),
    Row("cutting_over", "aborted", "failed", unnamed_first),
    Row("cutting_over", "aborted", "switching_back", unnamed),
    Row("cutting_over", "lost", "failed", first_release),
    Row("cutting_over", "lost", HELD, cause="cutover_lost"),
    Row("cutting_over", "cancelled", "failed", first_release),
    Row("cutting_over", "cancelled", HELD, cause="cutover_lost"),
    Row("live_baking", "check_passed", "live_baking"),
    Row("live_baking", "check_failed", "live_baking", tolerates),
    Row("live_baking", "check_failed", "switching_back", abort_requested),
    *_held_or("live_baking", "check_failed", "switching_back", "verify_failed"),
    Row("live_baking", "check_inconclusive", "switching_back", abort_requested),
    Row("live_baking", "check_inconclusive", HELD, cause="inconclusive"),
    *_on("live_baking", "retiring", "bake_over", "promoted_early"),
    *_on("live_baking", "switching_back", "aborted", "cancelled"),
    Row("live_baking", "paused", PAUSED),
    *_again("live_baking", "lost", "never_started"),
    Row(PAUSED, "resumed", "live_baking"),
    *_on(PAUSED, "switching_back", "aborted", "pause_expired"),
    Row(PAUSED, "promoted_early", "retiring"),
    *_on("retiring", "promoted", "succeeded", "failed", "passed_through"),
    *_again_until("retiring", "promoted", "lost", "cancelled", "never_started"),
    Row("switching_back", "succeeded", "rolled_back"),
    Row("switching_back", "failed", HELD, cause="rollback_failed"),
    *_again("switching_back", "lost", "cancelled", "never_started"),
    *_on("discarding", "aborted", "succeeded", "failed", "passed_through"),
    *_again_until("discarding", "aborted", "lost", "cancelled", "never_started"),
    Row(HELD, "retried", "deploying_preview", retryable_from("deploying_preview")),
    Row(HELD, "retried", "verifying_preview", retryable_from("verifying_preview")),
    Row(HELD, "retried", "awaiting_approval", retryable_from("awaiting_approval")),
    Row(HELD, "retried", "cutting_over", retryable_from("cutting_over")),
    Row(HELD, "retried", "live_baking", retryable_from("live_baking")),
    Row(HELD, "retried", "switching_back", retryable_from("switching_back")),
    Row(HELD, "resumed", "deploying_preview", resumable_from("deploying_preview", not_arrived)),
    Row(HELD, "resumed", "verifying_preview", resumable_from("deploying_preview", verifies_preview)),
    Row(HELD, "resumed", "awaiting_approval", resumable_from("deploying_preview", wants_approval)),
    Row(HELD, "resumed", "cutting_over", resumable_from("deploying_preview")),
    Row(HELD, "resumed", "awaiting_approval", resumable_from("verifying_preview", wants_approval)),
    Row(HELD, "resumed", "cutting_over", resumable_from("verifying_preview")),
    Row(HELD, "resumed", "cutting_over", resumable_from("awaiting_approval")),
    Row(HELD, "resumed", "retiring", resumable_from("live_baking")),
    Row(
        HELD,
        "promoted_early",
        "cutting_over",
        held_early_in("deploying_preview", "verifying_preview", "awaiting_approval"),
    ),
    Row(
        HELD,
        "aborted",
        "discarding",
        held_in("deploying_preview", "verifying_preview", "awaiting_approval"),
    ),
    Row(HELD, "aborted", "failed", held_in_first_cutover),
    Row(HELD, "aborted", "switching_back", held_in("cutting_over", "live_baking", "switching_back")),
    Row(HELD, "resolved_promoted", "promoted"),
    Row(HELD, "resolved_rolled_back", "rolled_back"),
    *_changeable(
        "deploying_preview",
        "verifying_preview",
        "awaiting_approval",
        "cutting_over",
        "live_baking",
        "retiring",
    ),
    *_removable(
        "deploying_preview",
        "verifying_preview",
        "awaiting_approval",
        "cutting_over",
        "live_baking",
        PAUSED,
        "retiring",
        "switching_back",
        "discarding",
    ),
)

TABLES: dict[str, tuple[Row, ...]] = {ALL_AT_ONCE: _ALL_AT_ONCE, CANARY: _CANARY, BLUE_GREEN: _BLUE_GREEN}


def table_of(rollout: Rollout) -> str:
    """Whose table the rollout follows: a canary's direct release is deployed at once, blue-green's goes
    through cutover.
    """
    return ALL_AT_ONCE if rollout.stages.strategy == CANARY and rollout.direct else rollout.stages.strategy


def next_row(rollout: Rollout, event: str) -> Row:
    """The row that the event takes; raises IllegalEvent when the state has no way out by it."""
    for row in TABLES[table_of(rollout)]:
        if row.state == rollout.state and row.event == event and (row.guard is None or row.guard(rollout)):
            return row
    raise IllegalEvent(rollout.state, event)


def takes(rollout: Rollout, event: str) -> bool:
    """Whether the rollout's state has a way out by this event."""
    try:
        next_row(rollout, event)
    except IllegalEvent:
        return False
    return True
