"""Parked rollouts, approvals and what waits in a queue: who acts, in which order, and who may not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from headgate.simulate.engine import Engine, Fault, Outcome
from headgate_runtime.errors import ApiFailed
from headgate_runtime.plan import Approval, Bake, Plan, Stages, Step
from headgate_runtime.record import ROLLBACK, Colors, Record, Rollout, to_file

from tests.runtime.rollouts import NEW, OLD, rollout
from tests.simulate.world import AT_ONCE, BLUE_GREEN, CANARY, HOUR, World, plan, world

DAY = 24 * HOUR
PARKED = Stages("canary", steps=(Step(10, Bake(DAY, (DAY,))),), parks=True, timeout_seconds=3 * DAY)
APPROVED = replace(CANARY, approval=Approval(None, DAY, "rollback"))
REVIEWED = replace(CANARY, approval=Approval("dev-approval", DAY, "rollback"))
CHAIN = {"environments": ("dev", "test"), "auto": ("dev", "test")}


def state(it: World, deploy: str = "app") -> str:
    found = it.record(deploy).open
    return f"{found.state} {found.cause or ''}".strip() if found else it.record(deploy).last[0].state


def told(it: World) -> list[str]:
    """The notifications."""
    runs = [run for run in it.engine.github.runs if run.workflow == "headgate-notify.yaml"]
    return [run.inputs["context"] for run in runs]


@pytest.mark.parametrize("verb", ["approve", "promote-now"])
def test_a_yes_that_comes_too_late_is_refused_and_what_is_due_happens(verb: str) -> None:
    it = world(plan(app=APPROVED))
    it.push()
    assert state(it) == "awaiting_approval"
    it.engine.github.time += DAY + 1
    assert it.control(verb) == "failure"
    assert (state(it), it.live) == ("rolled_back", "1-1111111")
    it.check()


def test_a_resume_that_comes_too_late_is_refused_and_the_release_is_taken_back() -> None:
    it = world(plan(app=PARKED))
    it.push()
    it.control("pause")
    it.engine.github.time += DAY + 1
    assert it.control("resume") == "failure"
    assert state(it) == "rolled_back"
    it.check()


def test_a_no_that_comes_too_late_is_still_a_no() -> None:
    it = world(plan(app=APPROVED))
    it.push()
    it.engine.github.time += DAY + 1
    assert it.control("reject") == "success"
    assert state(it) == "rolled_back"


def test_an_approval_of_an_earlier_attempt_approves_nothing() -> None:
    it = world(plan(app=REVIEWED))
    it.push(promote=Outcome("failure"))
    assert state(it) == "held promote_failed"
    run = it.deploy_runs()[-1]
    it.control("abort")
    release = it.record().last[0].release.id
    it.control("freeze", deploy="")
    it.promote(release, force="true", reason="once more")
    it.engine.github.disabled.add("headgate-deploy-app.yaml")
    it.control("unfreeze", deploy="")
    it.engine.github.disabled.clear()
    it.rerun_all(run)
    reviews = it.engine.github.run_named(run)
    assert reviews is not None and len(reviews.reviews) == 1
    assert it.deploy_runs()[-1] != run  # the reviewers were asked again, in a fresh run
    assert (state(it), it.live) == ("promoted", release)
    it.check()


def test_people_are_told_once_where_reviewers_can_answer() -> None:
    found = replace(plan(app=replace(PARKED, approval=REVIEWED.approval)), notify="x.yaml")
    it = world(found)
    it.push()
    it.sweep(seconds=DAY + 1)
    assert [context.count('"awaiting_approval"') for context in told(it)[1:]] == [1, 0]


def test_a_re_run_of_failed_jobs_tells_nobody_again() -> None:
    it = world(replace(plan(app=CANARY), notify="x.yaml"))
    it.push(verify_1=Outcome("failure"))
    before = len(told(it))
    it.rerun_failed(it.deploy_runs()[-1])
    assert len(told(it)) == before


def test_one_workflow_that_is_switched_off_keeps_no_other_rollout_from_going_on() -> None:
    it = world(plan(app=PARKED, web=PARKED))
    it.push()
    it.engine.github.disabled.add("headgate-deploy-app.yaml")
    it.sweep(seconds=DAY + 1)
    assert (state(it, "app"), state(it, "web")) == ("baking", "promoted")
    it.engine.github.disabled.clear()
    it.sweep(seconds=HOUR)
    assert state(it, "app") == "promoted"
    it.check()


def test_one_run_that_github_says_nothing_of_keeps_no_other_rollout_from_going_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    it = world(plan(app=CANARY, web=PARKED))

    def says_nothing(run: int, attempt: int) -> None:
        raise ApiFailed(f"no answer about {run}, attempt {attempt}", 403)

    monkeypatch.setattr(it.engine.github, "run_attempt", says_nothing)
    it.push(faults=(Fault("app/bake_1", "dies_before_push"), Fault("app/finish", "dies_before_start")))
    it.sweep(seconds=DAY + 1)
    assert (state(it, "app"), state(it, "web")) == ("deploying_canary", "promoted")


def test_a_second_abort_can_cancel_the_run_and_writes_nothing() -> None:
    it = world(plan(app=CANARY))
    now = {"environment": "dev", "deploy": "app", "verb": "abort", "reason": "at once", "now": "true"}
    first = ("headgate-control.yaml", {**now, "now": "false"})
    it.push(bake_1=Outcome(meanwhile=(first, ("headgate-control.yaml", now))))
    assert [event for event in it.events() if event == "abort_requested"] == ["abort_requested"]
    assert state(it) == "rolled_back"
    it.check()


# What waits


def chained(**deploys: Stages) -> World:
    return World(Engine(plan(**CHAIN, **deploys)))  # type: ignore[arg-type]


def test_a_drop_is_not_undone_by_the_promotion_of_a_sibling() -> None:
    found = plan(app=AT_ONCE, web=AT_ONCE, **CHAIN)  # type: ignore[arg-type]
    web = replace(found.deploys[1], parts={"dev": found.deploys[1].parts["dev"]})
    it = World(Engine(replace(found, deploys=(found.deploys[0], web))))
    it.push()
    it.control("freeze", deploy="", environment="test")
    it.engine.outcomes["web/deploy"] = [Outcome("failure")]
    release = it.push()
    assert it.record("app", "test").queued is not None
    it.control("abort", environment="test")
    it.control("unfreeze", deploy="", environment="test")
    it.promote(release, force="true", reason="once more")
    assert it.record("web").live == it.record("app").live
    assert (it.record("app", "test").queued, it.record("app", "test").live.id) == (None, "1-1111111")  # type: ignore[union-attr]


def test_what_a_person_queued_is_left_as_the_person_said() -> None:
    it = chained(app=CANARY)
    it.push()
    it.control("freeze", deploy="", environment="test")
    it.engine.outcomes["verify_1"] = [Outcome(verdict="inconclusive")]
    release = it.push()
    it.promote(release, "test", force="true", skip_strategy="true", reason="a hot fix")
    it.control("resume")
    queued = it.record("app", "test").queued
    assert queued is not None
    assert (queued.reason, queued.force, queued.skip_strategy) == ("a hot fix", True, True)
    it.check()


def test_an_environment_that_is_manual_by_now_takes_nothing_by_itself() -> None:
    it = chained(app=AT_ONCE)
    it.push()
    it.control("freeze", deploy="", environment="test")
    it.push()
    assert it.record("app", "test").queued is not None
    manual = tuple(replace(place, auto=place.name == "dev") for place in it.engine.plan.environments)
    it.engine.plan = replace(it.engine.plan, environments=manual)
    it.control("unfreeze", deploy="", environment="test")
    record = it.record("app", "test")
    assert (record.queued, record.live and record.live.id) == (None, "1-1111111")
    assert it.engine.branch.log[-1].event["event"] == "dropped"


# Fix forward


def held_world(found: Rollout, stages: Stages) -> World:
    """A world in which that rollout is held, and a third release is built."""
    made: Plan = plan(app=stages)
    it = World(Engine(made))
    it.push()
    it.push()
    part = made.deploys[0].parts["dev"]
    opened = replace(found, stages=stages, digest=part.digest, owner=None)
    first, second = (replace(OLD, id="1-1111111"), replace(NEW, id="2-2222222"))
    opened = replace(opened, release=second, replaces=first)
    live = second if found.held_from in ("live_baking", "retiring") else first
    colors = Colors("1-1111111", "2-2222222") if stages is BLUE_GREEN else None
    record = Record("dev", "app", 9, it.engine.github.time, live=live, open=opened, colors=colors)
    it.engine.branch.files[record.path] = to_file(record)
    it.control("freeze", deploy="")
    it.push()
    it.control("unfreeze", deploy="")
    return it


FORWARD = [
    ("canary", "deploying_canary", "deploy_failed", "rolled_back"),
    ("canary", "baking", "inconclusive", "rolled_back"),
    ("canary", "promoting", "promote_lost", "rolled_back"),
    ("canary", "rolling_back", "rollback_failed", "rolled_back"),
    ("blue_green", "deploying_preview", "deploy_failed", "rolled_back"),
    ("blue_green", "verifying_preview", "verify_failed", "rolled_back"),
    ("blue_green", "live_baking", "verify_failed", "promoted"),
    ("blue_green", "retiring", "plan_changed", "promoted"),
]


@pytest.mark.parametrize(("strategy", "held_from", "cause", "end"), FORWARD)
def test_a_release_that_mends_a_held_rollout_takes_its_place_in_one_push(
    strategy: str, held_from: str, cause: str, end: str
) -> None:
    stages = CANARY if strategy == "canary" else BLUE_GREEN
    it = held_world(rollout(strategy, "held", held_from=held_from, cause=cause), stages)
    it.promote("3-3333333", force="true", skip_strategy="true", reason="a fix")
    record = it.record()
    mended, held = record.last[:2]
    assert (held.state, held.outcome, mended.state) == (end, "resolved", "promoted")
    assert (it.live, record.open, mended.direct) == ("3-3333333", None, True)
    healthy = held_from == "retiring"
    assert record.quarantine == (() if healthy else ("2-2222222",))
    if strategy == "blue_green":
        # The new release never comes up on the colour that has the traffic.
        assert mended.color == ("blue" if end == "promoted" else "green")


def test_a_rollback_that_is_held_is_mended_without_putting_its_target_in_quarantine() -> None:
    found = rollout("blue_green", "held", held_from="deploying_preview", cause="deploy_failed", kind=ROLLBACK)
    it = held_world(found, BLUE_GREEN)
    it.promote("3-3333333", force="true", skip_strategy="true", reason="a fix")
    assert "2-2222222" not in it.record().quarantine  # the target of that rollback
    assert it.live == "3-3333333"


@pytest.mark.parametrize(
    ("held_from", "cause"),
    [
        ("cutting_over", "cutover_lost"),
        ("switching_back", "rollback_failed"),
        ("paused", "not_in_manifest"),
        ("live_baking", "not_in_manifest"),
    ],
)
def test_where_nobody_knows_what_is_live_a_fix_is_refused_until_it_is_resolved(
    held_from: str, cause: str
) -> None:
    it = held_world(rollout("blue_green", "held", held_from=held_from, cause=cause), BLUE_GREEN)
    before = it.record()
    assert it.promote("3-3333333", force="true", skip_strategy="true", reason="a fix") == "failure"
    assert it.record() == before


def test_a_frozen_environment_takes_no_fix_either() -> None:
    it = held_world(rollout("canary", "held", held_from="baking", cause="inconclusive"), CANARY)
    it.control("freeze", deploy="")
    before = it.record()
    assert it.promote("3-3333333", force="true", skip_strategy="true", reason="a fix") == "failure"
    assert it.record() == before
