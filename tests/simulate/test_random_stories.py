"""Random orders of pushes, verbs, failures and deaths: the invariants hold whatever happens.

Seeded, so a failure comes back; a failing seed is a story to write down.
"""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from headgate_runtime.entry import unmet_needs
from headgate_runtime.jobs import Gate, jobs
from headgate_runtime.plan import Bake, Plan, Stages, Step
from headgate_runtime.state import State

from tests.simulate.world import (
    AT_ONCE,
    BLUE_GREEN,
    CANARY,
    PLAIN_BLUE_GREEN,
    REASON,
    TWO_STEPS,
    Engine,
    Fault,
    Outcome,
    World,
    plan,
)

PATIENT = Stages(
    "canary", steps=(Step(10, Bake(600, (200, 400, 600))), Step(50, Bake(0, (0,)))), failure_limit=1,
    holds=True, timeout_seconds=4000,
)  # fmt: skip
HOLDING = replace(BLUE_GREEN, holds=True, failure_limit=1, bake=Bake(600, (300, 600)))
PLANS = {
    "canary": plan(app=CANARY),
    "two steps": plan(app=TWO_STEPS, api=CANARY, needs={"api": ("app",)}),
    "patient": plan(app=PATIENT),
    "blue-green": plan(app=BLUE_GREEN),
    "plain": plan(app=PLAIN_BLUE_GREEN, api=AT_ONCE, needs={"app": ("api",)}),
    "holding": plan(app=HOLDING),
    "chain": plan(environments=("dev", "test"), auto=("dev", "test"), app=CANARY, api=BLUE_GREEN),
    "at once": plan(environments=("dev", "test"), app=AT_ONCE, api=AT_ONCE, needs={"api": ("app",)}),
}
VERBS = (
    "abort", "abort", "pause", "resume", "promote-now", "retry", "resolve", "adopt", "freeze", "unfreeze",
    "approve",
)  # fmt: skip
DEATHS = (
    "dies_before_start", "dies_before_push", "dies_after_push", "dies_before_output",
    "cancel_before", "cancel",
)  # fmt: skip
RESULTS = ("success", "success", "failure", "cancelled", "skipped")
VERDICTS = ("", "", "success", "failure", "inconclusive", "nonsense")


