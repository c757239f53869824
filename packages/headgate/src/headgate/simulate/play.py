"""A scenario, played: one environment on a virtual GitHub, with the release before already live.

Everything that happens is the runtime's own doing; what is imagined is the world around it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from headgate_runtime.decide import Park, due
from headgate_runtime.jobs import APPROVE
from headgate_runtime.machine import HELD
from headgate_runtime.plan import Plan
from headgate_runtime.record import Record
from headgate_runtime.state import State

from headgate.plan.selection import select
from headgate.simulate.engine import Engine
from headgate.simulate.scenario import Scenario, list_faults, list_outcomes, refuse_unknown_jobs
from headgate.simulate.story import Called

HOUR = 3_600
MOST_SWEEPS = 200
"""How often the cron is played when something is left open: ten steps with ten parked checks each, twice."""

OLD, NEW = "1" * 40, "2" * 40


@dataclass(frozen=True)
class Told:
    """An event: a commit of the state branch; `time` is in seconds from the beginning."""

    time: int
    subject: str


@dataclass(frozen=True)
class Calling:
    """A callback that was called."""

    time: int
    called: Called


@dataclass(frozen=True)
class Played:
    """What happened, in order, and where it ended; `unused` never came about."""

    environment: str
    release: str
    trace: tuple[Told | Calling, ...]
    records: tuple[Record, ...]
    unused: tuple[str, ...]


def play(plan: Plan, scenario: Scenario) -> Played:
    """Play a scenario; raises GeneratorError when it names what the plan does not have."""
    environment = scenario.environment or plan.environments[0].name
    here = narrow(plan, environment, scenario.deploy)
    refuse_unknown_jobs(scenario, here)
    engine = Engine(here)
    if not scenario.first:
        engine.release(OLD)
        engine.dispatch("promote", environment=environment, release="", deploys="all")
    release = engine.release(NEW)
    engine.outcomes.update(list_outcomes(scenario))
    engine.faults += list_faults(scenario)
    beginning, place = engine.github.time, len(engine.trace)
    engine.dispatch("promote", environment=environment, release=release, deploys="all")
    for step in scenario.then:
        engine.dispatch(step.workflow, **step.inputs)
    _sweep_up(engine)
    state = State(engine.branch.fetch())
    unused = [job for job, answers in engine.outcomes.items() if answers] + [
        each.job for each in engine.faults
    ]
    return Played(
        environment,
        release,
        tuple(_trace(engine, place, beginning)),
        tuple(state.record(environment, deploy.name) for deploy in here.deploys),
        tuple(unused),
    )


def narrow(plan: Plan, environment: str, deploy: str | None) -> Plan:
    """Leave only one environment, as if it were the first: what came before is taken as done."""
    chosen = select(plan, environment=environment, deploy=deploy)
    here = next(each for each in plan.environments if each.name == environment)
    return replace(chosen, environments=(replace(here, auto=False),))


def _sweep_up(engine: Engine) -> None:
    """Let people answer and the hourly cron find what is left, until nothing is, or somebody must decide."""
    for _ in range(MOST_SWEEPS):
        left = [record for record in State(engine.branch.fetch()).records() if must_go_on(record)]
        if not left:
            return
        answered = [answer_approval(engine, record) for record in left]
        if not any(answered):
            engine.github.time = _hour_after(engine, left)
            engine.dispatch("cron")


def must_go_on(record: Record) -> bool:
    """Whether a rollout is open that something will happen to without a person."""
    return record.open is not None and record.open.state != HELD


def answer_approval(engine: Engine, record: Record) -> bool:
    """Let somebody say what the scenario tells of `approve`, if the rollout waits for that verb: yes, unless
    it fails; nobody answers if it is skipped.
    """
    rollout = record.open
    if rollout is None or rollout.state != "awaiting_approval" or rollout.asks_reviewers:
        return False
    outcome = engine.take_outcome(record.deploy, APPROVE)
    if outcome.result == "skipped":
        engine.let_approval_expire(record.environment, record.deploy)
        return True
    verb = "approve" if outcome.result == "success" else "reject"
    place = {"environment": record.environment, "deploy": record.deploy}
    engine.dispatch("control", verb=verb, reason=outcome.reason or verb, **place)
    return True


def _hour_after(engine: Engine, left: Iterable[Record]) -> int:
    """The first full hour at which a parked rollout is due; the next one, if none is parked."""
    now = engine.github.time
    dues = [due(record.open, now) for record in left if record.open]
    until = min((what.until for what in dues if isinstance(what, Park)), default=now)
    return now + HOUR * max(1, -(-(until - now) // HOUR))


def _trace(engine: Engine, place: int, beginning: int) -> Iterator[Told | Calling]:
    for entry in engine.trace[place:]:
        if isinstance(entry, Called):
            yield Calling(entry.time - beginning, entry)
        else:
            change = engine.branch.log[entry]
            at = change.event["at"]
            yield Told((at if isinstance(at, int) else beginning) - beginning, change.subject)
