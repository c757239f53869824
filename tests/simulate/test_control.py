"""The verbs of people in every state: what is allowed leads where it should, all else writes nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from headgate.simulate.github import Attempt
from headgate_runtime.machine import CAUSES, TRAFFIC
from headgate_runtime.plan import Part, Stages
from headgate_runtime.record import Owner, Queued, Record, Release, Rollout, to_file

from tests.simulate.world import (
    AT_ONCE,
    BLUE_GREEN,
    CANARY,
    REASON,
    Engine,
    Fault,
    Outcome,
    World,
    plan,
    world,
)

OLD, NEW = Release("1-1111111", 1, "1" * 40), Release("2-2222222", 2, "2" * 40)
STAGES = {"all_at_once": AT_ONCE, "canary": CANARY, "blue_green": BLUE_GREEN}
VERBS = ("abort", "pause", "resume", "approve", "reject", "promote-now", "retry", "resolve")

# Where nobody owns the rollout: state → verb → the state after the verb's event.
ACTS: dict[str, dict[str, dict[str, str]]] = {
    "all_at_once": {"deploying": {"abort": "failed"}},
    "canary": {
        "deploying_canary": {"abort": "rolling_back"},
        "baking": {"abort": "rolling_back", "pause": "paused", "promote-now": "promoting"},
        "paused": {"abort": "rolling_back", "resume": "baking", "promote-now": "promoting"},
        "awaiting_approval": {
            "abort": "rolling_back", "approve": "promoting", "reject": "rolling_back",
            "promote-now": "promoting",
        },
        "promoting": {"abort": "rolling_back"},
    },
    "blue_green": {
        "deploying_preview": {"abort": "discarding"},
        "verifying_preview": {"abort": "discarding"},
        "awaiting_approval": {
            "abort": "discarding", "approve": "cutting_over", "reject": "discarding",
            "promote-now": "cutting_over",
        },
        "cutting_over": {"abort": "switching_back"},
        "live_baking": {"abort": "switching_back", "pause": "paused", "promote-now": "retiring"},
        "paused": {"abort": "switching_back", "resume": "live_baking", "promote-now": "retiring"},
    },
}  # fmt: skip

# Where a run owns it: the verbs that are noted.
NOTED: dict[str, dict[str, set[str]]] = {
    "all_at_once": {"deploying": {"abort"}},
    "canary": {
        "deploying_canary": {"abort"},
        "baking": {"abort", "pause", "promote-now"},
        "awaiting_approval": {"abort", "promote-now"},
        "promoting": {"abort"},
    },
    "blue_green": {
        "deploying_preview": {"abort"},
        "verifying_preview": {"abort"},
        "awaiting_approval": {"abort", "promote-now"},
        "cutting_over": {"abort"},
        "live_baking": {"abort", "pause", "promote-now"},
    },
}  # fmt: skip

STATES = [
    (strategy, state)
    for strategy, states in TRAFFIC.items()
    for state in states
    if state not in ("held", "promoted", "rolled_back", "aborted", "failed")
]


def rollout(strategy: str, state: str, **changes: Any) -> Rollout:
    stages = STAGES[strategy]
    made = Rollout(
        id="dev-app-1", kind="promote", release=NEW, replaces=OLD, stages=stages,
        digest=Part(stages, {}).digest, state=state, direct=False, started_at=0, actor="somebody",
        reason="promote", step=1 if strategy == "canary" else 0,
        color="green" if strategy == "blue_green" else None,
    )  # fmt: skip
    return replace(made, **changes)


def with_record(stages: Stages, record: Record) -> World:
    """A repository with just this record."""
    it = World(Engine(plan(app=stages)))
    branch = it.engine.branch
    branch.files["format"] = b"1\n"
    branch.files[record.path] = to_file(record)
    return it


def opened(found: Rollout, **changes: Any) -> World:
    return with_record(found.stages, replace(Record("dev", "app", 1, 1, live=OLD, open=found), **changes))


def owned(found: Rollout) -> World:
    """The same, and a run owns it that is alive."""
    it = opened(found)
    run = it.engine.github.new_run("headgate-deploy-app.yaml", {"environment": "dev"})
    it.engine.github.waiting.clear()
    run.attempts.append(Attempt())
    path = it.record().path
    it.engine.branch.files[path] = to_file(
        replace(it.record(), open=replace(found, owner=Owner(run.id, 1), callback="something"))
    )
    return it


def act(it: World, verb: str, **inputs: str) -> str:
    """Do it, and don't follow what it dispatches; the conclusion."""
    told = {"verb": verb, "environment": "dev", "deploy": "app", "reason": REASON, **inputs}
    it.engine.dispatch_meanwhile(Outcome(meanwhile=(("headgate-control.yaml", told),)))
    run = [run for run in it.engine.github.runs if run.workflow == "headgate-control.yaml"][-1]
    return it.conclusion(run.id)


