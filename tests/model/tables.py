"""The machine alone: every state, every event, every answer that the guards can give.

Pure: no verbs, no branch. What is asked here is whether the tables say what they seem to say: each row is
taken by something, each state is reached, and an event is refused only where a table means it to be.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from headgate_runtime.machine import CAUSES, HELD, TABLES, TERMINAL, TRAFFIC, Row
from headgate_runtime.plan import Bake
from headgate_runtime.record import Rollout

from tests.runtime.rollouts import APPROVAL, FIRST, OLD, requests, rollout

REFUSABLE = {
    ("all_at_once", "deploying", "aborted"): "a callback that runs can't be stopped",
    ("canary", "promoting", "aborted"): "a callback that runs can't be stopped",
    ("blue_green", "cutting_over", "aborted"): "a callback that runs can't be stopped",
    **{
        (strategy, HELD, event): "it depends on where and why the rollout is held"
        for strategy in ("canary", "blue_green")
        for event in ("aborted", "promoted_early", "resumed", "retried")
    },
}
"""The events that a state takes only sometimes, and why."""

GUARDS = {
    ((strategy, row.state), row.guard) for strategy, table in TABLES.items() for row in table if row.guard
}
BOTH_WAYS = tuple(itertools.product((False, True), repeat=3))
ASKED = ((), ("abort",), ("timeout",))
APPROVALS = (None, APPROVAL, replace(APPROVAL, on_timeout="hold"))


@dataclass(frozen=True)
class Walked:
    """What the walk of one table has met."""

    taken: frozenset[Row]
    refused: frozenset[tuple[str, str]]
    reached: frozenset[str]


def situations(strategy: str, state: str) -> Iterator[Rollout]:
    """Rollouts in that state, in every combination of what guards look at."""
    if state != HELD:
        yield from _variants(rollout(strategy, state), itertools.product((False, True), repeat=4), ASKED)
        return
    origins = [one for one in TRAFFIC[strategy] if one not in (HELD, *TERMINAL)]
    flags = [(False, first, False, False) for first in (False, True)]
    for origin, cause in itertools.product(origins, CAUSES):  # held: nothing runs, nothing is asked for
        yield from _variants(rollout(strategy, state, held_from=origin, cause=cause), flags, [()])


def _variants(
    plain: Rollout, flags: Iterable[tuple[bool, ...]], asked: Sequence[tuple[str, ...]]
) -> Iterator[Rollout]:
    for (named, first, spent, holds), verbs in itertools.product(flags, asked):
        for approval, (direct, more, arrived) in itertools.product(APPROVALS, BOTH_WAYS):
            stages = replace(
                plain.stages, approval=approval, holds=holds, failure_limit=int(more),
                verifies_preview=more, bake=Bake(60 if more else 0),
            )  # fmt: skip
            yield replace(
                plain, stages=stages, requests=requests(*verbs), callback="x" if named else None,
                replaces=None if first else OLD, recoveries=3 if spent else 0, direct=direct,
                step=1 if more else 2, arrived=arrived,
            )  # fmt: skip


@cache
def valuations(strategy: str, state: str) -> tuple[Rollout, ...]:
    """Of those one for each combination of answers that the guards of this state can give."""
    guards = [guard for place, guard in GUARDS if place == (strategy, state)]
    found = {tuple(guard(one) for guard in guards): one for one in situations(strategy, state)}
    return tuple(found.values())


def walk(strategy: str, table: Sequence[Row]) -> Walked:
    """Let every state meet every event that it has a row for, under every answer of its guards."""
    taken, refused = set[Row](), set[tuple[str, str]]()
    for state in dict.fromkeys(row.state for row in table):
        events = {row.event: [] for row in table if row.state == state}
        for row in table:
            if row.state == state:
                events[row.event].append(row)
        for one, (event, rows) in itertools.product(valuations(strategy, state), events.items()):
            row = next((row for row in rows if row.guard is None or row.guard(one)), None)
            if row is None:
                refused.add((state, event))
            else:
                taken.add(row)
    return Walked(frozenset(taken), frozenset(refused), _reached(taken, FIRST[strategy]))


def _reached(rows: set[Row], first: str) -> frozenset[str]:
    found = {first}
    while more := {row.to for row in rows if row.state in found} - found:
        found |= more
    return frozenset(found)


def faults(strategy: str, table: Sequence[Row]) -> list[str]:
    """What is wrong with a table: rows that nothing takes, states that nothing reaches, events refused or
    taken against its meaning.
    """
    walked = walk(strategy, table)
    dead = [f"nothing takes {row}" for row in table if row not in walked.taken]
    lost = [f"nothing reaches {state}" for state in TRAFFIC[strategy] if state not in walked.reached]
    meant = {(state, event) for name, state, event in REFUSABLE if name == strategy}
    wrong = [f"{state} refuses {event} sometimes" for state, event in walked.refused - meant]
    wrong += [f"{state} never refuses {event}" for state, event in meant - walked.refused]
    return [*dead, *lost, *wrong]
