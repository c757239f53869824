"""Somebody else is faster: between the look and the push of every write, each verb of people, once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from headgate.simulate.memory import MemoryBranch
from headgate_runtime.plan import Stages

from tests.simulate.world import (
    AT_ONCE,
    BLUE_GREEN,
    CANARY,
    REASON,
    TWO_STEPS,
    Outcome,
    World,
    plan,
    world,
)

STORIES: dict[str, tuple[Stages, dict[str, Outcome]]] = {
    "canary": (CANARY, {}),
    "failing canary": (TWO_STEPS, {"verify_1": Outcome("failure")}),
    "blue-green": (BLUE_GREEN, {}),
    "failing cutover": (BLUE_GREEN, {"cutover": Outcome("failure")}),
    "at once": (AT_ONCE, {}),
}
CONTROL = {"environment": "dev", "deploy": "app", "reason": REASON}
INTRUDERS: dict[str, tuple[str, dict[str, str]]] = {
    "nobody": ("", {}),
    "abort": ("headgate-control.yaml", {**CONTROL, "verb": "abort"}),
    "abort now": ("headgate-control.yaml", {**CONTROL, "verb": "abort", "now": "true"}),
    "pause": ("headgate-control.yaml", {**CONTROL, "verb": "pause"}),
    "promote-now": ("headgate-control.yaml", {**CONTROL, "verb": "promote-now"}),
    "sweep": ("headgate-cron.yaml", {}),
    "second run": (
        "headgate-deploy-app.yaml",
        {"environment": "dev", "release": "2-2222222", "kind": "promote", "reason": ""},
    ),
    "rollback": ("headgate-rollback.yaml", {"environment": "dev", "deploys": "all", "reason": REASON}),
    "freeze": ("headgate-control.yaml", {**CONTROL, "verb": "freeze"}),
}


@dataclass
class ContestedBranch(MemoryBranch):
    """The `turn`-th write is decided, but somebody else pushes first; so it is decided again."""

    turn: int = 0
    writes: int = 0
    intrude: Callable[[], None] = lambda: None

    def write(self, decide: Callable[[Any], Sequence[Any]], **options: Any) -> Any:
        self.writes += 1
        if self.writes == self.turn:
            decide(self.fetch())
            self.intrude()
        return super().write(decide, **options)


def contested(name: str, intruder: str, turn: int) -> tuple[World, int]:
    """Tell the story with that intruder in that write; how many writes there were."""
    stages, outcomes = STORIES[name]
    it = world(plan(app=stages))
    workflow, inputs = INTRUDERS[intruder]
    old = it.engine.branch
    branch = ContestedBranch(old.name, old.files, old.log, turn=turn)
    if workflow:
        branch.intrude = lambda: it.engine.dispatch_meanwhile(Outcome(meanwhile=((workflow, inputs),)))
    it.engine.branch = branch
    it.push(**outcomes)
    return it, branch.writes


@pytest.mark.parametrize("intruder", INTRUDERS)
@pytest.mark.parametrize("name", STORIES)
def test_whoever_is_faster_the_invariants_hold(name: str, intruder: str) -> None:
    plain, writes = contested(name, "nobody", 0)
    for turn in range(3, writes + 1):
        it, _ = contested(name, intruder, turn)
        for _ in range(3):
            it.sweep(seconds=25 * 3600)
        it.check()
        if intruder in ("nobody", "sweep", "second run"):
            assert it.last == plain.last, f"at write {turn}"
            assert it.calls() == plain.calls(), f"at write {turn}"
