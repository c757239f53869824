"""Random stories: whatever happens in whatever order, executed and simulated they end in the same record.

Seeded, so a difference comes back; a seed that finds one is a story to write down. HEADGATE_RANDOM_STORIES is
how many are told.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable

import pytest
from headgate.simulate.story import FaultKind
from headgate_runtime.jobs import Gate, jobs
from headgate_runtime.plan import Stages

from tests.e2e.stories.manifests import (
    BLUE_GREEN_WATCHED,
    CANARY,
    HOLDING,
    TWO_STEPS,
    Manifest,
    compile_manifest,
)
from tests.e2e.stories.stage import FAIL, Stage, says
from tests.e2e.stories.story import Play, Theatre, first_release, tell_twice

STORIES = int(os.environ.get("HEADGATE_RANDOM_STORIES", "3"))
MANIFESTS = (CANARY, TWO_STEPS, HOLDING, BLUE_GREEN_WATCHED)
DEATHS: tuple[FaultKind, ...] = ("dies_before_start", "dies_before_push", "dies_after_push")
VERBS = ("abort", "resume", "retry", "promote-now", "pause", "freeze", "unfreeze", "adopt")
TRIES = 200


def random_play(dice: random.Random, stages: Stages) -> Play:
    """Misfortunes that are planned, then a promotion and what people do after it."""
    found = jobs(stages, with_all_at_once=False)
    gates = ("start", "finish", *(job.id for job in found if isinstance(job, Gate)))
    callbacks = [job.id for job in found if not isinstance(job, Gate)]
    plans = [_misfortune(dice, dice.choice(gates), dice.choice(callbacks)) for _ in range(dice.randint(1, 3))]
    people = [_deed(dice) for _ in range(dice.randint(0, 2))]

    def play(stage: Stage) -> None:
        for plan in plans:
            plan(stage)
        stage.promote()
        for deed in (*people, _hours_later):
            deed(stage)

    return play


def _misfortune(dice: random.Random, gate: str, callback: str) -> Callable[[Stage], None]:
    kind: FaultKind
    # A finish that has nothing to push can't die of it: one side would wait for the next that has.
    kind = "dies_before_start" if gate == "finish" else dice.choice(DEATHS)
    verb = dice.choice(("abort", "promote-now"))
    answers = [FAIL] + [says(word) for word in ("failure", "inconclusive") if callback.startswith("verify")]
    answer = dice.choice(answers)
    return dice.choice(
        (
            lambda stage: stage.kill(gate, kind),
            lambda stage: stage.answer(callback, answer),
            lambda stage: stage.cancel_in(callback),
            lambda stage: stage.meanwhile(callback, stage.order(verb)),
        )
    )


def _deed(dice: random.Random) -> Callable[[Stage], None]:
    verb, force = dice.choice(VERBS), dice.choice(("true", "false"))
    return dice.choice(
        (
            lambda stage: stage.control(verb, release="r1"),
            lambda stage: stage.control("resolve", outcome="promoted"),
            lambda stage: stage.rollback(),
            lambda stage: stage.promote(force=force, reason="once more"),
            _hours_later,
        )
    )


def _hours_later(stage: Stage) -> None:
    stage.pass_minutes(31)
    stage.sweep()


def choose(theatre: Theatre, seed: int) -> tuple[Manifest, Play]:
    """The first story from that seed on in which everything that is planned comes about."""
    dice = random.Random(seed)
    for _ in range(TRIES):
        manifest = dice.choice(MANIFESTS)
        deploy = compile_manifest(manifest).plan.deploys[0]
        play = random_play(dice, deploy.parts["dev"].stages)
        stage = theatre.simulate(manifest, first_release)
        play(stage)
        if not stage.side.unused():
            return manifest, play
    raise AssertionError(f"no story in {TRIES} tries")


@pytest.mark.parametrize("seed", range(STORIES))
def test_a_random_story_is_executed_as_it_is_simulated(theatre: Theatre, seed: int) -> None:
    tell_twice(theatre, *choose(theatre, seed))