def refused(it: World, verb: str, **inputs: str) -> bool:
    """The verb was refused: the run is red, nothing is written and nothing dispatched."""
    files, waiting = dict(it.engine.branch.files), len(it.engine.github.waiting)
    conclusion = act(it, verb, **inputs)
    same = it.engine.branch.files == files and len(it.engine.github.waiting) == waiting
    return conclusion == "failure" and same


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(("strategy", "state"), STATES)
def test_where_nobody_owns_the_rollout_a_verb_acts_at_once(strategy: str, state: str, verb: str) -> None:
    it = opened(rollout(strategy, state, bake_until=10**10, paused_at=10**9 * 2))
    to = ACTS[strategy].get(state, {}).get(verb)
    if to is None:
        assert refused(it, verb, outcome="promoted")
        return
    assert act(it, verb) == "success"
    assert it.events()[0].endswith(f"→ {to}")
    assert it.record().open is None or to == "paused" or len(it.engine.github.waiting) == 1


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(("strategy", "state"), [place for place in STATES if place[1] != "paused"])
def test_where_a_run_owns_the_rollout_a_verb_is_only_noted(strategy: str, state: str, verb: str) -> None:
    it = owned(rollout(strategy, state))
    if verb not in NOTED[strategy].get(state, set()):
        assert refused(it, verb, outcome="promoted")
        return
    assert act(it, verb) == "success"
    found = it.record().open
    assert found is not None and found.state == state
    assert [request.verb for request in found.requests] == [verb]
    assert len(it.engine.github.waiting) == 0


def test_with_an_abort_requested_every_other_verb_is_refused() -> None:
    it = owned(rollout("canary", "baking"))
    act(it, "abort")
    assert all(refused(it, verb) for verb in ("abort", "pause", "promote-now"))


def test_abort_now_also_cancels_the_run() -> None:
    it = owned(rollout("canary", "deploying_canary"))
    act(it, "abort", now="true")
    assert it.engine.github.runs[0].attempts[-1].cancelled


HELD = [
    ("canary", "deploying_canary", "deploy_failed", "retry", "deploying_canary"),
    ("canary", "promoting", "promote_failed", "retry", "promoting"),
    ("canary", "promoting", "promote_lost", "retry", "promoting"),
    ("canary", "rolling_back", "rollback_failed", "retry", "rolling_back"),
    ("canary", "baking", "recoveries", "retry", "baking"),
    ("blue_green", "cutting_over", "cutover_lost", "retry", "cutting_over"),
    ("canary", "baking", "inconclusive", "resume", "promoting"),
    ("canary", "baking", "verify_failed", "resume", "promoting"),
    ("canary", "deploying_canary", "timeout", "resume", "baking"),
    ("canary", "awaiting_approval", "approval_timeout", "resume", "promoting"),
    ("blue_green", "verifying_preview", "inconclusive", "resume", "cutting_over"),
    ("blue_green", "live_baking", "inconclusive", "resume", "retiring"),
    ("canary", "baking", "verify_failed", "promote-now", "promoting"),
    ("blue_green", "deploying_preview", "deploy_failed", "promote-now", "cutting_over"),
    ("canary", "promoting", "promote_lost", "abort", "rolling_back"),
    ("canary", "baking", "plan_changed", "abort", "rolling_back"),
    ("blue_green", "verifying_preview", "verify_failed", "abort", "discarding"),
    ("blue_green", "cutting_over", "cutover_lost", "abort", "switching_back"),
    ("canary", "promoting", "promote_failed", "resolve", "promoted"),
]


@pytest.mark.parametrize(("strategy", "held_from", "cause", "verb", "to"), HELD)
def test_a_person_frees_what_is_held(strategy: str, held_from: str, cause: str, verb: str, to: str) -> None:
    it = opened(rollout(strategy, "held", held_from=held_from, cause=cause, recoveries=4, arrived=True))
    assert act(it, verb, outcome="promoted") == "success"
    assert it.events()[0].endswith(f"→ {to}")
    found = it.record().open
    assert found is None or (found.cause, found.held_from, found.recoveries) == (None, None, 0)


