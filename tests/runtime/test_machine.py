"""The machine's tables against a second writing of them, and every row walked."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

import pytest
from headgate_runtime.advance import Course
from headgate_runtime.machine import (
    CAUSES,
    HELD,
    PAUSED,
    RESUMABLE,
    RETRYABLE,
    TABLES,
    TERMINAL,
    TRAFFIC,
    IllegalEvent,
    Row,
    next_row,
    table_of,
    takes,
)
from headgate_runtime.plan import ALL_AT_ONCE, BLUE_GREEN, CANARY, Bake
from headgate_runtime.record import Rollout

from tests.runtime.rollouts import APPROVAL, OLD, course, requests, rollout

ROWS = [(strategy, row) for strategy, table in TABLES.items() for row in table]
AGAIN = "lost never_started"

# state: event → the states it may lead to; `held:cause` where it is held.
EXPECTED: dict[str, dict[str, dict[str, str]]] = {
    ALL_AT_ONCE: {
        "deploying": {
            "succeeded": "promoted", "failed": "failed", "cancelled": "failed", "lost": "failed",
            "never_started": "deploying failed", "aborted": "failed", "plan_changed": "failed",
            "removed": "failed",
        },
    },
    CANARY: {
        "deploying_canary": {
            "succeeded": "baking rolling_back held:timeout", "failed": "rolling_back held:deploy_failed",
            "cancelled": "rolling_back", "aborted": "rolling_back",
            "timed_out": "rolling_back held:timeout",
            "lost": "deploying_canary held:recoveries", "never_started": "deploying_canary held:recoveries",
            "plan_changed": "held:plan_changed", "removed": "held:not_in_manifest",
        },
        "baking": {
            "bake_over": "deploying_canary awaiting_approval promoting", "check_passed": "baking",
            "check_failed": "baking rolling_back held:verify_failed",
            "check_inconclusive": "rolling_back held:inconclusive",
            "timed_out": "rolling_back held:timeout", "aborted": "rolling_back", "cancelled": "rolling_back",
            "paused": "paused", "promoted_early": "promoting",
            "lost": "baking held:recoveries", "never_started": "baking held:recoveries",
            "plan_changed": "held:plan_changed", "removed": "held:not_in_manifest",
        },
        "paused": {
            "resumed": "baking", "aborted": "rolling_back", "pause_expired": "rolling_back",
            "promoted_early": "promoting", "removed": "held:not_in_manifest",
        },
        "awaiting_approval": {
            "approved": "promoting", "promoted_early": "promoting", "rejected": "rolling_back",
            "aborted": "rolling_back", "cancelled": "rolling_back",
            "approval_expired": "rolling_back held:approval_timeout", "no_approvers": "held:no_approvers",
            "lost": "awaiting_approval held:recoveries", "never_started": "awaiting_approval held:recoveries",
            "plan_changed": "held:plan_changed", "removed": "held:not_in_manifest",
        },
        "promoting": {
            "succeeded": "promoted", "failed": "rolling_back held:promote_failed",
            "never_started": "promoting rolling_back held:recoveries", "aborted": "rolling_back",
            "lost": "held:promote_lost", "cancelled": "held:promote_lost",
            "plan_changed": "held:plan_changed", "removed": "held:not_in_manifest",
        },
        "rolling_back": {
            "succeeded": "rolled_back", "failed": "held:rollback_failed",
            "lost": "rolling_back held:recoveries", "cancelled": "rolling_back held:recoveries",
            "never_started": "rolling_back held:recoveries", "removed": "held:not_in_manifest",
        },
        "held": {
            "retried": "deploying_canary baking awaiting_approval promoting rolling_back",
            "resumed": "baking deploying_canary awaiting_approval promoting", "promoted_early": "promoting",
            "aborted": "rolling_back", "resolved_promoted": "promoted", "resolved_rolled_back": "rolled_back",
        },
    },
    BLUE_GREEN: {
        "deploying_preview": {
            "succeeded": "verifying_preview awaiting_approval cutting_over discarding held:timeout",
            "failed": "discarding held:deploy_failed", "timed_out": "discarding held:timeout",
            "aborted": "discarding", "cancelled": "discarding",
            "lost": "deploying_preview held:recoveries", "never_started": "deploying_preview held:recoveries",
            "plan_changed": "held:plan_changed", "removed": "held:not_in_manifest",
        },
        "verifying_preview": {
            "check_passed": "awaiting_approval cutting_over discarding held:timeout",
            "check_failed": "discarding held:verify_failed",
            "check_inconclusive": "discarding held:inconclusive", "timed_out": "discarding held:timeout",
            "aborted": "discarding", "cancelled": "discarding",
            "lost": "verifying_preview held:recoveries", "never_started": "verifying_preview held:recoveries",
            "plan_changed": "held:plan_changed", "removed": "held:not_in_manifest",
        },
        "awaiting_approval": {
            "approved": "cutting_over", "promoted_early": "cutting_over", "rejected": "discarding",
            "aborted": "discarding", "cancelled": "discarding",
            "approval_expired": "discarding held:approval_timeout", "no_approvers": "held:no_approvers",
            "lost": "awaiting_approval held:recoveries", "never_started": "awaiting_approval held:recoveries",
            "plan_changed": "held:plan_changed", "removed": "held:not_in_manifest",
        },
        "cutting_over": {
            "succeeded": "live_baking retiring switching_back", "failed": "switching_back failed",
            "never_started": "cutting_over switching_back failed held:recoveries",
            "aborted": "switching_back failed", "lost": "failed held:cutover_lost",
            "cancelled": "failed held:cutover_lost",
            "plan_changed": "held:plan_changed", "removed": "held:not_in_manifest",
        },
        "live_baking": {
            "bake_over": "retiring", "promoted_early": "retiring", "check_passed": "live_baking",
            "check_failed": "live_baking switching_back held:verify_failed",
            "check_inconclusive": "switching_back held:inconclusive", "aborted": "switching_back",
            "cancelled": "switching_back", "paused": "paused",
            "lost": "live_baking held:recoveries", "never_started": "live_baking held:recoveries",
            "plan_changed": "held:plan_changed", "removed": "held:not_in_manifest",
        },
        "paused": {
            "resumed": "live_baking", "aborted": "switching_back", "pause_expired": "switching_back",
            "promoted_early": "retiring", "removed": "held:not_in_manifest",
        },
        "retiring": {
            "succeeded": "promoted", "failed": "promoted", "passed_through": "promoted",
            "lost": "retiring promoted", "cancelled": "retiring promoted",
            "never_started": "retiring promoted",
            "plan_changed": "held:plan_changed", "removed": "held:not_in_manifest",
        },
        "switching_back": {
            "succeeded": "rolled_back", "failed": "held:rollback_failed",
            "lost": "switching_back held:recoveries", "cancelled": "switching_back held:recoveries",
            "never_started": "switching_back held:recoveries", "removed": "held:not_in_manifest",
        },
        "discarding": {
            "succeeded": "aborted", "failed": "aborted", "passed_through": "aborted",
            "lost": "discarding aborted", "cancelled": "discarding aborted",
            "never_started": "discarding aborted", "removed": "held:not_in_manifest",
        },
        "held": {
            "retried": "deploying_preview verifying_preview awaiting_approval cutting_over live_baking"
                       " switching_back",
            "resumed": "deploying_preview verifying_preview awaiting_approval cutting_over retiring",
            "promoted_early": "cutting_over", "aborted": "discarding switching_back failed",
            "resolved_promoted": "promoted", "resolved_rolled_back": "rolled_back",
        },
    },
}  # fmt: skip

# What makes a way by itself: no person is needed for it.
UNATTENDED = {
    "succeeded", "failed", "lost", "cancelled", "never_started", "bake_over", "check_passed", "check_failed",
    "check_inconclusive", "timed_out", "passed_through", "pause_expired", "approval_expired",
}  # fmt: skip


def situations(strategy: str, row: Row) -> Iterator[Rollout]:
    """Rollouts in the row's state, in every situation that a guard can tell apart."""
    held = [("", "")]
    if row.state == HELD:
        held = list(itertools.product([state for state in TRAFFIC[strategy] if state != HELD], CAUSES))
    approvals = (None, APPROVAL, replace(APPROVAL, on_timeout="hold"))
    plain = rollout(strategy, row.state)
    for asked, unnamed, first, spent, arrived in itertools.product(
        ((), ("abort",), ("timeout",)), (True, False), (False, True), (0, 3), (False, True)
    ):
        if row.state == HELD and (asked or spent or not unnamed):
            continue  # no row out of held asks for them
        base = replace(
            plain,
            arrived=arrived,
            requests=requests(*asked),
            callback=None if unnamed else "x",
            replaces=None if first else OLD,
            recoveries=spent,
        )
        for (held_from, cause), approval, holds, step, limit in itertools.product(
            held, approvals, (False, True), (1, 2), (0, 1)
        ):
            for verifies in (False, True):
                stages = replace(
                    base.stages, approval=approval, holds=holds, failure_limit=limit,
                    verifies_preview=verifies, bake=Bake(60 if verifies else 0),
                )  # fmt: skip
                yield replace(
                    base, stages=stages, step=step, held_from=held_from or None, cause=cause or None
                )


