"""Gates that die at every moment, with and without a failure behind them, and what re-runs do."""

from __future__ import annotations

import pytest

from tests.simulate.world import BLUE_GREEN, CANARY, TWO_STEPS, Fault, Outcome, plan, world

FAILURE = Outcome("failure")
DEATHS = ("dies_before_start", "dies_before_push", "dies_after_push", "dies_before_output")
CANARY_GATES = ("start", "bake_1", "judge_1", "bake_2", "finish")
BLUE_GREEN_GATES = ("start", "gate_preview", "judge_preview", "bake_live", "judge_live", "finish")


@pytest.mark.parametrize("death", DEATHS)
@pytest.mark.parametrize("gate", CANARY_GATES)
def test_a_dead_gate_of_a_healthy_canary_costs_no_callback_twice(gate: str, death: str) -> None:
    it = world(plan(app=TWO_STEPS))
    it.push(faults=(Fault(gate, death),))
    it.sweep(seconds=1900)
    it.sweep(seconds=1900)
    it.check()
    assert it.last == "promoted"
    assert it.calls() == ["canary_1", "verify_1", "canary_2", "promote"]


@pytest.mark.parametrize("death", DEATHS)
@pytest.mark.parametrize("gate", BLUE_GREEN_GATES)
def test_a_dead_gate_of_a_healthy_blue_green_costs_no_callback_twice(gate: str, death: str) -> None:
    it = world(plan(app=BLUE_GREEN))
    it.push(faults=(Fault(gate, death),))
    it.sweep(seconds=1900)
    it.sweep(seconds=1900)
    it.check()
    assert it.last == "promoted"
    assert it.calls() == ["preview", "verify_preview", "cutover", "verify_live", "retire"]


@pytest.mark.parametrize("death", DEATHS)
@pytest.mark.parametrize(
    ("gate", "callback"),
    [("bake_1", "canary_1"), ("judge_1", "verify_1"), ("bake_2", "canary_2"), ("finish", "rollback")],
)
def test_a_dead_gate_forgets_no_failure_of_a_canary(gate: str, callback: str, death: str) -> None:
    it = world(plan(app=TWO_STEPS))
    # A failed job would make "Re-run failed jobs" forget the rollback, which comes after it.
    failing = {callback: FAILURE} if callback != "rollback" else {"canary_1": Outcome(verdict="failure")}
    it.push(faults=(Fault(gate, death),), **failing)
    it.sweep(seconds=1900)
    it.sweep(seconds=1900)
    it.check()
    assert it.last == "rolled_back"
    assert "promote" not in it.calls()
    assert len([job for job in it.calls() if job.startswith(callback)]) == 1


@pytest.mark.parametrize("death", DEATHS)
@pytest.mark.parametrize(
    ("gate", "callback", "end"),
    [
        ("gate_preview", "preview", "aborted"),
        ("judge_preview", "verify_preview", "aborted"),
        ("bake_live", "cutover", "rolled_back"),
        ("judge_live", "verify_live", "rolled_back"),
    ],
)
def test_a_dead_gate_forgets_no_failure_of_a_blue_green(
    gate: str, callback: str, end: str, death: str
) -> None:
    it = world(plan(app=BLUE_GREEN))
    it.push(faults=(Fault(gate, death),), **{callback: FAILURE})
    it.sweep(seconds=1900)
    it.sweep(seconds=1900)
    it.check()
    assert it.last == end
    assert len([job for job in it.calls() if job.startswith(callback)]) == 1


@pytest.mark.parametrize("death", DEATHS)
@pytest.mark.parametrize("failing", [False, True])
def test_a_run_that_loses_its_gate_and_its_finish_is_found_by_the_sweep(death: str, failing: bool) -> None:
    it = world(plan(app=CANARY))
    faults = (Fault("judge_1", death), Fault("finish", "dies_before_start"))
    it.push(faults=faults, verify_1=FAILURE if failing else Outcome())
    it.sweep()
    it.sweep(seconds=1900)
    it.sweep(seconds=1900)
    it.check()
    assert it.last == ("rolled_back" if failing else "promoted")


def test_a_dead_finish_after_promote_is_run_again_and_promote_is_not() -> None:
    it = world(plan(app=CANARY))
    it.push(faults=(Fault("finish", "dies_before_start"),))
    assert it.record().open is not None
    it.sweep()
    it.check()
    assert it.calls() == ["canary_1", "verify_1", "promote"]
    assert it.last == "promoted"


