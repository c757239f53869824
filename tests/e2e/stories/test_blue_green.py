"""Blue-green: the idle colour is filled, looked at, cut over to, watched; or nothing of it happened."""

from __future__ import annotations

import pytest

from tests.e2e.stories.manifests import BLUE_GREEN, BLUE_GREEN_WARM, BLUE_GREEN_WATCHED
from tests.e2e.stories.stage import FAIL, Stage, says
from tests.e2e.stories.story import nothing, told_twice, two_releases


@told_twice(BLUE_GREEN, opening=nothing)
def test_the_first_release_goes_to_blue(stage: Stage) -> None:
    stage.push()
    stage.promote()
    assert stage.jobs() == ["start preview gate_preview cutover bake_live finish"]
    assert stage.calls() == ["deploy_preview r1 blue", "cutover r1 blue"]
    assert (stage.live(), stage.traffic()) == ("r1", "r1 on blue")
    assert stage.record()["colors"] == {"blue": "r1", "green": None}


@told_twice(BLUE_GREEN)
def test_a_blue_green_with_nothing_but_a_cutover(stage: Stage) -> None:
    stage.promote()
    assert stage.jobs() == ["start preview gate_preview cutover bake_live finish"]
    assert stage.calls() == ["deploy_preview r2 green", "cutover r2 green"]
    assert stage.history() == [
        "queued",
        "started → deploying_preview",
        "succeeded → cutting_over",
        "succeeded → retiring",
        "passed_through → promoted",
    ]
    assert (stage.live(), stage.traffic(), stage.conclusions()) == ("r2", "r2 on green", ["success"])
    assert stage.record()["colors"] == {"blue": "r1", "green": "r2"}


@told_twice(BLUE_GREEN_WATCHED)
def test_a_blue_green_with_everything(stage: Stage) -> None:
    stage.promote()
    before = "start preview gate_preview verify_preview judge_preview"
    assert stage.jobs() == [f"{before} cutover bake_live verify_live judge_live retire finish"]
    assert stage.calls() == [
        "deploy_preview r2 green",
        "verify_preview r2 green",
        "cutover r2 green",
        "verify_live r2 green",
        "retire r2 blue",
    ]
    assert (stage.live(), stage.traffic(), stage.conclusions()) == ("r2", "r2 on green", ["success"])
    assert stage.record()["colors"] == {"blue": None, "green": "r2"}
    assert stage.inputs("cutover")["previous_release"] == "r1"
    assert (stage.inputs("cutover")["percent"], stage.inputs("cutover")["step"]) == (0, 0)


@told_twice(BLUE_GREEN_WARM, opening=two_releases)
def test_colours_take_turns(stage: Stage) -> None:
    stage.promote()
    assert stage.calls() == ["deploy_preview r3 blue", "cutover r3 blue", "verify_live r3 blue"]
    assert (stage.live(), stage.traffic()) == ("r3", "r3 on blue")


@told_twice(BLUE_GREEN_WATCHED)
@pytest.mark.parametrize("job", ["preview", "verify_preview"])
def test_a_preview_that_fails_is_discarded(stage: Stage, job: str) -> None:
    stage.answer(job, FAIL)
    stage.promote()
    assert stage.calls()[-1] == "discard r2 green"
    assert "cutover r2 green" not in stage.calls()
    assert (stage.live(), stage.traffic(), stage.ended()) == ("r1", "nothing", "aborted")
    assert (stage.conclusions(), stage.quarantine()) == (["failure"], ["r2"])
    assert stage.record()["colors"] == {"blue": "r1", "green": None}


@told_twice(BLUE_GREEN)
def test_a_preview_that_fails_without_anything_to_discard_it(stage: Stage) -> None:
    stage.answer("preview", FAIL)
    stage.promote()
    assert stage.jobs() == ["start preview gate_preview finish"]
    assert (stage.live(), stage.ended(), stage.conclusions()) == ("r1", "aborted", ["failure"])


