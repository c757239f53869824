"""What is explored: small repositories, each with the people who may step in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from headgate.simulate.engine import Engine, Fault, Outcome
from headgate_runtime.plan import Approval, Bake, Plan, Stages, Step

from tests.model.world import Dispatched, Setup
from tests.simulate.world import AT_ONCE, HOUR, REASON, plan

CANARY = Stages("canary", steps=(Step(10, Bake(15, (15,))),), timeout_seconds=3600)
TWO_STEPS = Stages(
    "canary", steps=(Step(10, Bake(0)), Step(50, Bake(15, (5, 10, 15)))), failure_limit=1, holds=True
)
BLUE_GREEN = Stages(
    "blue_green", bake=Bake(15, (15,)), verifies_preview=True, retires=True, timeout_seconds=3600
)
HOLDING = replace(BLUE_GREEN, bake=Bake(15, (5, 15)), failure_limit=1, holds=True, timeout_seconds=60)
PLAIN = Stages("blue_green")
BY_VERB = replace(CANARY, approval=Approval(None, 3600, "rollback"), timeout_seconds=None)
BY_REVIEW = replace(PLAIN, approval=Approval("prod", 3600, "hold"), retires=True)
PARKED = replace(CANARY, parks=True, timeout_seconds=None)

FAILURE, UNCLEAR = Outcome("failure"), Outcome(verdict="inconclusive")

Opening = Callable[[Engine], None]


def control(verb: str, **more: str) -> Dispatched:
    inputs = {"verb": verb, "environment": "dev", "deploy": "app", "reason": REASON, **more}
    return "headgate-control.yaml", inputs


def deploy(kind: str, release: str = "2-2222222") -> Dispatched:
    """Somebody starts a deploy run by hand."""
    inputs = {"environment": "dev", "release": release, "kind": kind, "reason": REASON}
    return "headgate-deploy-app.yaml", inputs


def promotion(release: str = "2-2222222", **more: str) -> Dispatched:
    inputs = {"environment": "dev", "deploys": "all", "release": release, "reason": REASON, **more}
    return "headgate-promote.yaml", inputs


ROLLBACK: Dispatched = (
    "headgate-rollback.yaml",
    {"environment": "dev", "deploys": "all", "reason": REASON},
)
ABORT = control("abort")
ABORT_NOW = control("abort", now="true")
PAUSE, PROMOTE_NOW = control("pause"), control("promote-now")
TO_ROLLOUTS = (ABORT, ABORT_NOW, PAUSE, PROMOTE_NOW)
OF_HELD = (
    control("retry"),
    control("resume"),
    control("resolve", outcome="promoted"),
    control("resolve", outcome="rolled_back"),
)
OF_OTHERS = (ROLLBACK, deploy("resume"), deploy("promote"), promotion(skip_strategy="true", force="true"))
EVERYBODY = (*TO_ROLLOUTS, *OF_HELD, *OF_OTHERS)
OF_QUEUES = (
    promotion(),
    promotion("3-3333333"),
    promotion("1-1111111"),
    promotion("3-3333333", force="true", skip_strategy="true"),
    control("freeze"),
    control("unfreeze"),
    control("adopt", release="1-1111111"),
    ROLLBACK,
    ABORT,
)


def opened(releases: int, *started: Dispatched, built: int = 1) -> Opening:
    """So many releases were promoted, some more built; then people start these, one after the other."""

    def play(engine: Engine) -> None:
        for number in range(1, releases + built + 1):
            name = engine.release(f"{number:x}" * 40, {"tag": f"v{number}"})
            if number <= releases:
                engine.dispatch("promote", environment="dev", release=name, deploys="all", reason="")
        for workflow, inputs in started:
            engine.follow()
            run = engine.github.new_run(workflow, inputs)
            engine.github.waiting.remove(run)
            engine.execute(run)

    return play


def stopped(**outcomes: Outcome) -> Opening:
    """The promotion of r2 went as far as it could, with those answers of callbacks."""

    def play(engine: Engine) -> None:
        opened(1)(engine)
        engine.outcomes.update({job: [outcome] for job, outcome in outcomes.items()})
        engine.dispatch("promote", **promotion()[1])
        assert engine.branch.log[-1].event["to"] in ("held", "paused")

    return play


def overdue(engine: Engine) -> None:
    """The run of r2 died before it called anything, and was found when the rollout's time was over."""
    opened(1)(engine)
    engine.faults += [Fault("start", "dies_after_push"), Fault("finish", "dies_before_start")]
    engine.dispatch("promote", **promotion()[1])
    engine.github.time += 2 * HOUR
    engine.dispatch("cron")


