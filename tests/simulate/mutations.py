"""Guards taken out on purpose: what a mutation is, and the mutations that more than one test makes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from headgate_runtime import advance, machine, waiting
from headgate_runtime.advance import Course
from headgate_runtime.machine import Row
from headgate_runtime.opening import Intent, begin
from headgate_runtime.verbs import finish, start

Mutation = Callable[[pytest.MonkeyPatch], None]


def row(strategy: str, state: str, event: str, to: str) -> Mutation:
    """Let that event lead elsewhere."""
    changed = Row(state, event, to, cause="recoveries" if to == "held" else "")

    def mutate(patch: pytest.MonkeyPatch) -> None:
        patch.setitem(machine.TABLES, strategy, (changed, *machine.TABLES[strategy]))

    return mutate


def attribute(place: Any, name: str, value: Any) -> Mutation:
    """Put something else in the place of a function."""
    return lambda patch: patch.setattr(place, name, value)


def always(value: Any) -> Callable[..., Any]:
    """A function that answers the same whatever it is asked."""
    return lambda *_, **__: value


def first(value: Any, *_: Any) -> Any:
    """A function that changes nothing."""
    return value


def both(*mutations: Mutation) -> Mutation:
    """Several at once, where one guard stands behind another."""

    def mutate(patch: pytest.MonkeyPatch) -> None:
        for mutation in mutations:
            mutation(patch)

    return mutate


def skipped_is_fine(verification: bool, seen: Any) -> str:
    return ("check_passed" if verification else "succeeded") if seen.result else "never_started"


def pointer_at_once(record: Any, before: Any, _: Row) -> Any:
    return advance.with_live(record, before.release)


def pointer_stays(record: Any, before: Any, row: Row) -> Any:
    return record if row.to == "rolled_back" else _pointer(record, before, row)


def always_current(run: Any, course: Any, rollout: Any, **_: bool) -> Any:
    return _record_end(run, course, rollout, current=True)


def twins_stay(record: Any, before: Any, row: Row) -> Any:
    found = _colors(record, before, row)
    if row.to != "promoted" or not before.color:
        return found
    old = advance.other_color(before.color)
    return replace(found, colors=found.colors.with_release(old, getattr(record.colors, old)))


def owner_stays(rollout: Any, *more: Any) -> Any:
    return replace(_enter(rollout, *more), owner=rollout.owner)


def target_lost(rollout: Any, row: Row) -> dict[str, Any]:
    return {**_counted(rollout, row), "replaces": None}


def second_rollout(run: Any, course: Any, part: Any) -> Any:
    taken = replace(course, record=replace(course.record, seq=99))  # ids come from the number of the event
    return start._enter(run, begin(taken, part, Intent(course.rollout.release, "", ""), start._me(run)))


def unnamed(_: Any, course: Course, call: Any) -> tuple[Course, str]:
    """A callback that is named to the workflow, but not in the record."""
    return course, call.callback


_pointer, _enter, _counted = advance._with_pointer, advance._enter, advance._counted
_colors, _record_end, _changes = advance._with_colors, finish._record_end, waiting.changes


def only_the_last_change(*courses: Any) -> Any:
    return _changes(*courses)[-1:]
