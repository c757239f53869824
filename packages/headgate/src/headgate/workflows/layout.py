"""A workflow's values → the YAML that says them: order of keys, comments, what goes on one line.

Rule: the order is the same in every file, and everything said here is said once for all of them.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import assert_never

from headgate.workflows.expressions import Expression, both, embed, literal
from headgate.workflows.model import (
    Action,
    CallJob,
    DispatchInput,
    Job,
    Permission,
    Script,
    Triggers,
    Value,
    Workflow,
)
from headgate.workflows.writer import Apart, Flow, Folded, Node, Noted, write_yaml

WIDTH = 110
"""Lines are broken past it where they can be."""

MOST_ON_ONE_LINE = 6
"""Needs and choices up to this many stand on one line."""

PERMISSIONS_NOTE = "each job asks for what it needs"


def print_workflow(workflow: Workflow, header: str) -> str:
    """Give the text of a workflow file; `header` is its first line."""
    about = (textwrap.fill(paragraph, WIDTH) for paragraph in workflow.about.split("\n\n"))
    return write_yaml(lay_out(workflow), "\n\n".join((header, *about)))


def lay_out(workflow: Workflow) -> Mapping[str, Node]:
    """Give a workflow as a tree for the writer."""
    tree: dict[str, Node] = {"name": Apart(workflow.name)}
    if workflow.run_name:
        tree["run-name"] = _value(workflow.run_name)
    tree["on"] = Apart(_triggers(workflow.triggers))
    tree["permissions"] = Apart(Noted({}, beside=PERMISSIONS_NOTE))
    if workflow.concurrency:
        group = workflow.concurrency
        tree["concurrency"] = {"group": group.group, "cancel-in-progress": group.cancels}
    tree["defaults"] = {"run": {"shell": "bash"}}
    first, *others = ((job.id, Noted(_job(job), above=job.note)) for job in workflow.jobs)
    tree["jobs"] = Apart(dict([first, *((job_id, Apart(job)) for job_id, job in others)]))
    return tree


def _triggers(triggers: Triggers) -> Node:
    tree: dict[str, Node] = {}
    if triggers.push_branch:
        tree["push"] = {"branches": Flow((triggers.push_branch,))}
    if triggers.pull_request:
        tree["pull_request"] = None
    if triggers.merge_group:
        tree["merge_group"] = None
    if triggers.cron:
        tree["schedule"] = [{"cron": triggers.cron}]
    if triggers.dispatch is not None:
        inputs = {field.name: _dispatch_input(field) for field in triggers.dispatch}
        tree["workflow_dispatch"] = {"inputs": inputs} if inputs else None
    return tree


def _dispatch_input(field: DispatchInput) -> Node:
    tree: dict[str, Node] = {"description": field.description, "type": field.kind}
    if field.default is None:
        tree["required"] = True
    if field.options:
        tree["options"] = _names(field.options)
    if field.default is not None:
        tree["default"] = field.default
    return tree


def _job(job: Job | CallJob) -> Node:
    tree: dict[str, Node] = {"name": job.name}
    if job.needs:
        tree["needs"] = _names(job.needs)
    if job.condition:
        tree["if"] = _condition(job.condition)
    match job:
        case Job():
            return tree | _own(job)
        case CallJob():
            return tree | _call(job)
        case _:
            assert_never(job)


def _own(job: Job) -> dict[str, Node]:
    tree: dict[str, Node] = {"environment": literal(job.environment)} if job.environment else {}
    tree |= {
        "runs-on": _runner(job.runs_on),
        "timeout-minutes": job.timeout_minutes,
        "permissions": _permissions(job.permissions),
    }
    if job.outputs:
        tree["outputs"] = {name: embed(value) for name, value in job.outputs.items()}
    tree["steps"] = [_step(step) for step in job.steps]
    return tree


def _call(job: CallJob) -> dict[str, Node]:
    tree: dict[str, Node] = {"permissions": _permissions(job.permissions), "uses": job.uses}
    if job.inputs:
        tree["with"] = {name: _value(value) for name, value in job.inputs.items()}
    if job.secrets == "inherit":
        tree["secrets"] = "inherit"
    elif job.secrets:
        tree["secrets"] = {name: embed(value) for name, value in job.secrets.items()}
    return tree


def _step(step: Action | Script) -> Node:
    tree: dict[str, Node] = {"name": step.name}
    match step:
        case Action():
            tree["uses"] = Noted(step.uses, beside=step.version)
            tree["with"] = dict(step.inputs)
        case Script():
            if step.id:
                tree["id"] = step.id
            if step.condition:
                tree["if"] = embed(step.condition)
            if step.env:
                tree["env"] = {name: _value(value) for name, value in step.env.items()}
            tree["run"] = step.run
        case _:
            assert_never(step)
    return tree


def _value(value: Value | tuple[str, ...]) -> Node:
    if isinstance(value, tuple):
        return Folded(value)
    if isinstance(value, str) and len(value) > WIDTH and " ${{" in value:
        # Expressions with spaces before them, such as a list of commits.
        return Folded(fill(value.replace(" ${{", "\n${{").split("\n"), " "))
    return value


def _permissions(permissions: tuple[Permission, ...] | str) -> Node:
    if isinstance(permissions, str):
        return permissions
    return {each.scope: Noted(each.level, beside=each.why) for each in permissions}


def _runner(runs_on: object) -> Node:
    match runs_on:
        case str():
            return runs_on
        case tuple():
            return Flow(tuple(str(label) for label in runs_on))
        case Mapping():
            return {str(key): _runner(value) for key, value in runs_on.items()}
        case _:
            raise TypeError(f"not a runner: {runs_on!r}")


def _names(names: tuple[str, ...]) -> Node:
    return Flow(names) if len(names) <= MOST_ON_ONE_LINE else names


def _condition(parts: tuple[Expression, ...]) -> Node:
    """One line where it fits; else one line per part, and the parts of a long list of `||` filled up."""
    whole = embed(both(*parts))
    if len(whole) <= WIDTH:
        return whole
    lines = [line for part in parts for line in _break_part(part, is_last=part is parts[-1])]
    return Folded((f"${{{{ {lines[0]}", *lines[1:-1], f"{lines[-1]} }}}}"))


def _break_part(part: Expression, *, is_last: bool) -> list[str]:
    end = "" if is_last else " &&"
    if len(part) <= WIDTH:
        return [part + end]
    pieces = part.split(" || ")
    return list(fill([*(f"{piece} ||" for piece in pieces[:-1]), pieces[-1] + end], " "))


def fill(pieces: list[str], between: str) -> tuple[str, ...]:
    """Put pieces on as few lines as fit the width."""
    lines = [pieces[0]]
    for piece in pieces[1:]:
        if len(lines[-1]) + len(between) + len(piece) <= WIDTH:
            lines[-1] += between + piece
        else:
            lines.append(piece)
    return tuple(lines)
