"""Stories of releases on their way: order, needs, races, the chain of environments, and back again."""

from __future__ import annotations

from headgate_runtime.plan import Bake, Stages

from tests.simulate.world import AT_ONCE, CANARY, PLAIN_BLUE_GREEN, Fault, Outcome, World, plan, world

FAILURE = Outcome("failure")
CHAIN = {"environments": ("dev", "test", "prod"), "auto": ("dev", "test")}


def dispatched(it: World, workflow: str) -> list[dict[str, str]]:
    return [run.inputs for run in it.engine.github.runs if run.workflow == f"headgate-{workflow}.yaml"]


def test_a_push_is_built_registered_and_promoted_to_an_auto_first_environment() -> None:
    it = world(plan(app=AT_ONCE), releases=0)
    release = it.push()
    workflows = [run.workflow for run in it.engine.github.runs]
    assert workflows == ["headgate-release.yaml", "headgate-promote.yaml", "headgate-deploy-app.yaml"]
    assert it.live == release


def test_a_first_environment_that_is_not_auto_waits_for_a_person() -> None:
    it = world(plan(auto=(), app=AT_ONCE), releases=0)
    release = it.push()
    assert it.deploy_runs() == []
    assert it.promote(release) == "success"
    assert it.live == release


def test_deploys_start_in_the_order_of_their_needs() -> None:
    it = world(plan(app=AT_ONCE, api=AT_ONCE, needs={"app": ("api",)}), releases=0)
    it.push()
    order = [run.workflow for run in it.engine.github.runs if "deploy" in run.workflow]
    assert order == ["headgate-deploy-api.yaml", "headgate-deploy-app.yaml"]
    it.check()


def test_dependants_of_a_failure_do_not_start_and_start_with_the_fix() -> None:
    it = world(plan(app=CANARY, api=CANARY, needs={"app": ("api",)}))
    bad = it.push(**{"api/verify_1": FAILURE})
    assert it.record("api").last[0].state == "rolled_back"
    assert it.calls("app") == []
    queued = it.record("app").queued
    assert queued is not None and queued.release.id == bad
    it.sweep(seconds=7200)
    assert it.calls("app") == []
    fix = it.push()
    assert (it.record("api").live.id, it.live) == (fix, fix)  # type: ignore[union-attr]
    assert it.record("app").queued is None
    it.check()


def test_promoting_twice_starts_one_run() -> None:
    it = world(plan(auto=(), app=CANARY), releases=0)
    release = it.push()
    twice = ("headgate-promote.yaml", {"environment": "dev", "release": release, "deploys": "all"})
    for workflow, inputs in (twice, twice):
        it.engine.github.new_run(workflow, inputs)
    it.engine.follow()
    assert len(it.deploy_runs()) == 1
    assert it.live == release
    assert it.promote(release) == "success"
    assert len(it.deploy_runs()) == 1
    it.check()


def test_two_runs_of_one_rollout_call_everything_once_and_both_end_green() -> None:
    it = world(plan(auto=(), app=CANARY), releases=0)
    first = it.push()
    it.promote(first)
    second = it.push()
    again = {"environment": "dev", "release": second, "kind": "promote", "reason": ""}
    it.expect(canary_1=Outcome(meanwhile=(("headgate-deploy-app.yaml", again),)))
    it.promote(second)
    assert it.calls() == ["deploy", "canary_1", "verify_1", "promote"]
    assert it.conclusions() == ["success"] * 3
    it.check()


def test_a_newer_release_waits_behind_an_open_rollout_and_starts_by_itself() -> None:
    it = world(plan(auto=(), app=CANARY), releases=3)
    it.promote("1-1111111")
    newer = ("headgate-promote.yaml", {"environment": "dev", "release": "3-3333333", "deploys": "all"})
    it.expect(bake_1=Outcome(meanwhile=(newer,)))
    it.promote("2-2222222")
    assert [ended.release.id for ended in it.record().last] == ["3-3333333", "2-2222222", "1-1111111"]
    it.check()


def test_a_newer_release_that_waits_behind_a_rollback_waits_for_a_person() -> None:
    it = world(plan(auto=(), app=CANARY), releases=3)
    it.promote("1-1111111")
    newer = ("headgate-promote.yaml", {"environment": "dev", "release": "3-3333333", "deploys": "all"})
    it.expect(bake_1=Outcome(meanwhile=(newer,)), verify_1=FAILURE)
    it.promote("2-2222222")
    queued = it.record().queued
    assert queued is not None and queued.waits_for_person
    it.sweep(seconds=7200)
    assert it.record().queued is not None
    it.promote("3-3333333")
    assert it.live == "3-3333333"
    it.check()


