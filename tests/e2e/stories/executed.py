"""The side of a story that is executed: the generated workflows on the fake GitHub, a real git origin."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from headgate.simulate.engine import REVIEWER
from headgate.simulate.story import FaultKind, Outcome
from headgate_runtime.jobs import APPROVE, Callback, callbacks
from headgate_runtime.plan import Deploy, Plan
from headgate_runtime.record import record_path

from tests.e2e.runs import Attempt, Run
from tests.e2e.stories.manifests import Compiled
from tests.e2e.stories.simulated import what_of
from tests.e2e.stories.telling import Names, RunTold, Telling, tell_call, tell_events, tell_records
from tests.e2e.traffic import Traffic
from tests.e2e.world import ControlRefused, Fault, Repository, World

PATIENCE_SECONDS = 90.0
GLANCE_SECONDS = 0.05
"""How long to wait for the end before looking whether somebody has to do something meanwhile."""

NOTIFY = "notify"

FAULTS: Mapping[FaultKind, str] = {
    "dies_before_start": "lose_before_start",
    "dies_before_push": "kill_before_push",
    "dies_after_push": "kill_after_push",
    "dies_before_output": "lose_before_output",
}

_numbers = count(1)


@dataclass(frozen=True)
class Written:
    """One event in the log of the state branch, and its commit."""

    commit: str
    event: Mapping[str, Any]


@dataclass(frozen=True)
class Cue:
    """What somebody does as soon as something is so."""

    text: str
    due: Callable[[], bool]
    act: Callable[[], None]


@dataclass(frozen=True)
class Hold:
    """A callback that hangs at its next call until it is released."""

    is_reached: Callable[[], bool]
    release: Callable[[], None]


class ExecutedSide:
    """A story with the generated workflows."""

    def __init__(self, repository: Repository, plan: Plan, folder: Path) -> None:
        """With the traffic recorded under `folder`."""
        self.repository = repository
        self.plan = plan
        self.traffic = Traffic(folder)
        self.traffic.attach(repository, plan.state_branch)
        self._pushes = 0
        self._offset = 0
        self._cues: list[Cue] = []
        self._reviews: dict[str, list[Outcome]] = {}
        self._asks_reviewers = bool(_reviewed_environments(plan))
        protected = {name: {"reviewers": [REVIEWER]} for name in _reviewed_environments(plan)}
        if protected:
            repository.configure(environments=protected)
        self._faults: list[tuple[str, Fault]] = []
        self.opened = len(self.written())
        """How many events the opening left."""
        self._told: Telling | None = None

    @classmethod
    def create(cls, world: World, compiled: Compiled, folder: Path) -> ExecutedSide:
        """A repository with the generated files, in which nothing has happened."""
        repository = world.create_repository(compiled.files, name=f"empty-{next(_numbers)}")
        return cls(repository, compiled.plan, folder)

    @classmethod
    def open(cls, world: World, seed: Path, plan: Plan, folder: Path) -> ExecutedSide:
        """A repository whose origin is a copy of `seed`; it has had no run yet."""
        name = f"acme/story-{next(_numbers)}"
        git_dir = world.folder / "origins" / f"{name}.git"
        shutil.copytree(seed, git_dir)
        world.control("create", {"fullName": name, "fork": False, "defaultBranch": "main"})
        return cls(Repository(world, name, git_dir, "main"), plan, folder)

    # What happens.

    def push(self) -> None:
        """A change on trunk."""
        self._pushes += 1
        self.repository.push({"app/version": f"{self._pushes} {time.time()}\n"}, message="Change the app")
        self.play()

    def dispatch(self, *started: tuple[str, Mapping[str, str]]) -> None:
        """Dispatch all of them, then wait; the cron workflow is started by its schedule."""
        for workflow, inputs in started:
            if workflow == "headgate-cron.yaml":
                self.repository.schedule(workflow)
            else:
                self.repository.dispatch(workflow, inputs)
        self.play()

    def rerun(self, workflow: str, *, failed: bool, which: int) -> None:
        """Run one of the runs of a workflow again."""
        self.repository.rerun(self.repository.runs(workflow)[which], failed=failed)
        self.play()

    def play(self) -> None:
        """Let everything run to its end, and people do what they are there for."""
        self._told = None
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (self._cues or self._asks_reviewers) and time.monotonic() < deadline:
            if not self._act_on_cue() and not self._review() and self._is_quiet():
                return
        self.repository.wait(timeout=PATIENCE_SECONDS)

    def _act_on_cue(self) -> bool:
        for cue in self._cues:
            if cue.due():
                self._cues.remove(cue)
                cue.act()
                return True
        return False

    def _review(self) -> bool:
        """Let the reviewers answer a run that waits for them: yes, unless the story says otherwise."""
        run = next((run for run in self.repository.runs() if _waits_for_review(run)), None)
        if run is None:
            return False
        if self._act_on_cue():  # somebody else was to be faster
            return True
        deploy = run.file.removeprefix("headgate-deploy-").removesuffix(".yaml")
        environment = _reviewed_environments(self.plan)[0]
        planned = self._reviews.get(deploy, [])
        outcome = planned.pop(0) if planned else Outcome()
        self._dispatches(outcome)()
        if outcome.result == "skipped":
            self._let_approval_expire(deploy, run.inputs["environment"])
        elif _waits_for_review(self.repository.run(run)):
            answer = self.repository.approve if outcome.result == "success" else self.repository.reject
            answer(run, environment, user=REVIEWER, comment=outcome.reason)
        return True

    def _let_approval_expire(self, deploy: str, environment: str) -> None:
        record = json.loads(self.state_files()[f"environments/{environment}/{deploy}.json"])
        self.pass_time(int(record["open"]["waits_until"] - time.time() - self._offset) + 2)
        for run in self.repository.schedule("headgate-cron.yaml"):
            self.repository.wait(run)

    def _is_quiet(self) -> bool:
        with suppress(ControlRefused):
            self.repository.wait(timeout=GLANCE_SECONDS)
            return True
        return False

    # What befalls.

    def answer(self, deploy: str, job: str, outcomes: Sequence[Outcome]) -> None:
        """Let the callback behave so, call by call."""
        callback = self._callback(deploy, job)
        if job == APPROVE:
            self._reviews.setdefault(deploy, []).extend(outcomes)
            return
        if job == NOTIFY:
            for nth, outcome in enumerate(outcomes, 1):
                self._behave(outcome, {"deploy": deploy, "action": NOTIFY, "times": f"#{nth}"})
            return
        if callback is None:
            for outcome in outcomes:
                self._add_cue(f"meanwhile in {job}", lambda: self._bakes(deploy), self._dispatches(outcome))
            return
        where = {"deploy": deploy, "action": callback.action, "step": callback.step}
        first = int(job.rpartition("_")[2]) if job.count("_") > 1 and callback.action != job else 1
        for nth, outcome in enumerate(outcomes, first):
            self._behave(outcome, {**where, "times": f"#{nth}"})

    def _behave(self, outcome: Outcome, where: Mapping[str, Any]) -> None:
        if outcome.meanwhile:
            gate, before = self.traffic.hang(**where), self._count_calls(where)
            act = self._dispatches(outcome)
            self._add_cue(
                f"meanwhile in {where['action']}",
                lambda: self._count_calls(where) > before,
                _in_turn(act, gate.touch),
            )
        if outcome.verdict:
            self.traffic.behave("result", outcome.verdict, **where)
        if outcome.reason:
            self.traffic.behave("reason", outcome.reason, **where)
        if outcome.result == "failure":
            self.traffic.behave("fail", **where)

    def befall(self, deploy: str, job: str, kind: FaultKind, nth: int, after: str) -> None:
        """Plan it with the executor, or be there to press Cancel."""
        workflow = f"headgate-deploy-{deploy}.yaml"
        callback = self._callback(deploy, job)
        if kind == "cancel_before" and not after:
            fault = self.repository.fault("hold_start", workflow, job)
            self._add_cue(f"cancel before {job}", lambda: fault.fired > 0, lambda: self._cancel(workflow))
        elif kind == "cancel_before":
            self._plan(f"cancel after {after}", self.repository.fault("cancel_on_end", workflow, after))
        elif kind != "cancel":
            self._plan(f"{job}: {kind}", self.repository.fault(FAULTS[kind], workflow, job, nth=nth))
        elif job == APPROVE:
            self._add_cue(f"cancel in {job}", self._is_reviewed, lambda: self._cancel(workflow))
        elif callback is None:
            self._add_cue(f"cancel in {job}", lambda: self._bakes(deploy), lambda: self._cancel(workflow))
        else:
            hold = self.hold(deploy, job)
            self._add_cue(f"cancel in {job}", hold.is_reached, lambda: self._cancel(workflow))

    def when_called(self, deploy: str, job: str, act: Callable[[], None]) -> None:
        """Let a callback wait, the next time, until this was done."""
        hold = self.hold(deploy, job)
        self._add_cue(f"when {job} is called", hold.is_reached, _in_turn(act, hold.release))

    def hold(self, deploy: str, job: str) -> Hold:
        """Let a callback hang, the next time."""
        callback = self._callback(deploy, job)
        assert callback is not None
        where = {"deploy": deploy, "action": callback.action, "step": callback.step, "times": 1}
        before = self._count_calls(where)
        gate = self.traffic.hang(**where)
        return Hold(lambda: self._count_calls(where) > before, gate.touch)

    def unprotect(self, environment: str) -> None:
        """Its required reviewers are gone."""
        self.repository.configure(environments={environment: {"reviewers": []}})

    def _is_reviewed(self) -> bool:
        return any(_waits_for_review(run) for run in self.repository.runs())

    def pass_time(self, seconds: int) -> None:
        """Move the clock that GitHub tells."""
        self._offset += seconds
        self.repository.set_clock(offset_seconds=self._offset)

    def _plan(self, text: str, fault: Fault) -> None:
        self._faults.append((text, fault))

    def _add_cue(self, text: str, due: Callable[[], bool], act: Callable[[], None]) -> None:
        self._cues.append(Cue(text, due, act))

    def _dispatches(self, outcome: Outcome) -> Callable[[], None]:
        def act() -> None:
            for workflow, inputs in outcome.meanwhile:
                self.repository.wait(self.repository.dispatch(workflow, inputs))

        return act

    def _cancel(self, workflow: str) -> None:
        self.repository.cancel(self.repository.runs(workflow)[-1])

    def _count_calls(self, where: Mapping[str, Any]) -> int:
        return sum(
            call.deploy == where["deploy"] and call.action == where["action"] and call.step == where["step"]
            for call in self.traffic.calls
        )

    def _bakes(self, deploy: str) -> bool:
        """Whether a rollout bakes under somebody's eyes, with no check going on."""
        records = (json.loads(content) for content in self.state_files().values() if content[:1] == b"{")
        rollouts = (found["open"] for found in records if found.get("deploy") == deploy and found.get("open"))
        return any(
            found["state"] in ("baking", "live_baking") and found["owner"] and found["callback"] is None
            for found in rollouts
        )

    def _callback(self, deploy: str, job: str) -> Callback | None:
        found = self.plan.deploy(deploy)
        assert found is not None
        return next((one for one in callbacks_of(found) if one.id == job), None)

    # What was told.

    def unused(self) -> list[str]:
        """What never came about. Behaviours are not counted: the simulated side tells of those."""
        reviews = [f"{deploy}/approve: {left}" for deploy, left in self._reviews.items() if left]
        faults = [text for text, fault in self._faults if not fault.fired]
        return faults + reviews + [cue.text for cue in self._cues]

    def names(self) -> Names:
        """The releases."""
        return Names.of(self._log(), self.state_files())

    def telling(self) -> Telling:
        """All since the opening."""
        if self._told is None:
            log, files = self._log(), self.state_files()
            names = Names.of(log, files)
            events = tell_events(log[self.opened :], names)
            records = tell_records(files, names)
            self._told = Telling(events, tuple(self._calls(names)), records, tuple(self._runs(names)))
        return self._told

    def describe(self) -> str:
        """All that happened, for whoever looks for a failure: runs, calls, the log of the state branch."""
        told = self.telling()
        said = [
            f"{run.file} {job.key}: {job.errors}"
            for run in self.repository.runs()
            for job in run.jobs
            if job.errors
        ]
        commits = [commit.subject for commit in self.repository.log(self.plan.state_branch)]
        parts = {"runs": told.runs, "calls": told.calls, "log": commits, "errors": said}
        return "\n".join(
            f"{title}:\n" + "\n".join(f"  {line}" for line in lines) for title, lines in parts.items()
        )

    def record(self, environment: str, deploy: str) -> dict[str, Any]:
        """The record of a place, as it stands on the branch."""
        content = self.repository.read(record_path(environment, deploy), self.plan.state_branch)
        assert content is not None, f"there is no record of {environment}/{deploy}"
        return dict(json.loads(content))

    def state_files(self) -> dict[str, bytes]:
        """The files at the tip of the state branch."""
        branch = self.plan.state_branch
        paths = self.repository.files(branch)
        return {path: (self.repository.read(path, branch) or "").encode() for path in paths}

    def written(self) -> list[Written]:
        """The log of the state branch, without the commit that founded it."""
        commits = self.repository.log(self.plan.state_branch)
        return [Written(commit.sha, json.loads(commit.body)) for commit in commits if commit.body]

    def _log(self) -> list[Mapping[str, Any]]:
        return [written.event for written in self.written()]

    def _calls(self, names: Names) -> Iterator[Any]:
        for call in self.traffic.calls:
            if call.action:
                yield tell_call(call.inputs, call.finished, names)

    def _runs(self, names: Names) -> Iterator[RunTold]:
        for run in self.repository.runs():
            attempts = tuple((_ran(attempt), attempt.conclusion or "") for attempt in run.attempts)
            yield RunTold(what_of(run.file, run.inputs, names), attempts)


