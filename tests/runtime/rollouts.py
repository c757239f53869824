"""Rollouts and records for tests, small and complete."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from headgate_runtime.advance import Course, Moment
from headgate_runtime.plan import Approval, Bake, Stages, Step
from headgate_runtime.record import Owner, Record, Release, Request, Rollout

NOW = 1_000_000
OLD = Release("1-aaaaaaa", 1, "a" * 40)
NEW = Release("2-bbbbbbb", 2, "b" * 40)
OWNER = Owner(7, 1)
MOMENT = Moment(NOW, "somebody", 7, 1)

APPROVAL = Approval(None, 3600, "rollback")
STAGES = {
    "all_at_once": Stages("all_at_once"),
    "canary": Stages("canary", steps=(Step(10, Bake(600, (600,))), Step(50, Bake(60)))),
    "blue_green": Stages("blue_green", bake=Bake(60, (60,)), verifies_preview=True, retires=True),
}
FIRST = {"all_at_once": "deploying", "canary": "deploying_canary", "blue_green": "deploying_preview"}


def rollout(strategy: str, state: str = "", **changes: Any) -> Rollout:
    """A rollout of that strategy; stages can be changed by their own names."""
    stages = STAGES[strategy]
    own = {name: changes.pop(name) for name in list(changes) if hasattr(stages, name)}
    made = Rollout(
        id="dev-app-1",
        kind="promote",
        release=NEW,
        replaces=OLD,
        stages=replace(stages, **own),
        digest="0" * 16,
        state=state or FIRST[strategy],
        direct=False,
        started_at=NOW,
        actor="somebody",
        reason="promote",
        step=1 if strategy == "canary" else 0,
        color="green" if strategy == "blue_green" else None,
        owner=OWNER,
    )
    return replace(made, **changes)


def requests(*verbs: str) -> tuple[Request, ...]:
    return tuple(Request(verb, NOW, "somebody", f"{verb} it") for verb in verbs)


def record(opened: Rollout | None = None, **changes: Any) -> Record:
    return replace(Record("dev", "app", 1, NOW, live=OLD, promoted=(OLD.id,), open=opened), **changes)


def course(opened: Rollout | None = None, now: int = NOW, **changes: Any) -> Course:
    return Course(record(opened, **changes), replace(MOMENT, now=now))
