"""Plays one cell: bring a repository into the scene, let the fault strike, recover by the path, check.

Rule: whatever the cell, the hourly framework run follows until nothing is left to do; then the rollout must
have ended or be held with a cause, and everything that must always hold must have held.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from headgate_runtime.jobs import START
from headgate_runtime.machine import HELD, PAUSED

from tests.e2e.runs import Run
from tests.e2e.stories.executed import ExecutedSide
from tests.e2e.stories.stage import FAIL, Stage
from tests.e2e.stories.story import Theatre
from tests.faults.cells import CRON, DEPLOY_REMOVED, ITSELF, RELEASE, RERUN, Cell
from tests.faults.checks import check
from tests.faults.strikes import Strike

DEPLOY = "headgate-deploy-app.yaml"
CRON_FILE = ".github/workflows/headgate-cron.yaml"
HALF_AN_HOUR = 31
A_DAY = 24 * 60 + 1
MOST_SWEEPS = 8
REACHED_SECONDS = 60.0
WAITING = (PAUSED, "awaiting_approval")


def play(theatre: Theatre, cell: Cell) -> str:
    """How the cell ended; raises AssertionError, with the whole story as a note, when it ended badly."""
    stage, side = theatre.execute(cell.scene.manifest, cell.scene.opening)
    try:
        _Playing(cell, stage, side).perform()
        check(side)
        return ending(side)
    except Exception as error:
        error.add_note(side.describe())
        raise
    finally:
        side.repository.stop()


def ending(side: ExecutedSide) -> str:
    """`rolled_back`, `held: promote_lost`, `r2 aborted, r3 promoted`: every rollout since the opening."""
    told = side.telling().records["dev/app"]
    waits = f", {told['queued']['release']['id']} waits" if told["queued"] else ""
    if told["open"]:
        cause = f": {told['open']['cause']}" if told["open"]["cause"] else ""
        return f"{told['open']['state']}{cause}{waits}"
    ended = [rollout for rollout in reversed(told["last"]) if rollout["release"]["id"] != "r1"]
    if not ended:
        return f"{told['live']['id']} live{waits}"
    shown = (
        ended[0]["state"]
        if len(ended) == 1
        else ", ".join(f"{e['release']['id']} {e['state']}" for e in ended)
    )
    return f"{shown}{waits}"


class _Playing:
    """One cell on its way."""

    def __init__(self, cell: Cell, stage: Stage, side: ExecutedSide) -> None:
        self.cell, self.stage, self.side = cell, stage, side
        self.repository = side.repository
        self.scene = cell.scene

    def perform(self) -> None:
        """From the opening to the end."""
        for job in self.scene.failing:
            self.stage.answer(job, FAIL)
        run, let_go = (None, _nothing) if self.scene.is_quiet else self._reach()
        strike = Strike(self.cell, self.stage, self.side, run)
        strike.plan()
        if self.scene.after:
            let_go()
            self._wait_until("the bake begins", self._is_baking)
        strike.fall()
        let_go()
        strike.see_it_through()
        if run is not None:
            run = self.repository.run(run)
        self._recover(run)
        self._follow_up()
        assert not strike.unfired(), f"planned, but never happened: {strike.unfired()}"

    def _reach(self) -> tuple[Run, Callable[[], object]]:
        """Start r2 and hold it in the scene; its run, and what lets it go on."""
        if self.scene.is_reviewed:
            run = self._start_waiting_release()
            self.repository.wait_job(run, self.scene.job, "waiting")
            return run, _nothing  # the side's reviewers approve what waits for them
        if self.scene.job == START:
            held = self.repository.fault("hold_start", DEPLOY, START)
            run = self._start_waiting_release()
            held.wait_held()
            return run, held.release
        name = self.scene.after or self.scene.job
        hold = self.side.hold("app", name)
        run = self._start_waiting_release()
        self._wait_until(f"{name} is called", hold.is_reached)
        return run, hold.release

    def _start_waiting_release(self) -> Run:
        """What somebody may do whose run never began."""
        inputs = {"environment": "dev", "release": self.side.names().release("r2"), "kind": "promote"}
        return self.repository.dispatch(DEPLOY, inputs)

    def _is_baking(self) -> bool:
        rollout = self._record()["open"]
        return rollout is not None and rollout["state"] == self.scene.state

    def _wait_until(self, what: str, reached: Callable[[], bool]) -> None:
        deadline = time.monotonic() + REACHED_SECONDS
        while not reached():
            assert time.monotonic() < deadline, f"waited in vain: {what}"
            time.sleep(0.05)

    def _recover(self, run: Run | None) -> None:
        path = self.cell.recovery
        if path == ITSELF:
            return
        if path == CRON:
            self._sweep(HALF_AN_HOUR)
        elif path == RERUN:
            assert run is not None
            if run.conclusion != "success":
                self.repository.rerun(run, failed=True)
                self.side.play()
        elif path == RELEASE:
            self.stage.promote(release="r3")
        else:
            self.stage.control(path, **({"outcome": "rolled_back"} if path == "resolve" else {}))
            assert self.stage.conclusion_of("control") == "success", f"{path} was refused"

    def _follow_up(self) -> None:
        """The hourly framework run, until nothing is left that one could do."""
        for _ in range(MOST_SWEEPS):
            if self._is_at_rest():
                return
            rollout = self._record()["open"]
            self._sweep(A_DAY if rollout and rollout["state"] in WAITING else HALF_AN_HOUR)
        assert self._is_at_rest(), f"left behind after {MOST_SWEEPS} framework runs: {ending(self.side)}"

    def _sweep(self, minutes: int) -> None:
        """Later, the hourly framework run; the next push, where the plan never waits and so has no cron."""
        self.stage.pass_minutes(minutes)
        if CRON_FILE in self.repository.files():
            self.stage.sweep()
        else:
            self.stage.push()

    def _is_at_rest(self) -> bool:
        record = self._record()
        rollout, queued = record["open"], record["queued"]
        if rollout is not None:
            return bool(rollout["state"] == HELD)
        waits_for_nobody = queued is None or queued["waits_for_person"]
        return bool(waits_for_nobody or self.cell.fault == DEPLOY_REMOVED)

    def _record(self) -> Mapping[str, Any]:
        return self.side.record("dev", "app")


def _nothing() -> None:
    """Nobody waits to be let go."""
