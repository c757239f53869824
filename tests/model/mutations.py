"""Every guard, taken out: who meets the hole, and why nobody does where that is so.

A mutant is met by the explorer when its invariant fails in its setup, within so many disturbances. Guards
of the tables that only choose between two safe ways are met by no invariant: they stand in `ONLY_TABLES` with
the reason, and the walk of the tables meets them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
from headgate_runtime import advance, decide, entry, machine, recover, waiting
from headgate_runtime.advance import OBEYED, Course
from headgate_runtime.decide import Fire, Park, Result
from headgate_runtime.machine import HELD, Row
from headgate_runtime.plan import Approval, Bake, Stages
from headgate_runtime.record import EnvironmentState, Rollout
from headgate_runtime.recover import Ending
from headgate_runtime.state import State
from headgate_runtime.verbs import finish, gate, start, sweep

from tests.model.setups import (
    ABORT,
    AT_ONCE,
    BLUE_GREEN,
    CANARY,
    FIRST,
    PAUSE,
    PLAIN,
    PROMOTE_NOW,
    ROLLBACK,
    TWO_STEPS,
    changed,
    control,
    deploy,
    opened,
    overdue,
    promotion,
    setup,
)
from tests.model.world import Setup
from tests.runtime import invariants
from tests.runtime.invariants import Check
from tests.simulate import mutations
from tests.simulate.mutations import Mutation, always, attribute, both, first
from tests.simulate.world import plan

NOBODY = ()
RETIRING = Stages("blue_green", retires=True)
WATCHED = replace(RETIRING, bake=Bake(15))
BACK_TO_2 = (ROLLBACK[0], {**ROLLBACK[1], "to": "2-2222222"})
APPROVED = replace(CANARY, approval=Approval(None, 3600, "rollback"))


@dataclass(frozen=True)
class Mutant:
    """A guard taken out, where that is met, and by which invariant; `guard` is its name in the tables."""

    what: str
    mutate: Mutation
    setup: Setup
    disturbances: int
    check: Check
    guard: str = ""


def never(_: Rollout) -> bool:
    return False


def guard(name: str, answer: bool) -> Mutation:
    """Let a guard of the tables always say the same."""

    def changed_row(found: Row) -> Row:
        if found.guard is None or found.guard.__name__ != name:
            return found
        return replace(found, guard=None if answer else never)

    def mutate(patch: pytest.MonkeyPatch) -> None:
        for strategy, table in machine.TABLES.items():
            patch.setitem(machine.TABLES, strategy, tuple(map(changed_row, table)))

    return mutate


def anybodys(_: Any, record: Any, __: int) -> Any:
    """Whoever owns the rollout, it is mine."""
    return record.open


def without_order(record: Any, release: Any) -> Any:
    only = replace(record, live=None, queued=None)
    return _ordered(only, release)


def guarded_rollback(run: Any, state: Any, course: Any, part: Any) -> Any:
    if state.environment(course.record.environment).frozen:
        return course, start.Answer(course.record, reason="frozen", refused=True)
    return _begin_rollback(run, state, course, part)


def thawed(_: Any, name: str) -> EnvironmentState:
    return EnvironmentState(name)


def bake_over_at_once(_: Any, __: int) -> Fire:
    return Fire("bake_over", "bake over")


def settled_by_its_owner(course: Course) -> tuple[Course, Any]:
    settled, what = _settle(course)
    owner = course.record.open.owner if course.record.open else None
    return (settled.amend("kept", owner=owner) if isinstance(what, Park) and owner else settled), what


def any_result(run: Any, callback: str) -> Result:
    return _result_of(run, callback) or Result("success")


def only_lost(_: Any, __: Any, owner: Any) -> Ending:
    return Ending("lost", f"run {owner.run} ended")


_ordered, _result_of, _settle = entry._ordered, gate.result_of, decide.settle
_begin_rollback = start._begin_rollback

alone = setup("canary alone", CANARY, NOBODY)
colored = setup("blue-green alone", BLUE_GREEN, NOBODY)
forgetful = replace(alone, forgets=True)
chain = Setup(
    "chain",
    (plan(environments=("dev", "test"), auto=(), app=AT_ONCE),),
    opened(1, ("headgate-promote.yaml", {"environment": "test", "deploys": "all", "release": "2-2222222"})),
)

OF_TABLES: tuple[Mutant, ...] = (
    Mutant(
        "recoveries are not counted",
        both(attribute(machine, "RECOVERIES", 0), guard("spent", False)),
        alone, 1, invariants.recoveries_are_counted, "spent",
    ),
    Mutant(
        "the second step is left out", guard("more_steps", False),
        setup("two steps alone", TWO_STEPS, NOBODY), 0, invariants.stages_are_gone_through, "more_steps",
    ),
    Mutant(
        "nobody is asked to approve", guard("wants_approval", False),
        setup("approved canary", APPROVED, NOBODY), 0, invariants.people_are_asked, "wants_approval",
    ),
    Mutant(
        "the preview is not verified", guard("verifies_preview", False),
        colored, 0, invariants.stages_are_gone_through, "verifies_preview",
    ),
    Mutant(
        "nobody watches after the cutover", guard("watches", False),
        colored, 0, invariants.stages_are_gone_through, "watches",
    ),
    Mutant(
        "every failed check is tolerated", guard("tolerates", True),
        alone, 1, invariants.i6_nothing_goes_forward_after_a_failure, "tolerates",
    ),
    Mutant(
        "every failed cutover is taken for that of a first release", guard("first_release", True),
        colored, 1, invariants.i1_mixed_traffic_has_an_open_record, "first_release",
    ),
    Mutant(
        "a first release is switched back", guard("first_release", False),
        setup("first blue-green alone", BLUE_GREEN, NOBODY, FIRST), 1,
        invariants.there_is_something_to_go_back_to, "first_release",
    ),
    Mutant(
        "every cutover that never started ends the rollout", guard("abort_requested_first", True),
        colored, 1, invariants.i4_ends_need_a_result, "abort_requested_first",
    ),
    Mutant(
        "an abort during the cutover is forgotten", guard("abort_requested_with_predecessor", False),
        setup("retiring", RETIRING, (ABORT,)), 1, invariants.i6_nothing_goes_forward_after_a_failure,
        "abort_requested_with_predecessor",
    ),
    Mutant(
        "an ownerless cutover that is aborted ends at once", guard("unnamed_first", True),
        setup("plain", PLAIN, (ABORT,)), 2, invariants.i4_ends_need_a_result, "unnamed_first",
    ),
    *(
        Mutant(
            f"what never came is taken for there: {state}",
            guard(f"resumable_from_{state}_and_not_arrived", False),
            setup(f"overdue {state}", replace(stages, holds=True), (control("resume"),), overdue), 1,
            invariants.stages_are_gone_through, f"resumable_from_{state}_and_not_arrived",
        )
        for state, stages in (("deploying_canary", CANARY), ("deploying_preview", BLUE_GREEN))
    ),
)  # fmt: skip
"""Guards of the machine's tables."""

