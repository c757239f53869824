"""For random plans and random orders of events, the engine's branch in memory and a real one end the same."""

from __future__ import annotations

import random
from typing import Any

import pytest
from headgate.simulate.memory import MemoryBranch
from headgate_runtime.git import Git

from tests.model.chances import random_plan
from tests.model.real import RealBranch
from tests.runtime.conftest import Origin, origin, scratch
from tests.simulate.test_random_stories import Chance

__all__ = ["origin", "scratch"]


def lived(seed: int, branch: MemoryBranch | None = None, length: int = 4) -> Chance:
    """A random story in a random plan, on that branch or on the engine's own."""
    chance = Chance(random_plan(random.Random(seed)), seed)
    if branch is not None:
        chance.it.engine.branch = branch
    chance.live(length)
    return chance


@pytest.mark.parametrize("seed", range(24))
def test_in_random_plans_the_invariants_hold_whatever_happens(seed: int) -> None:
    lived(seed, length=10)


@pytest.mark.parametrize("seed", range(3))
def test_a_real_branch_tells_the_same_as_the_one_in_memory(seed: int, origin: Origin, scratch: Git) -> None:
    simulated = lived(seed).it.engine
    real = RealBranch("headgate/state", remote=origin.url, git=scratch)
    lived(seed, real)
    events: list[dict[str, Any]] = [dict(change.event) for change in simulated.branch.log]
    assert origin.events() == events
    fetched = real.fetch()
    stored = {path: fetched.read(path) for path in fetched.paths() if path != "README.md"}
    assert stored == dict(simulated.branch.files)
