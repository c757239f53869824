"""Random plans, and random orders of what happens in them, by a seed."""

from __future__ import annotations

import random

from headgate_runtime.plan import Approval, Bake, Plan, Stages, Step

from tests.simulate.world import plan

NAMES = ("app", "api", "web")


def random_plan(dice: random.Random) -> Plan:
    """One to three deploys of any strategy, one or two environments, and who waits for whom."""
    names = NAMES[: dice.randint(1, 3)]
    environments = ("dev", "test")[: dice.randint(1, 2)]
    auto = tuple(name for name in environments if dice.random() < 0.7)
    needs = {name: (names[at],) for at, name in enumerate(names[1:]) if dice.random() < 0.4}
    deploys = {name: random_stages(dice) for name in names}
    return plan(environments=environments, auto=auto, needs=needs, **deploys)


def random_stages(dice: random.Random) -> Stages:
    """Any strategy, with everything that it may have."""
    strategy = dice.choice(("all_at_once", "canary", "blue_green"))
    if strategy == "all_at_once":
        return Stages(strategy)
    steps = tuple(Step(10 * number, random_bake(dice)) for number in range(1, dice.randint(2, 4)))
    canary = strategy == "canary"
    return Stages(
        strategy,
        steps=steps if canary else (),
        bake=Bake(0) if canary else random_bake(dice),
        failure_limit=dice.randint(0, 1),
        verifies_preview=not canary and dice.random() < 0.5,
        retires=not canary and dice.random() < 0.5,
        approval=dice.choice((None, None, random_approval(dice))),
        holds=dice.random() < 0.3,
        parks=dice.random() < 0.3,
        timeout_seconds=dice.choice((None, 3600, 86_400)),
    )


def random_bake(dice: random.Random) -> Bake:
    """No time, or some minutes, watched once, often or not at all."""
    seconds = dice.choice((0, 60, 600))
    return Bake(seconds, dice.choice(((), (seconds,), (seconds // 2, seconds) if seconds else (0,))))


def random_approval(dice: random.Random) -> Approval:
    """By verb or by the reviewers of a GitHub environment."""
    return Approval(dice.choice((None, "prod")), 3600, dice.choice(("rollback", "hold")))
