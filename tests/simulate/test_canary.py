"""Stories of a canary, from healthy to lost: the final record, the events and the calls of each."""

from __future__ import annotations

from tests.simulate.world import CANARY, TWO_STEPS, Fault, Outcome, plan, world

FAILURE = Outcome("failure")
INCONCLUSIVE = Outcome(verdict="inconclusive")


def test_the_first_release_goes_direct() -> None:
    it = world(plan(app=CANARY), releases=0)
    release = it.push()
    assert it.calls() == ["deploy"]
    assert it.events() == ["queued", "started → deploying", "succeeded → promoted"]
    assert it.live == release
    assert it.record().last[0].direct
    it.check()


def test_a_healthy_canary_is_promoted_after_its_bake_and_verification() -> None:
    it = world(plan(app=CANARY))
    release = it.push()
    assert it.calls() == ["canary_1", "verify_1", "promote"]
    assert it.events() == [
        "queued", "started → deploying_canary", "succeeded → baking", "called", "check_passed",
        "bake_over → promoting", "succeeded → promoted",
    ]  # fmt: skip
    assert it.live == release
    assert it.conclusions()[-1] == "success"
    it.check()


def test_two_steps_bake_one_after_the_other() -> None:
    it = world(plan(app=TWO_STEPS))
    it.push()
    assert it.calls() == ["canary_1", "verify_1", "canary_2", "promote"]
    assert it.last == "promoted"
    it.check()


def test_a_failed_canary_is_rolled_back() -> None:
    it = world(plan(app=TWO_STEPS))
    bad = it.push(canary_1=FAILURE)
    assert it.calls() == ["canary_1 failure", "rollback"]
    assert it.last == "rolled_back"
    assert it.live != bad
    assert it.record().quarantine == (bad,)
    assert it.conclusions()[-1] == "failure"
    it.check()


def test_a_failed_second_step_is_rolled_back() -> None:
    it = world(plan(app=TWO_STEPS))
    it.push(canary_2=FAILURE)
    assert it.calls() == ["canary_1", "verify_1", "canary_2 failure", "rollback"]
    assert it.last == "rolled_back"
    it.check()


def test_a_failed_verification_rolls_back_and_the_run_is_red() -> None:
    it = world(plan(app=CANARY))
    it.push(verify_1=Outcome(verdict="failure", reason="errors: 7 %"))
    assert it.calls() == ["canary_1", "verify_1", "rollback"]
    assert it.record().last[0].because == "errors: 7 %"
    assert it.conclusions()[-1] == "failure"
    it.check()


def test_an_inconclusive_verification_is_held() -> None:
    it = world(plan(app=CANARY))
    it.push(verify_1=INCONCLUSIVE)
    rollout = it.record().open
    assert rollout is not None
    assert (rollout.state, rollout.cause, rollout.held_from) == ("held", "inconclusive", "baking")
    assert it.conclusions()[-1] == "failure"
    it.check()
    assert it.control("resume") == "success"
    assert it.last == "promoted"
    it.check()


def test_a_failed_promote_is_held_and_can_be_retried() -> None:
    it = world(plan(app=CANARY))
    it.push(promote=FAILURE)
    rollout = it.record().open
    assert rollout is not None and rollout.cause == "promote_failed"
    assert it.conclusions()[-1] == "failure"
    assert it.control("retry") == "success"
    assert it.calls() == ["canary_1", "verify_1", "promote failure", "promote"]
    assert it.last == "promoted"
    it.check()


def test_a_failed_rollback_is_held() -> None:
    it = world(plan(app=CANARY))
    it.push(canary_1=FAILURE, rollback=FAILURE)
    rollout = it.record().open
    assert rollout is not None and rollout.cause == "rollback_failed"
    it.check()


def test_a_cancel_inside_the_bake_rolls_back_in_a_fresh_run() -> None:
    it = world(plan(app=CANARY))
    it.push(faults=(Fault("bake_1", "cancel"),))
    assert it.calls() == ["canary_1", "rollback"]
    assert it.conclusions()[-2:] == ["cancelled", "failure"]
    assert it.last == "rolled_back"
    it.check()


def test_a_cancel_inside_a_callback_rolls_back_in_a_fresh_run() -> None:
    it = world(plan(app=CANARY))
    it.push(faults=(Fault("canary_1", "cancel"),))
    assert it.calls() == ["canary_1 cancelled", "rollback"]
    assert it.record().last[0].because == "the run was cancelled"
    it.check()


def test_a_cancel_between_two_jobs_rolls_back() -> None:
    for job in ("canary_1", "bake_1", "verify_1", "judge_1"):
        it = world(plan(app=CANARY))
        it.push(faults=(Fault(job, "cancel_before"),))
        assert it.last == "rolled_back", job
        it.check()


def test_a_cancel_before_promote_rolls_back_and_one_inside_it_is_held() -> None:
    it = world(plan(app=CANARY))
    it.push(faults=(Fault("promote", "cancel_before"),))
    assert it.calls() == ["canary_1", "verify_1", "rollback"]
    it.check()
    it = world(plan(app=CANARY))
    it.push(faults=(Fault("promote", "cancel"),))
    rollout = it.record().open
    assert rollout is not None and rollout.cause == "promote_lost"
    it.check()


def test_a_cancel_inside_the_rollback_repeats_it() -> None:
    it = world(plan(app=CANARY))
    it.push(canary_1=FAILURE, faults=(Fault("rollback", "cancel"),))
    assert it.calls() == ["canary_1 failure", "rollback cancelled", "rollback"]
    assert it.last == "rolled_back"
    it.check()


def test_a_cancel_before_start_drops_the_queued_release() -> None:
    it = world(plan(app=CANARY))
    it.push(faults=(Fault("start", "cancel_before"),))
    assert it.calls() == []
    assert it.events() == ["queued", "dropped"]
    assert it.record().queued is None
    it.check()


def test_a_canary_that_is_skipped_whole_is_started_again_and_in_the_end_held() -> None:
    it = world(plan(app=CANARY))
    it.push(canary_1=[Outcome("skipped")] * 2)
    assert it.last == "promoted"
    it.check()
    it = world(plan(app=CANARY))
    it.push(canary_1=[Outcome("skipped")] * 9)
    rollout = it.record().open
    assert rollout is not None and (rollout.cause, rollout.recoveries) == ("recoveries", 4)
    it.check()


def test_a_verification_that_is_skipped_whole_never_counts_as_passed() -> None:
    it = world(plan(app=CANARY))
    it.push(verify_1=[Outcome("skipped")] * 9)
    rollout = it.record().open
    assert rollout is not None and rollout.state == "held"
    assert "promote" not in it.calls()
    it.check()


def test_a_callback_that_times_out_in_a_living_run_has_failed_and_a_check_has_no_verdict() -> None:
    it = world(plan(app=CANARY))
    it.push(canary_1=Outcome("cancelled"))
    assert "failed → rolling_back" in it.events()
    assert it.last == "rolled_back"
    it.check()
    it = world(plan(app=CANARY))
    it.push(verify_1=Outcome("cancelled"))
    assert "check_inconclusive → held" in it.events()
    it.check()
