"""A small repository on the virtual GitHub, and short words for what happened in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from headgate.simulate.engine import Called, Engine, Fault, Outcome
from headgate_runtime.branch import Change
from headgate_runtime.plan import Bake, Build, Deploy, Environment, Part, Plan, Stages, Step
from headgate_runtime.record import Record, from_file
from headgate_runtime.state import State

from tests.runtime import history as told
from tests.runtime.history import Ended, History
from tests.runtime.invariants import CHECKS, i10_nothing_waits_for_ever, violations

CANARY = Stages("canary", steps=(Step(10, Bake(600, (600,))),), timeout_seconds=22_200)
TWO_STEPS = Stages("canary", steps=(Step(10, Bake(600, (600,))), Step(50, Bake(60))), timeout_seconds=22_260)
BLUE_GREEN = Stages(
    "blue_green", bake=Bake(60, (60,)), verifies_preview=True, retires=True, timeout_seconds=21_660
)
PLAIN_BLUE_GREEN = Stages("blue_green", timeout_seconds=21_600)
AT_ONCE = Stages("all_at_once")

HOUR = 3600
REASON = "because of a test"


def plan(
    *,
    environments: tuple[str, ...] = ("dev",),
    auto: tuple[str, ...] = ("dev",),
    needs: dict[str, tuple[str, ...]] | None = None,
    **deploys: Stages,
) -> Plan:
    """A plan with these deploys in all the environments; `auto` ones take releases by themselves."""
    made = tuple(
        Deploy(
            name,
            f"headgate-deploy-{name}.yaml",
            (needs or {}).get(name, ()),
            ("image",),
            {place: Part(stages, {}) for place in environments},
        )
        for name, stages in deploys.items()
    )
    places = tuple(Environment(name, name in auto) for name in environments)
    return Plan("0.1.0", "main", "headgate/state", places, (Build("image", ("tag",)),), made)


@dataclass
class World:
    """An engine, and what its history looks like."""

    engine: Engine
    pushed: int = 0

    def push(self, **meanwhile: Any) -> str:
        """Push a commit to trunk, with outcomes and faults for what follows; the release's id."""
        self.expect(**meanwhile)
        self.pushed += 1
        return self.engine.release(f"{self.pushed:x}" * 40, {"tag": f"v{self.pushed}"})

    def expect(self, *, faults: tuple[Fault, ...] = (), **outcomes: Outcome | list[Outcome]) -> None:
        self.engine.faults += faults
        for job, answer in outcomes.items():
            self.engine.outcomes[job] = answer if isinstance(answer, list) else [answer]

    def promote(self, release: str = "", environment: str = "dev", **inputs: str) -> str:
        return self._verb("promote", environment=environment, release=release, deploys="all", **inputs)

    def rollback(self, environment: str = "dev", deploys: str = "all", to: str = "") -> str:
        return self._verb("rollback", environment=environment, deploys=deploys, to=to, reason=REASON)

    def control(self, verb: str, deploy: str = "app", environment: str = "dev", **inputs: str) -> str:
        return self._verb(
            "control", verb=verb, environment=environment, deploy=deploy, reason=REASON, **inputs
        )

    def sweep(self, seconds: int = 0) -> str:
        self.engine.github.time += seconds
        return self._verb("cron")

    def _verb(self, workflow: str, **inputs: str) -> str:
        return self.conclusion(self.engine.dispatch(workflow, **inputs).id)

    def conclusion(self, run: int) -> str:
        found = self.engine.github.run_named(run)
        return found.attempts[-1].conclusion if found else ""

    def rerun_failed(self, run: int) -> str:
        self.engine.rerun_failed(run)
        self.engine.follow()
        return self.conclusion(run)

    def rerun_all(self, run: int) -> str:
        found = self.engine.github.run_named(run)
        assert found is not None
        self.engine.execute(found)
        self.engine.follow()
        return self.conclusion(run)

    def deploy_runs(self, deploy: str = "app") -> list[int]:
        workflow = f"headgate-deploy-{deploy}.yaml"
        return [run.id for run in self.engine.github.runs if run.workflow == workflow]

    def conclusions(self, deploy: str = "app") -> list[str]:
        return [self.conclusion(run) for run in self.deploy_runs(deploy)]

    def record(self, deploy: str = "app", environment: str = "dev") -> Record:
        return State(self.engine.branch.fetch()).record(environment, deploy)

    @property
    def last(self) -> str:
        """How the last rollout of `app` in dev ended."""
        return self.record().last[0].state

    @property
    def live(self) -> str:
        live = self.record().live
        return live.id if live else ""

    def clear(self) -> None:
        """Forget what happened so far; only for `story`."""
        self._from = len(self.engine.trace)

    _from: int = 0

    def calls(self, deploy: str = "app") -> list[str]:
        """The callbacks that ran since `clear`, with how they ended unless well."""
        shown = [step for step in self.engine.trace[self._from :] if isinstance(step, Called)]
        return [
            step.job if step.result == "success" else f"{step.job} {step.result}"
            for step in shown
            if step.deploy == deploy
        ]

    def events(self, deploy: str = "app", environment: str = "dev") -> list[str]:
        """The transitions since `clear`, as `event → state`, and the other events by name."""
        found = [
            self.engine.branch.log[step].event
            for step in self.engine.trace[self._from :]
            if isinstance(step, int)
        ]
        here = [e for e in found if (e["environment"], e["deploy"]) == (environment, deploy)]
        return [str(e["event"]) if e["from"] == e["to"] else f"{e['event']} → {e['to']}" for e in here]

    def history(self) -> History:
        return history(self.engine)

    def check(self, *, at_rest: bool = True) -> None:
        """All invariants hold; `at_rest`: and nothing is left that only a person could move."""
        assert self.engine.faults == [], "a fault that never struck proves nothing"
        checks = (*CHECKS, i10_nothing_waits_for_ever) if at_rest else CHECKS
        assert violations(self.history(), checks) == []


def world(found: Plan, *, releases: int = 1) -> World:
    """A repository in which so many releases were promoted already."""
    made = World(Engine(found))
    for _ in range(releases):
        made.push()
    made.clear()
    return made


def history(engine: Engine) -> History:
    """What happened, as the invariants want it."""
    found, written, running = History(engine.plan), 0, list[tuple[int, Ended]]()
    for step in engine.trace:
        if isinstance(step, Called):
            place = (step.environment, step.deploy)
            call = told.Called(place, step.job, str(step.inputs["action"]), step.run)
            found.steps.append(call)
            running.append((step.ended, Ended(call, step.result, _verdict(engine, step))))
        else:
            written += 1
            _say(found, engine.branch.log[step])
        for end in [end for end in running if end[0] <= written]:
            running.remove(end)
            found.steps.append(end[1])
    return found


def _say(found: History, change: Change) -> None:
    for path, content in change.files.items():
        if is_record(path) and content:
            found.say(dict(change.event), from_file(Record, content))


def _verdict(engine: Engine, call: Called) -> str:
    run = engine.github.run_named(call.run)
    jobs = [attempt.jobs.get(call.job) for attempt in run.attempts] if run else []
    return next((job.outputs.get("result", "") for job in jobs if job), "")


def is_record(path: str) -> bool:
    return path.startswith("environments/") and not path.endswith("/_environment.json")
