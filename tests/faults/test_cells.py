"""The axes of the fault matrix are complete, and what `nox -s faults` plays by default shows all of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from headgate_runtime.machine import EVENTS, TABLES, TERMINAL, TRAFFIC

from tests.e2e.stories.stage import Stage
from tests.faults.cells import FAULTS, PATHS, RECOVERIES, Cell, default_cells, every_cell, excuse
from tests.faults.scenes import QUEUED, SCENES, Scene, states
from tests.faults.strikes import FALLS, REPAIRS, SAYS

DEFAULT = default_cells()
MOST_BY_DEFAULT = 200
"""What four minutes are enough for."""


def place(scene: Scene) -> tuple[str, str]:
    return scene.strategy, scene.state


def test_every_state_of_the_machine_is_played() -> None:
    known = {
        (strategy, state) for strategy, found in TRAFFIC.items() for state in found if state not in TERMINAL
    }
    assert set(states()) == known


def test_every_fault_strikes_and_every_branch_fault_is_told_and_repaired() -> None:
    assert set(FALLS) == set(FAULTS)
    assert set(SAYS) == {fault for fault in FAULTS if fault.strikes == "branch"}
    assert set(SAYS) < set(REPAIRS)


@pytest.mark.parametrize("scene", SCENES, ids=str)
def test_a_verb_is_one_that_the_machine_has_a_row_for(scene: Scene) -> None:
    paths = {cell.recovery for cell in every_cell() if cell.scene == scene and scene.state != QUEUED}
    said = {EVENTS[path] for path in paths - {*PATHS, "resolve"}}
    assert said <= {row.event for row in TABLES[scene.strategy] if row.state == scene.state}


PARTS: dict[str, tuple[set[object], Callable[[Cell], object]]] = {
    "fault": (set(FAULTS), lambda cell: cell.fault),
    "scene": (set(SCENES), lambda cell: cell.scene),
    "recovery": (set(RECOVERIES), lambda cell: cell.recovery),
}


@pytest.mark.parametrize("part", PARTS)
def test_each_is_played_by_default(part: str) -> None:
    wanted, read = PARTS[part]
    assert {read(cell) for cell in DEFAULT} == wanted


def test_each_kind_of_fault_is_played_by_default_in_each_state_in_which_it_can_strike() -> None:
    possible = {(cell.fault.item, place(cell.scene)) for cell in every_cell()}
    assert {(cell.fault.item, place(cell.scene)) for cell in DEFAULT} == possible
    assert len(DEFAULT) == len(possible) <= MOST_BY_DEFAULT


def test_what_is_no_cell_has_a_reason() -> None:
    made = {str(cell) for cell in every_cell()}
    for fault in FAULTS:
        for scene in SCENES:
            for recovery in RECOVERIES:
                cell = Cell(fault, scene, recovery)
                assert (str(cell) in made) == (excuse(cell) == ""), cell


@pytest.mark.parametrize("scene", SCENES, ids=str)
def test_the_machine_can_recover_each_state_by_at_least_two_paths(scene: Scene) -> None:
    assert len({cell.recovery for cell in every_cell() if cell.scene == scene}) >= 2


def test_the_page_shows_cells() -> None:
    page = Path(__file__).parents[2] / "docs/explain/recovery.md"
    shown = re.findall(r"^(\S.*?)  +(\S.*?)  +(\S.*?)  +\S.*  ok$", page.read_text(), re.MULTILINE)
    made = {(str(cell.fault), str(cell.scene), cell.recovery) for cell in every_cell()}
    assert len(shown) >= 4
    assert set(shown) <= made


def test_an_opening_has_a_name_of_its_own() -> None:
    openings: set[Callable[[Stage], None]] = {scene.opening for scene in SCENES}
    assert len({opening.__name__ for opening in openings}) == len(openings)
