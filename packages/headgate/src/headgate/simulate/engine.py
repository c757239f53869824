"""The engine: follows dispatched runs until nothing waits any more.

Only the callbacks are imagined: what they answer comes from the scenario. Everything Headgate decides is
decided by the runtime's own verbs, so a simulation can't tell another story than an execution.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from headgate_runtime.errors import HeadgateError
from headgate_runtime.github import Review
from headgate_runtime.jobs import FINISH, START
from headgate_runtime.plan import Plan
from headgate_runtime.run import Facts, Run
from headgate_runtime.state import State
from headgate_runtime.verbs.control import control
from headgate_runtime.verbs.finish import finish
from headgate_runtime.verbs.gate import gate
from headgate_runtime.verbs.notify import NOTIFY_WORKFLOW
from headgate_runtime.verbs.promote import promote
from headgate_runtime.verbs.register import preflight, register
from headgate_runtime.verbs.rollback import rollback
from headgate_runtime.verbs.start import start
from headgate_runtime.verbs.sweep import sweep
from headgate_schema.contract import DEPLOY_INPUTS

from headgate.simulate.deploy_run import DeployRun
from headgate.simulate.github import Attempt, Job, VirtualGitHub, WorkflowRun
from headgate.simulate.memory import JobDied, MemoryBranch
from headgate.simulate.story import Called, Fault, Outcome

__all__ = ["Called", "EndlessStory", "Engine", "Fault", "Outcome"]

MOST_RUNS = 500
"""More runs than any scenario needs; past it something goes round in circles."""

SINGLE = {"promote": "promote", "rollback": "rollback", "control": "control", "cron": "sweep"}
"""The workflows of one job, and the verb that it is named for."""


CONTRACT_TEXTS = tuple(item.name for item in DEPLOY_INPUTS if item.type == "string")

REVIEWER = "a-reviewer"
"""Who approves and rejects on virtual GitHub environments."""


class RunCancelled(Exception):
    """Somebody pressed the cancel button of a virtual run."""


class EndlessStory(HeadgateError):
    """Runs dispatched runs without an end."""


@dataclass
class Engine:
    """A repository on the virtual GitHub. `outcomes` and `faults` are by `deploy/job` or `job`, used up in
    order.
    """

    plan: Plan
    outcomes: dict[str, list[Outcome]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    github: VirtualGitHub = field(default_factory=VirtualGitHub)
    trace: list[Called | int] = field(default_factory=list)
    traced: int = 0
    plans: dict[int, Plan] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """The branch is empty until the first release."""
        self.branch = MemoryBranch(self.plan.state_branch)

    def release(self, sha: str, outputs: Mapping[str, str] | None = None) -> str:
        """Push to trunk: build and register a release, then follow what that starts; the release's id."""
        run = self.github.new_run("headgate-release.yaml", outputs or {}, sha)
        self.follow()
        return f"{run.number}-{sha[:7]}"

    def dispatch(self, workflow: str, **inputs: str) -> WorkflowRun:
        """Start one of the workflows and follow everything that comes of it."""
        run = self.github.new_run(f"headgate-{workflow}.yaml", inputs)
        self.follow()
        return run

    def follow(self) -> None:
        """Run what waits until nothing does; the sweep of each entry verb finds what was lost."""
        while self.github.waiting or self.github.rerunning:
            if len(self.github.runs) > MOST_RUNS:
                raise EndlessStory(f"more than {MOST_RUNS} runs: the story has no end")
            if self.github.waiting:
                self.execute(self.github.waiting.popleft())
            else:
                self.rerun_failed(self.github.rerunning.popleft())

    def execute(self, run: WorkflowRun) -> None:
        """One attempt of one run, from its first job to its last (also: re-run all jobs)."""
        attempt = Attempt()
        run.attempts.append(attempt)
        kind = run.workflow.removeprefix("headgate-").removesuffix(".yaml")
        deploy = self.plan.deploy(kind.removeprefix("deploy-"))
        if kind == "release":
            self._release(run, attempt)
        elif run.workflow == NOTIFY_WORKFLOW:
            self._notify(run, attempt)
        elif kind in SINGLE:
            inputs = {name.upper(): value for name, value in run.inputs.items()}
            self.run_verb(run, attempt, SINGLE[kind], SINGLE[kind], inputs)
        elif deploy is not None:
            DeployRun(self, run, attempt, deploy).follow()
        bad = any(job.result in ("failure", "cancelled") for job in attempt.jobs.values())
        attempt.conclusion = "cancelled" if attempt.cancelled else "failure" if bad else "success"

    def rerun_failed(self, run_id: int) -> None:
        """Re-run failed jobs: what succeeded keeps its outputs, the rest and all that depends on it is
        evaluated anew.
        """
        run = self.github.run_named(run_id)
        if run is None:
            return
        old = run.attempts[-1]
        if START in old.jobs and old.jobs[START].result != "success":
            self.execute(run)
            return
        deploy = self.plan.deploy(run.workflow.removeprefix("headgate-deploy-").removesuffix(".yaml"))
        if deploy is None:
            self.execute(run)
            return
        attempt = Attempt()
        run.attempts.append(attempt)
        again = DeployRun(self, run, attempt, deploy)
        attempt.jobs |= {name: old.jobs[name] for name in again.list_reusable(old)}
        again.finish()
        failed = attempt.jobs[FINISH].result != "success"
        attempt.conclusion = "failure" if failed else "success"

    def _notify(self, run: WorkflowRun, attempt: Attempt) -> None:
        """Call the notification's callback as the generated job does."""
        context = run.inputs["context"]
        told = json.loads(context)
        inputs: dict[str, str | int] = dict.fromkeys(CONTRACT_TEXTS, "") | {"percent": 0, "step": 0}
        inputs |= {name: told[name] for name in ("environment", "deploy", "reason")}
        inputs |= {"action": "notify", "context": context}
        result = self.take_outcome(told["deploy"], "notify").result
        attempt.jobs["notify"] = Job("notify", "Notify", result)
        place = (told["environment"], told["deploy"])
        self.trace.append(
            Called(self.github.time, run.id, *place, "notify", inputs, result, len(self.branch.log))
        )

    def _release(self, run: WorkflowRun, attempt: Attempt) -> None:
        if self.run_verb(run, attempt, "preflight", "preflight", {}).result != "success":
            return
        names = [f"build_{build.name}" for build in self.plan.builds]
        for name in names:
            attempt.jobs[name] = Job(name, name, self.take_outcome("", name).result)
        if any(attempt.jobs[name].result != "success" for name in names):
            return
        inputs = {
            f"OUTPUT_{place}_{at}": run.inputs.get(name, "")
            for place, build in enumerate(self.plan.builds)
            for at, name in enumerate(build.outputs)
        }
        self.run_verb(run, attempt, "register", "register", inputs)

    def run_verb(
        self,
        run: WorkflowRun,
        attempt: Attempt,
        job: str,
        verb: str,
        inputs: Mapping[str, str],
        deploy: str = "",
    ) -> Job:
        """Run one verb as one job; its outputs, result and everything it wrote stay with the attempt."""
        done = Job(job, job, "failure")
        attempt.jobs[job] = done
        seen = Seen(done.outputs)
        facts = Facts(
            run.id, len(run.attempts), run.number, run.sha, f"refs/heads/{self.plan.trunk}", run.actor, ""
        )
        told = {"DEFAULT_BRANCH": self.plan.trunk, **inputs}
        plan = self._plan_of(run)
        sleeper = Sleeper(self, attempt, deploy, job)
        port = Run(plan, facts, told, self.branch, self.github, seen, sleeper)
        try:
            done.result = "success" if VERBS[verb](port) == 0 else "failure"
        except HeadgateError as error:
            seen.warn(f"{error}")
        except JobDied:
            done.outputs.clear()
        except RunCancelled:
            done.outputs.clear()
            done.result = "cancelled"
        self.branch.threaten(None)
        self.trace += range(self.traced, len(self.branch.log))
        self.traced = len(self.branch.log)
        self.said = seen.lines
        return done

    def _plan_of(self, run: WorkflowRun) -> Plan:
        """The plan at the commit with which the run started; the trunk may have moved on since."""
        plan = self.plans.setdefault(run.id, self.plan)
        self.branch.trunk = run.sha if plan is self.plan else ""
        return plan

    def take_fault(self, deploy: str, job: str, *kinds: str) -> Fault | None:
        """The next fault of that job, used up; None when nothing befalls it."""
        places = (job, f"{deploy}/{job}")
        found = next((fault for fault in self.faults if fault.job in places and fault.kind in kinds), None)
        if found is not None:
            self.faults.remove(found)
        return found

    def take_outcome(self, deploy: str, job: str) -> Outcome:
        """What the callback answers this time."""
        for name in (f"{deploy}/{job}", job):
            if self.outcomes.get(name):
                return self.outcomes[name].pop(0)
        return Outcome()

    def review(self, run: WorkflowRun, deploy: str, job: str, environment: str) -> bool:
        """Let reviewers answer, unless the run is cancelled meanwhile; whether the job may start.

        The outcome `failure` is a rejection, with its reason as the comment; `skipped`: nobody answers, until
        a sweep finds that the time is over.
        """
        outcome = self.take_outcome(deploy, job)
        self.dispatch_meanwhile(outcome)
        if outcome.result == "skipped":
            self.let_approval_expire(run.inputs["environment"], deploy)
        if outcome.result in ("success", "failure") and not run.attempts[-1].cancelled:
            good = outcome.result == "success"
            run.reviews.append(Review(environment, good, REVIEWER, outcome.reason))
        return outcome.result == "success"

    def let_approval_expire(self, environment: str, deploy: str) -> None:
        """Let time pass until nobody may approve any more, and a sweep find it."""
        rollout = State(self.branch.fetch()).record(environment, deploy).open
        if rollout is not None and rollout.waits_until is not None:
            self.github.time = max(self.github.time, rollout.waits_until)
        self.dispatch_meanwhile(Outcome(meanwhile=(("headgate-cron.yaml", {}),)))

    def dispatch_meanwhile(self, outcome: Outcome) -> None:
        """Run what people start while a job runs; what comes of it waits until that job's run is over."""
        for workflow, inputs in outcome.meanwhile:
            self.github.new_run(workflow, inputs)
            self.execute(self.github.waiting.pop())


