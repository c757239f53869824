"""The page of the machine, from the runtime's own tables: every state, its traffic, every way out of it."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from headgate_runtime.machine import RECOVERIES, TABLES, TERMINAL, TRAFFIC, Guard, Row

from tools.reference.markdown import cell, code, page, table

TITLES = {
    "all_at_once": "All at once, and a canary's direct release",
    "canary": "Canary",
    "blue_green": "Blue-green",
}

INTRODUCTION = f"""\
How a rollout moves. A row is taken when the rollout is in its state, its event happens and its condition
holds; the first row that fits is the one. An event without a row is refused and changes nothing.

*Traffic* is the share of the new release: a number, `partial`, or `unknown` while a callback that changes it
may be running. Lost work is done again by itself {RECOVERIES} times in a row; then a person is asked."""


def render(_: Path) -> dict[str, str]:
    """Return the page."""
    return {"docs/reference/machine.md": page("The machine", INTRODUCTION, *map(strategy, TABLES))}


def strategy(name: str) -> str:
    """Return a strategy's section: its states, then the ways out of each."""
    states = table(
        ("state", "traffic", "ends the rollout"),
        [
            (code(state), traffic, "yes" if state in TERMINAL else "")
            for state, traffic in TRAFFIC[name].items()
        ],
    )
    rows = sorted(TABLES[name], key=lambda row: list(TRAFFIC[name]).index(row.state))
    exits = [ways_out(state, list(found)) for state, found in groupby(rows, key=lambda row: row.state)]
    return "\n\n".join((f"## {TITLES[name]}", states, *exits))


def ways_out(state: str, rows: list[Row]) -> str:
    """Return the table of one state's rows, in the machine's order."""
    drawn = [(code(row.event), condition(row.guard), target(row)) for row in rows]
    return f"### From `{state}`\n\n" + table(("event", "if", "to"), drawn)


def condition(guard: Guard | None) -> str:
    """Say a guard in words: its docstring, or its name where it was made for one state."""
    if guard is None:
        return ""
    return cell((guard.__doc__ or guard.__name__.replace("_", " ")).splitlines()[0].rstrip("."))


def target(row: Row) -> str:
    """Name the state a row leads to, and the cause it records."""
    return f"{code(row.to)}, cause {code(row.cause)}" if row.cause else code(row.to)
