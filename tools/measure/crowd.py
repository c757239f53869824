"""Sixteen runs at once on one origin: the runtime's own verbs, each process with a deploy of its own.

Whole rollouts go by, of which every third is aborted; only callbacks and GitHub's API are imagined. Rule:
what a process was told is written must be in the log exactly once, and no record may miss a number.
"""

from __future__ import annotations

import json
import multiprocessing
import random
import statistics
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from headgate_runtime.branch import Change, Snapshot, StateBranch, Written
from headgate_runtime.errors import Contended
from headgate_runtime.git import open_scratch
from headgate_runtime.github import JobStatus, Review, RunStatus
from headgate_runtime.plan import Bake, Build, Deploy, Environment, Part, Plan, Stages, Step
from headgate_runtime.run import Facts, Run
from headgate_runtime.verbs.control import control
from headgate_runtime.verbs.finish import finish
from headgate_runtime.verbs.gate import gate
from headgate_runtime.verbs.promote import promote
from headgate_runtime.verbs.register import register
from headgate_runtime.verbs.start import start

from tools.measure.race import shown
from tools.measure.report import Section

RUNS_AT_ONCE = 16
LONG_SECONDS, SHORT_SECONDS = 120.0, 10.0
MANY_REPEATS = 10
"""From so many repeats on, the benchmark is a long one."""

JOB_SECONDS = (2.0, 6.0)
"""How long a runner needs at least and at most, until the next job of a run begins."""

BRANCH = "headgate/state"
ABORTED_EACH = 3

Event = tuple[str, str, int, str, int]
"""Environment, deploy, number, event and run: what tells an event from every other."""

Inputs = Mapping[str, str]


@dataclass(frozen=True)
class Work:
    """What one process was told: the events that are written, and of each write its attempts and seconds.

    `refused`: how often others wrote first for longer than a write's patience, and the job was run again.
    """

    events: tuple[Event, ...]
    attempts: tuple[int, ...]
    seconds: tuple[float, ...]
    refused: int


def measure(scratch: Path, runs: int) -> Section:
    """Let all of them work for two minutes, or ten seconds in a short benchmark, and count what arrived."""
    origin = scratch / "crowd.git"
    subprocess.run(["git", "init", "-q", "--bare", str(origin)], check=True)
    seconds = LONG_SECONDS if runs >= MANY_REPEATS else SHORT_SECONDS
    context = multiprocessing.get_context("spawn")
    everybody = context.Barrier(RUNS_AT_ONCE + 1)
    with context.Pool(RUNS_AT_ONCE, initializer=everybody.wait) as pool:
        everybody.wait()
        begun = time.perf_counter()
        jobs = [(str(origin), number, seconds) for number in range(RUNS_AT_ONCE)]
        done = pool.starmap(work, jobs, chunksize=1)
        taken = time.perf_counter() - begun
    log = logged(origin)
    require_all(done, log)
    reading = (
        f"{RUNS_AT_ONCE} processes bring releases live for {seconds:.0f} s, each its own deploy, with "
        f"{JOB_SECONDS[0]:.0f} to {JOB_SECONDS[1]:.0f} s before each job. "
        "All that they were told is written is in the log exactly once, without a gap."
    )
    head = (
        "events",
        "events/s",
        "writes",
        "refused",
        "attempts p50",
        "p95",
        "max",
        "median write",
        "slowest",
    )
    return Section("Sixteen runs at once", reading, head, (row(done, log, taken),))


def require_all(done: Sequence[Work], log: Sequence[Event]) -> None:
    """Raise SystemExit if the log is not exactly what the processes were told is written."""
    told, found = Counter(event for each in done for event in each.events), Counter(log)
    if told != found:
        raise SystemExit(
            f"lost: {list((told - found).elements())}, unknown: {list((found - told).elements())}"
        )
    if wrong := gaps(log):
        raise SystemExit(f"{wrong} events don't follow the number before them")


