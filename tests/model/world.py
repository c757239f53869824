"""A tiny world: a state branch, a GitHub, and the runs that are alive, each standing somewhere.

Everything that may happen next is a `Move`. A move is made in a copy, so a world never changes; what it says
on the way is judged by the invariants, step by step.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from headgate.simulate.deploy_run import DeployRun
from headgate.simulate.engine import SINGLE, Engine
from headgate.simulate.github import Attempt, Job, VirtualGitHub, WorkflowRun
from headgate.simulate.memory import Snapshot
from headgate_runtime.branch import Change
from headgate_runtime.decide import PAUSE_SECONDS
from headgate_runtime.github import Review
from headgate_runtime.jobs import APPROVE, CANCELLED, END, FINISH, PARK, START
from headgate_runtime.machine import table_of
from headgate_runtime.plan import Plan
from headgate_runtime.record import EnvironmentState, Record
from headgate_runtime.run import Facts
from headgate_runtime.state import State
from headgate_runtime.waiting import STAMP_SECONDS

from tests.model.ports import Ports, Process, step
from tests.model.sealing import read
from tests.runtime.history import Called, Ended, Memory, Place, Rested, Said, Step, View
from tests.runtime.invariants import CHECKS, Check, judge
from tests.simulate.world import is_record

Dispatched = tuple[str, Mapping[str, str]]
CRON: Dispatched = ("headgate-cron.yaml", {})
LONG_SECONDS = 3 * 3600


@dataclass(frozen=True)
class Setup:
    """What is explored: how it begins (the runs that wait by then), who may step in, how the plan may change.

    `answers`: how callbacks end, unless well. `must`: events that have to come about. `redecides`: whoever
    loses the race for the branch decides again. `forgets`: GitHub may say of a run alive that it is gone.
    """

    name: str
    plans: tuple[Plan, ...]
    opening: Callable[[Engine], None]
    people: tuple[Dispatched, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    must: tuple[str, ...] = ()
    checks: Sequence[Check] = CHECKS
    redecides: bool = True
    forgets: bool = False


@dataclass(frozen=True)
class Callback:
    """A callback of the user's that a gate has named; it may be some time before it begins."""

    job: str
    begun: bool = False


@dataclass(frozen=True)
class Reviewers:
    """A job of Headgate's that GitHub starts only when a reviewer has approved."""

    job: str = APPROVE


Where = Process | Callback | Reviewers


@dataclass(frozen=True)
class Move:
    """Something that may happen. `cost`: how much it takes of what may still go wrong or be asked for."""

    label: str
    make: Callable[[World], None] = field(repr=False)
    cost: int = 0