def test_two_sweeps_at_once_rerun_a_dead_finish_once() -> None:
    it = world(plan(app=CANARY))
    it.push(faults=(Fault("finish", "dies_before_start"),))
    twice = ("headgate-cron.yaml", {})
    it.engine.dispatch_meanwhile(Outcome(meanwhile=(twice, twice)))
    assert it.events()[-1] == "rerun_dispatched"
    assert len(it.engine.github.rerunning) == 1
    it.engine.follow()
    assert it.last == "promoted"
    it.check()


def test_a_rerun_that_never_comes_is_given_up_after_half_an_hour() -> None:
    it = world(plan(app=CANARY))
    it.push(faults=(Fault("finish", "dies_before_start"), Fault("finish", "dies_before_start", 1)))
    it.sweep()
    it.sweep(seconds=60)
    it.sweep(seconds=1900)
    rollout = it.record().open
    assert it.last == "promoted" and (rollout is None or rollout.cause == "promote_lost")
    it.check()


@pytest.mark.parametrize("result", ["failure", "success"])
def test_rerunning_failed_jobs_after_a_dead_run_calls_nothing_and_forgets_nothing(result: str) -> None:
    it = world(plan(app=CANARY))
    faults = (Fault("judge_1", "dies_before_start"), Fault("finish", "dies_before_start"))
    it.push(faults=faults, verify_1=Outcome(result))
    run, before = it.deploy_runs()[-1], it.calls()
    it.engine.rerun_failed(run)
    assert it.calls() == before
    next_event = "bake_over → promoting" if result == "success" else "check_failed → rolling_back"
    assert it.events()[-1] == next_event
    it.engine.follow()
    assert it.last == ("promoted" if result == "success" else "rolled_back")
    it.check()


def test_rerunning_failed_jobs_after_a_cancel_that_finish_did_not_survive_aborts() -> None:
    it = world(plan(app=CANARY))
    it.push(faults=(Fault("bake_1", "cancel"), Fault("finish", "dies_before_start")))
    it.rerun_failed(it.deploy_runs()[-1])
    assert it.last == "rolled_back"
    it.check()


def test_rerunning_failed_jobs_after_a_rollback_calls_nothing_and_stays_red() -> None:
    it = world(plan(app=CANARY))
    it.push(verify_1=FAILURE)
    before, commits = it.calls(), len(it.engine.branch.log)
    assert it.rerun_failed(it.deploy_runs()[-1]) == "failure"
    assert it.calls() == before
    assert len(it.engine.branch.log) == commits


def test_rerunning_all_jobs_after_a_rollback_brings_nothing_back() -> None:
    it = world(plan(app=CANARY))
    it.push(verify_1=FAILURE)
    before, commits = it.calls(), len(it.engine.branch.log)
    assert it.rerun_all(it.deploy_runs()[-1]) == "failure"
    assert it.calls() == before
    assert len(it.engine.branch.log) == commits


def test_rerunning_all_jobs_after_a_dead_run_takes_the_rollout_over() -> None:
    it = world(plan(app=CANARY))
    it.push(faults=(Fault("judge_1", "dies_before_push"), Fault("finish", "dies_before_start")))
    assert it.rerun_all(it.deploy_runs()[-1]) == "success"
    assert it.last == "promoted"
    it.check()


def test_rerunning_all_jobs_after_a_success_does_nothing() -> None:
    it = world(plan(app=CANARY))
    it.push()
    commits = len(it.engine.branch.log)
    assert it.rerun_all(it.deploy_runs()[-1]) == "success"
    assert len(it.engine.branch.log) == commits


def test_a_cancel_right_after_a_requested_abort_goes_on_at_once() -> None:
    it = world(plan(app=CANARY))
    abort = ("headgate-control.yaml", _abort(now="true"))
    it.push(bake_1=Outcome(meanwhile=(abort,)))
    assert it.calls() == ["canary_1", "rollback"]
    assert it.last == "rolled_back"
    assert it.record().last[0].because == "enough of it"
    it.check()


def test_an_abort_while_a_callback_runs_is_obeyed_at_the_next_gate() -> None:
    for job, end in (("canary_1", "rolled_back"), ("verify_1", "rolled_back"), ("promote", "promoted")):
        it = world(plan(app=CANARY))
        it.push(**{job: Outcome(meanwhile=(("headgate-control.yaml", _abort()),))})
        assert it.last == end, job
        assert ("request_ignored" in it.events()) == (end == "promoted")
        it.check()


def _abort(**more: str) -> dict[str, str]:
    return {"verb": "abort", "environment": "dev", "deploy": "app", "reason": "enough of it", **more}
