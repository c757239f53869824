"""Each invariant with its guard taken out on purpose: its check must say so, and say nothing before.

A guard that can be removed without a word is no guard.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from headgate_runtime import advance, decide, entry, waiting
from headgate_runtime.advance import Course
from headgate_runtime.recover import Ending
from headgate_runtime.verbs import finish, gate, start, sweep

from tests.runtime import invariants
from tests.runtime.invariants import Check, violations
from tests.simulate import mutations
from tests.simulate.mutations import Mutation, always, attribute, both, first, row
from tests.simulate.world import (
    AT_ONCE,
    BLUE_GREEN,
    CANARY,
    PLAIN_BLUE_GREEN,
    REASON,
    Fault,
    Outcome,
    World,
    plan,
    world,
)

FAILURE = Outcome("failure")
Story = Callable[[], World]


def canary(*faults: Fault, **outcomes: Outcome) -> Story:
    def tell() -> World:
        it = world(plan(app=CANARY))
        it.push(faults=faults, **outcomes)
        it.sweep(seconds=1900)
        it.sweep(seconds=1900)
        return it

    return tell


def blue_green(**outcomes: Outcome) -> Story:
    def tell() -> World:
        it = world(plan(app=BLUE_GREEN))
        it.push(**outcomes)
        return it

    return tell


def meanwhile(job: str, workflow: str, **inputs: str) -> Story:
    """Somebody starts that workflow while a callback of a canary runs."""
    return canary(**{job: Outcome(meanwhile=((f"headgate-{workflow}.yaml", inputs),))})


ABORT = {"verb": "abort", "environment": "dev", "deploy": "app", "reason": REASON}
SECOND_RUN = {"environment": "dev", "release": "2-2222222", "kind": "resume", "reason": ""}


def paused_for_days() -> World:
    it = world(plan(app=CANARY))
    pause = ("headgate-control.yaml", {**ABORT, "verb": "pause"})
    it.push(bake_1=Outcome(meanwhile=(pause,)))
    assert it.record().open is not None
    it.sweep(seconds=25 * 3600)
    return it


def brought_back() -> World:
    it = world(plan(app=CANARY))
    bad = it.push(verify_1=FAILURE)
    it.promote(bad)
    return it


def deployed_again() -> World:
    it = world(plan(app=PLAIN_BLUE_GREEN), releases=2)
    it.rollback(to="2-2222222")
    it.push()
    return it


def unproven() -> World:
    it = world(plan(environments=("dev", "test"), app=AT_ONCE), releases=0)
    it.promote(it.push(deploy=FAILURE), "test")
    return it


def older_after_newer() -> World:
    it = world(plan(environments=("dev", "test"), app=AT_ONCE))
    newer = it.push()
    it.promote(newer, "test")
    it.promote("1-1111111", "test")
    return it


def rerun_of_failed_jobs() -> World:
    dead = (Fault("bake_1", "dies_before_start"), Fault("finish", "dies_before_start"))
    it = world(plan(app=CANARY))
    it.push(faults=dead, canary_1=FAILURE)
    it.rerun_failed(it.deploy_runs()[-1])
    return it


CASES: list[tuple[Check, str, Mutation, Story]] = [
    (
        invariants.i1_mixed_traffic_has_an_open_record,
        "a failed rollback ends the rollout",
        row("canary", "rolling_back", "failed", "rolled_back"),
        canary(canary_1=FAILURE, rollback=FAILURE),
    ),
    (
        invariants.i2_one_rollout_at_a_time,
        "a second run opens a second rollout",
        attribute(start, "_take_over", mutations.second_rollout),
        meanwhile("canary_1", "deploy-app", **SECOND_RUN),
    ),
    (
        invariants.i3_intent_is_written_ahead,
        "the callback is not named before it runs",
        both(
            attribute(start, "hand_over", mutations.unnamed),
            attribute(gate, "hand_over", mutations.unnamed),
        ),
        canary(),
    ),
    (
        invariants.i4_ends_need_a_result,
        "a rollback that never started counts as done",
        row("canary", "rolling_back", "never_started", "rolled_back"),
        canary(canary_1=FAILURE, rollback=Outcome("skipped")),
    ),
    (
        invariants.i5_only_success_is_success,
        "skipped counts as success",
        attribute(decide, "_event_of", mutations.skipped_is_fine),
        canary(canary_1=Outcome("skipped")),
    ),
    (
        invariants.i5_only_success_is_success,
        "any verdict counts as success",
        attribute(
            decide, "_verdict", lambda verification, _: "check_passed" if verification else "succeeded"
        ),
        canary(verify_1=Outcome(verdict="nonsense")),
    ),
    (
        invariants.i6_nothing_goes_forward_after_a_failure,
        "a failed verification is promoted",
        row("canary", "baking", "check_failed", "promoting"),
        canary(verify_1=FAILURE),
    ),
    (
        invariants.i6_nothing_goes_forward_after_a_failure,
        "a lost promote is called again",
        row("canary", "promoting", "lost", "promoting"),
        canary(Fault("judge_1", "dies_after_push"), Fault("finish", "dies_before_start")),
    ),
    (
        invariants.i6_nothing_goes_forward_after_a_failure,
        "a requested abort is not obeyed",
        attribute(decide, "obey", lambda course: course),
        meanwhile("verify_1", "control", **ABORT),
    ),
    (
        invariants.i7_one_decision_in_force,
        "a request that came too late is dropped without a word",
        attribute(Course, "_ignored", first),
        meanwhile("promote", "control", **ABORT),
    ),
    (
        invariants.i7_one_decision_in_force,
        "a cancelled rollback goes back to the bake",
        row("canary", "rolling_back", "cancelled", "baking"),
        canary(Fault("rollback", "cancel"), canary_1=FAILURE),
    ),
    (
        invariants.i8_the_target_is_frozen,
        "the live pointer stays when the traffic goes back",
        attribute(advance, "_with_pointer", mutations.pointer_stays),
        blue_green(verify_live=FAILURE),
    ),
    (
        invariants.i8_the_target_is_frozen,
        "the record forgets what it replaces",
        attribute(advance, "_counted", mutations.target_lost),
        canary(),
    ),
    (
        invariants.i9_live_moves_with_the_traffic,
        "the live pointer moves before the traffic",
        attribute(advance, "_with_pointer", mutations.pointer_at_once),
        canary(),
    ),
    (
        invariants.i10_nothing_waits_for_ever,
        "a pause has no end",
        attribute(decide, "PAUSE_SECONDS", 10**9),
        paused_for_days,
    ),
    (
        invariants.i10_nothing_waits_for_ever,
        "nobody goes on after a dead gate",
        both(
            attribute(finish, "_pass_on", lambda course, **_: (course, False)),
            attribute(sweep, "_open_due", lambda _, course, *__: (course, None)),
        ),
        canary(Fault("bake_1", "dies_before_push")),
    ),
    (
        invariants.i11_bad_releases_are_in_quarantine,
        "what failed is not put in quarantine",
        attribute(Course, "_quarantined", first),
        canary(verify_1=FAILURE),
    ),
    (
        invariants.i11_bad_releases_are_in_quarantine,
        "quarantine is not looked at",
        attribute(entry, "_ordered", always(None)),
        brought_back,
    ),
    (
        invariants.i13_releases_are_proven_before,
        "the environment before is not looked at",
        attribute(entry, "_proven", always(None)),
        unproven,
    ),
    (
        invariants.i14_one_change_is_one_event,
        "two events share one commit",
        attribute(waiting, "changes", mutations.only_the_last_change),
        canary(),
    ),
    (
        invariants.i15_what_ran_is_not_forgotten,
        "a re-run takes skipped for never started",
        attribute(finish, "_record_end", mutations.always_current),
        rerun_of_failed_jobs,
    ),
    (
        invariants.i16_one_callback_at_a_time,
        "a second run takes over from a living one",
        attribute(start, "ending_of", always(Ending("lost", "taken for dead"))),
        meanwhile("canary_1", "deploy-app", **SECOND_RUN),
    ),
    (
        invariants.owners_act_alone,
        "a held rollout keeps its owner",
        attribute(advance, "_enter", mutations.owner_stays),
        canary(verify_1=Outcome(verdict="inconclusive")),
    ),
    (
        invariants.i17_promotion_never_goes_down,
        "order is not looked at",
        attribute(entry, "_ordered", always(None)),
        older_after_newer,
    ),
    (
        invariants.colors_are_told_apart,
        "both colours hold the live release",
        attribute(advance, "_with_colors", mutations.twins_stay),
        deployed_again,
    ),
]


@pytest.mark.parametrize(
    ("check", "mutation", "story"),
    [(check, mutation, story) for check, _, mutation, story in CASES],
    ids=[f"{check.__name__.split('_')[0]}-{what}" for check, what, _, _ in CASES],
)
def test_a_broken_guard_is_noticed(
    check: Check, mutation: Mutation, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert violations(story().history(), [check]) == []
    mutation(monkeypatch)
    assert violations(story().history(), [check]) != []


def rolls_back_freely() -> bool:
    """I12: back to a quarantined, older release in a frozen environment, past what is queued."""
    it = world(plan(app=AT_ONCE), releases=3)
    reached = []
    it.rollback(to="2-2222222")
    reached.append(it.live)
    it.control("freeze", deploy="")
    it.promote(it.push())
    it.rollback(to="3-3333333")
    return [*reached, it.live] == ["2-2222222", "3-3333333"]


def test_i12_nothing_of_headgate_stands_in_the_way_of_a_rollback() -> None:
    assert rolls_back_freely()


def test_i12_a_broken_guard_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def guarded(run: Any, state: Any, course: Any, part: Any) -> Any:
        wanted = state.release(run.input("RELEASE")).release
        verdict = entry.may_enter(run.plan, state, "dev", run.plan.deploys[0], wanted, force=False)
        if verdict.word != entry.ENTER:
            return course, start.Answer(course.record, reason=verdict.reason, refused=True)
        return begin(run, state, course, part)

    begin = start._begin_rollback
    monkeypatch.setattr(start, "_begin_rollback", guarded)
    assert not rolls_back_freely()