class Chance:
    """A world in which things happen by a seed."""

    def __init__(self, found: Plan, seed: int) -> None:
        self.dice = random.Random(seed)
        self.it = World(Engine(found))
        self.plan = found
        self.releases: list[str] = []

    def live(self, length: int) -> None:
        """A first release; then so many things happen, each followed to its end."""
        self.push()
        for _ in range(length):
            self.prepare()
            self.dice.choice((self.push, self.push, self.promote, self.control, self.control, self.rollback,
                              self.sweep, self.rerun, self.twice))()  # fmt: skip
            self.it.engine.faults.clear()
        self.drain()

    def drain(self) -> None:
        """Nothing is left to chance any more: the sweep has all the time it needs."""
        self.it.engine.outcomes.clear()
        for _ in range(12):
            self.it.sweep(seconds=3 * 3600)
        self.it.check()
        state = State(self.it.engine.branch.fetch())
        for record in state.records():
            waits = record.queued is not None and record.queued.waits_for_person
            frozen = state.environment(record.environment).frozen
            deploy = self.plan.deploy(record.deploy)
            if record.queued and not record.open and not waits and not frozen and deploy:
                release = record.queued.release
                missing = unmet_needs(self.plan, state, record.environment, deploy, release)
                assert missing, f"{release.id} is queued in {record.path}, and nothing keeps it there"

    def prepare(self) -> None:
        engine, dice = self.it.engine, self.dice
        engine.outcomes.clear()
        for name in dict.fromkeys(deploy.name for deploy in self.plan.deploys):
            stages = next(iter(self.plan.deploys_in("dev")[0].parts.values())).stages
            found = jobs(stages, with_all_at_once=True)
            gates = ["start", "finish", *(job.id for job in found if isinstance(job, Gate))]
            calls = [job.id for job in found if not isinstance(job, Gate)]
            for job in calls:
                if dice.random() < 0.25:
                    engine.outcomes[f"{name}/{job}"] = [self.outcome() for _ in range(dice.randint(1, 3))]
            for gate in gates:
                if dice.random() < 0.1:
                    engine.outcomes[f"{name}/{gate}"] = [Outcome(meanwhile=(self.somebody(),))]
            for _ in range(dice.randint(0, 2)):
                job = dice.choice(gates + calls)
                deaths = DEATHS if job in gates else DEATHS[-2:]
                engine.faults.append(Fault(f"{name}/{job}", dice.choice(deaths)))

    def outcome(self) -> Outcome:
        meanwhile = (self.somebody(),) if self.dice.random() < 0.3 else ()
        return Outcome(self.dice.choice(RESULTS), self.dice.choice(VERDICTS), meanwhile=meanwhile)

    def somebody(self) -> tuple[str, dict[str, str]]:
        """Somebody starts something while a job runs; also a second run of the same deploy."""
        what = self.dice.choice(("control", "control", "cron", "promote", "rollback", "deploy"))
        if what == "control":
            return "headgate-control.yaml", self.controlling()
        if what == "promote":
            return "headgate-promote.yaml", {
                "environment": self.place(),
                "deploys": "all",
                "release": self.any(),
            }
        if what == "rollback":
            return "headgate-rollback.yaml", {"environment": self.place(), "deploys": "all", "reason": REASON}
        if what == "deploy":
            kind = self.dice.choice(("promote", "resume", "rollback"))
            inputs = {"environment": self.place(), "release": self.any(), "kind": kind, "reason": REASON}
            return f"headgate-deploy-{self.deploy()}.yaml", inputs
        return "headgate-cron.yaml", {}

    def controlling(self) -> dict[str, str]:
        return {
            "verb": self.dice.choice(VERBS),
            "environment": self.place(),
            "deploy": self.deploy(),
            "release": self.any(),
            "color": self.dice.choice(("", "blue", "green")),
            "outcome": self.dice.choice(("promoted", "rolled_back")),
            "now": self.dice.choice(("true", "false")),
            "reason": REASON,
        }

    def place(self) -> str:
        return self.dice.choice(self.plan.environments).name

    def deploy(self) -> str:
        return self.dice.choice(self.plan.deploys).name

    def any(self) -> str:
        return self.dice.choice(self.releases) if self.releases else ""

    def push(self) -> None:
        self.releases.append(self.it.push())

    def promote(self) -> None:
        unusual = {
            "force": self.dice.choice(("true", "false")),
            "skip_strategy": self.dice.choice(("true", "")),
        }
        self.it.promote(self.any(), self.place(), **unusual, reason=REASON)

    def control(self) -> None:
        self.it.engine.dispatch("control", **self.controlling())

    def rollback(self) -> None:
        self.it.rollback(self.place(), to=self.any() if self.dice.random() < 0.3 else "")

    def sweep(self) -> None:
        self.it.sweep(seconds=self.dice.choice((0, 60, 1900, 7200, 90_000)))

    def rerun(self) -> None:
        """Re-run failed jobs, which must call nothing (I15), or all jobs."""
        runs = [run.id for run in self.it.engine.github.runs if run.workflow.startswith("headgate-deploy")]
        if not runs:
            return
        run = self.dice.choice(runs[-4:])
        if self.dice.random() < 0.5:
            self.it.rerun_all(run)
            return
        started = "start" in self.attempt(run).jobs and self.attempt(run).jobs["start"].result == "success"
        before = len(self.it.calls("app")) + len(self.it.calls("api"))
        self.it.engine.rerun_failed(run)
        after = len(self.it.calls("app")) + len(self.it.calls("api"))
        assert not started or before == after, "a re-run of failed jobs called something"
        self.it.engine.follow()

    def attempt(self, run: int):  # type: ignore[no-untyped-def]
        found = self.it.engine.github.run_named(run)
        assert found is not None
        return found.attempts[-1]

    def twice(self) -> None:
        """A run of a deploy that nobody asked for, or for the second time."""
        workflow, inputs = self.somebody()
        self.it.engine.dispatch(workflow.removeprefix("headgate-").removesuffix(".yaml"), **inputs)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("name", PLANS)
def test_the_invariants_hold_whatever_happens(name: str, seed: int) -> None:
    Chance(PLANS[name], seed).live(12)