def test_an_older_release_after_a_newer_one_is_superseded_and_green() -> None:
    it = world(plan(auto=(), app=AT_ONCE), releases=2)
    it.promote("2-2222222")
    assert it.promote("1-1111111") == "success"
    assert it.live == "2-2222222"
    it.check()


def test_an_older_release_that_was_queued_is_superseded_when_it_starts() -> None:
    it = world(plan(auto=(), app=CANARY), releases=3)
    it.promote("2-2222222")
    older = ("headgate-promote.yaml", {"environment": "dev", "release": "1-1111111", "deploys": "all"})
    it.expect(canary_1=Outcome(meanwhile=(older,)))
    it.promote("3-3333333")
    assert it.live == "3-3333333"
    assert it.conclusions() == ["success", "success"]
    it.check()


def test_a_newer_promotion_supersedes_what_is_queued() -> None:
    it = world(plan(auto=(), app=AT_ONCE), releases=2)
    it.control("freeze", deploy="")
    it.promote("1-1111111")
    it.promote("2-2222222")
    assert it.events() == ["queued", "superseded", "queued"]
    it.control("unfreeze", deploy="")
    assert it.live == "2-2222222"
    it.check()


def test_the_auto_chain_goes_on_when_every_deploy_is_promoted() -> None:
    it = world(plan(app=AT_ONCE, api=AT_ONCE, **CHAIN), releases=0)  # type: ignore[arg-type]
    release = it.push()
    for deploy in ("app", "api"):
        assert it.record(deploy, "test").was_promoted(release)
        assert it.record(deploy, "prod").live is None
    places = [inputs["environment"] for inputs in dispatched(it, "deploy-app")]
    assert places == ["dev", "test"]
    it.check()


def test_the_auto_chain_stops_at_a_failure() -> None:
    it = world(plan(app=AT_ONCE, api=AT_ONCE, **CHAIN), releases=0)  # type: ignore[arg-type]
    it.push(**{"api/deploy": FAILURE})
    assert it.record("app", "test").live is None
    it.check()


def test_an_empty_release_is_the_newest_that_was_promoted_before() -> None:
    it = world(plan(app=AT_ONCE, **CHAIN), releases=1)  # type: ignore[arg-type]
    it.push(deploy=FAILURE)
    assert it.promote("", "prod") == "success"
    assert it.record("app", "prod").live.id == "1-1111111"  # type: ignore[union-attr]


def test_a_release_that_was_not_promoted_before_is_refused_and_forced_with_a_reason() -> None:
    it = world(plan(environments=("dev", "prod"), auto=(), app=AT_ONCE), releases=1)
    commits = len(it.engine.branch.log)
    assert it.promote("1-1111111", "prod") == "failure"
    assert it.promote("1-1111111", "prod", force="true") == "failure", "force needs a reason"
    assert len(it.engine.branch.log) == commits
    assert it.promote("1-1111111", "prod", force="true", reason="an emergency") == "success"
    ended = it.record("app", "prod").last[0]
    assert (ended.state, ended.forced, ended.reason) == ("promoted", True, "an emergency")


def test_a_dry_run_writes_and_dispatches_nothing() -> None:
    it = world(plan(auto=(), app=AT_ONCE), releases=1)
    commits = len(it.engine.branch.log)
    assert it.promote("1-1111111", dry_run="true") == "success"
    assert (len(it.engine.branch.log), it.deploy_runs()) == (commits, [])


def test_skip_strategy_goes_direct() -> None:
    it = world(plan(auto=(), app=CANARY), releases=2)
    it.promote("1-1111111")
    it.promote("2-2222222", skip_strategy="true", reason="it is only a text")
    assert it.calls() == ["deploy", "deploy"]
    assert it.record().last[0].direct
    it.check()


def test_a_held_rollout_is_mended_by_a_newer_release_without_being_rolled_back_first() -> None:
    it = world(plan(app=CANARY))
    bad = it.push(promote=FAILURE)
    assert it.calls() == ["canary_1", "verify_1", "promote failure"]
    fix = it.push()
    it.clear()
    mend = {"force": "true", "skip_strategy": "true", "reason": "mends it"}
    assert it.promote(fix, **mend) == "success"
    assert (it.calls(), it.live, it.record().queued) == (["deploy"], fix, None)
    assert [ended.outcome for ended in it.record().last[:2]] == ["promoted", "resolved"]
    assert it.record().quarantine == (bad,)
    it.check()


def test_a_release_does_not_mend_what_is_held_where_nobody_knows_which_colour_is_live() -> None:
    it = world(plan(app=PLAIN_BLUE_GREEN))
    bad = it.push(cutover=FAILURE, switchback=FAILURE)
    fix = it.push()
    it.clear()
    it.promote(fix, force="true", skip_strategy="true", reason="mends it")
    opened, queued = it.record().open, it.record().queued
    assert opened is not None and (opened.release.id, opened.held_from) == (bad, "switching_back")
    assert queued is not None and (queued.release.id, it.calls()) == (fix, [])
    it.check(at_rest=False)


