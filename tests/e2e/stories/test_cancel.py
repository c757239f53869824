"""The cancel button is an abort, wherever it strikes."""

from __future__ import annotations

import pytest

from tests.e2e.stories.manifests import BLUE_GREEN_WATCHED, CANARY, LONG_BAKE, LONG_WATCH, PLAIN
from tests.e2e.stories.stage import Stage
from tests.e2e.stories.story import told_twice

CANCELLED = "the run was cancelled"


def assert_rolled_back_by_a_fresh_run(stage: Stage, *jobs: str) -> None:
    """The cancelled run ended with these jobs, another one took everything back."""
    assert stage.jobs() == [" ".join([*jobs, "cancelled finish"]), "start rollback finish"]
    assert stage.conclusions() == ["cancelled", "failure"]
    assert stage.inputs("rollback")["reason"] == CANCELLED
    assert (stage.live(), stage.traffic(), stage.ended()) == ("r1", "r1 100 %", "rolled_back")
    assert stage.quarantine() == ["r2"]


@told_twice(LONG_BAKE)
def test_cancelled_inside_a_bake(stage: Stage) -> None:
    stage.cancel_in("bake_1")
    stage.promote()
    assert_rolled_back_by_a_fresh_run(stage, "start canary_1 bake_1")


@told_twice(CANARY)
def test_cancelled_inside_the_canary_callback(stage: Stage) -> None:
    stage.cancel_in("canary_1")
    stage.promote()
    assert_rolled_back_by_a_fresh_run(stage, "start canary_1")


@told_twice(CANARY)
def test_cancelled_inside_a_verification(stage: Stage) -> None:
    stage.cancel_in("verify_1")
    stage.promote()
    assert_rolled_back_by_a_fresh_run(stage, "start canary_1 bake_1 verify_1")


@told_twice(CANARY)
@pytest.mark.parametrize(
    ("before", "job", "ran"),
    [
        ("start", "canary_1", "start"),
        ("canary_1", "bake_1", "start canary_1"),
        ("bake_1", "verify_1", "start canary_1 bake_1"),
        ("verify_1", "judge_1", "start canary_1 bake_1 verify_1"),
        ("judge_1", "promote", "start canary_1 bake_1 verify_1 judge_1"),
    ],
)
def test_cancelled_between_two_jobs(stage: Stage, before: str, job: str, ran: str) -> None:
    stage.cancel_between(before, job)
    stage.promote()
    assert_rolled_back_by_a_fresh_run(stage, ran)


@told_twice(CANARY)
def test_cancelled_in_the_promotion_nobody_knows_where_the_traffic_is(stage: Stage) -> None:
    stage.cancel_in("promote")
    stage.promote()
    assert stage.jobs() == ["start canary_1 bake_1 verify_1 judge_1 promote cancelled finish"]
    assert (stage.open_state(), stage.traffic()) == ("held: promote_lost", "unknown since promote")
    assert stage.conclusions() == ["cancelled"]
    stage.control("retry")
    assert (stage.live(), stage.traffic(), stage.ended()) == ("r2", "r2 100 %", "promoted")


@told_twice(CANARY)
def test_cancelled_between_the_promotion_and_the_finish(stage: Stage) -> None:
    stage.cancel_between("promote", "finish")
    stage.promote()
    assert stage.jobs() == ["start canary_1 bake_1 verify_1 judge_1 promote cancelled finish"]
    assert (stage.live(), stage.traffic(), stage.ended()) == ("r2", "r2 100 %", "promoted")


@told_twice(LONG_BAKE)
def test_cancelled_in_the_rollback_it_is_rolled_back_again(stage: Stage) -> None:
    stage.cancel_in("bake_1")
    stage.cancel_in("rollback")
    stage.promote()
    assert stage.jobs() == [
        "start canary_1 bake_1 cancelled finish",
        "start rollback cancelled finish",
        "start rollback finish",
    ]
    assert stage.calls() == ["deploy_canary r2 10 % step 1", "rollback r2", "rollback r2"]
    assert (stage.live(), stage.traffic(), stage.ended()) == ("r1", "r1 100 %", "rolled_back")


@told_twice(PLAIN)
def test_cancelled_in_a_deploy_that_is_all_at_once(stage: Stage) -> None:
    stage.cancel_in("deploy")
    stage.promote()
    assert stage.jobs() == ["start deploy cancelled finish"]
    assert (stage.live(), stage.ended(), stage.quarantine()) == ("r1", "failed", ["r2"])
    stage.rollback()
    assert (stage.live(), stage.traffic()) == ("r1", "r1 100 %")


@told_twice(CANARY)
def test_cancelled_before_it_began_the_release_is_no_longer_queued(stage: Stage) -> None:
    stage.cancel_between("", "start")
    stage.promote()
    assert stage.jobs() == ["cancelled finish"]
    assert (stage.history(), stage.record()["queued"]) == (["queued", "dropped"], None)
    assert (stage.live(), stage.calls()) == ("r1", [])


@told_twice(BLUE_GREEN_WATCHED)
@pytest.mark.parametrize(
    ("job", "took_back"),
    [("preview", "discard"), ("verify_preview", "discard"), ("verify_live", "switchback")],
)
def test_a_blue_green_that_is_cancelled_in_a_callback_goes_back(
    stage: Stage, job: str, took_back: str
) -> None:
    stage.cancel_in(job)
    stage.promote()
    assert_taken_back(stage, took_back)


@told_twice(LONG_WATCH)
def test_a_blue_green_that_is_cancelled_in_its_bake_switches_back(stage: Stage) -> None:
    stage.cancel_in("bake_live")
    stage.promote()
    assert_taken_back(stage, "switchback")


def assert_taken_back(stage: Stage, action: str) -> None:
    """The cancelled run left the rest to a run that called this."""
    assert stage.jobs()[1:] == [f"start {action} finish"]
    assert stage.conclusions() == ["cancelled", "failure"]
    assert (stage.live(), stage.quarantine()) == ("r1", ["r2"])
    assert stage.inputs(action)["reason"] == CANCELLED


@told_twice(BLUE_GREEN_WATCHED)
def test_cancelled_in_the_cutover_it_is_held(stage: Stage) -> None:
    stage.cancel_in("cutover")
    stage.promote()
    assert stage.open_state() == "held: cutover_lost"
    stage.control("abort")
    assert stage.jobs()[1:] == ["start switchback finish"]
    assert (stage.live(), stage.traffic(), stage.ended()) == ("r1", "r1 on blue", "rolled_back")
