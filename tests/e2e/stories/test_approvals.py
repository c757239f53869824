"""A person's yes: by the verb on a parked rollout, or by the reviewers of a GitHub environment."""

from __future__ import annotations

import pytest
from headgate.simulate.engine import REVIEWER
from headgate.simulate.story import FaultKind, Outcome

from tests.e2e.stories.manifests import APPROVED, BLUE_GREEN_REVIEWED, NOTIFIED, REVIEWED
from tests.e2e.stories.stage import FAIL, SKIPPED, Stage
from tests.e2e.stories.story import told_twice

UP = ["deploy_canary r2 10 % step 1", "verify r2 10 % step 1", "promote r2 100 %"]
BACK = ["deploy_canary r2 10 % step 1", "verify r2 10 % step 1", "rollback r2"]
WAITING = "start canary_1 bake_1 verify_1 judge_1"


@told_twice(APPROVED)
def test_a_rollout_waits_for_approve_and_is_promoted_in_another_run(stage: Stage) -> None:
    stage.promote()
    assert (stage.open_state(), stage.conclusions()) == ("awaiting_approval", ["success"])
    stage.control("approve", reason="looks good")
    assert stage.jobs() == [f"{WAITING} finish", "start promote finish"]
    assert (stage.calls(), stage.live(), stage.open_state()) == (UP, "r2", None)


@told_twice(APPROVED)
@pytest.mark.parametrize("verb", ["reject", "abort"])
def test_a_rejected_rollout_is_rolled_back(stage: Stage, verb: str) -> None:
    stage.promote()
    stage.control(verb, reason="not on a Friday")
    assert (stage.calls(), stage.ended(), stage.traffic()) == (BACK, "rolled_back", "r1 100 %")
    assert stage.inputs("rollback")["reason"] == "not on a Friday"
    assert stage.conclusions() == ["success", "failure"]


@told_twice(APPROVED)
def test_an_approval_that_nobody_gives_is_rolled_back(stage: Stage) -> None:
    stage.promote()
    stage.pass_minutes(2 * 24 * 60 + 1)
    stage.sweep()
    assert (stage.calls(), stage.ended(), stage.traffic()) == (BACK, "rolled_back", "r1 100 %")


@told_twice(APPROVED)
def test_approving_twice_promotes_once(stage: Stage) -> None:
    stage.promote()
    stage.dispatch(stage.order("approve"), stage.order("approve"))
    assert (stage.calls(), stage.live(), stage.open_state()) == (UP, "r2", None)


@told_twice(REVIEWED)
def test_reviewers_are_asked_in_the_run_and_who_approved_is_recorded(stage: Stage) -> None:
    stage.answer("approve", Outcome(reason="looks good"))
    stage.promote()
    assert stage.jobs() == [f"{WAITING} approve promote finish"]
    assert (stage.calls(), stage.live(), stage.conclusions()) == (UP, "r2", ["success"])
    assert stage.record()["last"][0]["approver"] == REVIEWER
    assert "approved: looks good" in stage.reasons()


@told_twice(REVIEWED)
def test_a_rejection_is_recorded_by_finish_and_rolled_back_in_a_fresh_run(stage: Stage) -> None:
    stage.answer("approve", Outcome("failure", reason="not on a Friday"))
    stage.promote()
    assert stage.jobs()[1:] == ["start rollback finish"]
    assert (stage.calls(), stage.ended(), stage.traffic()) == (BACK, "rolled_back", "r1 100 %")
    assert stage.inputs("rollback")["reason"] == "not on a Friday"
    assert stage.conclusions() == ["failure", "failure"]


@told_twice(REVIEWED)
def test_reviewers_who_do_not_answer_in_time_are_not_waited_for(stage: Stage) -> None:
    stage.answer("approve", SKIPPED)
    stage.promote()
    assert "approval_expired → rolling_back" in stage.history()
    assert (stage.calls(), stage.ended(), stage.traffic()) == (BACK, "rolled_back", "r1 100 %")
    assert stage.conclusions() == ["cancelled", "failure"]


