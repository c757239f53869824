"""The engine: follows dispatched runs and, in each deploy run, gates and callbacks in turn, as the
generated `if`s would.

Only the callbacks are imagined: what they answer comes from the scenario. Everything Headgate decides is
decided by the runtime's own verbs, so a simulation can't tell another story than an execution.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from headgate_runtime.errors import HeadgateError
from headgate_runtime.jobs import CANCELLED, END, FINISH, PARK, START, Callback, Gate, jobs
from headgate_runtime.plan import Deploy, Plan
from headgate_runtime.run import Facts, Run
from headgate_runtime.verbs.control import control
from headgate_runtime.verbs.finish import finish
from headgate_runtime.verbs.gate import gate
from headgate_runtime.verbs.promote import promote
from headgate_runtime.verbs.register import preflight, register
from headgate_runtime.verbs.rollback import rollback
from headgate_runtime.verbs.start import start
from headgate_runtime.verbs.sweep import sweep

from headgate.simulate.github import Attempt, Job, VirtualGitHub, WorkflowRun
from headgate.simulate.memory import JobDied, MemoryBranch

MOST_RUNS = 500
"""More runs than any scenario needs; past it something goes round in circles."""

SINGLE = {"promote": promote, "rollback": rollback, "control": control, "cron": sweep}


class RunCancelled(Exception):
    """Somebody pressed the cancel button of a virtual run."""


class EndlessStory(HeadgateError):
    """Runs dispatched runs without an end."""


@dataclass(frozen=True)
class Outcome:
    """What a callback answers. `meanwhile` are workflows that people dispatch while it runs: (workflow,
    inputs).
    """

    result: str = "success"
    verdict: str = ""
    reason: str = ""
    meanwhile: tuple[tuple[str, Mapping[str, str]], ...] = ()


@dataclass(frozen=True)
class Fault:
    """What befalls a job, once: cancel (in it), cancel_before, dies_before_start, dies_before_push,
    dies_after_push.
    """

    job: str
    kind: str


@dataclass(frozen=True)
class Called:
    """One call of a callback, with what it was told."""

    time: int
    run: int
    environment: str
    deploy: str
    job: str
    told: Mapping[str, str | int]


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
        elif kind in SINGLE:
            self.run_verb(
                run, attempt, kind, kind, {name.upper(): value for name, value in run.inputs.items()}
            )
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
        kept = {name: job for name, job in old.jobs.items() if job.result == "success" and name != FINISH}
        attempt = Attempt(jobs=dict(kept))
        run.attempts.append(attempt)
        DeployRun(self, run, attempt, deploy).finish()
        failed = attempt.jobs[FINISH].result != "success"
        attempt.conclusion = "failure" if failed else "success"

    def _release(self, run: WorkflowRun, attempt: Attempt) -> None:
        if self.run_verb(run, attempt, "preflight", "preflight", {}).result != "success":
            return
        inputs = {
            f"OUTPUT_{place}_{at}": run.inputs.get(name, "")
            for place, build in enumerate(self.plan.builds)
            for at, name in enumerate(build.outputs)
        }
        self.run_verb(run, attempt, "register", "register", inputs)

    def _job(self, run: WorkflowRun, attempt: Attempt, job: str, verb: str, inputs: Mapping[str, str]) -> Job:
        return self.run_verb(run, attempt, job, verb, inputs)

    def run_verb(
        self, run: WorkflowRun, attempt: Attempt, job: str, verb: str, inputs: Mapping[str, str]
    ) -> Job:
        """Run one verb as one job; its outputs, result and everything it wrote stay with the attempt."""
        done = Job(job, job, "failure")
        attempt.jobs[job] = done
        seen = Seen(done.outputs)
        facts = Facts(
            run.id, len(run.attempts), run.number, run.sha, f"refs/heads/{self.plan.trunk}", run.actor, ""
        )
        told = {"DEFAULT_BRANCH": self.plan.trunk, **inputs}
        port = Run(self.plan, facts, told, self.branch, self.github, seen, Sleeper(self, attempt, job))
        before = len(self.branch.log)
        try:
            done.result = "success" if VERBS[verb](port) == 0 else "failure"
        except HeadgateError as error:
            seen.warn(f"{error}")
        except JobDied:
            done.outputs.clear()
        except RunCancelled:
            done.outputs.clear()
            done.result = "cancelled"
        self.branch.dies = ""
        self.trace += range(before, len(self.branch.log))
        self.said = seen.lines
        return done

    def take_fault(self, job: str, *kinds: str) -> str:
        """The next fault of that job, used up; empty when there is none."""
        found = next((fault for fault in self.faults if fault.job == job and fault.kind in kinds), None)
        if found is None:
            return ""
        self.faults.remove(found)
        return found.kind

    def take_outcome(self, deploy: str, job: str) -> Outcome:
        """What the callback answers this time."""
        for name in (f"{deploy}/{job}", job):
            if self.outcomes.get(name):
                return self.outcomes[name].pop(0)
        return Outcome()


VERBS = {
    **SINGLE,
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
    """Sleeping moves the virtual clock; a cancel meant for this job strikes here."""

    engine: Engine
    attempt: Attempt
    job: str

    def __call__(self, seconds: float) -> None:
        """Sleep, virtually."""
        self.engine.github.time += max(1, int(seconds))
        if self.engine.take_fault(self.job, "cancel"):
            self.attempt.cancelled = True
            raise RunCancelled


@dataclass
class DeployRun:
    """One attempt of a deploy run."""

    engine: Engine
    run: WorkflowRun
    attempt: Attempt
    deploy: Deploy

    def __post_init__(self) -> None:
        """The jobs of this deploy's workflow."""
        stages = [part.stages for part in self.deploy.parts.values()]
        main = next((found for found in stages if found.strategy != "all_at_once"), stages[0])
        mixed = any(found.strategy == "all_at_once" for found in stages)
        made = jobs(main, with_all_at_once=mixed)
        self.callbacks = {job.id: job for job in made if isinstance(job, Callback)}
        self.gates = {job.id: job for job in made if isinstance(job, Gate)}
        self.environment = self.run.inputs.get("environment", "")

    def follow(self) -> None:
        """From start to finish."""
        inputs = {name.upper(): value for name, value in self.run.inputs.items()} | {
            "DEPLOY": self.deploy.name
        }
        name = self._gate(START, "start", inputs)
        while name not in (END, PARK, ""):
            name = self._call(self.callbacks[name]) if name in self.callbacks else self._decide(name)
        self.finish()

    def _gate(self, job: str, verb: str, inputs: Mapping[str, str]) -> str:
        """Run a gate, unless something befalls it; the job it names."""
        if self.attempt.cancelled or self.engine.take_fault(job, "cancel_before"):
            self.attempt.cancelled = True
            self.attempt.jobs[job] = Job(job, job, "skipped")
            return ""
        if self.engine.take_fault(job, "dies_before_start"):
            self.attempt.jobs[job] = Job(job, job, "failure")
            return ""
        self.engine.branch.dies = self.engine.take_fault(
            job, "dies_before_push", "dies_after_push"
        ).removeprefix("dies_")
        done = self.engine.run_verb(self.run, self.attempt, job, verb, inputs)
        return done.outputs.get("next", "") if done.result == "success" else ""

    def _decide(self, gate_id: str) -> str:
        found = self.gates[gate_id]
        return self._gate(gate_id, "gate", {**self._told(), "GATE": gate_id, **self._result(found.after.id)})

    def _call(self, callback: Callback) -> str:
        """Call the callback as the scenario says; the gate behind it, or nothing when finish comes next."""
        if self.attempt.cancelled or self.engine.take_fault(callback.id, "cancel_before"):
            self.attempt.cancelled = True
            return ""
        outcome = self.engine.take_outcome(self.deploy.name, callback.id)
        if outcome.result != "skipped":
            self.engine.trace.append(self._called(callback))
        for workflow, inputs in outcome.meanwhile:
            self.engine.github.new_run(workflow, inputs)
            self.engine.execute(self.engine.github.waiting.pop())
        result = outcome.result
        if self.engine.take_fault(callback.id, "cancel"):
            self.attempt.cancelled, result = True, "cancelled"
        outputs = {"result": outcome.verdict, "reason": outcome.reason}
        self.attempt.jobs[callback.id] = Job(callback.id, callback.title, result, outputs)
        if self.attempt.cancelled:
            return ""
        return next((job.id for job in self.gates.values() if job.after.id == callback.id), "")

    def _called(self, callback: Callback) -> Called:
        outputs = self.attempt.jobs[START].outputs
        told: dict[str, str | int] = {"action": callback.action, "release": outputs["release"]}
        told |= (
            {"percent": callback.percent}
            if callback.action in ("deploy", "promote", "deploy_canary", "verify")
            else {}
        )
        told |= {"step": callback.step} if callback.step else {}
        told |= {"color": outputs[f"{callback.color}_color"]} if callback.color else {}
        reason = "".join(
            self.attempt.jobs[name].outputs.get("reason", "")
            for name in callback.named_by
            if name in self.attempt.jobs
        )
        told |= {"reason": reason} if reason else {}
        time = self.engine.github.time
        return Called(time, self.run.id, self.environment, self.deploy.name, callback.id, told)

    def finish(self) -> None:
        """The last job: told everything, whatever happened before."""
        outputs = self.attempt.jobs[START].outputs
        inputs = {name.upper(): value for name, value in self.run.inputs.items()}
        inputs |= {
            "DEPLOY": self.deploy.name,
            "ROLLOUT": outputs.get("rollout", ""),
            "ATTEMPT": outputs.get("attempt", ""),
        }
        inputs |= {
            "CANCELLED": "success" if self.attempt.cancelled else "skipped",
            "COMMITS": self._commits(),
        }
        for callback in self.callbacks:
            inputs |= self._result(callback)
        for name in (START, *self.gates):
            job = self.attempt.jobs.get(name, Job(name, name, "skipped"))
            inputs[f"NEXT_{name}"] = f"{job.result} {job.outputs.get('next', '')}"
        if self.attempt.cancelled:
            self.attempt.jobs[CANCELLED] = Job(CANCELLED, CANCELLED, "success")
        cancelled, self.attempt.cancelled = self.attempt.cancelled, False
        self._gate(FINISH, "finish", inputs)
        self.attempt.cancelled = cancelled

    def _told(self) -> dict[str, str]:
        outputs = self.attempt.jobs[START].outputs
        told = {
            "DEPLOY": self.deploy.name,
            "ENVIRONMENT": self.environment,
            "ROLLOUT": outputs.get("rollout", ""),
        }
        return {**told, "COMMITS": self._commits()}

    def _commits(self) -> str:
        return " ".join(
            job.outputs["commit"] for job in self.attempt.jobs.values() if job.outputs.get("commit")
        )

    def _result(self, callback: str) -> dict[str, str]:
        job = self.attempt.jobs.get(callback, Job(callback, callback, "skipped"))
        return {
            f"RESULT_{callback}": job.result,
            f"VERDICT_{callback}": job.outputs.get("result", ""),
            f"REASON_{callback}": job.outputs.get("reason", ""),
        }