FREE_CHOICE = "whether a failure is taken back or held is the manifest's choice, and both are safe"
PERSON = "only a person's word is refused by it; no invariant limits what a person may decide of what is held"

ONLY_TABLES: dict[str, str] = {
    "holds": FREE_CHOICE,
    "approval_holds": FREE_CHOICE,
    "timeout_requested": "without it the request is obeyed in the state after, by the same push",
    "timeout_requested_and_holds": FREE_CHOICE,
    "abort_requested": "without it the abort is obeyed in the state after, by the same push",
    "spent_first": "without it the rollout of a first release is held, which is as safe as failed",
    "unnamed": "the verbs ask it only when no callback is named",
    **{
        found.guard.__name__: PERSON
        for table in machine.TABLES.values()
        for found in table
        if found.guard and found.state == HELD and "not_arrived" not in found.guard.__name__
    },
}
"""Guards that no invariant of rollouts needs, and why."""

OF_VERBS: tuple[Mutant, ...] = (
    Mutant(
        "finish takes any rollout for its own", attribute(finish, "mine", anybodys),
        setup("second run", CANARY, (deploy("resume"),)), 1, invariants.i16_one_callback_at_a_time,
    ),
    Mutant(
        "a gate takes any rollout for its own", attribute(gate, "mine", anybodys),
        forgetful, 2, invariants.i3_intent_is_written_ahead,
    ),
    Mutant(
        "a gate takes any rollout for its own, and any result for that of the named callback",
        both(attribute(gate, "mine", anybodys), attribute(gate, "result_of", any_result)),
        forgetful, 2, invariants.i5_only_success_is_success,
    ),
    Mutant(
        "the callback is not named before it runs",
        both(
            attribute(start, "hand_over", mutations.unnamed),
            attribute(gate, "hand_over", mutations.unnamed),
        ),
        alone, 0, invariants.i3_intent_is_written_ahead,
    ),
    Mutant(
        "a re-run takes skipped for never started",
        attribute(finish, "_record_end", mutations.always_current),
        replace(alone, answers={"canary_1": "failure"}), 2, invariants.i15_what_ran_is_not_forgotten,
    ),
    Mutant(
        "a failed job of a dead run is forgotten", attribute(recover, "_ending_by_jobs", only_lost),
        replace(alone, answers={"canary_1": "failure"}), 2, invariants.i15_what_ran_is_not_forgotten,
    ),
    Mutant(
        "who loses the race does not decide again", lambda _: None,
        replace(setup("race", CANARY, (ABORT,)), redecides=False), 2, invariants.i14_one_change_is_one_event,
    ),
    Mutant(
        "the last request is obeyed first",
        attribute(advance, "OBEYED", OBEYED[::-1]),
        setup("two requests", WATCHED, (PROMOTE_NOW, ABORT)), 2,
        invariants.i6_nothing_goes_forward_after_a_failure,
    ),
    Mutant(
        "a requested abort is not obeyed", attribute(decide, "obey", first),
        setup("abort", CANARY, (ABORT,)), 1, invariants.i6_nothing_goes_forward_after_a_failure,
    ),
    Mutant(
        "a request that came too late is dropped without a word", attribute(Course, "_ignored", first),
        setup("late abort", CANARY, (ABORT,)), 1, invariants.i7_one_decision_in_force,
    ),
    Mutant(
        "a second run takes over from a living one",
        attribute(start, "ending_of", always(Ending("lost", "taken for dead"))),
        setup("second run", CANARY, (deploy("resume"),)), 1, invariants.i16_one_callback_at_a_time,
    ),
    Mutant(
        "a second run opens a second rollout", attribute(start, "_take_over", mutations.second_rollout),
        setup("second run", CANARY, (deploy("resume"),)), 1, invariants.i2_one_rollout_at_a_time,
    ),
    Mutant(
        "a held rollout keeps its owner", attribute(advance, "_enter", mutations.owner_stays),
        alone, 1, invariants.owners_act_alone,
    ),
    Mutant(
        "a paused rollout keeps its owner", attribute(advance, "_enter", mutations.owner_stays),
        setup("pause", CANARY, (PAUSE,)), 1, invariants.owners_act_alone,
    ),
    Mutant(
        "a parked rollout keeps its owner", attribute(gate, "settle", settled_by_its_owner),
        setup("approved canary", APPROVED, NOBODY), 0, invariants.owners_act_alone,
    ),
    Mutant(
        "a dispatch leaves no stamp", attribute(sweep, "on_its_way", always(False)),
        alone, 2, invariants.runs_are_dispatched_once,
    ),
    Mutant(
        "a changed plan goes forward",
        both(attribute(start, "strays", always(False)), attribute(sweep, "strays", always(False))),
        setup("changed plan", CANARY, NOBODY, plans=(changed,)), 2, invariants.other_plans_only_go_back,
    ),
    Mutant(
        "a bake is over when it begins", attribute(decide, "_due_in_bake", bake_over_at_once),
        alone, 0, invariants.stages_are_gone_through,
    ),
    Mutant(
        "what failed is not put in quarantine", attribute(Course, "_quarantined", first),
        alone, 1, invariants.i11_bad_releases_are_in_quarantine,
    ),
    Mutant(
        "quarantine is not looked at", attribute(entry, "_ordered", always(None)),
        replace(setup("again", CANARY, (promotion(),)), answers={"canary_1": "failure"}), 1,
        invariants.i11_bad_releases_are_in_quarantine,
    ),
    Mutant(
        "order is not looked at", attribute(entry, "_ordered", without_order),
        setup("older", AT_ONCE, NOBODY, opened(2, promotion("1-1111111"), built=0)), 0,
        invariants.i17_promotion_never_goes_down,
    ),
    Mutant(
        "the environment before is not looked at", attribute(entry, "_proven", always(None)),
        chain, 0, invariants.i13_releases_are_proven_before,
    ),
    Mutant(
        "freeze is not looked at", attribute(State, "environment", thawed),
        setup("frozen", AT_ONCE, (control("freeze"),)), 1, invariants.frozen_environments_start_nothing,
    ),
    Mutant(
        "skipped counts as success", attribute(decide, "_event_of", mutations.skipped_is_fine),
        alone, 1, invariants.i5_only_success_is_success,
    ),
    Mutant(
        "the record forgets what it replaces", attribute(advance, "_counted", mutations.target_lost),
        alone, 0, invariants.i8_the_target_is_frozen,
    ),
    Mutant(
        "the live pointer moves before the traffic",
        attribute(advance, "_with_pointer", mutations.pointer_at_once),
        alone, 0, invariants.i9_live_moves_with_the_traffic,
    ),
    Mutant(
        "the live pointer stays when the traffic goes back",
        attribute(advance, "_with_pointer", mutations.pointer_stays),
        colored, 1, invariants.i8_the_target_is_frozen,
    ),
    Mutant(
        "a pause has no end", attribute(decide, "PAUSE_SECONDS", 10**9),
        setup("pause", CANARY, (PAUSE,)), 1, invariants.i10_nothing_waits_for_ever,
    ),
    Mutant(
        "nobody goes on after a dead gate",
        both(
            attribute(finish, "_pass_on", lambda course, **_: (course, False)),
            attribute(sweep, "_open_due", lambda _, course, *__: (course, None)),
        ),
        alone, 1, invariants.i10_nothing_waits_for_ever,
    ),
    Mutant(
        "two events share one commit", attribute(waiting, "changes", mutations.only_the_last_change),
        alone, 0, invariants.i14_one_change_is_one_event,
    ),
    Mutant(
        "both colours hold the live release", attribute(advance, "_with_colors", mutations.twins_stay),
        setup("again on a colour", PLAIN, NOBODY, opened(2, BACK_TO_2, promotion("3-3333333"))), 0,
        invariants.colors_are_told_apart,
    ),
)  # fmt: skip
"""Guards in the verbs, in what changes with an event, and in what is due."""

I12 = Mutant(
    "a freeze keeps a rollback from starting", attribute(start, "_begin_rollback", guarded_rollback),
    replace(setup("frozen back", AT_ONCE, NOBODY, opened(2, control("freeze"), ROLLBACK)), must=("started",)),
    0, invariants.frozen_environments_start_nothing,
)  # fmt: skip
"""I12 is no invariant of what is said but of what must come about."""
