"""What people say while something runs, and who is obeyed when two want something at once."""

from __future__ import annotations

import pytest

from tests.e2e.stories.manifests import CANARY, LONG_BAKE, PLAIN
from tests.e2e.stories.stage import FAIL, Stage
from tests.e2e.stories.story import told_twice, two_releases


@told_twice(CANARY)
@pytest.mark.parametrize("job", ["canary_1", "verify_1"])
def test_an_abort_while_a_callback_runs_is_obeyed_after_it(stage: Stage, job: str) -> None:
    stage.meanwhile(job, stage.order("abort", reason="wrong version"))
    stage.promote()
    assert "abort_requested" in stage.history()
    assert stage.inputs("rollback")["reason"] == "wrong version"
    assert "promote r2 100 %" not in stage.calls()
    assert (stage.live(), stage.traffic(), stage.ended()) == ("r1", "r1 100 %", "rolled_back")
    assert stage.conclusion_of("control") == "success"


@told_twice(CANARY)
def test_an_abort_while_the_promotion_runs_comes_too_late(stage: Stage) -> None:
    stage.meanwhile("promote", stage.order("abort"))
    stage.promote()
    assert stage.history()[-2:] == ["succeeded → promoted", "request_ignored"]
    assert (stage.live(), stage.traffic(), stage.conclusions()) == ("r2", "r2 100 %", ["success"])


@told_twice(CANARY)
def test_an_abort_while_a_promotion_fails_rolls_back(stage: Stage) -> None:
    stage.meanwhile("promote", stage.order("abort"), result="failure")
    stage.promote()
    assert stage.jobs()[-1] in ("start rollback finish",)
    assert (stage.live(), stage.traffic(), stage.ended()) == ("r1", "r1 100 %", "rolled_back")


@told_twice(LONG_BAKE)
def test_an_abort_in_a_bake_is_obeyed_before_the_bake_is_over(stage: Stage) -> None:
    stage.meanwhile("bake_1", stage.order("abort", reason="wrong version"))
    stage.promote()
    assert stage.jobs() == ["start canary_1 bake_1 rollback finish"]
    assert stage.inputs("rollback")["reason"] == "wrong version"
    assert (stage.live(), stage.traffic(), stage.ended()) == ("r1", "r1 100 %", "rolled_back")


@told_twice(LONG_BAKE)
def test_an_abort_right_now_cancels_the_run(stage: Stage) -> None:
    stage.meanwhile("bake_1", stage.order("abort", now="true"))
    stage.promote()
    assert stage.jobs() == ["start canary_1 bake_1 cancelled finish", "start rollback finish"]
    assert (stage.live(), stage.traffic(), stage.ended()) == ("r1", "r1 100 %", "rolled_back")


@told_twice(LONG_BAKE)
def test_a_rollback_while_the_release_bakes_is_an_abort(stage: Stage) -> None:
    rollback = {"environment": "dev", "deploys": "all", "to": "", "reason": "wrong version"}
    stage.meanwhile("bake_1", ("headgate-rollback.yaml", rollback))
    stage.promote()
    assert stage.inputs("rollback")["reason"] == "wrong version"
    assert (stage.live(), stage.traffic(), stage.ended()) == ("r1", "r1 100 %", "rolled_back")


@told_twice(CANARY)
def test_promote_now_while_the_verification_runs_skips_the_rest_of_the_bake(stage: Stage) -> None:
    stage.meanwhile("verify_1", stage.order("promote-now"))
    stage.promote()
    assert (stage.live(), stage.traffic()) == ("r2", "r2 100 %")
    assert stage.record()["last"][0]["outcome"] in ("fast_promoted", "promoted")


@told_twice(CANARY)
def test_a_pause_parks_the_rollout_until_somebody_resumes_it(stage: Stage) -> None:
    stage.meanwhile("verify_1", stage.order("pause"))
    stage.promote()
    assert stage.jobs() == ["start canary_1 bake_1 verify_1 judge_1 finish"]
    assert (stage.open_state(), stage.traffic(), stage.conclusions()) == (
        "paused",
        "r1 90 %, r2 10 %",
        ["success"],
    )
    stage.pass_minutes(5)
    stage.sweep()
    assert len(stage.jobs()) == 1
    stage.control("resume")
    assert stage.jobs()[1:] == ["start bake_1 verify_1 judge_1 promote finish"]
    assert (stage.live(), stage.traffic(), stage.open_state()) == ("r2", "r2 100 %", None)


@told_twice(CANARY)
def test_a_pause_of_more_than_a_day_is_taken_back(stage: Stage) -> None:
    stage.meanwhile("verify_1", stage.order("pause"))
    stage.promote()
    stage.pass_minutes(24 * 60 + 1)
    stage.sweep()
    assert (stage.live(), stage.traffic(), stage.ended()) == ("r1", "r1 100 %", "rolled_back")


@told_twice(CANARY)
def test_without_anything_to_go_back_to_a_rollback_is_refused(stage: Stage) -> None:
    stage.rollback()
    assert stage.conclusion_of("rollback") == "failure"
    stage.rollback(to="nowhere")
    assert (stage.conclusion_of("rollback"), stage.history(), stage.jobs()) == ("failure", [], [])


@told_twice(CANARY)
def test_a_verb_that_the_state_does_not_take_is_refused(stage: Stage) -> None:
    for verb in ("abort", "pause", "resume", "promote-now", "retry", "resolve"):
        stage.control(verb, outcome="promoted")
        assert stage.conclusion_of("control") == "failure"
    assert stage.history() == []


