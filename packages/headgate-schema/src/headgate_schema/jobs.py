"""The jobs of a workflow file, as far as rules look at them: order, condition, calls, outputs, permissions,
scripts. Every fact carries the path where it stands in the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from headgate_schema.conditions import STATUS_FUNCTIONS, find_condition
from headgate_schema.expressions import Access, Node, find_expressions, has_call, parse, walk
from headgate_schema.span import Path


class Job(msgspec.Struct, frozen=True):
    """A job.

    ``condition`` is its ``if`` as text, empty for none, ``tree`` the same parsed, ``None`` for one that can't
    be understood; ``says_when`` tells whether it runs by that alone, not only if all before it succeeded.
    ``calls`` is the workflow that it calls, else empty; ``outputs`` the outputs that it declares, in lower
    case, ``None`` where the called workflow decides; ``may_write`` tells whether its permissions hold a
    ``write``, ``None`` where it says nothing about them.
    """

    path: Path
    name: str
    needs: tuple[str, ...]
    condition: str
    tree: Node | None
    says_when: bool
    calls: str
    outputs: frozenset[str] | None
    may_write: bool | None
    passes_all_secrets: bool = False


class Script(msgspec.Struct, frozen=True):
    """Code of a step: what its shell runs, or an action that is known to run what it is given."""

    path: Path
    text: str


class Read(msgspec.Struct, frozen=True):
    """A value of a context that the file reads, and where."""

    path: Path
    access: Access


def get_mapping(value: object) -> dict[str, Any]:
    """Give a mapping, an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def read_jobs(jobs: Mapping[str, Any]) -> Iterator[Job]:
    """Read ``jobs`` of a workflow."""
    for name, written in jobs.items():
        job = get_mapping(written)
        needs, uses = job.get("needs"), job.get("uses")
        condition = _show_condition(job.get("if"))
        text = find_condition(condition)
        yield Job(
            path=("jobs", name),
            name=name,
            needs=tuple(str(item) for item in (needs if isinstance(needs, list) else [needs]) if item),
            condition=condition,
            tree=parse(text) if text else None,
            says_when=_says_when(condition),
            calls=uses if isinstance(uses, str) else "",
            outputs=_read_outputs(job),
            may_write=holds_write(job["permissions"]) if "permissions" in job else None,
            passes_all_secrets=job.get("secrets") == "inherit",
        )


def _says_when(condition: str) -> bool:
    texts = find_expressions(condition) if "${{" in condition else (condition,)
    functions = [name for name in STATUS_FUNCTIONS if name != "success"]
    return any(has_call(node, *functions) for text in texts if (node := parse(text)) is not None)


def _read_outputs(job: Mapping[str, Any]) -> frozenset[str] | None:
    outputs = job.get("outputs")
    if isinstance(job.get("uses"), str) or not (outputs is None or isinstance(outputs, dict)):
        return None
    return frozenset(name.lower() for name in get_mapping(outputs))


def _show_condition(condition: object) -> str:
    match condition:
        case bool():
            return "true" if condition else "false"
        case str() | int() | float():
            return str(condition)
        case _:
            return ""


def holds_write(permissions: object) -> bool:
    """Tell whether ``permissions`` as a workflow or a job writes them hold a ``write``."""
    return permissions == "write-all" or "write" in get_mapping(permissions).values()


def list_steps(jobs: Mapping[str, Any]) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Give every step with its path."""
    for name, job in jobs.items():
        steps = get_mapping(job).get("steps")
        for index, step in enumerate(steps if isinstance(steps, list) else []):
            yield ("jobs", name, "steps", index), get_mapping(step)


def read_scripts(jobs: Mapping[str, Any]) -> Iterator[Script]:
    """Give every script of every step."""
    for path, step in list_steps(jobs):
        run, script = step.get("run"), get_mapping(step.get("with")).get("script")
        if isinstance(run, str):
            yield Script((*path, "run"), run)
        if isinstance(script, str) and str(step.get("uses", "")).lower().startswith("actions/github-script@"):
            yield Script((*path, "with", "script"), script)


def read_contexts(workflow: Mapping[str, Any]) -> Iterator[Read]:
    """Give every value of a context that a workflow's expressions read."""
    for path, text in _list_expressions(workflow, ()):
        for node in walk(tree) if (tree := parse(text)) is not None else ():
            if isinstance(node, Access):
                yield Read(path, node)


def _list_expressions(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    match value:
        case str() if "${{" in value:
            yield from ((path, text) for text in find_expressions(value))
        case str() if path[-1] == "if":
            yield path, value
        case dict():
            for key, item in value.items():
                yield from _list_expressions(item, (*path, key))
        case list():
            for index, item in enumerate(value):
                yield from _list_expressions(item, (*path, index))