def row(done: Sequence[Work], log: Sequence[Event], taken: float) -> tuple[str, ...]:
    """Sum up what the writes took."""
    attempts = sorted(tries for each in done for tries in each.attempts)
    times = [seconds for each in done for seconds in each.seconds]
    return (
        str(len(log)),
        f"{len(log) / taken:.1f}",
        str(len(times)),
        str(sum(each.refused for each in done)),
        str(attempts[len(attempts) // 2]),
        str(attempts[len(attempts) * 95 // 100]),
        str(attempts[-1]),
        shown(statistics.median(times)),
        shown(max(times)),
    )


def logged(origin: Path) -> list[Event]:
    """The events in the log, oldest first."""
    command = ["git", "-C", str(origin), "log", "--reverse", "--format=%b", BRANCH]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return [event_of(json.loads(line)) for line in lines if line]


def event_of(told: Mapping[str, object]) -> Event:
    """The part of an event that nobody else's has."""
    number, run = told["seq"], told["run"]
    if not isinstance(number, int) or not isinstance(run, int):
        raise TypeError(f"no event: {told}")
    return str(told["environment"]), str(told["deploy"]), number, str(told["event"]), run


def gaps(log: Sequence[Event]) -> int:
    """How many events don't follow the number before them in their record."""
    last: Counter[tuple[str, str]] = Counter()
    wrong = 0
    for environment, deploy, number, _, _ in log:
        if deploy:
            wrong += number != last[environment, deploy] + 1
            last[environment, deploy] = number
    return wrong


def work(origin: str, number: int, seconds: float) -> Work:
    """Bring release after release live until the time is over; runs in a process of its own."""
    with open_scratch() as git:
        branch = Counted(StateBranch(origin, BRANCH, git))
        until = time.perf_counter() + seconds
        for release in count():
            if time.perf_counter() >= until:
                break
            Rollout(branch, number, release).perform()
    return Work(tuple(branch.events), tuple(branch.attempts), tuple(branch.seconds), branch.refused)


@dataclass
class Counted:
    """The state branch, which keeps what each write was told."""

    branch: StateBranch
    events: list[Event] = field(default_factory=list)
    attempts: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    refused: int = 0

    def tip(self) -> str | None:
        """The tip."""
        return self.branch.tip()

    def head(self, branch: str) -> str | None:
        """The tip of another branch."""
        return self.branch.head(branch)

    def fetch(self) -> Snapshot:
        """The present state."""
        return self.branch.fetch()

    def write(
        self,
        decide: Callable[[Snapshot], Sequence[Change]],
        *,
        patience: float,
        create: bool,
        known: Sequence[str],
    ) -> Written:
        """Write, and remember it if anything was written."""
        begun = time.perf_counter()
        try:
            written = self.branch.write(decide, patience=patience, create=create, known=known)
        except Contended:
            self.refused += 1
            raise
        if written.changes:
            self.seconds.append(time.perf_counter() - begun)
            self.attempts.append(written.attempts)
            self.events += [event_of(change.event) for change in written.changes]
        return written


class Rollout:
    """One release of one process, from its registration to the end of its rollout."""

    def __init__(self, branch: Counted, number: int, release: int) -> None:
        """The numbers make its ids, which nobody else has."""
        self.branch, self.deploy = branch, f"app-{number}"
        self.order = release * RUNS_AT_ONCE + number + 1
        self.aborts = release % ABORTED_EACH == ABORTED_EACH - 1
        self.is_first = release == 0
        self.sha = f"{self.order:040x}"

    def perform(self) -> None:
        """Every verb in turn, with the results of callbacks that all succeed."""
        release = f"{self.order}-{self.sha[:7]}"
        here = {"ENVIRONMENT": "prod", "DEPLOY": self.deploy, "RELEASE": release}
        self._run(register, {})
        self._run(promote, {**here, "DEPLOYS": self.deploy})
        began = self._run(start, {**here, "KIND": "promote"})
        rollout = {**here, "ROLLOUT": began["rollout"], "ATTEMPT": "1"}
        told = {"NEXT_start": f"success {began['next']}", f"RESULT_{began['next']}": "success"}
        if self.aborts:
            self._run(control, {**here, "VERB": "abort", "REASON": "every third"}, order=-self.order)
        if not self.is_first:
            next_job = self._run(gate, {**rollout, **told, "GATE": "bake_1"})["next"]
            told |= {"NEXT_bake_1": f"success {next_job}", f"RESULT_{next_job}": "success"}
        self._run(finish, {**rollout, **told})

    def _run(self, verb: Callable[[Run], int], inputs: Inputs, order: int = 0) -> Mapping[str, str]:
        """One verb, as a job of the rollout's run or of another; its outputs."""
        number, desk = order or self.order, Desk()
        facts = Facts(number, 1, self.order, self.sha, "refs/heads/main", "octocat", "")
        told = {"DEFAULT_BRANCH": "main", "OUTPUT_0_0": "registry.example/app", **inputs}
        time.sleep(random.uniform(*JOB_SECONDS))  # noqa: S311 - no secret
        try:
            code = verb(Run(PLAN, facts, told, self.branch, Api(), desk, time.sleep))
        except Contended:
            return self._run(verb, inputs, order)
        ended_badly = verb is finish and self.aborts and not self.is_first
        if code != ended_badly:
            raise RuntimeError(f"{verb.__name__} of {self.deploy} exited with {code}: {desk.lines}")
        return desk.values


def plan() -> Plan:
    """One environment, and a canary for each process."""
    stages = Stages("canary", steps=(Step(10, Bake(0)),))
    deploys = tuple(
        Deploy(
            f"app-{number}", f"headgate-deploy-app-{number}.yaml", (), ("app",), {"prod": Part(stages, {})}
        )
        for number in range(RUNS_AT_ONCE)
    )
    return Plan(
        "0.0.0", "main", BRANCH, (Environment("prod", auto=False),), (Build("app", ("image",)),), deploys
    )


PLAN = plan()


class Api:
    """GitHub's answers: the time, and that every run is at work."""

    def now(self) -> int:
        """The time."""
        return int(time.time())

    def refresh_clock(self) -> None:
        """It is right."""

    def run_attempt(self, run_id: int, attempt: int) -> RunStatus | None:  # noqa: ARG002 - all alike
        """At work."""
        return RunStatus(completed=False, conclusion="", attempt=attempt)

    def attempt_jobs(self, run_id: int, attempt: int) -> tuple[JobStatus, ...]:  # noqa: ARG002
        """None that matters."""
        return ()

    def has_reviewers(self, environment: str) -> bool:  # noqa: ARG002
        """Nobody is asked."""
        return False

    def run_reviews(self, run_id: int) -> tuple[Review, ...]:  # noqa: ARG002
        """Nobody was asked."""
        return ()

    def dispatch(self, workflow_file: str, ref: str, inputs: Mapping[str, str]) -> None:
        """Each process starts its runs itself."""

    def cancel_run(self, run_id: int) -> None:
        """Nobody is cancelled."""

    def rerun_failed_jobs(self, run_id: int) -> None:
        """Nobody fails."""

    def successful_runs(self, workflow_file: str) -> int:  # noqa: ARG002
        """The branch may be founded."""
        return 0


class Desk:
    """Keeps what a verb hands on and says."""

    def __init__(self) -> None:
        """Empty."""
        self.values: dict[str, str] = {}
        self.lines: list[str] = []

    def outputs(self, values: Mapping[str, str]) -> None:
        """Outputs of the job."""
        self.values.update(values)

    def summary(self, markdown: str) -> None:
        """Nobody reads it."""

    def say(self, text: str) -> None:
        """A line of its log."""
        self.lines.append(text)

    def warn(self, text: str) -> None:
        """An annotation."""
        self.lines.append(text)
