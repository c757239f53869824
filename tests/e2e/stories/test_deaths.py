"""Any gate may die at any moment; what a callback has done is never forgotten and never done twice."""

from __future__ import annotations

import pytest
from headgate.simulate.story import FaultKind

from tests.e2e.stories.manifests import BLUE_GREEN_WATCHED, CANARY
from tests.e2e.stories.stage import FAIL, Stage, says
from tests.e2e.stories.story import told_twice

KINDS: tuple[FaultKind, ...] = ("dies_before_start", "dies_before_push", "dies_after_push")
UP = ["deploy_canary r2 10 % step 1", "verify r2 10 % step 1", "promote r2 100 %"]
BACK = ["deploy_canary r2 10 % step 1", "verify r2 10 % step 1", "rollback r2"]
GATES = [(gate, kind) for gate in ("start", "bake_1", "judge_1", "finish") for kind in KINDS]
BLUE_GREEN_GATES = ("start", "gate_preview", "judge_preview", "bake_live", "judge_live", "finish")
BLUE_GREEN_DEATHS = [
    *((gate, "dies_before_push") for gate in BLUE_GREEN_GATES),
    ("bake_live", "dies_after_push"),
    ("finish", "dies_after_push"),
]


def wait_and_sweep(stage: Stage) -> None:
    """A run that died before it owned anything leaves its release queued, with the stamp of a dispatch."""
    stage.pass_minutes(31)
    stage.sweep()


@told_twice(CANARY)
@pytest.mark.parametrize(("gate", "kind"), [*GATES, ("judge_1", "dies_before_output")])
def test_a_gate_that_dies_does_not_keep_a_healthy_canary_from_being_promoted(
    stage: Stage, gate: str, kind: FaultKind
) -> None:
    stage.kill(gate, kind)
    stage.promote()
    wait_and_sweep(stage)
    assert (stage.live(), stage.traffic(), stage.open_state()) == ("r2", "r2 100 %", None)
    assert stage.calls() == UP


@told_twice(CANARY)
@pytest.mark.parametrize(("gate", "kind"), GATES)
def test_a_gate_that_dies_does_not_forget_a_failed_verification(
    stage: Stage, gate: str, kind: FaultKind
) -> None:
    stage.kill(gate, kind)
    stage.answer("verify_1", says("failure"))
    stage.promote()
    wait_and_sweep(stage)
    assert (stage.live(), stage.traffic(), stage.ended()) == ("r1", "r1 100 %", "rolled_back")
    assert stage.calls() == BACK
    assert stage.inputs("rollback")["reason"] == "the verification failed"


@told_twice(CANARY)
def test_a_finish_that_dies_behind_a_failed_job_has_the_rollback_repeated(stage: Stage) -> None:
    """Re-running failed jobs evaluates anew what depends on the verification, and so forgets the rollback."""
    stage.answer("verify_1", FAIL)
    stage.kill("finish", "dies_before_push")
    stage.promote()
    stage.sweep()
    assert stage.calls() == [*BACK, "rollback r2"]
    assert (stage.live(), stage.traffic(), stage.ended()) == ("r1", "r1 100 %", "rolled_back")


@told_twice(CANARY)
@pytest.mark.parametrize("kind", ["dies_before_push", "dies_after_push"])
def test_a_bake_that_dies_when_it_is_over_goes_on_where_it_was(stage: Stage, kind: FaultKind) -> None:
    stage.kill("bake_1", kind, nth=2)
    stage.promote()
    assert (stage.live(), stage.traffic(), stage.open_state()) == ("r2", "r2 100 %", None)
    assert stage.calls()[0] == "deploy_canary r2 10 % step 1"
    assert stage.calls().count("deploy_canary r2 10 % step 1") == 1


@told_twice(CANARY)
def test_a_gate_that_is_lost_four_times_in_a_row_is_held(stage: Stage) -> None:
    for _ in range(5):  # after the first, finish could still record that the canary was deployed
        stage.kill("bake_1", "dies_before_start")
    stage.promote()
    assert stage.open_state() == "held: recoveries"
    assert stage.calls() == ["deploy_canary r2 10 % step 1"]
    stage.control("retry")
    assert (stage.live(), stage.traffic(), stage.open_state()) == ("r2", "r2 100 %", None)


@told_twice(BLUE_GREEN_WATCHED)
@pytest.mark.parametrize(("gate", "kind"), BLUE_GREEN_DEATHS)
def test_a_gate_that_dies_does_not_keep_a_blue_green_from_going_live(
    stage: Stage, gate: str, kind: FaultKind
) -> None:
    stage.kill(gate, kind)
    stage.promote()
    wait_and_sweep(stage)
    assert (stage.live(), stage.traffic(), stage.open_state()) == ("r2", "r2 on green", None)
    assert stage.calls() == [
        "deploy_preview r2 green",
        "verify_preview r2 green",
        "cutover r2 green",
        "verify_live r2 green",
        "retire r2 blue",
    ]