@told_twice(REVIEWED)
def test_an_abort_while_reviewers_are_asked_cancels_the_run(stage: Stage) -> None:
    stage.meanwhile("approve", stage.order("abort", reason="wrong version"))
    stage.promote()
    assert (stage.calls(), stage.ended(), stage.traffic()) == (BACK, "rolled_back", "r1 100 %")
    assert stage.inputs("rollback")["reason"] == "wrong version"


@told_twice(REVIEWED)
@pytest.mark.parametrize("verb", ["promote-now", "approve", "pause"])
def test_nothing_else_is_taken_while_reviewers_are_asked(stage: Stage, verb: str) -> None:
    stage.meanwhile("approve", stage.order(verb))
    stage.promote()
    assert stage.conclusion_of("control") == "failure"
    assert (stage.calls(), stage.live(), stage.open_state()) == (UP, "r2", None)


@told_twice(REVIEWED)
def test_a_cancel_while_reviewers_are_asked_is_an_abort(stage: Stage) -> None:
    stage.cancel_in("approve")
    stage.promote()
    assert (stage.calls(), stage.ended(), stage.traffic()) == (BACK, "rolled_back", "r1 100 %")


@told_twice(REVIEWED)
def test_where_nobody_would_be_asked_the_rollout_is_held(stage: Stage) -> None:
    stage.unprotect("dev-approval")
    stage.promote()
    assert (stage.open_state(), stage.conclusions()) == ("held: no_approvers", ["failure"])
    assert stage.jobs() == [f"{WAITING} finish"]
    stage.control("promote-now")
    assert (stage.calls(), stage.live()) == (UP, "r2")


@told_twice(REVIEWED)
@pytest.mark.parametrize("kind", ["dies_before_start", "dies_before_push", "dies_after_push"])
def test_an_approval_whose_job_dies_is_not_forgotten(stage: Stage, kind: FaultKind) -> None:
    stage.kill("approve", kind)
    stage.promote()
    assert (stage.calls(), stage.live(), stage.open_state()) == (UP, "r2", None)
    assert stage.record()["last"][0]["approver"] == REVIEWER
    assert stage.jobs()[1:] == ["start promote finish"]


@told_twice(REVIEWED)
def test_running_a_rejected_run_again_promotes_nothing(stage: Stage) -> None:
    stage.answer("approve", FAIL)
    stage.promote()
    stage.rerun_failed_jobs(0)
    stage.rerun_all_jobs(0)
    assert (stage.calls(), stage.live()) == (BACK, "r1")


@told_twice(BLUE_GREEN_REVIEWED)
@pytest.mark.parametrize("approved", [True, False])
def test_a_blue_green_is_reviewed_before_cutover(stage: Stage, approved: bool) -> None:
    if not approved:
        stage.answer("approve", FAIL)
    stage.promote()
    calls = ["deploy_preview r2 green", *(["cutover r2 green"] if approved else [])]
    assert (stage.calls(), stage.live()) == (calls, "r2" if approved else "r1")
    assert stage.ended() == ("promoted" if approved else "aborted")


@told_twice(NOTIFIED)
def test_people_are_told_what_waits_for_them_and_how_it_ended(stage: Stage) -> None:
    stage.promote()
    assert stage.inputs("notify")["reason"] == "awaiting approval"
    stage.control("approve")
    assert stage.inputs("notify")["reason"] == "promoted"
    assert stage.calls().count("notify") == 2


@told_twice(NOTIFIED)
def test_a_notification_that_fails_changes_nothing(stage: Stage) -> None:
    stage.answer("canary_1", FAIL)
    stage.answer("notify", FAIL)
    stage.promote()
    assert stage.inputs("notify")["reason"] == "rolled back: canary_1 failed"
    assert (stage.ended(), stage.conclusions()) == ("rolled_back", ["failure"])
    assert stage.conclusion_of("notify") == "failure"