@pytest.mark.parametrize("cause", CAUSES)
def test_what_is_held_after_the_decision_takes_no_promote_now_and_never_a_pause(cause: str) -> None:
    for strategy, held_from in (("canary", "promoting"), ("canary", "rolling_back"),
                                ("blue_green", "cutting_over"), ("blue_green", "live_baking")):  # fmt: skip
        it = opened(rollout(strategy, "held", held_from=held_from, cause=cause))
        assert refused(it, "promote-now")
        assert refused(it, "pause")
        assert refused(it, "approve")


def test_resolve_as_rolled_back_puts_the_pointer_and_the_quarantine() -> None:
    it = opened(rollout("blue_green", "held", held_from="switching_back", cause="rollback_failed"), live=NEW)
    assert act(it, "resolve", outcome="rolled_back") == "success"
    record = it.record()
    assert (record.live, record.quarantine) == (OLD, (NEW.id,))
    assert (record.last[0].state, record.last[0].outcome) == ("rolled_back", "resolved")


def test_resolve_needs_an_outcome_and_a_held_rollout() -> None:
    held = rollout("canary", "held", held_from="promoting", cause="promote_lost")
    assert refused(opened(held), "resolve", outcome="")
    assert refused(opened(held), "resolve", outcome="failed")
    assert refused(opened(rollout("canary", "baking")), "resolve", outcome="promoted")


@pytest.mark.parametrize("verb", ["promote-now", "resume", "retry", "approve"])
def test_what_goes_on_needs_the_plan_it_started_with(verb: str) -> None:
    states = {"promote-now": "baking", "resume": "paused", "approve": "awaiting_approval"}
    found = rollout("canary", states.get(verb, "held"), digest="f" * 16)
    if verb == "retry":
        found = replace(found, held_from="promoting", cause="promote_lost")
    assert refused(opened(found), verb)
    assert not refused(opened(found), "abort")


@pytest.mark.parametrize("reason", ["", "ab", "x" * 301, "two\nlines", "a bell \x07", "a\u2028line"])
def test_a_verb_needs_a_reason_of_one_plain_line(reason: str) -> None:
    assert refused(opened(rollout("canary", "baking")), "abort", reason=reason)


def test_an_unknown_verb_and_a_place_where_nothing_is_open_are_refused() -> None:
    it = world(plan(app=CANARY))
    assert refused(it, "explode")
    assert refused(it, "abort")
    assert refused(it, "abort", deploy="nothing")
    assert refused(it, "abort", environment="nowhere")


def test_abort_drops_what_is_queued_and_starts_nothing() -> None:
    queued = Queued(NEW, "somebody", "promote", 0)
    ended = rollout("canary", "promoted", ended_at=1, outcome="promoted", release=OLD, replaces=None)
    it = with_record(CANARY, Record("dev", "app", 1, 1, live=OLD, queued=queued, last=(ended,)))
    assert act(it, "abort") == "success"
    assert it.record().queued is None
    assert it.events() == ["dropped"]
    assert len(it.engine.github.waiting) == 0


@pytest.mark.parametrize(
    ("strategy", "state", "conclusion", "end"),
    [
        ("all_at_once", "deploying", "failure", "failed"),
        ("canary", "baking", "cancelled", "rolling_back"),
        ("canary", "baking", "failure", "rolling_back"),
        ("canary", "promoting", "failure", "rolling_back"),
        ("blue_green", "cutting_over", "cancelled", "switching_back"),
    ],
)
def test_abort_of_a_rollout_whose_run_is_dead_records_its_end_first(
    strategy: str, state: str, conclusion: str, end: str
) -> None:
    it = owned(rollout(strategy, state))
    it.engine.github.runs[0].attempts[-1].conclusion = conclusion
    assert act(it, "abort") == "success"
    record = it.record()
    assert (record.open or record.last[0]).state == end
    assert len(it.engine.github.waiting) == (0 if end == "failed" else 1)


def test_pause_of_a_rollout_that_ended_with_its_run_is_refused() -> None:
    it = owned(rollout("all_at_once", "deploying"))
    it.engine.github.runs[0].attempts[-1].conclusion = "failure"
    assert refused(it, "pause")


def test_what_the_manifest_no_longer_has_is_held_and_can_only_be_resolved() -> None:
    it = opened(rollout("canary", "baking"))
    it.engine.plan = plan(api=CANARY)
    assert act(it, "abort") == "failure"
    found = it.record().open
    assert found is not None and found.cause == "not_in_manifest"
    assert refused(it, "abort")
    assert act(it, "resolve", outcome="rolled_back") == "success"
    assert it.record().open is None


