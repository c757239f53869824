"""The side of a story that is simulated: the real verbs on the engine's virtual GitHub, clock and branch."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from headgate.simulate.engine import Engine
from headgate.simulate.github import Attempt
from headgate.simulate.story import Called, Fault, FaultKind, Outcome
from headgate_runtime.plan import Plan

from tests.e2e.stories.telling import Names, RunTold, Telling, tell_call, tell_events, tell_records

PERSON = "octocat"
"""Who dispatches on the executed side, unless told otherwise."""


class SimulatedSide:
    """A story on the simulation engine."""

    def __init__(self, plan: Plan) -> None:
        """With an empty repository; `mark_opening` when the story itself begins."""
        self.engine = Engine(plan)
        self.engine.github.actor = PERSON
        self._pushes = 0
        self._opened = (0, 0, 0)

    def mark_opening(self) -> None:
        """What was so far is not part of the story."""
        engine = self.engine
        self._opened = (len(engine.branch.log), len(engine.trace), len(engine.github.runs))

    def push(self) -> None:
        """A change on trunk."""
        self._pushes += 1
        sha = hashlib.sha1(f"push {self._pushes}".encode()).hexdigest()
        number = 1 + sum(run.workflow == "headgate-release.yaml" for run in self.engine.github.runs)
        self.engine.release(sha, {"image": f"registry.example/app:{number}-{sha[:7]}"})

    def dispatch(self, *started: tuple[str, Mapping[str, str]]) -> None:
        """Queue all of them, then follow."""
        for workflow, inputs in started:
            self.engine.github.new_run(workflow, inputs)
        self.engine.follow()

    def rerun(self, workflow: str, *, failed: bool, which: int) -> None:
        """Run one of the runs of a workflow again."""
        runs = self.engine.github.runs[self._opened[2] :]
        run = [run for run in runs if run.workflow == workflow][which]
        if failed:
            self.engine.rerun_failed(run.id)
        else:
            self.engine.execute(run)
        self.engine.follow()

    def answer(self, deploy: str, job: str, outcomes: Sequence[Outcome]) -> None:
        """Let the engine answer so."""
        self.engine.outcomes.setdefault(f"{deploy}/{job}", []).extend(outcomes)

    def befall(self, deploy: str, job: str, kind: FaultKind, nth: int, after: str) -> None:  # noqa: ARG002
        """Plan it."""
        self.engine.faults.append(Fault(f"{deploy}/{job}", kind, nth))

    def unprotect(self, environment: str) -> None:
        """Whoever asks is told so from now on."""
        self.engine.github.unprotected.add(environment)

    def pass_time(self, seconds: int) -> None:
        """Move the virtual clock."""
        self.engine.github.time += seconds

    def unused(self) -> list[str]:
        """What the engine was told for nothing."""
        outcomes = [f"{job}: {left}" for job, left in self.engine.outcomes.items() if left]
        return outcomes + [f"{fault.job}: {fault.kind}" for fault in self.engine.faults]

    def names(self) -> Names:
        """The releases."""
        return Names.of([change.event for change in self.engine.branch.log], self.engine.branch.files)

    def telling(self) -> Telling:
        """All since the opening."""
        names, (log, trace, _) = self.names(), self._opened
        calls = (item for item in self.engine.trace[trace:] if isinstance(item, Called))
        return Telling(
            events=tell_events([change.event for change in self.engine.branch.log[log:]], names),
            calls=tuple(tell_call(call.inputs, call.result == "success", names) for call in calls),
            records=tell_records(self.engine.branch.files, names),
            runs=tuple(self._runs(names)),
        )

    def _runs(self, names: Names) -> Iterator[RunTold]:
        for run in self.engine.github.runs[self._opened[2] :]:
            before = [Attempt(), *run.attempts]
            attempts = tuple((_ran(old, new), new.conclusion) for old, new in pairwise(before))
            yield RunTold(what_of(run.workflow, run.inputs, names), attempts)


def what_of(workflow: str, inputs: Mapping[str, object], names: Names) -> str:
    """What a run is for: its workflow and the inputs that tell it from others."""
    told = [
        str(inputs[key]) for key in ("verb", "environment", "deploy", "release", "kind") if inputs.get(key)
    ]
    if workflow == "headgate-release.yaml":
        told = []
    return str(names.short(" ".join([workflow.removeprefix("headgate-").removesuffix(".yaml"), *told])))


def _ran(old: Attempt, new: Attempt) -> tuple[str, ...]:
    """The jobs that ran in the newer attempt; those that it took over are the older one's."""
    return tuple(
        name
        for name, job in new.jobs.items()
        if job.started and job.result != "skipped" and old.jobs.get(name) is not job
    )