def rollout_for(strategy: str, row: Row) -> Rollout:
    """A rollout that takes this very row."""
    rivals = [other for other in TABLES[strategy] if (other.state, other.event) == (row.state, row.event)]
    rivals = rivals[: rivals.index(row) + 1]
    for found in situations(strategy, row):
        first = next((other for other in rivals if other.guard is None or other.guard(found)), None)
        if first is row:
            assert next_row(found, row.event) is row
            return found
    raise AssertionError(f"no rollout takes {row}: a row before it always wins, or its guard never holds")


@pytest.mark.parametrize(
    ("strategy", "row"), ROWS, ids=[f"{strategy}-{row.state}-{row.event}-{row.to}" for strategy, row in ROWS]
)
def test_every_row_is_walked(strategy: str, row: Row) -> None:
    before = rollout_for(strategy, row)
    taken = course(before).take(row.event, "a reason")
    event = taken.entries[0].event
    assert (event.event, event.origin, event.to, event.reason) == (row.event, row.state, row.to, "a reason")
    after = taken.record.open or taken.record.last[0]
    assert after.state == row.to
    assert (taken.record.open is None) == (row.to in TERMINAL)
    assert after.callback is None
    assert after.cause == (row.cause or None)
    assert after.held_from == (row.state if row.to == HELD else None)


