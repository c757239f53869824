"""How each fault strikes: what is planned with the executor beforehand, what happens in the scene, and what a
person repairs afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from headgate_runtime.jobs import FINISH

from tests.e2e.runs import Run
from tests.e2e.stories.executed import ExecutedSide
from tests.e2e.stories.manifests import Manifest, compile_manifest
from tests.e2e.stories.stage import Stage
from tests.e2e.world import ControlRefused
from tests.e2e.world import Fault as Planned
from tests.faults import cells
from tests.faults.cells import Cell
from tests.faults.scenes import changed, removed

HOUR = 60
GLANCE_SECONDS = 2.0
RULE = """\
#!/bin/sh
while read -r old new ref; do
  [ "$ref" = "refs/heads/$BRANCH" ] || continue
  echo "GH013: Repository rule violations found for $ref" >&2
  exit 1
done
"""
SAYS: Mapping[cells.Fault, str] = {
    cells.PUSH_FORBIDDEN: "a rule keeps GitHub Actions from pushing",
    cells.PUSH_UNANSWERED: "RPC failed",
    cells.BRANCH_DELETED: "is missing",
    cells.BRANCH_REWOUND: "went back",
}
"""What the red run says when nothing can be written."""


@dataclass
class Strike:
    """One fault on its way; `run` is the deploy run that it strikes, if anybody is at work."""

    cell: Cell
    stage: Stage
    side: ExecutedSide
    run: Run | None
    planned: list[tuple[str, Planned]] = field(default_factory=list)
    tip: str | None = None

    def __post_init__(self) -> None:
        """Remember the state branch as it was."""
        self.scene, self.repository = self.cell.scene, self.side.repository
        self.branch = self.side.plan.state_branch

    def plan(self) -> None:
        """Plan what befalls a push, before the gate that makes it begins."""
        fault, gate = self.cell.fault, self.scene.gate
        if fault in KILLS:
            self._befall(gate, KILLS[fault], nth=self.scene.push)
        elif fault == cells.PUSH_UNANSWERED:
            self._befall(gate, "refuse_push", nth=self.scene.push, times=0)
            if gate != FINISH:
                self._befall(FINISH, "refuse_push", times=0)

    def fall(self) -> None:
        """What happens now, in the scene."""
        self.tip = self.repository.tip(self.branch)
        FALLS[self.cell.fault](self)

    def see_it_through(self) -> None:
        """Let everything run to its end under the fault, and then repair what only a person can."""
        self._let_time_pass()
        fault = self.cell.fault
        if fault not in REPAIRS:
            return
        if self.scene.is_quiet:  # somebody has to run into it
            self.stage.control("abort")
        if fault in cells.UNWRITABLE:
            self._expect_red()
        REPAIRS[fault](self)

    def unfired(self) -> list[str]:
        """What was planned and never happened."""
        return [text for text, planned in self.planned if not planned.fired]

    # How a run dies. What befalls later jobs is planned before the one at work is struck.

    def die(self, *, finish: bool = True) -> None:
        """The runners are lost on which the run would go on, that of `finish` among them."""
        self._doom(finish=finish)
        if self.scene.after:
            self._strike_job(self.repository.lose)

    def die_if_told(self) -> None:
        """The same, if the recovery is not the run's own."""
        if self.run is not None and self.cell.run_dies:
            self.die()

    def hit(self, how: Callable[[Run, str], None]) -> None:
        """What is at work loses its runner or its time; the rest of the run may die too."""
        if self.scene.is_before:
            self.die(finish=self.cell.run_dies)
            return
        if self.cell.run_dies:
            self._doom(finish=True)
        self._strike_job(how)

    def spare_finish(self) -> None:
        """Only `finish` is left of the run, if the recovery is the run's own."""
        if self.run is not None:
            self.die(finish=self.cell.run_dies)

    def _doom(self, *, finish: bool) -> None:
        """The gate that has not begun yet gets no runner, nor does `finish`."""
        doomed = {self.scene.gate} - ({self.scene.job} if self.scene.after else set()) - {FINISH}
        for job in (*doomed, *((FINISH,) if finish else ())):
            self._befall(job, "lose_before_start")

    def _strike_job(self, how: Callable[[Run, str], None]) -> None:
        assert self.run is not None
        how(self.run, self.scene.job if self.scene.after else f"{self.scene.job}/run")

    def _befall(self, job: str, kind: str, **details: int) -> None:
        assert self.run is not None
        planned = self.repository.fault(kind, self.run.file, job, run=self.run.id, attempt=1, **details)
        self.planned.append((f"{job}: {kind}", planned))

    # The branch, the clock and trunk.

    def forbid_pushes(self) -> None:
        """A rule of the repository refuses every push to the state branch."""
        self._rule.write_text(RULE.replace("$BRANCH", self.branch))
        self._rule.chmod(0o755)

    def allow_pushes(self) -> None:
        """The rule is taken back."""
        self._rule.unlink()

    def move_branch(self, *, back: bool) -> None:
        """The branch is deleted, or put back to where it was at the opening."""
        opening = self.side.written()[self.side.opened - 1].commit
        self.repository.point(self.branch, opening if back else None)

    def restore_branch(self) -> None:
        """Somebody does what the red run says."""
        self.repository.point(self.branch, self.tip)

    def change_trunk(self, other: Manifest) -> None:
        """Somebody merges another manifest, with what `headgate generate` makes of it."""
        old, new = (compile_manifest(manifest).files for manifest in (self.scene.manifest, other))
        self.repository.commit(new, message="Change the manifest", remove=sorted(set(old) - set(new)))

    @property
    def _rule(self) -> Path:
        return self.repository.git_dir / "hooks" / "pre-receive"

    def _expect_red(self) -> None:
        """Nothing was written, and a run says what is wrong."""
        now, expected = self.repository.tip(self.branch), self._expected_tip()
        assert now == expected, f"{self.branch} is at {now}, not at {expected}"
        last = self.repository.runs()[-1]
        errors = "\n".join(error for job in last.jobs for error in job.errors)
        assert last.conclusion == "failure", f"{last.title}: {last.conclusion}"
        assert SAYS[self.cell.fault] in errors, f"{last.title} only says: {errors}"

    def _expected_tip(self) -> str | None:
        if self.cell.fault == cells.BRANCH_DELETED:
            return None
        rewound = self.side.written()[-1].commit
        return rewound if self.cell.fault == cells.BRANCH_REWOUND else self.tip

    def _let_time_pass(self) -> None:
        """Wait until nothing runs; a clock that went back takes its hour to get where it was."""
        while self.cell.fault == cells.CLOCK_BACK and not self.scene.is_reviewed:
            try:
                self.repository.wait(timeout=GLANCE_SECONDS)
                break
            except ControlRefused:
                self.stage.pass_minutes(HOUR // 4)
        self.side.play()


KILLS: Mapping[cells.Fault, str] = {
    cells.KILLED_BEFORE_PUSH: "kill_before_push",
    cells.KILLED_AFTER_PUSH: "kill_after_push",
    cells.KILLED_AFTER_OUTPUT: "fail_after_output",
}


def _cancel(strike: Strike) -> None:
    assert strike.run is not None
    strike.repository.cancel(strike.run, force=strike.cell.run_dies)


def _kill(strike: Strike) -> None:
    """The gate's end is planned already."""
    if strike.cell.run_dies and strike.scene.gate != FINISH:
        strike._befall(FINISH, "lose_before_start")


def _leave(strike: Strike) -> None:
    """What is planned goes on, and nobody can repair it."""


def _break_api(strike: Strike) -> None:
    strike.repository.break_api("")
    if strike.run is not None and strike.cell.run_dies and strike.scene.gate != FINISH:
        strike.die(finish=False)


def _move_clock(strike: Strike, minutes: int) -> None:
    strike.stage.pass_minutes(minutes)
    strike.die_if_told()


def _change_trunk(strike: Strike, how: Callable[[Manifest], Manifest]) -> None:
    strike.change_trunk(how(strike.scene.manifest))
    strike.spare_finish()


FALLS: Mapping[cells.Fault, Callable[[Strike], None]] = {
    cells.CANCELLED: _cancel,
    **dict.fromkeys(KILLS, _kill),
    cells.RUNNER_LOST: lambda strike: strike.hit(strike.repository.lose),
    cells.TIMED_OUT: lambda strike: strike.hit(strike.repository.time_out),
    cells.API_DOWN: _break_api,
    cells.PUSH_FORBIDDEN: Strike.forbid_pushes,
    cells.PUSH_UNANSWERED: _leave,
    cells.BRANCH_DELETED: partial(Strike.move_branch, back=False),
    cells.BRANCH_REWOUND: partial(Strike.move_branch, back=True),
    cells.CLOCK_FORWARD: partial(_move_clock, minutes=HOUR),
    cells.CLOCK_BACK: partial(_move_clock, minutes=-HOUR),
    cells.PLAN_CHANGED: partial(_change_trunk, how=changed),
    cells.DEPLOY_REMOVED: partial(_change_trunk, how=removed),
}

REPAIRS: Mapping[cells.Fault, Callable[[Strike], None]] = {
    cells.API_DOWN: lambda strike: strike.repository.restore_api(),
    cells.PUSH_FORBIDDEN: Strike.allow_pushes,
    cells.PUSH_UNANSWERED: _leave,
    cells.BRANCH_DELETED: Strike.restore_branch,
    cells.BRANCH_REWOUND: Strike.restore_branch,
}
