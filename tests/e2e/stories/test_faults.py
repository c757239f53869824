"""The fault matrix finds what it is there to find: each of these runtimes is broken in one place."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.e2e.stories.story import Theatre
from tests.faults import cells
from tests.faults.cells import CRON, ITSELF, Cell, Fault
from tests.faults.play import play
from tests.faults.scenes import HURRIED, RUNTIME, SCENES, Scene


def scene_of(job: str) -> Scene:
    return next(scene for scene in SCENES if scene.job == job)


BROKEN = {
    "a dead owner is never seen": (
        ("recover.py", "if owner is None or owner == Owner(", "if owner is not None or owner == Owner("),
        Cell(cells.RUNNER_LOST, scene_of("deploy"), CRON),
        "left behind after",
    ),
    "a failure is a success": (
        ("decide.py", 'if seen.result == "success":', 'if seen.result in ("success", "failure"):'),
        Cell(cells.RUNNER_LOST, scene_of("promote"), ITSELF),
        "its traffic is unknown since promote",
    ),
    "a branch that went back is taken for the state": (
        ("branch.py", "self._require_ancestors(base.commit, known)", "known"),
        Cell(cells.BRANCH_REWOUND, scene_of("canary_1"), CRON),
        "canary: success",
    ),
    "a promotion that was lost is repeated": (
        (
            "machine.py",
            'Row("promoting", "lost", HELD, cause="promote_lost")',
            'Row("promoting", "lost", "promoting")',
        ),
        Cell(cells.TIMED_OUT, scene_of("promote"), CRON),
        "i6_nothing_goes_forward",
    ),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_runtime_without_a_guard_fails(theatre: Theatre, broken: str) -> None:
    (file, text, other), cell, said = BROKEN[broken]
    manifest = cell.scene.manifest
    rewritten = (*HURRIED, (f"{RUNTIME}/{file}", text, other))
    scene = replace(cell.scene, manifest=replace(manifest, rewritten=rewritten))
    with pytest.raises(AssertionError, match=said):
        play(theatre, replace(cell, scene=scene))


FAULTS_FOR_ONE: tuple[Fault, ...] = (cells.KILLED_BEFORE_PUSH, cells.BRANCH_DELETED)


@pytest.mark.parametrize("fault", FAULTS_FOR_ONE, ids=str)
def test_the_runtime_as_it_is_recovers(theatre: Theatre, fault: Fault) -> None:
    assert play(theatre, Cell(fault, scene_of("canary_1"), CRON)) == "promoted"