@pytest.mark.parametrize("strategy", TABLES)
def test_the_tables_say_what_the_second_writing_says(strategy: str) -> None:
    found: dict[str, dict[str, set[str]]] = {}
    for row in TABLES[strategy]:
        to = f"{row.to}:{row.cause}" if row.to == HELD else row.to
        found.setdefault(row.state, {}).setdefault(row.event, set()).add(to)
    expected = {
        state: {event: set(to.split()) for event, to in events.items()}
        for state, events in EXPECTED[strategy].items()
    }
    assert found == expected


@pytest.mark.parametrize("strategy", TABLES)
def test_every_state_has_its_traffic_and_no_row_leads_to_an_unknown_state(strategy: str) -> None:
    table = TABLES[strategy]
    states = {row.state for row in table} | {row.to for row in table}
    assert states == set(TRAFFIC[strategy])
    assert {row.state for row in table} == states - set(TERMINAL)


@pytest.mark.parametrize("strategy", TABLES)
def test_every_state_but_held_has_a_way_out_without_a_person(strategy: str) -> None:
    for state in TRAFFIC[strategy]:
        leaving = {row.to for row in TABLES[strategy] if row.state == state and row.event in UNATTENDED} - {
            state
        }
        assert bool(leaving) == (state not in (*TERMINAL, HELD)), state