@told_twice(BLUE_GREEN_WATCHED)
def test_a_preview_that_cannot_even_be_discarded_is_noted(stage: Stage) -> None:
    stage.answer("preview", FAIL)
    stage.answer("discard", FAIL)
    stage.promote()
    assert (stage.live(), stage.ended(), stage.open_state()) == ("r1", "aborted", None)
    assert "failed → aborted" in stage.history()


@told_twice(BLUE_GREEN_WATCHED)
def test_an_inconclusive_preview_is_held(stage: Stage) -> None:
    stage.answer("verify_preview", says("inconclusive"))
    stage.promote()
    assert (stage.open_state(), stage.live()) == ("held: inconclusive", "r1")
    stage.control("promote-now")
    assert stage.jobs()[1:] == ["start cutover bake_live verify_live judge_live retire finish"]
    assert (stage.live(), stage.record()["last"][0]["outcome"]) == ("r2", "fast_promoted")


@told_twice(BLUE_GREEN_WATCHED)
def test_a_cutover_that_fails_switches_back(stage: Stage) -> None:
    stage.answer("cutover", FAIL)
    stage.promote()
    assert stage.calls()[-2:] == ["cutover r2 green", "switchback r2 blue"]
    assert (stage.live(), stage.traffic(), stage.ended()) == ("r1", "r1 on blue", "rolled_back")
    assert stage.conclusions() == ["failure"]


@told_twice(BLUE_GREEN_WARM)
def test_a_live_check_that_fails_switches_back(stage: Stage) -> None:
    stage.answer("verify_live", says("failure", "too slow"))
    stage.promote()
    assert stage.jobs() == [
        "start preview gate_preview cutover bake_live verify_live judge_live switchback finish"
    ]
    assert stage.inputs("switchback") == {
        **stage.inputs("cutover"),
        "action": "switchback",
        "color": "blue",
        "reason": "too slow",
    }
    assert (stage.live(), stage.traffic(), stage.ended()) == ("r1", "r1 on blue", "rolled_back")
    assert (stage.conclusions(), stage.quarantine()) == (["failure"], ["r2"])
    assert stage.record()["colors"] == {"blue": "r1", "green": None}


@told_twice(BLUE_GREEN_WARM)
def test_a_switchback_that_fails_is_held(stage: Stage) -> None:
    stage.answer("verify_live", FAIL)
    stage.answer("switchback", FAIL)
    stage.promote()
    assert (stage.open_state(), stage.live()) == ("held: rollback_failed", "r2")
    stage.control("retry")
    assert (stage.live(), stage.traffic(), stage.ended()) == ("r1", "r1 on blue", "rolled_back")


@told_twice(BLUE_GREEN_WATCHED)
def test_a_failed_retirement_is_noted_and_the_run_is_red(stage: Stage) -> None:
    stage.answer("retire", FAIL)
    stage.promote()
    assert (stage.live(), stage.ended(), stage.conclusions()) == ("r2", "promoted", ["failure"])


@told_twice(BLUE_GREEN_WARM, opening=two_releases)
def test_a_rollback_to_the_warm_colour_is_a_cutover_alone(stage: Stage) -> None:
    stage.rollback()
    assert stage.jobs() == ["start cutover bake_live finish"]
    assert stage.calls() == ["cutover r1 blue"]
    assert stage.inputs("cutover")["previous_release"] == "r2"
    assert (stage.live(), stage.traffic(), stage.quarantine()) == ("r1", "r1 on blue", ["r2"])


@told_twice(BLUE_GREEN_WATCHED, opening=two_releases)
def test_a_rollback_to_a_retired_colour_deploys_it_first(stage: Stage) -> None:
    stage.rollback()
    assert stage.calls()[:2] == ["deploy_preview r1 blue", "cutover r1 blue"]
    assert (stage.live(), stage.traffic(), stage.quarantine()) == ("r1", "r1 on blue", ["r2"])


@told_twice(BLUE_GREEN, opening=nothing)
def test_a_first_release_whose_cutover_fails_has_failed(stage: Stage) -> None:
    stage.answer("cutover", FAIL)
    stage.push()
    stage.promote()
    assert (stage.live(), stage.ended(), stage.conclusions()) == (None, "failed", ["failure"])