@told_twice(CANARY)
def test_two_runs_of_one_rollout_do_not_both_act(stage: Stage) -> None:
    deploy = {
        "environment": "dev",
        "release": stage.side.names().release("r2"),
        "kind": "resume",
        "reason": "",
    }
    stage.meanwhile("canary_1", ("headgate-deploy-app.yaml", deploy))
    stage.promote()
    assert stage.jobs() == ["start canary_1 bake_1 verify_1 judge_1 promote finish", "start finish"]
    assert stage.calls() == ["deploy_canary r2 10 % step 1", "verify r2 10 % step 1", "promote r2 100 %"]
    assert stage.conclusions() == ["success", "success"]


@told_twice(CANARY, opening=two_releases)
def test_rolling_back_builds_nothing_and_quarantines_what_it_took_away(stage: Stage) -> None:
    stage.rollback(reason="it is slow")
    assert stage.jobs() == ["start deploy finish"]
    assert stage.calls() == ["deploy r1 100 %"]
    assert stage.inputs("deploy")["reason"] == ""
    assert stage.inputs("deploy")["previous_release"] == "r2"
    assert (stage.live(), stage.traffic(), stage.quarantine()) == ("r1", "r1 100 %", ["r2"])
    assert stage.conclusions() == ["success"]
    stage.promote(release="r2")
    assert (stage.conclusion_of("promote"), stage.live()) == ("failure", "r1")
    stage.promote(release="r3")
    assert stage.live() == "r3"


@told_twice(PLAIN, opening=two_releases)
def test_a_rollback_that_fails_quarantines_what_it_wanted_to_take_away(stage: Stage) -> None:
    stage.answer("deploy", FAIL)
    stage.rollback()
    assert (stage.ended(), stage.quarantine(), stage.conclusions()) == ("failed", ["r2"], ["failure"])


@told_twice(CANARY)
def test_skipping_the_strategy_goes_direct(stage: Stage) -> None:
    stage.promote(skip_strategy="true", reason="a hot fix")
    assert stage.jobs() == ["start deploy finish"]
    assert (stage.live(), stage.traffic(), stage.inputs("deploy")["strategy"]) == ("r2", "r2 100 %", "canary")


@told_twice(CANARY)
def test_a_dry_run_writes_nothing_and_starts_nothing(stage: Stage) -> None:
    stage.promote(dry_run="true")
    assert (stage.history(), stage.jobs()) == ([], [])


@told_twice(CANARY)
def test_a_frozen_environment_lets_nothing_in_until_it_is_thawed(stage: Stage) -> None:
    stage.control("freeze", deploy="")
    stage.promote()
    assert (stage.jobs(), stage.live()) == ([], "r1")
    stage.control("unfreeze", deploy="")
    assert (stage.live(), stage.traffic()) == ("r2", "r2 100 %")


@told_twice(CANARY)
def test_adopting_a_release_calls_nothing(stage: Stage) -> None:
    stage.control("adopt", release=stage.side.names().release("r2"))
    assert (stage.calls(), stage.live(), stage.history()) == ([], "r2", ["adopted"])


@told_twice(CANARY, opening=two_releases)
def test_a_newer_release_waits_behind_an_open_rollout_and_then_starts(stage: Stage) -> None:
    stage.push()
    stage.meanwhile("canary_1", stage.promotion(release="r4"))
    stage.promote(release="r3")
    assert stage.conclusions() == ["success", "success"]
    assert (stage.live(), stage.traffic()) == ("r4", "r4 100 %")


@told_twice(CANARY, opening=two_releases)
def test_after_a_rollback_a_queued_release_waits_for_a_person(stage: Stage) -> None:
    stage.push()
    stage.meanwhile("canary_1", stage.promotion(release="r4"))
    stage.answer("verify_1", FAIL)
    stage.promote(release="r3")
    assert (len(stage.jobs()), stage.live(), stage.record()["queued"]["release"]["id"]) == (1, "r2", "r4")
    stage.sweep()
    assert len(stage.jobs()) == 1
    stage.promote(release="r4")
    assert stage.live() == "r4"


@told_twice(CANARY, opening=two_releases)
def test_an_older_release_after_a_newer_is_superseded(stage: Stage) -> None:
    stage.promote()
    assert stage.live() == "r3"
    stage.promote(release="r2")
    assert (stage.conclusion_of("promote"), len(stage.jobs())) == ("success", 1)
    stage.push()
    stage.dispatch(stage.promotion(release="r4"))
    assert stage.live() == "r4"
    stage.promote(release="r3")
    assert (len(stage.jobs()), stage.live()) == (2, "r4")


@told_twice(CANARY, apart_from=("events", "runs"))
def test_two_promotions_at_once_bring_the_release_live_once(stage: Stage) -> None:
    stage.dispatch(stage.promotion(release="r2"), stage.promotion(release="r2"))
    assert stage.calls() == ["deploy_canary r2 10 % step 1", "verify r2 10 % step 1", "promote r2 100 %"]
    assert (stage.live(), set(stage.conclusions())) == ("r2", {"success"})


@told_twice(CANARY, opening=two_releases, apart_from=("events", "runs", "calls", "record"))
def test_two_releases_at_once_end_with_the_newer(stage: Stage) -> None:
    stage.push()
    stage.dispatch(stage.promotion(release="r4"), stage.promotion(release="r3"))
    assert (stage.live(), stage.open_state(), stage.record()["queued"]) == ("r4", None, None)
    assert stage.traffic() == "r4 100 %"
    assert set(stage.conclusions()) == {"success"}
