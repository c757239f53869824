"""Worlds that differ in nothing that matters have one key: ids are renamed, times count from now, what nobody
reads any more is left out.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

from headgate.simulate.github import Attempt, WorkflowRun
from headgate.simulate.memory import Snapshot
from headgate_runtime.decide import PAUSE_SECONDS
from headgate_runtime.record import EnvironmentState, Queued, Record, Release, Rollout
from headgate_runtime.state import State
from headgate_runtime.waiting import STAMP_SECONDS

from tests.model.ports import Process
from tests.model.sealing import read
from tests.model.world import Where, World
from tests.runtime.history import Memory
from tests.simulate.world import is_record


def key(world: World) -> Hashable:
    """What has to be equal for two worlds to have the same future, whatever may still go wrong in it."""
    return Namer(world).world()


class Namer:
    """Names runs and rollouts by the order in which they came, among those that can still be referred to."""

    def __init__(self, world: World) -> None:
        self.it = world
        self.now = world.github.time
        self.records = [read(Record, text) for path, text in sorted(world.files.items()) if is_record(path)]
        self.runs = self._relevant()
        self.run_names = {run.id: at for at, run in enumerate(self.runs)}
        self.rollouts: dict[str, int] = {}

    def _relevant(self) -> list[WorkflowRun]:
        world = self.it
        wanted = {run.id for run in world.github.waiting} | set(world.alive) | set(world.github.rerunning)
        wanted |= {record.open.owner.run for record in self.records if record.open and record.open.owner}
        over = [run.id for run in world.github.runs if run.attempts and "-deploy-" in run.workflow]
        return [run for run in world.github.runs if run.id in {*wanted, *over[-1:]}]

    def world(self) -> Hashable:
        world = self.it
        return (
            world.plan_at,
            tuple(map(self.record, self.records)),
            tuple(
                read(EnvironmentState, text).frozen
                for path, text in sorted(world.files.items())
                if path.endswith("_environment.json")
            ),
            tuple(map(self.run, self.runs)),
            tuple(self.run_names[run.id] for run in world.github.waiting),
            tuple(self.run_names[run] for run in world.github.rerunning),
            tuple(run.id in world.gone for run in self.runs),
            tuple(self.memory(memory) for _, memory in sorted(world.memories.items())),
        )

    def rollout_name(self, name: str) -> int:
        return self.rollouts.setdefault(name, len(self.rollouts)) if name else -1

    def until(self, time: int | None, more: int = 0) -> int | None:
        """Seconds until that time; 0 once it is over."""
        return None if time is None else max(0, time + more - self.now)

    def record(self, record: Record) -> Hashable:
        return (
            record.environment,
            record.deploy,
            _id(record.live),
            _ids(record.previous),
            record.colors and (record.colors.blue, record.colors.green),
            record.open and self.rollout(record.open),
            record.queued and self.queued(record.queued),
            record.quarantine,
            record.promoted,
            tuple(map(self.ended, record.last[:2])),
        )

    def ended(self, rollout: Rollout) -> Hashable:
        return self.rollout_name(rollout.id), rollout.state, rollout.kind, rollout.release.id

    def queued(self, queued: Queued) -> Hashable:
        about = (queued.skip_strategy, queued.force, queued.waits_for_person)
        return (queued.release.id, *about, self.until(queued.dispatched_at, STAMP_SECONDS))

    def rollout(self, rollout: Rollout) -> Hashable:
        until = rollout.bake_until
        owner = rollout.owner and (self.run_names.get(rollout.owner.run), rollout.owner.attempt)
        what = (self.rollout_name(rollout.id), rollout.kind, rollout.release.id, _id(rollout.replaces))
        how = (
            rollout.direct,
            rollout.forced,
            rollout.color,
            rollout.digest,
            rollout.outcome,
            rollout.arrived,
        )
        where = (rollout.state, rollout.step, rollout.held_from, rollout.cause, owner, rollout.callback)
        counts = (rollout.recoveries, rollout.check, rollout.checks_failed, rollout.bake_remaining)
        looks = (rollout.checked_at, rollout.named_at)
        checks = tuple(time is not None and (until is None or time >= until) for time in looks)
        times = (
            self.until(until), self.until(rollout.deadline), self.until(rollout.waits_until),
            self.until(rollout.paused_at, PAUSE_SECONDS), self.until(rollout.dispatched_at, STAMP_SECONDS),
        )  # fmt: skip
        return what, how, where, counts, checks, times, tuple(asked.verb for asked in rollout.requests)

    def run(self, run: WorkflowRun) -> Hashable:
        where = self.it.alive.get(run.id)
        attempts = tuple(map(self.attempt, run.attempts))
        about = (run.workflow, self.inputs(run.inputs), self.it.plan_of[run.id], tuple(run.reviews))
        return about, attempts, self.where(where)

    def attempt(self, attempt: Attempt) -> Hashable:
        jobs = tuple((name, job.result, *self.told(job.outputs)) for name, job in attempt.jobs.items())
        return jobs, attempt.cancelled, attempt.conclusion

    def told(self, outputs: dict[str, str]) -> tuple[Hashable, ...]:
        return outputs.get("next"), outputs.get("result"), self.rollout_name(outputs.get("rollout", ""))

    def inputs(self, inputs: dict[str, str]) -> Hashable:
        return tuple(sorted((name, text) for name, text in inputs.items() if name.lower() != "reason"))

    def where(self, where: Where | None) -> Hashable:
        if not isinstance(where, Process):
            return where
        return where.job, tuple(self.answers(where.answers))

    def answers(self, answers: Iterable[Any]) -> Iterable[Hashable]:
        """What a job under way has been answered: states in full, times from now, commits as new or old."""
        for answer in answers:
            if isinstance(answer, Snapshot):
                yield answer.commit == self.it.tip.commit or self.snapshot(answer)
            elif isinstance(answer, int):
                yield min(0, answer - self.now)
            elif isinstance(answer, str):
                yield answer == self.it.tip.commit
            else:
                yield answer

    def snapshot(self, snapshot: Snapshot) -> Hashable:
        return tuple(self.record(record) for record in State(snapshot).records())

    def memory(self, memory: Memory) -> Hashable:
        running, ended = memory.running, memory.ended
        return (
            memory.traffic,
            running and (running.job, self.run_names.get(running.run)),
            ended and (ended.call.job, ended.good, ended.result),
            memory.stopped,
        )


def _id(release: Release | None) -> str:
    return release.id if release else ""


def _ids(releases: Iterable[Release]) -> tuple[str, ...]:
    return tuple(map(_id, releases))