@dataclass
class World:
    """One state of everything. Runs, snapshots and memories are shared between worlds and never changed."""

    setup: Setup
    github: VirtualGitHub
    files: dict[str, bytes]
    commits: int
    left: int
    memories: dict[Place, Memory] = field(default_factory=dict)
    alive: dict[int, Where] = field(default_factory=dict)
    """Where each run that is alive stands."""
    plan_at: int = 0
    plan_of: dict[int, int] = field(default_factory=dict)
    gone: frozenset[int] = frozenset()
    """The runs of which GitHub knows nothing any more."""
    wrong: list[str] = field(default_factory=list)
    rows: set[tuple[str, str, str, str]] = field(default_factory=set)
    """The rows of the machine that were taken on the way here from the world before."""

    @classmethod
    def begin(cls, setup: Setup, left: int) -> World:
        """The opening of a setup; what it dispatched waits."""
        engine = Engine(setup.plans[0])
        setup.opening(engine)
        made = cls(setup, engine.github, engine.branch.files, len(engine.branch.log), left)
        for record in State(made.tip).records():
            made.memories[record.environment, record.deploy] = Memory(record)
        made.plan_of = {run.id: 0 for run in engine.github.runs}
        return made

    def after(self, move: Move) -> World:
        """The world in which it happened."""
        found = replace(
            self, github=_copy(self.github), alive=dict(self.alive), plan_of=dict(self.plan_of),
            left=self.left - move.cost, wrong=[], rows=set(),
        )  # fmt: skip
        found.__dict__.pop("tip", None)
        try:
            move.make(found)
        except (AssertionError, LookupError, TypeError, ValueError, AttributeError) as error:
            found.wrong.append(f"crash: {type(error).__name__}: {error}")
        return found

    # What verbs see of it.

    @cached_property
    def tip(self) -> Snapshot:
        return Snapshot(f"{self.commits:040x}", self.files)

    def push(self, changes: Sequence[Change]) -> None:
        self.files = dict(self.files)
        self.commits += len(changes)
        touched: set[Place] = set()
        for change in changes:
            for path, content in change.files.items():
                if content is None:
                    self.files.pop(path, None)
                    continue
                self.files[path] = content
                if is_record(path):
                    after = read(Record, content)
                    place = (after.environment, after.deploy)
                    touched.add(place)
                    before = self.memories.get(place) or Memory(Record(*place))
                    self.judge(Said(change.event, before.record, after, self.is_frozen(place[0])))
        self.__dict__.pop("tip", None)
        for place in touched:
            self.judge(Rested(place))

    def judge(self, what: Step) -> None:
        """Take note of a step, and of everything that is wrong with it."""
        view = View(self.setup.plans[0], what, self.memories)
        if isinstance(what, Said) and (rollout := what.before.open or what.after.open):
            self.rows.add((table_of(rollout), rollout.state, what.name, str(what.event["to"])))
        self.wrong += judge(view, self.setup.checks)
        self.memories = view.remember()

    def sleep(self, seconds: float) -> None:
        self.github.time += max(1, int(seconds))

    def dispatch(self, workflow_file: str, inputs: Mapping[str, str]) -> None:
        run = self.github.new_run(workflow_file, inputs)
        self.plan_of[run.id] = self.plan_at

    # Runs and their jobs.

    def run(self, run_id: int) -> WorkflowRun:
        found = self.github.run_named(run_id)
        assert found is not None
        return found

    def plan(self, run: WorkflowRun) -> Plan:
        return self.setup.plans[self.plan_of[run.id]]

    def jobs_of(self, run: WorkflowRun) -> DeployRun | None:
        """The jobs of a deploy run; None for other workflows."""
        name = run.workflow.removeprefix("headgate-deploy-").removesuffix(".yaml")
        deploy = self.setup.plans[0].deploy(name)
        return DeployRun(self, run, run.attempts[-1], deploy) if deploy else None  # type: ignore[arg-type]

    def start_run(self, run: WorkflowRun) -> None:
        """A run begins, with its first job."""
        run.attempts.append(Attempt())
        jobs = self.jobs_of(run)
        if jobs:
            self.alive[run.id] = Process(START, "start", jobs.start_inputs())
            return
        verb = SINGLE[run.workflow.removeprefix("headgate-").removesuffix(".yaml")]
        self.alive[run.id] = Process(verb, verb, {name.upper(): value for name, value in run.inputs.items()})

    def proceed(self, run: WorkflowRun, *, dies_before_output: bool = False, **how: bool) -> None:
        """The job that runs takes a step; when it is over, the next one begins."""
        process = self.alive[run.id]
        assert isinstance(process, Process)
        trunk = run.sha if self.plan_of[run.id] == self.plan_at else ""
        ports = Ports(self, process, trunk, redecides=self.setup.redecides, **how)
        facts = Facts(run.id, len(run.attempts), run.number, run.sha, "refs/heads/main", run.actor, "")
        done = step(ports, self.plan(run), facts)
        if how.get("dies_after_push"):
            assert done.code is None or not done.pushed
            self.end_job(run, Job(process.job, process.job, "failure"))
        elif done.code is None:
            self.alive[run.id] = replace(process, answers=done.answers)
        elif dies_before_output:
            self.end_job(run, Job(process.job, process.job, "failure"))
        else:
            result = "success" if done.code == 0 else "failure"
            self.end_job(run, Job(process.job, process.job, result, dict(done.outputs)))

    def end_job(self, run: WorkflowRun, job: Job) -> None:
        """A job is over: what the workflow does next."""
        attempt, jobs = run.attempts[-1], self.jobs_of(run)
        attempt.jobs[job.id] = job
        if jobs is None or job.id == FINISH:
            del self.alive[run.id]
            bad = any(job.result in ("failure", "cancelled") for job in attempt.jobs.values())
            attempt.conclusion = "cancelled" if attempt.cancelled else "failure" if bad else "success"
            return
        name = job.outputs.get("next", "") if job.result == "success" else ""
        if job.id in jobs.callbacks:
            name = jobs.gate_after(job.id)
        callback = jobs.callbacks.get(name)
        if attempt.cancelled or name in ("", END, PARK) or (callback and job.id not in callback.named_by):
            self.finish(run)
        elif name in jobs.approvals:
            self.alive[run.id] = Reviewers()
        elif name in jobs.gates:
            self.alive[run.id] = Process(name, "gate", jobs.gate_inputs(name))
        else:
            self.alive[run.id] = Callback(name)

    def finish(self, run: WorkflowRun) -> None:
        """The last job begins; it runs always."""
        jobs = self.jobs_of(run)
        assert jobs is not None
        inputs = jobs.finish_inputs()
        if run.attempts[-1].cancelled:
            run.attempts[-1].jobs[CANCELLED] = Job(CANCELLED, CANCELLED, "success")
        self.alive[run.id] = Process(FINISH, "finish", inputs)

    def call_of(self, run: WorkflowRun) -> Called:
        """The callback at which a run stands, as a call."""
        jobs, where = self.jobs_of(run), self.alive[run.id]
        assert jobs is not None and isinstance(where, Callback)
        action = jobs.callbacks[where.job].action
        place = (jobs.environment, jobs.deploy.name)
        part = self.plan(run).part(*place)
        return Called(place, where.job, action, run.id, part.digest if part else "")

    def call(self, run: WorkflowRun) -> None:
        """The callback begins."""
        called = self.call_of(run)
        self.judge(called)
        self.alive[run.id] = Callback(called.job, begun=True)

    def answer(self, run: WorkflowRun, result: str, verdict: str = "") -> None:
        """The callback ends so; if it never began it was skipped."""
        call, jobs = self.call_of(run), self.jobs_of(run)
        assert jobs is not None
        if result != "skipped":
            self.judge(Ended(call, result, verdict))
        title = jobs.callbacks[call.job].title
        self.end_job(run, Job(call.job, title, result, {"result": verdict} if verdict else {}))

    def review(self, run: WorkflowRun, *, approved: bool) -> None:
        """A reviewer answers: the job that waits for that starts, or never does."""
        jobs = self.jobs_of(run)
        assert jobs is not None
        environment = jobs.approvals[APPROVE].environment
        run.reviews.append(Review(environment, approved, "a-reviewer", ""))
        if approved:
            self.alive[run.id] = Process(APPROVE, "gate", jobs.gate_inputs(APPROVE))
        else:
            self.end_job(run, Job(APPROVE, APPROVE, "failure"))

    def rerun_failed(self, run: WorkflowRun) -> None:
        """Run failed jobs again: what succeeded keeps its outputs."""
        jobs, old = self.jobs_of(run), run.attempts[-1]
        if jobs is None or old.jobs[START].result != "success":
            self.start_run(run)
            return
        attempt = Attempt({name: old.jobs[name] for name in jobs.list_reusable(old)})
        run.attempts.append(attempt)
        self.finish(run)

    # What is so.

    def state(self) -> State:
        return State(self.tip)

    def is_frozen(self, environment: str) -> bool:
        found = self.files.get(EnvironmentState(environment).path)
        return found is not None and bool(read(EnvironmentState, found).frozen)

    def next_due(self) -> int | None:
        """The next time at which something becomes due by itself."""
        times: list[int | None] = []
        for record in self.state().records():
            times.append(_plus(record.queued and record.queued.dispatched_at, STAMP_SECONDS))
            if rollout := record.open:
                times += [rollout.bake_until, rollout.deadline, rollout.waits_until]
                times.append(_plus(rollout.paused_at, PAUSE_SECONDS))
                times.append(_plus(rollout.dispatched_at, STAMP_SECONDS))
        return min((time for time in times if time and time > self.github.time), default=None)


def _plus(time: int | None, seconds: int) -> int | None:
    return None if time is None else time + seconds


def _copy(github: VirtualGitHub) -> VirtualGitHub:
    runs = [
        replace(run, attempts=list(map(_copy_open, run.attempts)), reviews=list(run.reviews))
        for run in github.runs
    ]
    by_id = {run.id: run for run in runs}
    waiting = deque(by_id[run.id] for run in github.waiting)
    return replace(github, runs=runs, waiting=waiting, rerunning=deque(github.rerunning))


def _copy_open(attempt: Attempt) -> Attempt:
    """What is over never changes."""
    return attempt if attempt.conclusion else replace(attempt, jobs=dict(attempt.jobs))