def manual(**deploys: Stages) -> Plan:
    """Nothing goes anywhere by itself."""
    return plan(auto=(), **deploys)


def changed(found: Plan) -> Plan:
    """The plan after somebody has changed the inputs of its callbacks."""
    deploys = []
    for one in found.deploys:
        parts = {place: replace(part, inputs={"more": "yes"}) for place, part in one.parts.items()}
        deploys.append(replace(one, parts=parts))
    return replace(found, deploys=tuple(deploys))


def without(found: Plan) -> Plan:
    """The plan after somebody has removed its deploys."""
    return replace(found, deploys=())


def setup(
    name: str,
    stages: Stages,
    people: tuple[Dispatched, ...] = EVERYBODY,
    opening: Opening | None = None,
    plans: tuple[Callable[[Plan], Plan], ...] = (),
) -> Setup:
    """One deploy in one environment; r1 is live and r2 was promoted just now, unless said otherwise."""
    first = manual(app=stages)
    return Setup(name, (first, *(other(first) for other in plans)), opening or opened(1, promotion()), people)


FIRST = opened(0, promotion("1-1111111"))
BACK = opened(2, ROLLBACK, built=0)
CROWDED = (
    setup("canary", CANARY),
    setup("two steps", TWO_STEPS),
    setup("blue-green", BLUE_GREEN),
    setup("holding blue-green", HOLDING),
    setup("plain blue-green", PLAIN),
    setup("at once", AT_ONCE),
    setup("first canary", CANARY, opening=FIRST),
    setup("first blue-green", BLUE_GREEN, opening=FIRST),
    setup("canary back", CANARY, opening=BACK),
    setup("blue-green back", BLUE_GREEN, opening=BACK),
    setup("warm blue-green back", PLAIN, opening=BACK),
    setup("canary, other plans", CANARY, (ABORT,), plans=(changed, without)),
    setup("blue-green, other plans", BLUE_GREEN, (ABORT,), plans=(changed, without)),
    setup("queue", CANARY, OF_QUEUES, opened(1, promotion(), built=2)),
    setup("queue at once", AT_ONCE, OF_QUEUES, opened(1, promotion(), built=2)),
    setup("approval by verb", BY_VERB, (*EVERYBODY, control("approve"), control("reject"))),
    setup("approval by review", BY_REVIEW, (*EVERYBODY, control("approve"))),
    setup("parked bake", PARKED),
    setup("reviewed, other plans", BY_REVIEW, (ABORT,), plans=(changed, without)),
    setup("overdue canary", replace(CANARY, holds=True), opening=overdue),
    setup("overdue preview", replace(BLUE_GREEN, holds=True), opening=overdue),
    setup("paused canary", CANARY, opening=stopped(bake_1=Outcome(meanwhile=(PAUSE,)))),
    setup("paused blue-green", BLUE_GREEN, opening=stopped(bake_live=Outcome(meanwhile=(PAUSE,)))),
    setup("held canary", TWO_STEPS, opening=stopped(canary_1=FAILURE)),
    setup("held bake", TWO_STEPS, opening=stopped(verify_2_2=UNCLEAR)),
    setup("held promote", CANARY, opening=stopped(promote=FAILURE)),
    setup("held rollback", CANARY, opening=stopped(canary_1=FAILURE, rollback=FAILURE)),
    setup("held preview", HOLDING, opening=stopped(preview=FAILURE)),
    setup("held verification", BLUE_GREEN, opening=stopped(verify_preview=UNCLEAR)),
    setup("held watch", BLUE_GREEN, opening=stopped(verify_live=UNCLEAR)),
    setup("held switchback", BLUE_GREEN, opening=stopped(cutover=FAILURE, switchback=FAILURE)),
)
"""Everybody may step in; explored with one disturbance."""

SPENDING = tuple(
    setup(f"{stages.strategy}, no recoveries", stages, (ABORT,)) for stages in (CANARY, BLUE_GREEN, AT_ONCE)
)
"""Explored with one disturbance where none is recovered from."""

LONELY = (
    setup("canary, aborted", CANARY, (ABORT_NOW,)),
    setup("blue-green, aborted", PLAIN, (ABORT_NOW,)),
    setup("at once, twice", AT_ONCE, (deploy("resume"), ABORT)),
    setup("first blue-green, aborted", BLUE_GREEN, (ABORT,), FIRST),
)
"""Few may step in; explored with two disturbances."""
