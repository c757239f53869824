"""GitHub's two buttons: "Re-run failed jobs" calls nothing, "Re-run all jobs" resumes."""

from __future__ import annotations

import pytest
from headgate.simulate.story import FaultKind

from tests.e2e.stories.manifests import CANARY
from tests.e2e.stories.stage import FAIL, Stage
from tests.e2e.stories.story import told_twice

BACK = ["deploy_canary r2 10 % step 1", "verify r2 10 % step 1", "rollback r2"]
UP = ["deploy_canary r2 10 % step 1", "verify r2 10 % step 1", "promote r2 100 %"]


@told_twice(CANARY)
def test_rerunning_failed_jobs_after_a_rollback_calls_nothing(stage: Stage) -> None:
    stage.answer("verify_1", FAIL)
    stage.promote()
    stage.rerun_failed_jobs()
    assert stage.calls() == BACK
    assert stage.jobs()[1:] == ["finish"]
    assert (stage.conclusions(), stage.live()) == (["failure", "failure"], "r1")


@told_twice(CANARY)
def test_rerunning_all_jobs_after_a_rollback_calls_nothing(stage: Stage) -> None:
    stage.answer("verify_1", FAIL)
    stage.promote()
    stage.rerun_all_jobs()
    assert stage.calls() == BACK
    assert stage.jobs()[1:] == ["start finish"]
    assert (stage.conclusions()[1], stage.live(), stage.traffic()) == ("failure", "r1", "r1 100 %")


@told_twice(CANARY)
def test_rerunning_all_jobs_after_a_promotion_calls_nothing(stage: Stage) -> None:
    stage.promote()
    stage.rerun_all_jobs()
    assert stage.calls() == UP
    assert (stage.conclusions(), stage.live()) == (["success", "success"], "r2")


@told_twice(CANARY)
@pytest.mark.parametrize("gate", ["start", "bake_1", "judge_1"])
@pytest.mark.parametrize("failed", [True, False])
def test_rerunning_the_run_of_a_dead_gate_that_another_run_has_replaced(
    stage: Stage, gate: str, failed: bool
) -> None:
    stage.kill(gate, "dies_after_push")
    stage.promote()
    assert (stage.calls(), stage.live()) == (UP, "r2")
    (stage.rerun_failed_jobs if failed else stage.rerun_all_jobs)(0)
    assert (stage.calls(), stage.live(), stage.open_state()) == (UP, "r2", None)


@told_twice(CANARY)
@pytest.mark.parametrize("kind", ["dies_before_start", "dies_before_push", "dies_after_push"])
def test_rerunning_failed_jobs_after_a_dead_finish_records_the_promotion_once(
    stage: Stage, kind: FaultKind
) -> None:
    stage.kill("finish", kind)
    stage.promote()
    stage.rerun_failed_jobs()
    assert stage.history().count("succeeded → promoted") == 1
    assert (stage.calls(), stage.live(), stage.open_state()) == (UP, "r2", None)


@told_twice(CANARY)
def test_rerunning_all_jobs_after_a_dead_finish_holds_what_nobody_can_know(stage: Stage) -> None:
    """The new attempt is not told what the promote callback of the old one answered."""
    stage.kill("finish", "dies_before_push")
    stage.promote()
    stage.rerun_all_jobs()
    assert (stage.calls(), stage.open_state()) == (UP, "held: promote_lost")
    stage.control("retry")
    assert (stage.live(), stage.traffic(), stage.open_state()) == ("r2", "r2 100 %", None)


@told_twice(CANARY)
@pytest.mark.parametrize("failed", [True, False])
def test_rerunning_after_a_dead_finish_behind_a_rollback(stage: Stage, failed: bool) -> None:
    stage.answer("verify_1", FAIL)
    stage.kill("finish", "dies_before_push")
    stage.promote()
    (stage.rerun_failed_jobs if failed else stage.rerun_all_jobs)()
    assert (stage.live(), stage.traffic(), stage.ended()) == ("r1", "r1 100 %", "rolled_back")
    assert stage.quarantine() == ["r2"]


@told_twice(CANARY)
@pytest.mark.parametrize("failed", [True, False])
def test_rerunning_a_dead_gate_and_its_dead_finish(stage: Stage, failed: bool) -> None:
    stage.kill("bake_1", "dies_before_push")
    stage.kill("finish", "dies_before_push")
    stage.promote()
    assert stage.open_state() == "deploying_canary"
    (stage.rerun_failed_jobs if failed else stage.rerun_all_jobs)()
    assert (stage.live(), stage.traffic(), stage.open_state()) == ("r2", "r2 100 %", None)


@told_twice(CANARY)
def test_rerunning_failed_jobs_of_a_held_promotion_does_not_promote(stage: Stage) -> None:
    stage.answer("promote", FAIL)
    stage.promote()
    stage.rerun_failed_jobs()
    assert (stage.calls(), stage.open_state()) == (UP, "held: promote_failed")


@told_twice(CANARY)
def test_rerunning_failed_jobs_after_a_failed_canary_whose_finish_died_calls_no_canary(stage: Stage) -> None:
    stage.answer("canary_1", FAIL)
    stage.kill("bake_1", "dies_before_start")
    stage.kill("finish", "dies_before_start")
    stage.promote()
    stage.rerun_failed_jobs()
    assert stage.calls().count("rollback r2") == 1
    assert stage.calls()[-1] == "rollback r2"
    assert (stage.live(), stage.traffic(), stage.ended()) == ("r1", "r1 100 %", "rolled_back")
