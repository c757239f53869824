"""A canary goes up step by step, or back."""

from __future__ import annotations

import pytest
from headgate.simulate.story import Outcome

from tests.e2e.stories.manifests import CANARY, HOLDING, INTERVAL, STRICT_INTERVAL, TWO_STEPS
from tests.e2e.stories.stage import FAIL, PASS, SKIPPED, Stage, says
from tests.e2e.stories.story import told_twice


@told_twice(CANARY)
def test_a_healthy_canary_is_promoted(stage: Stage) -> None:
    stage.promote()
    assert stage.jobs() == ["start canary_1 bake_1 verify_1 judge_1 promote finish"]
    assert stage.calls() == ["deploy_canary r2 10 % step 1", "verify r2 10 % step 1", "promote r2 100 %"]
    assert stage.history() == [
        "queued",
        "started → deploying_canary",
        "succeeded → baking",
        "called",
        "check_passed",
        "bake_over → promoting",
        "succeeded → promoted",
    ]
    assert (stage.live(), stage.traffic(), stage.conclusions()) == ("r2", "r2 100 %", ["success"])
    assert stage.record()["previous"][0]["id"] == "r1"


@told_twice(CANARY)
def test_a_callback_receives_all_that_the_contract_promises(stage: Stage) -> None:
    stage.promote()
    assert stage.inputs("deploy_canary") == {
        "environment": "dev",
        "sha": "commit of r2",
        "release": "r2",
        "deploy": "app",
        "strategy": "canary",
        "action": "deploy_canary",
        "percent": 10,
        "step": 1,
        "color": "",
        "rollout_id": stage.record()["last"][0]["id"],
        "previous_release": "r1",
        "previous_sha": "commit of r1",
        "reason": "",
        "image": "registry.example/app:r2",
    }
    promoted = {"action": "promote", "percent": 100, "step": 0}
    assert stage.inputs("promote") == {**stage.inputs("deploy_canary"), **promoted}


@told_twice(TWO_STEPS)
def test_a_canary_of_two_steps_goes_up_twice(stage: Stage) -> None:
    stage.promote()
    assert stage.jobs() == [
        "start canary_1 bake_1 verify_1 judge_1 canary_2 bake_2 verify_2 judge_2 promote finish"
    ]
    assert stage.calls() == [
        "deploy_canary r2 10 % step 1",
        "verify r2 10 % step 1",
        "deploy_canary r2 50 % step 2",
        "verify r2 50 % step 2",
        "promote r2 100 %",
    ]
    assert (stage.live(), stage.traffic(), stage.conclusions()) == ("r2", "r2 100 %", ["success"])


@told_twice(TWO_STEPS)
@pytest.mark.parametrize("step", [1, 2])
def test_a_canary_whose_callback_fails_is_rolled_back(stage: Stage, step: int) -> None:
    stage.answer(f"canary_{step}", FAIL)
    stage.promote()
    first = "canary_1 bake_1 verify_1 judge_1 " if step == 2 else ""
    assert stage.jobs() == [f"start {first}canary_{step} bake_{step} rollback finish"]
    assert stage.inputs("rollback")["reason"] == f"canary_{step} failed"
    assert (stage.inputs("rollback")["percent"], stage.inputs("rollback")["release"]) == (0, "r2")
    assert stage.history()[-3:] == ["failed → rolling_back", "succeeded → rolled_back", "quarantined"]
    assert (stage.live(), stage.traffic(), stage.conclusions()) == ("r1", "r1 100 %", ["failure"])
    assert stage.quarantine() == ["r2"]


