"""A run of a generated workflow: what every verb works with, and the ways out of the process, as ports.

The verbs know no git, no HTTP and no clock but these; the simulator runs the same verbs on other ends of
the same ports.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from headgate_runtime.advance import Moment
from headgate_runtime.branch import Change
from headgate_runtime.errors import GitFailed, Refused
from headgate_runtime.github import JobStatus, Review, RunStatus
from headgate_runtime.plan import Deploy, Environment, Plan
from headgate_runtime.record import Event, Record
from headgate_runtime.state import Files, State
from headgate_runtime.summary import Told, summarize

T = TypeVar("T")

RESULT_PATIENCE = 600.0
"""Seconds for which the result of a callback is tried to be written: it exists nowhere else."""

PATIENCE = 120.0
"""Seconds for which any other write is tried."""

REASON = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]{3,300}")


class Written(Protocol):
    """What a write left: the last commit and the state after it."""

    @property
    def commit(self) -> str:
        """The last commit of the push, or the tip when nothing was due."""


class Branch(Protocol):
    """The state branch."""

    def tip(self) -> str | None:
        """The commit at the tip, cheaply."""

    def head(self, branch: str) -> str | None:
        """The commit at the tip of any branch of the repository."""

    def fetch(self) -> Files:
        """The present state."""

    def write(
        self,
        decide: Callable[[Files], Sequence[Change]],
        *,
        patience: float,
        create: bool,
        known: Sequence[str],
    ) -> Written:
        """Compare-and-swap what `decide` makes of the freshest state."""


class Api(Protocol):
    """The requests to GitHub."""

    def now(self) -> int:
        """UTC seconds."""

    def refresh_clock(self) -> None:
        """Ask for the time again."""

    def run_attempt(self, run_id: int, attempt: int) -> RunStatus | None:
        """How an attempt stands; None when it is gone."""

    def attempt_jobs(self, run_id: int, attempt: int) -> tuple[JobStatus, ...]:
        """The jobs of an attempt."""

    def has_reviewers(self, environment: str) -> bool:
        """Whether somebody must approve before a job of that GitHub environment starts."""

    def run_reviews(self, run_id: int) -> tuple[Review, ...]:
        """What reviewers said in a run."""

    def dispatch(self, workflow_file: str, ref: str, inputs: Mapping[str, str]) -> None:
        """Start a workflow."""

    def cancel_run(self, run_id: int) -> None:
        """Cancel a run."""

    def rerun_failed_jobs(self, run_id: int) -> None:
        """Re-run the failed jobs of a run."""

    def successful_runs(self, workflow_file: str) -> int:
        """How many runs of a workflow succeeded."""


class Desk(Protocol):
    """Where a verb leaves what it has to say."""

    def outputs(self, values: Mapping[str, str]) -> None:
        """Outputs of the job."""

    def summary(self, markdown: str) -> None:
        """Add to the job's summary."""

    def say(self, text: str) -> None:
        """Plain lines for the log."""

    def warn(self, text: str) -> None:
        """An annotation for people."""


@dataclass(frozen=True)
class Facts:
    """Which run this is."""

    run_id: int
    attempt: int
    run_number: int
    sha: str
    ref: str
    actor: str
    page: str


