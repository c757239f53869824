"""Bakes that cost no runner minutes: the run ends green, and whoever comes first after the time goes on."""

from __future__ import annotations

import pytest
from headgate.simulate.story import FaultKind

from tests.e2e.stories.manifests import BLUE_GREEN_PARKED, PARKED
from tests.e2e.stories.stage import FAIL, Stage, says
from tests.e2e.stories.story import told_twice

DAY = 24 * 60
UP = [
    "deploy_canary r2 10 % step 1",
    "verify r2 10 % step 1",
    "verify r2 10 % step 1",
    "deploy_canary r2 50 % step 2",
    "verify r2 50 % step 2",
    "promote r2 100 %",
]


def days(stage: Stage, count: int) -> None:
    """So many days pass, and the cron runs."""
    stage.pass_minutes(count * DAY + 1)
    stage.sweep()


@told_twice(PARKED)
def test_a_parked_canary_goes_on_step_by_step_in_one_run_for_each_check(stage: Stage) -> None:
    stage.promote()
    assert (stage.open_state(), stage.conclusions()) == ("baking", ["success"])
    assert stage.record()["open"]["callback"] is None
    for _ in range(3):
        days(stage, 1)
    assert stage.jobs() == [
        "start canary_1 bake_1 finish",
        "start bake_1 verify_1_1 judge_1_1 finish",
        "start bake_1 verify_1_2 judge_1_2 canary_2 bake_2 finish",
        "start bake_2 verify_2 judge_2 promote finish",
    ]
    assert stage.calls() == UP
    assert (stage.live(), stage.traffic(), set(stage.conclusions())) == ("r2", "r2 100 %", {"success"})


@told_twice(PARKED)
def test_before_its_time_nobody_touches_a_parked_bake(stage: Stage) -> None:
    stage.promote()
    stage.pass_minutes(DAY - 60)
    stage.sweep()
    stage.sweep()
    assert (stage.open_state(), len(stage.jobs())) == ("baking", 1)
    assert stage.history()[-1] == "succeeded → baking"


@told_twice(PARKED)
def test_a_bake_that_is_found_late_is_longer_and_makes_up_for_no_check(stage: Stage) -> None:
    stage.promote()
    stage.pass_minutes(2 * DAY + 60)
    stage.sweep()
    assert stage.jobs()[1] == "start bake_1 verify_1_2 judge_1_2 canary_2 bake_2 finish"
    assert stage.open_state() == "baking"


@told_twice(PARKED)
def test_a_parked_check_that_fails_rolls_back(stage: Stage) -> None:
    stage.answer("verify_1_2", FAIL)
    stage.promote()
    days(stage, 1)
    days(stage, 1)
    assert (stage.live(), stage.traffic(), stage.ended()) == ("r1", "r1 100 %", "rolled_back")


@told_twice(PARKED)
def test_what_takes_too_long_while_it_is_parked_is_rolled_back(stage: Stage) -> None:
    stage.promote()
    days(stage, 4)
    assert stage.calls() == ["deploy_canary r2 10 % step 1", "rollback r2"]
    assert stage.inputs("rollback")["reason"] == "the rollout took longer than its timeout"
    assert (stage.live(), stage.traffic(), stage.ended()) == ("r1", "r1 100 %", "rolled_back")


@told_twice(PARKED)
@pytest.mark.parametrize("verb", ["abort", "promote-now"])
def test_a_verb_acts_on_a_parked_rollout_at_once(stage: Stage, verb: str) -> None:
    stage.promote()
    stage.control(verb)
    back = verb == "abort"
    assert stage.calls()[1:] == (["rollback r2"] if back else ["promote r2 100 %"])
    assert (stage.live(), stage.open_state()) == ("r1" if back else "r2", None)


@told_twice(PARKED)
def test_a_paused_bake_goes_on_parked(stage: Stage) -> None:
    stage.promote()
    stage.pass_minutes(DAY // 2)
    stage.control("pause")
    assert stage.open_state() == "paused"
    stage.pass_minutes(60)
    stage.control("resume")
    assert (stage.open_state(), len(stage.jobs())) == ("baking", 1)
    stage.pass_minutes(DAY // 2)
    stage.sweep()
    assert stage.jobs()[1] == "start bake_1 verify_1_1 judge_1_1 finish"


@told_twice(PARKED)
def test_a_cancel_after_the_rollout_was_parked_takes_it_back(stage: Stage) -> None:
    stage.cancel_between("bake_1", "finish")
    stage.promote()
    assert stage.calls() == ["deploy_canary r2 10 % step 1", "rollback r2"]
    assert (stage.live(), stage.traffic(), stage.ended()) == ("r1", "r1 100 %", "rolled_back")


@told_twice(PARKED)
@pytest.mark.parametrize("kind", ["dies_before_push", "dies_after_push"])
def test_a_gate_that_dies_where_it_would_park_changes_nothing(stage: Stage, kind: FaultKind) -> None:
    stage.kill("bake_1", kind)
    stage.promote()
    for _ in range(3):
        days(stage, 1)
    assert stage.calls() == UP
    assert (stage.live(), stage.traffic(), stage.open_state()) == ("r2", "r2 100 %", None)


@told_twice(PARKED)
def test_running_a_parked_run_again_calls_nothing(stage: Stage) -> None:
    stage.promote()
    stage.rerun_all_jobs()
    assert (stage.calls(), stage.open_state()) == (["deploy_canary r2 10 % step 1"], "baking")


@told_twice(BLUE_GREEN_PARKED)
def test_a_blue_green_waits_for_a_person_and_then_bakes_without_a_runner(stage: Stage) -> None:
    stage.promote()
    assert (stage.open_state(), stage.conclusions()) == ("awaiting_approval", ["success"])
    stage.control("approve", reason="looks good")
    assert (stage.open_state(), stage.traffic()) == ("live_baking", "r2 on green")
    days(stage, 3)
    assert (stage.live(), stage.open_state()) == ("r2", None)
    assert stage.record()["last"][0]["approver"]
    assert stage.jobs() == [
        "start preview gate_preview finish",
        "start cutover bake_live finish",
        "start bake_live verify_live judge_live finish",
    ]


@told_twice(BLUE_GREEN_PARKED)
def test_a_parked_bake_after_cutover_switches_back_when_its_check_fails(stage: Stage) -> None:
    stage.answer("verify_live", says("failure", "slow"))
    stage.promote()
    stage.control("approve")
    days(stage, 3)
    assert (stage.live(), stage.traffic(), stage.ended()) == ("r1", "r1 on blue", "rolled_back")


@told_twice(BLUE_GREEN_PARKED)
def test_an_approval_that_nobody_gives_is_held_and_can_be_resumed(stage: Stage) -> None:
    stage.promote()
    days(stage, 2)
    assert stage.open_state() == "held: approval_timeout"
    stage.control("resume")
    assert (stage.open_state(), stage.traffic()) == ("live_baking", "r2 on green")