def test_force_lifts_the_quarantine() -> None:
    it = world(plan(app=CANARY))
    bad = it.push(verify_1=FAILURE)
    assert it.promote(bad) == "failure"
    assert it.promote(bad, force="true", reason="it was the test") == "success"
    assert (it.live, it.record().quarantine) == (bad, ())
    it.check()


def test_a_frozen_environment_keeps_everything_queued_even_by_force_and_unfreeze_starts_it() -> None:
    it = world(plan(auto=(), app=AT_ONCE), releases=2)
    it.promote("1-1111111")
    it.control("freeze", deploy="")
    assert it.promote("2-2222222", force="true", reason="now please") == "success"
    it.sweep(seconds=7200)
    assert it.live == "1-1111111"
    it.control("unfreeze", deploy="")
    assert it.live == "2-2222222"
    it.check()


def test_a_rollback_goes_one_back_and_then_one_further_without_building() -> None:
    it = world(plan(app=AT_ONCE), releases=3)
    assert it.rollback() == "success"
    assert (it.live, it.record().quarantine) == ("2-2222222", ("3-3333333",))
    assert it.rollback() == "success"
    assert it.live == "1-1111111"
    assert it.rollback() == "failure", "there is nothing further back"
    assert len(dispatched(it, "release")) == 3
    it.check()


def test_a_rollback_never_chains_into_other_deploys_or_environments() -> None:
    it = world(plan(app=AT_ONCE, api=AT_ONCE, **CHAIN), releases=2)  # type: ignore[arg-type]
    before = len(dispatched(it, "promote"))
    it.rollback(deploys="app")
    assert len(dispatched(it, "promote")) == before
    assert it.record("api").live.id == "2-2222222"  # type: ignore[union-attr]
    assert it.record("app", "test").live.id == "2-2222222"  # type: ignore[union-attr]


def test_a_rollback_of_all_starts_in_reverse_order_of_needs() -> None:
    it = world(plan(app=AT_ONCE, api=AT_ONCE, needs={"app": ("api",)}), releases=2)
    before = len(it.engine.github.runs)
    it.rollback()
    order = [run.workflow for run in it.engine.github.runs[before + 1 :]]
    assert order == ["headgate-deploy-app.yaml", "headgate-deploy-api.yaml"]


def test_after_a_failed_release_the_default_target_is_what_is_live() -> None:
    it = world(plan(app=AT_ONCE), releases=2)
    it.push(deploy=FAILURE)
    assert it.last == "failed"
    assert it.rollback() == "success"
    assert (it.live, it.last) == ("2-2222222", "promoted")
    assert it.record().quarantine == ("3-3333333",)
    it.check()


def test_a_rollback_of_an_open_rollout_is_an_abort_and_another_target_is_refused() -> None:
    it = world(plan(app=CANARY), releases=2)
    it.push(verify_1=Outcome(verdict="inconclusive"))
    commits = len(it.engine.branch.log)
    assert it.rollback(to="1-1111111") == "failure"
    assert len(it.engine.branch.log) == commits
    assert it.rollback(to="2-2222222") == "success"
    assert it.last == "rolled_back"
    it.check()


def test_a_rollback_run_never_goes_on_with_somebody_elses_rollout() -> None:
    it = world(plan(app=CANARY), releases=2)
    back = {"environment": "dev", "release": "1-1111111", "kind": "rollback", "reason": "too late"}
    it.push(bake_1=Outcome(meanwhile=(("headgate-deploy-app.yaml", back),)))
    assert it.last == "promoted"
    assert it.conclusions()[-2:] == ["success", "failure"]
    it.check()


def test_what_a_cancelled_run_never_began_is_dropped() -> None:
    it = world(plan(app=CANARY))
    it.push(faults=(Fault("start", "cancel_before"),))
    assert it.record().queued is None
    assert it.conclusions()[-1] == "cancelled"


def test_the_chain_goes_on_when_the_sweep_ends_the_rollout() -> None:
    watched = Stages("blue_green", bake=Bake(60))
    it = world(plan(environments=("dev", "test"), auto=("dev", "test"), app=watched))
    release = it.push(faults=(Fault("bake_live", "dies_after_push"), Fault("finish", "dies_before_start")))
    rollout = it.record().open
    assert rollout is not None and rollout.state == "live_baking"
    it.sweep(seconds=1900)
    assert it.events()[-3:] == ["lost", "bake_over → retiring", "passed_through → promoted"]
    assert it.record("app", "test").live.id == release  # type: ignore[union-attr]
    it.check()