@dataclass(frozen=True)
class Run:
    """One process of the runtime: the plan it follows, who it is, its inputs (HEADGATE_*, without the
    prefix), its ports.
    """

    plan: Plan
    facts: Facts
    inputs: Mapping[str, str]
    branch: Branch
    api: Api
    desk: Desk
    sleep: Callable[[float], None]

    @property
    def moment(self) -> Moment:
        """Now, by this run."""
        return Moment(self.api.now(), self.facts.actor, self.facts.run_id, self.facts.attempt)

    def input(self, name: str) -> str:
        """An input's text without surrounding space; empty when it was not given."""
        return self.inputs.get(name, "").strip()

    def flag(self, name: str) -> bool:
        """A boolean input; anything but `true` is no."""
        return self.input(name) == "true"

    @property
    def commits(self) -> tuple[str, ...]:
        """The state commits that earlier jobs of this run wrote."""
        return tuple(self.input("COMMITS").split())

    def write(
        self,
        decide: Callable[[State], tuple[Sequence[Change], T]],
        *,
        patience: float = PATIENCE,
        create: bool = False,
    ) -> tuple[str, T]:
        """Decide on the freshest state and push; the commit, and what was decided on the state that it
        stands on.
        """
        answers: list[T] = []

        def attempt(files: Files) -> Sequence[Change]:
            made, answer = decide(State(files))
            answers.append(answer)
            return made

        written = self.branch.write(attempt, patience=patience, create=create, known=self.commits)
        return written.commit, answers[-1]

    def summarize(
        self, record: Record, rollout: str, commit: str, events: Sequence[Event], note: str = ""
    ) -> None:
        """Tell on the run's page where a rollout stands and what this job wrote of it."""
        place = self.plan.environment(record.environment)
        url = (place.url if place else None) or ""
        told = Told(record, rollout, commit, self.api.now(), events, note, self.facts.page, url)
        self.desk.summary(summarize(told))

    def read(self) -> State:
        """The present state, to look at."""
        return State(self.branch.fetch())

    def has_newest_plan(self) -> bool:
        """Whether this run was started from the trunk's present tip; no where git can't tell.

        A run that waited, or is run again, may know an older plan: it holds nobody to that.
        """
        try:
            return self.branch.head(self.plan.trunk) == self.facts.sha
        except GitFailed as error:
            self.desk.say(f"could not look whether this plan is the newest: {error}")
            return False

    def dispatch(self, workflow: str, **inputs: str) -> None:
        """Start one of the generated workflows on trunk."""
        self.api.dispatch(workflow, self.plan.trunk, inputs)
        self.desk.say(
            f"dispatched {workflow}: "
            + ", ".join(f"{name}={value}" for name, value in inputs.items() if value)
        )

    def dispatch_deploy(
        self, environment: str, deploy: str, release: str, kind: str, reason: str = ""
    ) -> None:
        """Start a run of one deploy's workflow."""
        found = self.plan.deploy(deploy)
        if found:
            self.dispatch(found.workflow, environment=environment, release=release, kind=kind, reason=reason)

    def require_trunk(self) -> None:
        """Entry gates act on trunk only, and trunk must be the default branch: callbacks and plan are read
        there.
        """
        trunk, default = self.plan.trunk, self.input("DEFAULT_BRANCH")
        if self.facts.ref != f"refs/heads/{trunk}":
            raise Refused(
                f"this run is on {self.facts.ref!r}, not on the trunk {trunk!r}", "dispatch it on the trunk"
            )
        if default != trunk:
            raise Refused(
                f"the trunk of the manifest is {trunk!r}, the repository's default branch is {default!r}",
                "change `trunk` in headgate.yaml or the default branch in the settings",
            )

    def require_environment(self) -> Environment:
        """The environment that the input names."""
        name = self.input("ENVIRONMENT")
        found = self.plan.environment(name)
        if found is None:
            known = ", ".join(environment.name for environment in self.plan.environments)
            raise Refused(f"no environment {name!r}", f"the manifest has: {known}")
        return found

    def require_deploys(self, environment: str) -> tuple[Deploy, ...]:
        """The deploys that the input DEPLOYS names (`all`, empty: every one of that environment)."""
        wanted = self.input("DEPLOYS") or "all"
        here = self.plan.deploys_in(environment)
        chosen = here if wanted == "all" else tuple(deploy for deploy in here if deploy.name == wanted)
        if not chosen:
            raise Refused(
                f"no deploy {wanted!r} in {environment}",
                f"it has: {', '.join(deploy.name for deploy in here)}",
            )
        return chosen

    def require_reason(self) -> str:
        """A person's reason: one line of 3 to 300 characters."""
        reason = self.input("REASON")
        if not REASON.fullmatch(reason):
            raise Refused("a reason is needed: one line, 3 to 300 characters, no control characters")
        return reason

    def optional_reason(self, default: str) -> str:
        """A person's reason where none is needed."""
        return self.require_reason() if self.input("REASON") else default
