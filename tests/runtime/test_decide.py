"""What is due when, and what a callback's result means."""

from __future__ import annotations

from dataclasses import replace

import pytest
from headgate_runtime.advance import Course
from headgate_runtime.decide import (
    Call,
    Due,
    Fire,
    Park,
    Rest,
    Result,
    Wait,
    callback_of,
    due,
    record_result,
    settle,
)
from headgate_runtime.machine import TERMINAL, TRAFFIC
from headgate_runtime.plan import Bake, Step
from headgate_runtime.record import Rollout

from tests.runtime.rollouts import APPROVAL, NOW, course, requests, rollout

OVER = Fire("bake_over", "bake over")


def baking(bake: Bake, **changes: object) -> Rollout:
    """A canary that started to bake now."""
    found = rollout("canary", "baking", steps=(Step(10, bake),), bake_until=NOW + bake.seconds)
    return replace(found, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("bake", "at", "expected"),
    [
        (Bake(600), 0, Wait(NOW + 600)),
        (Bake(600), 599, Wait(NOW + 600)),
        (Bake(600), 600, OVER),
        (Bake(600), 9999, OVER),
        (Bake(0), 0, OVER),
        (Bake(600, (600,)), 0, Wait(NOW + 600)),
        (Bake(600, (600,)), 600, Call("verify_1", 1)),
        (Bake(0, (0,)), 0, Call("verify_1", 1)),
        (Bake(600, (200, 400, 600)), 100, Wait(NOW + 200)),
        (Bake(600, (200, 400, 600)), 200, Call("verify_1_1", 1)),
        (Bake(600, (200, 400, 600)), 450, Call("verify_1_2", 2)),
        (Bake(600, (200, 400, 600)), 700, Call("verify_1_3", 3)),
    ],
)
def test_a_bake_waits_checks_and_is_over(bake: Bake, at: int, expected: Due) -> None:
    assert due(baking(bake), NOW + at) == expected


def test_missed_checks_are_not_made_up() -> None:
    three = Bake(600, (200, 400, 600))
    assert due(baking(three, check=2), NOW + 450) == Wait(NOW + 600)
    assert due(baking(three, check=1), NOW + 300) == Wait(NOW + 400)


def test_a_bake_is_only_over_after_a_check_at_its_end() -> None:
    one = Bake(600, (600,))
    assert due(baking(one, check=1, checked_at=NOW + 599), NOW + 600) == Call("verify_1", 1)
    assert due(baking(one, check=1, checked_at=NOW + 600), NOW + 601) == OVER


def test_past_its_deadline_a_rollout_is_over_before_anything_else() -> None:
    for state in ("deploying_canary", "baking"):
        late = rollout("canary", state, deadline=NOW, bake_until=NOW + 600)
        assert due(late, NOW) == Fire("timed_out", "the rollout took longer than its timeout")
    assert due(rollout("canary", "promoting", deadline=NOW), NOW) == Call("promote")
    assert due(rollout("canary", "rolling_back", deadline=NOW), NOW) == Call("rollback")


def test_a_bake_sleeps_until_the_deadline_and_never_until_one_that_is_over() -> None:
    assert due(baking(Bake(600), deadline=NOW + 300), NOW) == Wait(NOW + 300)
    live = rollout("blue_green", "live_baking", bake=Bake(600), bake_until=NOW + 600, deadline=NOW - 1)
    assert due(live, NOW) == Wait(NOW + 600)


@pytest.mark.parametrize(
    ("strategy", "state", "callback"),
    [
        ("all_at_once", "deploying", "deploy"),
        ("canary", "deploying_canary", "canary_1"),
        ("canary", "promoting", "promote"),
        ("canary", "rolling_back", "rollback"),
        ("blue_green", "deploying_preview", "preview"),
        ("blue_green", "verifying_preview", "verify_preview"),
        ("blue_green", "cutting_over", "cutover"),
        ("blue_green", "retiring", "retire"),
        ("blue_green", "switching_back", "switchback"),
        ("blue_green", "discarding", "discard"),
    ],
)
def test_each_working_state_calls_its_callback(strategy: str, state: str, callback: str) -> None:
    found = rollout(strategy, state)
    assert due(found, NOW) == Call(callback)
    known = callback_of(found, callback)
    assert known is not None and known.id == callback


def test_every_state_that_is_open_is_due_for_something_or_rests() -> None:
    for strategy, states in TRAFFIC.items():
        for state in states:
            what = due(rollout(strategy, state, paused_at=NOW, bake_until=NOW + 60), NOW)
            assert isinstance(what, Rest) == (state in (*TERMINAL, "held"))
            assert isinstance(what, Park) == (state in ("paused", "awaiting_approval"))


def test_without_a_callback_for_it_cleaning_up_is_passed_through() -> None:
    for state in ("retiring", "discarding"):
        what = due(rollout("blue_green", state, retires=False), NOW)
        assert what == Fire("passed_through", "nothing to clean up")
    first = rollout("blue_green", "retiring", replaces=None)
    assert due(first, NOW) == Fire("passed_through", "nothing to clean up")


def test_a_pause_and_an_approval_end_by_themselves() -> None:
    paused = rollout("canary", "paused", paused_at=NOW)
    assert due(paused, NOW + 24 * 3600 - 1) == Park(NOW + 24 * 3600)
    assert due(paused, NOW + 24 * 3600) == Fire("pause_expired", "the pause lasted 24 hours")
    waiting = rollout("canary", "awaiting_approval", approval=APPROVAL, waits_until=NOW + 5)
    assert due(waiting, NOW + 4) == Park(NOW + 5)
    assert due(waiting, NOW + 5) == Fire("approval_expired", "nobody approved in time")


