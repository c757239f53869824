"""Every world that can be reached: the invariants hold on every edge, and from each it comes to rest.

HEADGATE_MODEL_DEPTH is how many things may go wrong more on each path (`python -m tests.model` tells more).
"""

from __future__ import annotations

import os

import pytest
from headgate_runtime import machine

from tests.model.explore import explore
from tests.model.setups import CROWDED, LONELY, SPENDING
from tests.model.world import Setup

MORE = int(os.environ.get("HEADGATE_MODEL_DEPTH", "0"))


@pytest.mark.parametrize("setup", CROWDED, ids=lambda setup: setup.name)
def test_whoever_steps_in_the_invariants_hold_and_it_comes_to_rest(setup: Setup) -> None:
    explored = explore(setup, 1 + MORE)
    assert explored.found is None, str(explored.found)
    assert explored.states > 10, "where so little can happen nothing is proven"


@pytest.mark.parametrize("setup", SPENDING, ids=lambda setup: setup.name)
def test_when_the_recoveries_are_spent_it_comes_to_rest_too(
    setup: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "RECOVERIES", 0)
    explored = explore(setup, 1 + MORE)
    assert explored.found is None, str(explored.found)


@pytest.mark.parametrize("setup", LONELY, ids=lambda setup: setup.name)
def test_whatever_befalls_twice_the_invariants_hold_and_it_comes_to_rest(setup: Setup) -> None:
    explored = explore(setup, 2 + MORE)
    assert explored.found is None, str(explored.found)
    assert explored.states > 500, "where so little can happen nothing is proven"