def _in_turn(*acts: Callable[[], None]) -> Callable[[], None]:
    """Do one after the other."""

    def act() -> None:
        for one in acts:
            one()

    return act


def _waits_for_review(run: Run) -> bool:
    return any(job.key == APPROVE and job.status == "waiting" for job in run.jobs)


def _reviewed_environments(plan: Plan) -> list[str]:
    """The GitHub environments on which approvals of the plan are given."""
    approvals = (part.stages.approval for deploy in plan.deploys for part in deploy.parts.values())
    names = (approval.github_environment for approval in approvals if approval)
    return list(dict.fromkeys(name for name in names if name))


def callbacks_of(deploy: Deploy) -> tuple[Callback, ...]:
    """The callback jobs of a deploy's workflow."""
    stages = [part.stages for part in deploy.parts.values()]
    main = next((found for found in stages if found.strategy != "all_at_once"), stages[0])
    return callbacks(main, with_all_at_once=True)


def _ran(attempt: Attempt) -> tuple[str, ...]:
    started = [job for job in attempt.jobs if job.ran and job.attempt == attempt.number]
    # A call whose jobs are all skipped was started, yet GitHub calls it skipped.
    jobs = [job for job in started if "/" not in job.key and job.result != "skipped"]
    return tuple(job.key for job in sorted(jobs, key=lambda job: job.order or 0))