def test_adopt_sets_what_is_live_and_calls_nothing() -> None:
    it = world(plan(auto=(), app=BLUE_GREEN), releases=1)
    assert it.control("adopt", release="1-1111111", color="green") == "success"
    record = it.record()
    assert (record.live, record.was_promoted("1-1111111")) == (OLD, True)
    assert record.colors is not None and (record.colors.blue, record.colors.green) == (None, "1-1111111")
    assert it.calls() == []
    it.check()


def test_an_adopted_commit_is_registered_with_order_zero_and_can_be_promoted_on() -> None:
    it = world(plan(environments=("dev", "prod"), auto=(), app=AT_ONCE), releases=1)
    commit = "f" * 40
    assert it.control("adopt", release=commit) == "success"
    assert it.live == commit
    assert it.promote(commit, "prod") == "success"
    live = it.record("app", "prod").live
    assert live is not None and (live.id, live.order) == (commit, 0)
    it.check()


def test_adopt_refuses_what_it_does_not_know_and_what_is_open() -> None:
    it = world(plan(auto=(), app=BLUE_GREEN), releases=1)
    assert refused(it, "adopt", release="9-9999999")
    assert refused(it, "adopt", release="1-1111111", color="red")
    assert refused(it, "adopt", release="1-1111111", deploy="nothing")
    assert refused(opened(rollout("canary", "baking")), "adopt", release="f" * 40)


def test_freezing_twice_and_an_unknown_environment_are_refused() -> None:
    it = world(plan(app=AT_ONCE))
    assert act(it, "freeze") == "success"
    assert refused(it, "freeze")
    assert refused(it, "freeze", environment="nowhere")
    assert act(it, "unfreeze") == "success"
    assert refused(it, "unfreeze")


def test_a_pause_parks_the_run_green_and_resume_bakes_the_time_that_was_left() -> None:
    it = world(plan(app=CANARY))
    pause = ("headgate-control.yaml", {**_verb("pause")})
    it.push(bake_1=Outcome(meanwhile=(pause,)))
    found = it.record().open
    assert found is not None and found.state == "paused" and found.bake_remaining == 585
    assert it.conclusions()[-1] == "success"
    it.engine.github.time += 7200
    assert it.control("resume") == "success"
    assert it.last == "promoted"
    ended = it.record().last[0]
    assert ended.paused_seconds == 7200
    assert ended.deadline is not None and ended.deadline - ended.started_at == 22_200 + 7200
    it.check()


def test_promote_now_ends_the_bake_within_half_a_minute() -> None:
    it = world(plan(app=CANARY))
    now = ("headgate-control.yaml", {**_verb("promote-now")})
    began = it.engine.github.time
    it.push(bake_1=Outcome(meanwhile=(now,)))
    assert it.calls() == ["canary_1", "promote"]
    assert it.record().last[0].outcome == "fast_promoted"
    assert it.engine.github.time - began <= 30
    it.check()


def test_an_abort_in_a_bake_is_obeyed_within_half_a_minute() -> None:
    it = world(plan(app=CANARY))
    began = it.engine.github.time
    it.push(bake_1=Outcome(meanwhile=(("headgate-control.yaml", _verb("abort")),)))
    assert it.calls() == ["canary_1", "rollback"]
    assert it.engine.github.time - began <= 30
    it.check()


def test_an_abort_that_waits_is_obeyed_though_the_plan_changed() -> None:
    it = world(plan(app=CANARY))
    abort = ("headgate-control.yaml", _verb("abort"))
    dead = (Fault("bake_1", "dies_before_start"), Fault("finish", "dies_before_start"))
    it.push(faults=dead, canary_1=Outcome(meanwhile=(abort,)))
    it.engine.plan = plan(app=replace(CANARY, timeout_seconds=30_000))
    it.sweep()
    assert it.last == "rolled_back"
    it.check()


def test_a_changed_plan_is_held_and_nothing_is_called() -> None:
    it = world(plan(app=CANARY))
    it.push(faults=(Fault("bake_1", "dies_before_start"), Fault("finish", "dies_before_start")))
    it.engine.plan = plan(app=replace(CANARY, timeout_seconds=30_000))
    it.sweep(seconds=1900)
    it.sweep(seconds=1900)
    found = it.record().open
    assert found is not None and found.cause == "plan_changed"
    assert it.calls() == ["canary_1"]
    assert it.conclusions()[-1] == "failure"
    it.check()


def _verb(verb: str) -> dict[str, str]:
    return {"verb": verb, "environment": "dev", "deploy": "app", "reason": REASON}