@told_twice(CANARY)
@pytest.mark.parametrize(
    "answer", [FAIL, says("failure"), says("failure", "p99 is 4 s")], ids=["job", "word", "reason"]
)
def test_a_canary_whose_verification_fails_is_rolled_back(stage: Stage, answer: Outcome) -> None:
    stage.answer("verify_1", answer)
    stage.promote()
    assert stage.jobs() == ["start canary_1 bake_1 verify_1 judge_1 rollback finish"]
    assert stage.calls() == ["deploy_canary r2 10 % step 1", "verify r2 10 % step 1", "rollback r2"]
    assert stage.inputs("rollback")["reason"] == (answer.reason or "the verification failed")
    assert stage.inputs("rollback")["previous_release"] == "r1"
    assert (stage.live(), stage.traffic(), stage.conclusions()) == ("r1", "r1 100 %", ["failure"])
    assert (stage.ended(), stage.quarantine()) == ("rolled_back", ["r2"])


@told_twice(TWO_STEPS)
def test_a_verification_that_fails_at_the_second_step_takes_all_of_it_back(stage: Stage) -> None:
    stage.answer("verify_2", FAIL)
    stage.promote()
    assert stage.jobs() == [
        "start canary_1 bake_1 verify_1 judge_1 canary_2 bake_2 verify_2 judge_2 rollback finish"
    ]
    assert (stage.live(), stage.traffic(), stage.ended()) == ("r1", "r1 100 %", "rolled_back")


@told_twice(CANARY)
@pytest.mark.parametrize("word", ["inconclusive", "who knows"])
def test_an_inconclusive_verification_is_held(stage: Stage, word: str) -> None:
    stage.answer("verify_1", says(word))
    stage.promote()
    assert stage.jobs() == ["start canary_1 bake_1 verify_1 judge_1 finish"]
    assert stage.open_state() == "held: inconclusive"
    assert (stage.live(), stage.traffic(), stage.conclusions()) == ("r1", "r1 90 %, r2 10 %", ["failure"])
    stage.control("resume")
    assert stage.jobs()[1:] == ["start promote finish"]
    assert (stage.live(), stage.traffic(), stage.open_state()) == ("r2", "r2 100 %", None)


@told_twice(INTERVAL)
def test_a_bake_with_an_interval_is_checked_in_between_and_tolerates_its_limit(stage: Stage) -> None:
    stage.answer("verify_1_1", says("failure"))
    stage.promote()
    assert stage.jobs() == ["start canary_1 bake_1 verify_1_1 judge_1_1 verify_1_2 judge_1_2 promote finish"]
    assert [event for event in stage.history() if event.startswith("check")] == [
        "check_failed",
        "check_passed",
    ]
    assert (stage.live(), stage.conclusions()) == ("r2", ["success"])


@told_twice(STRICT_INTERVAL)
def test_a_failed_check_past_the_limit_ends_the_bake_early(stage: Stage) -> None:
    stage.answer("verify_1_1", FAIL)
    stage.promote()
    assert stage.jobs() == ["start canary_1 bake_1 verify_1_1 judge_1_1 rollback finish"]
    assert (stage.live(), stage.traffic(), stage.ended()) == ("r1", "r1 100 %", "rolled_back")


@told_twice(HOLDING)
@pytest.mark.parametrize(("job", "cause"), [("canary_1", "deploy_failed"), ("verify_1", "verify_failed")])
def test_a_failure_is_held_where_the_manifest_says_so(stage: Stage, job: str, cause: str) -> None:
    stage.answer(job, FAIL)
    stage.promote()
    assert (stage.open_state(), stage.conclusions()) == (f"held: {cause}", ["failure"])
    stage.control("abort")
    assert (stage.live(), stage.traffic(), stage.ended()) == ("r1", "r1 100 %", "rolled_back")
    assert stage.inputs("rollback")["reason"] == "abort it"


@told_twice(CANARY)
def test_a_failed_promotion_is_held_and_retried(stage: Stage) -> None:
    stage.answer("promote", FAIL)
    stage.promote()
    assert stage.jobs() == ["start canary_1 bake_1 verify_1 judge_1 promote finish"]
    assert (stage.open_state(), stage.traffic()) == ("held: promote_failed", "unknown since promote")
    assert (stage.live(), stage.conclusions()) == ("r1", ["failure"])
    stage.control("retry")
    assert stage.jobs()[1:] == ["start promote finish"]
    assert (stage.live(), stage.traffic(), stage.open_state()) == ("r2", "r2 100 %", None)


