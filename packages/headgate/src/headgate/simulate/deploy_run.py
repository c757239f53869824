"""One attempt of a deploy run: gates and callbacks in turn, as the generated `if`s would let them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headgate_runtime.jobs import (
    APPROVE,
    CANCELLED,
    END,
    FINISH,
    PARK,
    START,
    Approval,
    Callback,
    Gate,
    jobs,
)
from headgate_runtime.plan import Deploy

from headgate.simulate.github import Attempt, Job, WorkflowRun
from headgate.simulate.story import Called, Outcome

if TYPE_CHECKING:
    from headgate.simulate.engine import Engine


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
        self.approvals = {job.id: job for job in made if isinstance(job, Approval)}
        self.order = [job.id for job in made]
        self.environment = self.run.inputs.get("environment", "")

    def follow(self) -> None:
        """From start to finish."""
        name = self._gate(START, "start", self.start_inputs())
        while name not in (END, PARK, ""):
            name = self._follow(name)
        self.finish()

    def _follow(self, name: str) -> str:
        """Let one job run; what it names."""
        if name in self.callbacks:
            return self._call(self.callbacks[name])
        if name in self.approvals:
            return self._approve(self.approvals[name])
        return self._decide(name)

    def finish(self) -> None:
        """The last job: told everything, whatever happened before; it runs always."""
        self._is_cancelled_before(FINISH)
        inputs = self.finish_inputs()
        if self.attempt.cancelled:
            self.attempt.jobs[CANCELLED] = Job(CANCELLED, CANCELLED, "success")
        cancelled, self.attempt.cancelled = self.attempt.cancelled, False
        self._gate(FINISH, "finish", inputs)
        self.attempt.cancelled = cancelled

    def start_inputs(self) -> dict[str, str]:
        """What the workflow tells `start`."""
        return {**self._dispatched(), "DEPLOY": self.deploy.name}

    def gate_inputs(self, gate_id: str) -> dict[str, str]:
        """What the workflow tells a gate: the result of the callback before it, if there is one."""
        told = {
            "DEPLOY": self.deploy.name,
            "ENVIRONMENT": self.environment,
            "ROLLOUT": self._start_outputs().get("rollout", ""),
            "COMMITS": self._commits(),
            "GATE": gate_id,
        }
        return told | (self._result(self.gates[gate_id].after.id) if gate_id in self.gates else {})

    def finish_inputs(self) -> dict[str, str]:
        """What the workflow tells `finish`: the results of all other jobs."""
        outputs = self._start_outputs()
        inputs = {
            **self._dispatched(),
            "DEPLOY": self.deploy.name,
            "ROLLOUT": outputs.get("rollout", ""),
            "ATTEMPT": outputs.get("attempt", ""),
            "CANCELLED": "success" if self.attempt.cancelled else "skipped",
            "COMMITS": self._commits(),
        }
        for callback in self.callbacks:
            inputs |= self._result(callback)
        for name in (START, *self.gates, *self.approvals):
            job = self.attempt.jobs.get(name, Job(name, name, "skipped"))
            inputs[f"NEXT_{name}"] = f"{job.result} {job.outputs.get('next', '')}"
        return inputs

    def list_reusable(self, old: Attempt) -> list[str]:
        """What "Re-run failed jobs" takes over: the jobs that succeeded and depend on none that failed."""
        again = {name for name, job in old.jobs.items() if job.result in ("failure", "cancelled")}
        for name, needs in self._needs().items():
            if again.intersection(needs):
                again.add(name)
        return [
            name
            for name, job in old.jobs.items()
            if job.result == "success" and name not in {*again, CANCELLED, FINISH}
        ]

    def _needs(self) -> dict[str, tuple[str, ...]]:
        """What each job between start and finish depends on, in the order of the workflow."""
        callbacks = {name: job.named_by for name, job in self.callbacks.items()}
        gates = {name: (START, *job.after.named_by, job.after.id) for name, job in self.gates.items()}
        approvals = {name: (START, *job.named_by) for name, job in self.approvals.items()}
        return {name: (callbacks | gates | approvals)[name] for name in self.order}

    def _gate(self, job: str, verb: str, inputs: Mapping[str, str]) -> str:
        """Run a gate, unless something befalls it; the job it names."""
        if self._is_cancelled_before(job):
            self.attempt.jobs[job] = Job(job, job, "skipped")
            return ""
        fault = self.engine.take_fault(
            self.deploy.name,
            job,
            "dies_before_start",
            "dies_before_push",
            "dies_after_push",
            "dies_before_output",
        )
        if fault and fault.kind == "dies_before_start":
            self.attempt.jobs[job] = Job(job, job, "failure")
            return ""
        self.engine.branch.threaten(fault)
        done = self.engine.run_verb(self.run, self.attempt, job, verb, inputs, deploy=self.deploy.name)
        if fault and fault.kind == "dies_before_output":
            done.outputs.clear()
            done.result = "failure"
        return done.outputs.get("next", "") if done.result == "success" else ""

    def _approve(self, approval: Approval) -> str:
        """Let the reviewers answer; a rejection, or a cancel meanwhile, keeps the job from starting."""
        if self._is_cancelled_before(APPROVE):
            return ""
        if self.engine.take_fault(self.deploy.name, APPROVE, "cancel"):
            self.attempt.cancelled = True
        passes = self.engine.review(self.run, self.deploy.name, APPROVE, approval.environment)
        if self.attempt.cancelled or not passes:
            result = "cancelled" if self.attempt.cancelled else "failure"
            self.attempt.jobs[APPROVE] = Job(APPROVE, approval.title, result, started=False)
            return ""
        return self._decide(APPROVE)

    def _decide(self, gate_id: str) -> str:
        return self._gate(gate_id, "gate", self.gate_inputs(gate_id))

    def _call(self, callback: Callback) -> str:
        """Call the callback as the scenario says; the gate behind it, or nothing when finish comes next."""
        if self._is_cancelled_before(callback.id):
            return ""
        outcome = self.engine.take_outcome(self.deploy.name, callback.id)
        place = len(self.engine.trace)
        self.engine.dispatch_meanwhile(outcome)
        if self.engine.take_fault(self.deploy.name, callback.id, "cancel"):
            self.attempt.cancelled = True
        result = "cancelled" if self.attempt.cancelled else outcome.result
        if result != "skipped":
            self.engine.trace.insert(place, self._called(callback, result))
        self._settle(callback, outcome, result)
        if self.attempt.cancelled:
            return ""
        return self.gate_after(callback.id)

    def gate_after(self, callback: str) -> str:
        """The gate that follows a callback; nothing when finish does."""
        return next((job.id for job in self.gates.values() if job.after.id == callback), "")

    def _settle(self, callback: Callback, outcome: Outcome, result: str) -> None:
        told = result not in ("cancelled", "skipped")
        outputs = {"result": outcome.verdict, "reason": outcome.reason} if told else {}
        self.attempt.jobs[callback.id] = Job(callback.id, callback.title, result, outputs)

    def _is_cancelled_before(self, job: str) -> bool:
        if self.engine.take_fault(self.deploy.name, job, "cancel_before"):
            self.attempt.cancelled = True
        return self.attempt.cancelled

    def _called(self, callback: Callback, result: str) -> Called:
        """The call as the generated job makes it, every contract input included."""
        outputs = self._start_outputs()
        said = (self.attempt.jobs[name].outputs.get("reason", "") for name in self._namers(callback))
        varying: dict[str, str | int] = {
            "action": callback.action,
            "percent": callback.percent,
            "step": callback.step,
            "color": outputs[f"{callback.color}_color"] if callback.color else "",
            "reason": "".join(said),
        }
        same = ("environment", "sha", "release", "strategy", "previous_release", "previous_sha")
        inputs: dict[str, str | int] = {
            **self._constants(),
            **{name: outputs[name] for name in same},
            **varying,
            "deploy": self.deploy.name,
            "rollout_id": outputs["rollout"],
            "context": json.dumps({"format": 1, **varying})[:-1] + "," + outputs["context"],
        }
        return Called(
            time=self.engine.github.time,
            run=self.run.id,
            environment=self.environment,
            deploy=self.deploy.name,
            job=callback.id,
            inputs=inputs,
            result=result,
            ended=len(self.engine.branch.log),
        )

    def _namers(self, callback: Callback) -> list[str]:
        return [name for name in callback.named_by if name in self.attempt.jobs]

    def _constants(self) -> dict[str, str]:
        """What start passes on of the manifest's inputs and of the builds' outputs."""
        return {
            name.partition("_")[2]: value
            for name, value in self._start_outputs().items()
            if name.startswith(("input_", "output_"))
        }

    def _start_outputs(self) -> Mapping[str, str]:
        return self.attempt.jobs[START].outputs

    def _dispatched(self) -> dict[str, str]:
        return {name.upper(): value for name, value in self.run.inputs.items()}

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
