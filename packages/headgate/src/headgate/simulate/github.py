"""A GitHub that exists only here: a clock, runs with their attempts and jobs, and the workflows that wait
to be started.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from headgate_runtime.errors import ApiFailed
from headgate_runtime.github import JobStatus, Review, RunStatus

EPOCH = 1_767_225_600
"""2026-01-01 00:00:00 UTC: when simulations begin."""

FIRST_RUN = 1_000


@dataclass
class Job:
    """One job of an attempt: how it ended and what it put out; not `started`: it only waited for a review."""

    id: str
    title: str
    result: str
    outputs: dict[str, str] = field(default_factory=dict)
    started: bool = True


@dataclass
class Attempt:
    """One attempt of a run: its jobs so far; the conclusion is empty while it runs."""

    jobs: dict[str, Job] = field(default_factory=dict)
    cancelled: bool = False
    conclusion: str = ""


@dataclass
class WorkflowRun:
    """One run of a workflow."""

    id: int
    number: int
    workflow: str
    inputs: dict[str, str]
    sha: str
    actor: str
    attempts: list[Attempt] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)


@dataclass
class VirtualGitHub:
    """The API port of the verbs, and what the engine needs to follow dispatches.

    Every GitHub environment exists and has reviewers, but those that are `unprotected`; every workflow can be
    dispatched, but those that are `disabled`.
    """

    time: int = EPOCH
    runs: list[WorkflowRun] = field(default_factory=list)
    waiting: deque[WorkflowRun] = field(default_factory=deque)
    sha: str = "0" * 40
    actor: str = "you"
    rerunning: deque[int] = field(default_factory=deque)
    unprotected: set[str] = field(default_factory=set)
    disabled: set[str] = field(default_factory=set)

    def new_run(self, workflow: str, inputs: Mapping[str, str], sha: str = "") -> WorkflowRun:
        """Queue a run of a workflow."""
        number = 1 + sum(run.workflow == workflow for run in self.runs)
        made = WorkflowRun(
            FIRST_RUN + len(self.runs), number, workflow, dict(inputs), sha or self.sha, self.actor
        )
        self.runs.append(made)
        self.waiting.append(made)
        return made

    def run_named(self, run_id: int) -> WorkflowRun | None:
        """The run of that id."""
        return next((run for run in self.runs if run.id == run_id), None)

    def now(self) -> int:
        """The virtual time."""
        return self.time

    def refresh_clock(self) -> None:
        """Nothing to ask: there is one clock."""

    def run_attempt(self, run_id: int, attempt: int) -> RunStatus | None:
        """How an attempt stands."""
        run = self.run_named(run_id)
        if run is None or attempt > len(run.attempts):
            return None
        conclusion = run.attempts[attempt - 1].conclusion
        return RunStatus(bool(conclusion), conclusion, attempt)

    def attempt_jobs(self, run_id: int, attempt: int) -> tuple[JobStatus, ...]:
        """The jobs of an attempt, callbacks with one job inside."""
        run = self.run_named(run_id)
        jobs = run.attempts[attempt - 1].jobs.values() if run and attempt <= len(run.attempts) else ()
        return tuple(JobStatus(f"{job.title} / job", "completed", job.result) for job in jobs)

    def has_reviewers(self, environment: str) -> bool:
        """Whether somebody must approve there."""
        return environment not in self.unprotected

    def run_reviews(self, run_id: int) -> tuple[Review, ...]:
        """What was said in the run."""
        run = self.run_named(run_id)
        return tuple(run.reviews) if run else ()

    def dispatch(self, workflow_file: str, ref: str, inputs: Mapping[str, str]) -> None:  # noqa: ARG002
        """Queue a run."""
        if workflow_file in self.disabled:
            raise ApiFailed(f"{workflow_file} is disabled", 422)
        self.new_run(workflow_file, inputs)

    def cancel_run(self, run_id: int) -> None:
        """Mark the latest attempt as cancelled."""
        run = self.run_named(run_id)
        if run is not None and run.attempts:
            run.attempts[-1].cancelled = True

    def rerun_failed_jobs(self, run_id: int) -> None:
        """Queue the re-run."""
        self.rerunning.append(run_id)

    def successful_runs(self, workflow_file: str) -> int:
        """How many runs of the workflow succeeded."""
        attempts = [run.attempts[-1] for run in self.runs if run.workflow == workflow_file and run.attempts]
        return sum(attempt.conclusion == "success" for attempt in attempts)