@pytest.mark.parametrize("strategy", TABLES)
def test_a_cause_is_on_the_rows_to_held_and_nowhere_else(strategy: str) -> None:
    for row in TABLES[strategy]:
        assert bool(row.cause) == (row.to == HELD), row
        assert not row.cause or row.cause in CAUSES


def test_every_cause_is_used_and_says_whether_it_can_be_retried_or_resumed() -> None:
    assert {row.cause for _, row in ROWS if row.cause} == set(CAUSES)
    assert not set(RETRYABLE) & set(RESUMABLE)


def test_every_guard_has_a_name_and_says_what_it_asks() -> None:
    for _, row in ROWS:
        if row.guard is not None:
            assert row.guard.__name__ not in ("guard", "<lambda>"), row


def test_an_event_that_means_nothing_is_refused_by_name_and_changes_nothing() -> None:
    events = {row.event for _, row in ROWS}
    for strategy, states in TRAFFIC.items():
        for state, event in itertools.product(states, sorted(events)):
            if event in EXPECTED[strategy].get(state, {}):
                continue
            before = course(rollout(strategy, state, held_from=None, cause=None))
            with pytest.raises(IllegalEvent, match=f"{state} can't take {event}"):
                before.take(event)
            assert before.entries == ()


def test_a_canary_that_goes_direct_is_deployed_at_once_and_blue_green_is_not() -> None:
    assert table_of(rollout(CANARY, "deploying", direct=True)) == ALL_AT_ONCE
    assert table_of(rollout(CANARY)) == CANARY
    assert table_of(rollout(BLUE_GREEN, direct=True)) == BLUE_GREEN


def to(found: Rollout, event: str) -> str:
    """Where the event leads: `state` or `held:cause`."""
    row = next_row(found, event)
    return f"{row.to}:{row.cause}" if row.to == HELD else row.to


@pytest.mark.parametrize(
    ("state", "event", "asked", "holds", "expected"),
    [
        ("deploying_canary", "succeeded", "abort", False, "rolling_back"),
        ("deploying_canary", "succeeded", "abort", True, "rolling_back"),
        ("deploying_canary", "failed", "abort", True, "rolling_back"),
        ("deploying_canary", "succeeded", "timeout", False, "rolling_back"),
        ("deploying_canary", "succeeded", "timeout", True, "held:timeout"),
        ("deploying_canary", "failed", "timeout", True, "held:deploy_failed"),
        ("promoting", "succeeded", "abort", False, "promoted"),
        ("promoting", "failed", "abort", False, "rolling_back"),
        ("promoting", "failed", "", False, "held:promote_failed"),
        ("promoting", "never_started", "abort", False, "rolling_back"),
        ("promoting", "lost", "abort", False, "held:promote_lost"),
        ("promoting", "cancelled", "abort", False, "held:promote_lost"),
    ],
)
def test_what_was_asked_for_while_a_canary_callback_ran(
    state: str, event: str, asked: str, holds: bool, expected: str
) -> None:
    found = rollout(CANARY, state, callback="x", holds=holds, requests=requests(asked) if asked else ())
    assert to(found, event) == expected


@pytest.mark.parametrize(
    ("event", "asked", "first", "expected"),
    [
        ("succeeded", "", False, "live_baking"),
        ("succeeded", "abort", False, "switching_back"),
        ("succeeded", "abort", True, "live_baking"),
        ("failed", "", False, "switching_back"),
        ("failed", "", True, "failed"),
        ("never_started", "abort", False, "switching_back"),
        ("never_started", "", False, "cutting_over"),
        ("lost", "", False, "held:cutover_lost"),
        ("lost", "", True, "failed"),
        ("cancelled", "abort", False, "held:cutover_lost"),
        ("cancelled", "abort", True, "failed"),
    ],
)
def test_a_cutover_never_ends_in_discarding(event: str, asked: str, first: bool, expected: str) -> None:
    found = rollout(
        BLUE_GREEN, "cutting_over", callback="cutover", replaces=None if first else OLD,
        requests=requests(asked) if asked else (),
    )  # fmt: skip
    assert to(found, event) == expected