@told_twice(CANARY)
def test_a_failed_promotion_is_held_and_aborted(stage: Stage) -> None:
    stage.answer("promote", FAIL)
    stage.promote()
    stage.control("abort")
    assert stage.jobs()[1:] == ["start rollback finish"]
    assert stage.inputs("rollback")["reason"] == "abort it"
    assert (stage.live(), stage.traffic(), stage.quarantine()) == ("r1", "r1 100 %", ["r2"])


@told_twice(CANARY)
@pytest.mark.parametrize(("outcome", "live"), [("promoted", "r2"), ("rolled_back", "r1")])
def test_a_failed_promotion_is_held_and_resolved(stage: Stage, outcome: str, live: str) -> None:
    stage.answer("promote", FAIL)
    stage.promote()
    stage.control("resolve", outcome=outcome)
    assert len(stage.jobs()) == 1
    assert (stage.live(), stage.open_state(), stage.ended()) == (live, None, outcome)
    assert stage.record()["last"][0]["outcome"] == "resolved"


@told_twice(CANARY)
def test_a_failed_rollback_is_held_and_retried(stage: Stage) -> None:
    stage.answer("verify_1", FAIL)
    stage.answer("rollback", FAIL)
    stage.promote()
    assert stage.jobs() == ["start canary_1 bake_1 verify_1 judge_1 rollback finish"]
    assert (stage.open_state(), stage.traffic()) == ("held: rollback_failed", "unknown since rollback")
    assert stage.conclusions() == ["failure"]
    stage.control("retry")
    assert stage.jobs()[1:] == ["start rollback finish"]
    assert (stage.live(), stage.traffic(), stage.ended()) == ("r1", "r1 100 %", "rolled_back")


@told_twice(CANARY)
def test_nothing_is_promoted_by_itself_after_a_rollback(stage: Stage) -> None:
    stage.answer("verify_1", FAIL, PASS)
    stage.promote()
    stage.promote(release="r2")
    assert stage.conclusion_of("promote") == "failure"
    stage.sweep()
    assert (len(stage.jobs()), stage.live()) == (1, "r1")
    stage.promote(release="r2", force="true", reason="it was the test")
    assert (stage.live(), stage.quarantine(), stage.traffic()) == ("r2", [], "r2 100 %")


@told_twice(CANARY.with_callback(verify="skipped-inside", promote="skipped-inside"))
def test_a_callback_with_a_skipped_job_inside_is_a_success(stage: Stage) -> None:
    stage.promote()
    assert stage.jobs() == ["start canary_1 bake_1 verify_1 judge_1 promote finish"]
    assert (stage.live(), stage.conclusions()) == ("r2", ["success"])


@told_twice(CANARY.with_callback(verify="skipped-whole"))
def test_a_verification_that_is_skipped_says_nothing(stage: Stage) -> None:
    stage.answer("verify_1", SKIPPED)
    stage.promote()
    assert stage.jobs() == ["start canary_1 bake_1 judge_1 finish"]
    assert (stage.open_state(), stage.live()) == ("held: inconclusive", "r1")


@told_twice(CANARY.with_callback(promote="skipped-whole"))
def test_a_promotion_that_is_skipped_whole_is_never_a_success(stage: Stage) -> None:
    stage.answer("promote", *[SKIPPED] * 4)
    stage.promote()
    assert stage.jobs() == ["start canary_1 bake_1 verify_1 judge_1 finish", *["start finish"] * 3]
    assert (stage.open_state(), stage.traffic()) == ("held: recoveries", "r1 90 %, r2 10 %")
    stage.control("abort")
    assert (stage.live(), stage.traffic(), stage.ended()) == ("r1", "r1 100 %", "rolled_back")