def after(found: Rollout, result: Result) -> tuple[str, str]:
    """The event that the result became, and where it led."""
    event = record_result(course(found), result).entries[0].event
    return event.event, event.to


@pytest.mark.parametrize(
    ("result", "event"),
    [
        (Result("success"), "succeeded"),
        (Result("success", "success"), "succeeded"),
        (Result("success", "failure"), "failed"),
        (Result("success", "inconclusive"), "failed"),
        (Result("success", "SUCCESS"), "failed"),
        (Result("failure"), "failed"),
        (Result("failure", "success"), "failed"),
        (Result("cancelled"), "failed"),
        (Result("cancelled", run_cancelled=True), "cancelled"),
        (Result("skipped"), "never_started"),
        (Result("", delivered=False), "never_started"),
        (Result("Success"), "never_started"),
        (Result("neutral"), "never_started"),
    ],
)
def test_only_literal_success_is_success(result: Result, event: str) -> None:
    assert after(rollout("canary", callback="canary_1"), result)[0] == event


@pytest.mark.parametrize(
    ("result", "event"),
    [
        (Result("success"), "check_passed"),
        (Result("success", "success"), "check_passed"),
        (Result("success", "failure"), "check_failed"),
        (Result("success", "inconclusive"), "check_inconclusive"),
        (Result("success", "nonsense"), "check_inconclusive"),
        (Result("failure"), "check_failed"),
        (Result("failure", "success"), "check_failed"),
        (Result("cancelled"), "check_inconclusive"),
        (Result("cancelled", run_cancelled=True), "cancelled"),
        (Result("skipped"), "check_inconclusive"),
        (Result("skipped", delivered=False), "never_started"),
        (Result("skipped", run_cancelled=True), "never_started"),
    ],
)
def test_a_verification_passes_only_by_success(result: Result, event: str) -> None:
    found = rollout("canary", "baking", callback="verify_1", bake_until=NOW, named_at=NOW)
    assert after(found, result)[0] == event


def test_the_failure_limit_is_what_one_bake_tolerates() -> None:
    found = rollout(
        "canary",
        "baking",
        callback="verify_1",
        failure_limit=1,
        bake_until=NOW,
        named_at=NOW,
        checks_failed=0,
    )
    once = record_result(course(found), Result("failure"))
    assert (once.rollout.state, once.rollout.checks_failed) == ("baking", 1)
    twice = once.note_rollout("called", callback="verify_1", named_at=NOW)
    assert record_result(twice, Result("failure")).rollout.state == "rolling_back"
    next_bake = replace(once.rollout, state="deploying_canary", callback="canary_2", step=2)
    assert course(next_bake).take("succeeded").rollout.checks_failed == 0


def test_a_callback_says_why_and_where_to_look() -> None:
    found = rollout("canary", "baking", callback="verify_1", bake_until=NOW, named_at=NOW)
    said = record_result(course(found), Result("failure", reason="7 % errors", url="https://x.invalid/1"))
    assert (said.rollout.because, said.rollout.url) == ("7 % errors", "https://x.invalid/1")
    silent = record_result(course(found), Result("failure"))
    assert silent.rollout.because == "the verification failed"


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "ftp://x", "https://x y", "https://x\n::error::", "https://" + "x" * 2048]
)
def test_a_url_that_is_none_is_left_out(url: str) -> None:
    found = rollout("canary", "deploying_canary", callback="canary_1")
    assert record_result(course(found), Result("success", url=url)).rollout.url is None


def test_settling_obeys_first_and_then_lets_everything_due_happen() -> None:
    asked = rollout(
        "canary", "baking", steps=(Step(10, Bake(0)),), bake_until=NOW, requests=requests("abort")
    )
    ended, what = settle(course(asked))
    assert (ended.rollout.state, what) == ("rolling_back", Call("rollback"))
    free, what = settle(course(replace(asked, requests=())))
    assert (free.rollout.state, what) == ("promoting", Call("promote"))
    over, what = settle(course(rollout("blue_green", "discarding", retires=False)))
    assert (over.record.open, what) == (None, Rest())


def test_requests_are_obeyed_in_the_order_abort_timeout_promote_now_pause() -> None:
    found = rollout("canary", "baking", bake_until=NOW + 60, requests=requests("pause", "promote-now"))
    early, what = settle(course(found))
    assert (early.rollout.state, what) == ("promoting", Call("promote"))
    asked = replace(found, requests=requests("pause", "promote-now", "abort"))
    aborted, _ = settle(course(asked))
    assert aborted.rollout.state == "rolling_back"
    assert aborted.rollout.because == "abort it"
    assert [entry.event.event for entry in aborted.entries] == ["aborted", "request_ignored"]
    assert aborted.entries[-1].event.reason == "pause, promote-now came too late"


def test_a_walk_through_a_whole_canary_is_bounded() -> None:
    walk: Course = course(rollout("canary"))
    names = []
    for _ in range(40):
        walk, what = settle(walk)
        if isinstance(what, Rest):
            break
        if isinstance(what, Wait):
            walk = replace(walk, moment=replace(walk.moment, now=what.until))
            continue
        assert isinstance(what, Call)
        names.append(what.callback)
        walk = walk.amend("called", callback=what.callback, named_at=walk.now, check=what.check)
        walk = record_result(walk, Result("success"))
    assert names == ["canary_1", "verify_1", "canary_2", "promote"]
    assert walk.record.open is None
