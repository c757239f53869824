"""What the executor tells about runs, attempts, jobs and steps.

Each value is a frozen picture of the moment it was asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True)
class Step:
    """One step of a job; `outcome` is before, `conclusion` after `continue-on-error`."""

    id: str
    name: str
    outcome: str | None
    conclusion: str | None
    outputs: Mapping[str, str]

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """The step as the executor describes it."""
        return cls(*(data[key] for key in ("id", "name", "outcome", "conclusion", "outputs")))


@dataclass(frozen=True)
class Job:
    """One job of one attempt. Jobs of called workflows have keys such as `promote/run`."""

    key: str
    id: int
    name: str
    status: str
    result: str | None
    conclusion: str | None
    calls: str | None
    inputs: Mapping[str, Any] | None
    outputs: Mapping[str, str]
    condition: Mapping[str, Any] | None
    environment: Mapping[str, Any] | None
    permissions: Mapping[str, str]
    steps: tuple[Step, ...]
    annotations: tuple[Mapping[str, Any], ...]
    commands: tuple[Mapping[str, Any], ...]
    log: str
    summary: str
    order: int | None
    attempt: int
    started_at: str | None
    completed_at: str | None

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """The job as the executor describes it."""
        steps = tuple(Step.read(one) for one in data["steps"])
        lists = {key: tuple(data[key]) for key in ("annotations", "commands")}
        return cls(**{**data, **lists, "steps": steps})

    @property
    def ran(self) -> bool:
        """Whether the job was started, in whatever attempt."""
        return self.order is not None

    @property
    def errors(self) -> list[str]:
        """The messages of its error annotations."""
        return [str(one["message"]) for one in self.annotations if one["level"] == "error"]


@dataclass(frozen=True)
class Attempt:
    """One attempt of a run, with all its jobs, those of called workflows included."""

    number: int
    status: str
    conclusion: str | None
    errors: tuple[str, ...]
    cancelled: bool
    jobs: tuple[Job, ...]

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """The attempt as the executor describes it."""
        jobs = tuple(Job.read(one) for one in data["jobs"])
        return cls(
            data["number"], data["status"], data["conclusion"], tuple(data["errors"]), data["cancelled"], jobs
        )


@dataclass(frozen=True)
class Run:
    """A workflow run. What is said of jobs and conclusion is the latest attempt's."""

    id: int
    file: str
    number: int
    title: str
    event: str
    ref: str
    sha: str
    actor: str
    inputs: Mapping[str, Any]
    approvals: tuple[Mapping[str, Any], ...]
    attempts: tuple[Attempt, ...]

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """The run as the executor describes it."""
        attempts = tuple(Attempt.read(one) for one in data["attempts"])
        plain = {key: value for key, value in data.items() if key not in ("name", "attempts", "approvals")}
        return cls(**plain, approvals=tuple(data["approvals"]), attempts=attempts)

    @property
    def latest(self) -> Attempt:
        """The latest attempt."""
        return self.attempts[-1]

    @property
    def status(self) -> str:
        """GitHub's word: queued, pending, waiting, in_progress, completed."""
        return self.latest.status

    @property
    def conclusion(self) -> str | None:
        """success, failure, cancelled, skipped, startup_failure, or None while it runs."""
        return self.latest.conclusion

    @property
    def jobs(self) -> tuple[Job, ...]:
        """All jobs of the latest attempt."""
        return self.latest.jobs

    @property
    def results(self) -> dict[str, str | None]:
        """The result of each job of the run's own file, by id."""
        return {job.key: job.result for job in self.jobs if "/" not in job.key}

    @property
    def ran(self) -> list[str]:
        """The ids of the run's own jobs that were started in this attempt, in the order of their start."""
        started = [job for job in self.jobs if "/" not in job.key and job.attempt == self.latest.number]
        return [job.key for job in sorted(started, key=lambda job: job.order or 0) if job.ran]

    def job(self, key: str) -> Job:
        """The job with this key; a `KeyError` names those there are."""
        for one in self.jobs:
            if one.key == key:
                return one
        raise KeyError(f"no job {key} in {self.file}; there are {[job.key for job in self.jobs]}")
