"""The page of the callback contract: what a callback may declare, and what it then receives."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import get_args

from headgate_schema.contract import (
    BUILD_INPUTS,
    COLORS,
    DEPLOY_INPUTS,
    MUST_DECLARE,
    NOTIFY_INPUTS,
    READ_OUTPUTS,
    TOLD_APART,
    Action,
    ContractInput,
)

from tools.reference.markdown import cell, code, page, table

INTRODUCTION = """\
A callback receives an input only if it declares it, with the type shown or as `string`. Within version 1 of
the manifest no input is added and none changes; new data goes into `context`."""

DECLARES = """\
A callback for one of these actions must declare the input named here, or `context`, which contains it:
without it, the callback could not know what to do."""

APART = "One callback may serve two actions if it declares `action` or `context`, or, for these pairs:"


def render(_: Path) -> dict[str, str]:
    """Return the page."""
    parts = (
        f"## Inputs of a deploy's callbacks\n\n{inputs(DEPLOY_INPUTS)}",
        f"## Inputs of a build's callback\n\n{named(BUILD_INPUTS)}",
        f"## Inputs of the notify callback\n\n{named(NOTIFY_INPUTS)}",
        f"## Actions\n\n{DECLARES}\n\n{actions()}",
        f"## One callback, two actions\n\n{APART}\n\n{pairs()}",
        f"## Outputs\n\nRead if declared: {', '.join(map(code, READ_OUTPUTS))}.",
    )
    return {"docs/reference/contract.md": page("The callback contract", INTRODUCTION, *parts)}


def inputs(declared: Iterable[ContractInput]) -> str:
    """Describe inputs one by one."""
    rows = ((code(each.name), each.type, cell(each.description)) for each in declared)
    return table(("input", "type", "value"), rows)


def named(declared: Iterable[ContractInput]) -> str:
    """Name inputs that are described above."""
    return f"Of those above: {', '.join(code(each.name) for each in declared)}."


def actions() -> str:
    """List every action, with what its callback must declare and whose colour it gets."""
    rows = (
        (code(action), code(MUST_DECLARE.get(action, "")), COLORS.get(action, ""))
        for action in get_args(Action)
    )
    return table(("action", "must declare", "`color` is that of the release coming in or the old one"), rows)


def pairs() -> str:
    """List the pairs of actions that an input tells apart."""
    rows = ((", ".join(map(code, sorted(pair))), code(name)) for pair, name in TOLD_APART.items())
    return table(("actions", "told apart by"), rows)