VERBS = {
    "promote": promote,
    "rollback": rollback,
    "control": control,
    "sweep": sweep,
    "preflight": preflight,
    "register": register,
    "start": start,
    "gate": gate,
    "finish": finish,
}


@dataclass
class Seen:
    """Where a virtual job leaves what it has to say."""

    values: dict[str, str]
    lines: list[str] = field(default_factory=list)

    def outputs(self, values: Mapping[str, str]) -> None:
        """Outputs of the job."""
        self.values.update(values)

    def summary(self, markdown: str) -> None:
        """Nobody reads it here."""

    def say(self, text: str) -> None:
        """A line of its log."""
        self.lines.append(text)

    def warn(self, text: str) -> None:
        """An annotation."""
        self.lines.append(text)


@dataclass
class Sleeper:
    """Sleeping moves the virtual clock; then come the cancel meant for this job and what people do."""

    engine: Engine
    attempt: Attempt
    deploy: str
    job: str

    def __call__(self, seconds: float) -> None:
        """Sleep, virtually."""
        self.engine.dispatch_meanwhile(self.engine.take_outcome(self.deploy, self.job))
        self.engine.github.time += max(1, int(seconds))
        if self.engine.take_fault(self.deploy, self.job, "cancel"):
            self.attempt.cancelled = True
        if self.attempt.cancelled:
            raise RunCancelled
