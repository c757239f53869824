"""A story is told twice, by the simulation and by an execution, and both must tell the same.

Rule: a story is one function of a `Stage`. It says what happens and asserts what it expects, on each side;
what the two sides have told is compared afterwards. Needs no pytest: other programs can tell stories too.
"""

from __future__ import annotations

import difflib
import fcntl
import hashlib
import inspect
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from tests.e2e.stories.executed import ExecutedSide
from tests.e2e.stories.invariants import check_execution
from tests.e2e.stories.manifests import Manifest, compile_manifest
from tests.e2e.stories.simulated import SimulatedSide
from tests.e2e.stories.stage import Stage
from tests.e2e.stories.telling import Telling
from tests.e2e.world import World

Play = Callable[[Stage], None]


class StoriesDiffer(AssertionError):
    """The execution tells another story than the simulation; the message shows the difference."""


def nothing(stage: Stage) -> None:
    """An opening: a repository in which nothing has happened."""


def first_release(stage: Stage) -> None:
    """An opening: r1 is live in dev, r2 is built."""
    stage.push()
    stage.promote("dev")
    stage.push()


def two_releases(stage: Stage) -> None:
    """An opening: r2 is live in dev, after r1; r3 is built."""
    first_release(stage)
    stage.promote("dev")
    stage.push()


def ends_red(opening: Play) -> Play:
    """Mark an opening in which a run fails, as it should."""
    opening.is_red = True  # type: ignore[attr-defined]
    return opening


def live_everywhere(stage: Stage) -> None:
    """An opening: r1 is live in every environment of a chain that is all automatic up to prod."""
    stage.push()


@dataclass
class Theatre:
    """Where stories play: the fake GitHub, a folder of its own, and one with the origins that openings left.

    Several processes may share the latter.
    """

    world: World
    folder: Path
    seeds: Path
    _numbers: count[int] = field(default_factory=lambda: count(1))

    def simulate(self, manifest: Manifest, opening: Play) -> Stage:
        """A stage on the simulation engine, after its opening."""
        plan = compile_manifest(manifest).plan
        side = SimulatedSide(plan)
        stage = Stage(side, plan.deploys)
        opening(stage)
        side.mark_opening()
        return stage

    def execute(self, manifest: Manifest, opening: Play) -> tuple[Stage, ExecutedSide]:
        """A stage with the generated workflows, after its opening, which is executed only once."""
        compiled = compile_manifest(manifest)
        folder = self.folder / f"traffic-{next(self._numbers)}"
        if opening is nothing:
            side = ExecutedSide.create(self.world, compiled, folder)
        else:
            side = ExecutedSide.open(self.world, self._seed(manifest, opening), compiled.plan, folder)
        return Stage(side, compiled.plan.deploys), side

    def _seed(self, manifest: Manifest, opening: Play) -> Path:
        """The origin that an opening leaves; whoever comes first executes it, the others wait."""
        compiled = compile_manifest(manifest)
        named = [opening.__name__, *(f"{path}\0{text!r}" for path, text in sorted(compiled.files.items()))]
        seed = self.seeds / hashlib.sha256("\0".join(named).encode()).hexdigest()[:16]
        self.seeds.mkdir(parents=True, exist_ok=True)
        with seed.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not seed.exists():
                self._execute_opening(manifest, opening, seed)
        return seed

    def _execute_opening(self, manifest: Manifest, opening: Play, seed: Path) -> None:
        stage, side = self.execute(manifest, nothing)
        opening(stage)
        told = side.telling()
        runs = [str(run) for run in told.runs]
        expected = getattr(opening, "is_red", False)
        assert expected or all("failure" not in run for run in runs), f"the opening failed: {runs}"
        unfinished = seed.with_suffix(".git")
        shutil.copytree(side.repository.git_dir, unfinished)
        unfinished.rename(seed)


def tell_twice(
    theatre: Theatre,
    manifest: Manifest,
    play: Play,
    *,
    opening: Play = first_release,
    apart_from: tuple[str, ...] = (),
) -> Telling:
    """Tell a story on both sides and compare; what the execution told.

    `apart_from` are the starts of the headings in `Telling.comparable` whose order of things is nobody's
    promise. Raises StoriesDiffer, and whatever the story itself asserts.
    """
    simulated = theatre.simulate(manifest, opening)
    play(simulated)
    executed, side = theatre.execute(manifest, opening)
    try:
        play(executed)
        check_execution(side)
        for told in (simulated, executed):
            assert not told.side.unused(), f"planned, but never happened: {told.side.unused()}"
        _compare(simulated.side.telling(), executed.side.telling(), apart_from)
        return executed.side.telling()
    except AssertionError as error:
        error.add_note(side.describe())
        raise
    finally:
        side.repository.stop()


def _compare(simulated: Telling, executed: Telling, apart_from: tuple[str, ...]) -> None:
    left, right = (_lines(told, apart_from) for told in (simulated, executed))
    if left != right:
        found = difflib.unified_diff(left, right, "simulated", "executed", lineterm="", n=2)
        raise StoriesDiffer("\n".join(["the two tellings differ:", *found]))


def _lines(told: Telling, apart_from: tuple[str, ...]) -> list[str]:
    kept = {
        name: part for name, part in told.comparable().items() if not name.startswith(apart_from or ("-",))
    }
    return json.dumps(kept, indent=1, ensure_ascii=False, sort_keys=True).splitlines()


def told_twice(
    manifest: Manifest, *, opening: Play = first_release, apart_from: tuple[str, ...] = ()
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a test of a story: its parameter `stage` is the fixture `theatre` to pytest, others stay."""

    def decorate(story: Callable[..., None]) -> Callable[..., None]:
        def test(theatre: Theatre, **arguments: Any) -> None:
            play: Play = lambda stage: story(stage, **arguments)  # noqa: E731 - the story with its arguments
            tell_twice(theatre, manifest, play, opening=opening, apart_from=apart_from)

        signature = inspect.signature(story)
        fixture = inspect.Parameter("theatre", inspect.Parameter.POSITIONAL_OR_KEYWORD)
        others = [one for name, one in signature.parameters.items() if name != "stage"]
        test.__signature__ = signature.replace(parameters=[fixture, *others])  # type: ignore[attr-defined]
        test.__name__, test.__doc__, test.__module__ = story.__name__, story.__doc__, story.__module__
        test.__dict__.update(story.__dict__)
        return test

    return decorate
