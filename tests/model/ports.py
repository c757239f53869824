"""The ports of a verb that is stopped before each of its writes, and goes on from there in another world.

A verb can't be copied in its middle, but it can be repeated: it runs from its start again, and what its ports
have answered so far they answer again. Everything after that happens in the world as it is now.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from headgate.simulate.engine import VERBS
from headgate.simulate.github import VirtualGitHub
from headgate.simulate.memory import Snapshot, Written
from headgate_runtime.branch import Change
from headgate_runtime.errors import HeadgateError
from headgate_runtime.github import JobStatus, Review, RunStatus
from headgate_runtime.plan import Plan
from headgate_runtime.run import Facts, Run
from headgate_runtime.state import Files

Answers = tuple[Any, ...]


class Outside(Protocol):
    """What is outside of a verb: a state branch and a GitHub that can be looked at and changed."""

    github: VirtualGitHub
    gone: frozenset[int]

    @property
    def tip(self) -> Snapshot:
        """The present state."""

    def push(self, changes: Sequence[Change]) -> None:
        """Add to the state branch."""

    def sleep(self, seconds: float) -> None:
        """Let time pass."""

    def dispatch(self, workflow_file: str, inputs: Mapping[str, str]) -> None:
        """Queue a run."""


class Stopped(Exception):
    """The step is over: the verb is about to write again, or its runner is lost."""


@dataclass(frozen=True)
class Process:
    """A job of Headgate's under way: its verb, what it was told, and what its ports have answered so far.

    Where the last answers are those of a decision that was not pushed yet, somebody may be faster.
    """

    job: str
    verb: str
    inputs: Mapping[str, str]
    answers: Answers = ()


@dataclass(frozen=True)
class Stepped:
    """How a step went. `code` is the verb's exit code once it is over, else None."""

    answers: Answers
    code: int | None
    outputs: Mapping[str, str]
    pushed: bool
    looked: bool


@dataclass
class Ports:
    """All ports of one run of a verb. A step is one write (or one sleep, then one write) and what follows it.

    `only_looks`: the step ends when it is decided what to write. `dies_after_push`: the runner is lost as
    soon as that is written. `redecides`: who loses the race decides again, which makes it a compare-and-swap.
    `trunk` is the commit at its tip.
    """

    outside: Outside
    process: Process
    trunk: str
    only_looks: bool = False
    dies_after_push: bool = False
    redecides: bool = True
    answers: list[Any] = field(default_factory=list)
    told: dict[str, str] = field(default_factory=dict)
    pushed: bool = False
    slept: bool = False
    looked: bool = False

    def __post_init__(self) -> None:
        self.recorded = list(self.process.answers)

    def ask(self, live: Callable[[], Any]) -> Any:
        """The answer of last time, or a new one."""
        self.answers.append(self.recorded[len(self.answers)] if self.replays else live())
        return self.answers[-1]

    @property
    def replays(self) -> bool:
        return len(self.answers) < len(self.recorded)

    # The state branch.

    def head(self, _: str) -> str:
        """Verbs ask only for the head of the trunk."""
        return str(self.ask(lambda: self.trunk))

    def tip(self) -> str:
        return str(self.ask(lambda: self.outside.tip.commit))

    def fetch(self) -> Files:
        found: Snapshot = self.ask(lambda: self.outside.tip)
        return found

    def write(self, decide: Callable[[Files], Sequence[Change]], **_: object) -> Written:
        if self.pushed and not self.replays:
            raise Stopped
        begin = len(self.answers)
        base: Snapshot = self.ask(lambda: self.outside.tip)
        changes = decide(base)
        if self.replays:
            return Written(self.ask(lambda: ""))
        if self.only_looks and changes:
            self.looked = True
            raise Stopped
        if changes and base.commit != self.outside.tip.commit and self.redecides:
            del self.answers[begin:], self.recorded[begin:]  # the push is refused: once more, from the tip
            changes = decide(self.ask(lambda: self.outside.tip))
        if changes:
            self.outside.push(changes)
            self.pushed = True
            if self.dies_after_push:
                raise Stopped
        return Written(self.ask(lambda: self.outside.tip.commit))

    # GitHub.

    def now(self) -> int:
        return int(self.ask(self.outside.github.now))

    def refresh_clock(self) -> None:
        pass

    def run_attempt(self, run_id: int, attempt: int) -> RunStatus | None:
        github, gone = self.outside.github, run_id in self.outside.gone
        status: RunStatus | None = self.ask(lambda: None if gone else github.run_attempt(run_id, attempt))
        return status

    def has_reviewers(self, _: str) -> bool:
        return True

    def run_reviews(self, run_id: int) -> tuple[Review, ...]:
        reviews: tuple[Review, ...] = self.ask(lambda: self.outside.github.run_reviews(run_id))
        return reviews

    def attempt_jobs(self, run_id: int, attempt: int) -> tuple[JobStatus, ...]:
        jobs: tuple[JobStatus, ...] = self.ask(lambda: self.outside.github.attempt_jobs(run_id, attempt))
        return jobs

    def dispatch(self, workflow_file: str, _: str, inputs: Mapping[str, str]) -> None:
        self.ask(lambda: self.outside.dispatch(workflow_file, inputs))

    def cancel_run(self, run_id: int) -> None:
        self.ask(lambda: self.outside.github.cancel_run(run_id))

    def rerun_failed_jobs(self, run_id: int) -> None:
        self.ask(lambda: self.outside.github.rerun_failed_jobs(run_id))

    # The runner.

    def sleep(self, seconds: float) -> None:
        if not self.replays and (self.pushed or self.slept):
            raise Stopped
        self.slept = not self.replays
        self.ask(lambda: self.outside.sleep(seconds))

    def outputs(self, values: Mapping[str, str]) -> None:
        self.told.update(values)

    def summary(self, markdown: str) -> None:
        pass

    def say(self, text: str) -> None:
        pass

    def warn(self, text: str) -> None:
        pass


def step(ports: Ports, plan: Plan, facts: Facts) -> Stepped:
    """Let the verb take one step in the world of its ports."""
    process = ports.process
    told = {"DEFAULT_BRANCH": plan.trunk, **process.inputs}
    run = Run(plan, facts, told, ports, ports, ports, ports.sleep)
    code: int | None
    try:
        code = VERBS[process.verb](run)
    except HeadgateError as error:
        code = error.exit_code or 1
    except Stopped:
        code = None
    return Stepped(tuple(ports.answers), code, ports.told, ports.pushed, ports.looked)