def test_a_first_release_that_is_held_in_its_cutover_has_nothing_to_switch_back_to() -> None:
    held = rollout(BLUE_GREEN, HELD, held_from="cutting_over", cause="plan_changed", replaces=None)
    assert to(held, "aborted") == "failed"
    assert to(replace(held, replaces=OLD), "aborted") == "switching_back"
    assert not takes(replace(held, cause="not_in_manifest"), "aborted")


@pytest.mark.parametrize("state", ["promoting", "cutting_over", "deploying"])
def test_a_callback_that_runs_is_not_aborted_but_one_that_nobody_runs_is(state: str) -> None:
    strategy = {"promoting": CANARY, "cutting_over": BLUE_GREEN, "deploying": ALL_AT_ONCE}[state]
    assert not takes(rollout(strategy, state, callback="x"), "aborted")
    assert takes(rollout(strategy, state, callback=None), "aborted")


def test_a_direct_release_skips_verification_approval_and_bake() -> None:
    direct = rollout(BLUE_GREEN, "deploying_preview", direct=True, approval=APPROVAL)
    assert to(direct, "succeeded") == "cutting_over"
    assert to(replace(direct, state="cutting_over"), "succeeded") == "retiring"


@pytest.mark.parametrize(
    ("strategy", "state", "arrived", "expected"),
    [
        (CANARY, "deploying_canary", False, "deploying_canary"),
        (CANARY, "deploying_canary", True, "baking"),
        (BLUE_GREEN, "deploying_preview", False, "deploying_preview"),
        (BLUE_GREEN, "deploying_preview", True, "verifying_preview"),
    ],
)
def test_what_was_held_before_it_was_there_is_brought_there_by_resume(
    strategy: str, state: str, arrived: bool, expected: str
) -> None:
    held = rollout(strategy, HELD, held_from=state, cause="timeout", arrived=arrived)
    assert to(held, "resumed") == expected
    assert course(held).take("resumed").rollout.step == held.step


def test_the_fourth_loss_in_a_row_is_for_a_person() -> None:
    walk: Course = course(rollout(CANARY, "deploying_canary"))
    states = []
    for _ in range(4):
        walk = walk.take("lost")
        states.append(walk.rollout.state)
    assert states == ["deploying_canary"] * 3 + [HELD]
    assert (walk.rollout.cause, walk.rollout.held_from) == ("recoveries", "deploying_canary")
    again = walk.take("retried", "try it once more")
    assert (again.rollout.state, again.rollout.recoveries) == ("deploying_canary", 0)


def test_a_result_starts_the_count_of_recoveries_anew() -> None:
    walk = course(rollout(CANARY, "deploying_canary")).take("lost").take("never_started").take("succeeded")
    assert walk.rollout.recoveries == 0


@pytest.mark.parametrize(
    ("strategy", "state"),
    [("canary", "rolling_back"), ("blue_green", "switching_back"), ("canary", "promoting")],
)
def test_what_the_manifest_lost_can_only_be_resolved(strategy: str, state: str) -> None:
    held = course(rollout(strategy, state)).take("removed").rollout
    assert held.cause == "not_in_manifest"
    assert not any(takes(held, event) for event in ("aborted", "retried", "resumed", "promoted_early"))
    assert takes(held, "resolved_promoted") and takes(held, "resolved_rolled_back")


def test_a_changed_plan_allows_abort_and_resolve() -> None:
    held = course(rollout(CANARY, "baking")).take("plan_changed").rollout
    assert takes(held, "aborted") and takes(held, "resolved_promoted")
    assert not any(takes(held, event) for event in ("retried", "resumed", "promoted_early"))


def test_a_pause_is_only_of_a_bake() -> None:
    for strategy, states in TRAFFIC.items():
        can = {state for state in states if takes(rollout(strategy, state), "paused")}
        assert can == {CANARY: {"baking"}, BLUE_GREEN: {"live_baking"}}.get(strategy, set())
    assert PAUSED in TRAFFIC[CANARY] and PAUSED in TRAFFIC[BLUE_GREEN]
