"""Every guard is taken out once, and somebody notices."""

from __future__ import annotations

from dataclasses import replace

import pytest
from headgate_runtime.machine import TABLES

from tests.model.explore import explore
from tests.model.mutations import I12, OF_TABLES, OF_VERBS, ONLY_TABLES, Mutant, guard
from tests.model.tables import faults
from tests.model.world import Setup
from tests.runtime import invariants

WALKED = invariants.i10_nothing_waits_for_ever
"""This one the explorer asks by itself, of the way to rest."""


def only(mutant: Mutant) -> Setup:
    """Its setup, where nothing but its invariant is asked."""
    return replace(mutant.setup, checks=() if mutant.check is WALKED else (mutant.check,))


GUARDS = {row.guard.__name__ for table in TABLES.values() for row in table if row.guard}


@pytest.mark.parametrize("mutant", [*OF_TABLES, *OF_VERBS], ids=lambda mutant: mutant.what)
def test_the_explorer_meets_a_guard_that_is_taken_out(
    mutant: Mutant, monkeypatch: pytest.MonkeyPatch
) -> None:
    mutant.mutate(monkeypatch)
    found = explore(only(mutant), mutant.disturbances).found
    assert found is not None
    assert mutant.check.__name__ in found.wrong


def test_i12_nothing_stands_in_the_way_of_a_rollback(monkeypatch: pytest.MonkeyPatch) -> None:
    assert explore(I12.setup, I12.disturbances).found is None
    I12.mutate(monkeypatch)
    assert explore(I12.setup, I12.disturbances).found is not None


@pytest.mark.parametrize("answer", [True, False], ids=["always", "never"])
@pytest.mark.parametrize("name", sorted(GUARDS))
def test_the_walk_of_the_tables_meets_every_guard_that_is_taken_out(
    name: str, answer: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    guard(name, answer)(monkeypatch)
    assert any(faults(strategy, table) for strategy, table in TABLES.items())


def test_every_guard_of_the_tables_has_a_mutant_or_a_reason() -> None:
    assert {mutant.guard for mutant in OF_TABLES} | set(ONLY_TABLES) == GUARDS


def test_every_invariant_has_a_mutant() -> None:
    met = {mutant.check for mutant in (*OF_TABLES, *OF_VERBS)}
    assert met == {*invariants.CHECKS, WALKED}


def settings() -> list[tuple[Setup, int]]:
    """Each setup of the mutants once, with as much as may go wrong."""
    found = {(m.setup.name, m.setup.forgets, str(m.setup.answers)): m for m in (*OF_TABLES, *OF_VERBS)}
    return [(replace(m.setup, redecides=True), min(m.disturbances, 1)) for m in found.values()]


@pytest.mark.parametrize(("setup", "disturbances"), settings(), ids=lambda one: getattr(one, "name", one))
def test_with_every_guard_in_place_there_is_nothing_to_meet(setup: Setup, disturbances: int) -> None:
    assert explore(setup, disturbances).found is None
