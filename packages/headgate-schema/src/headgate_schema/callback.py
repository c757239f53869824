"""What a callback file declares and does: its inputs, outputs, secrets, permissions, environments, jobs.

Reads only what the contract needs to know and leaves the rest of the workflow to GitHub. Every fact carries
the path where it stands in the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec

from headgate_schema.document import Document, read_document
from headgate_schema.jobs import (
    Job,
    Read,
    Script,
    get_mapping,
    holds_write,
    list_steps,
    read_contexts,
    read_jobs,
    read_scripts,
)
from headgate_schema.span import Path

InputType = Literal["string", "number", "boolean"]
Level = Literal["none", "read", "write"]


class DeclaredInput(msgspec.Struct, frozen=True):
    """An input of ``on.workflow_call``; ``type`` is ``None`` where the file gives none that GitHub knows."""

    path: Path
    name: str
    type: InputType | None
    is_required: bool
    default: str | int | float | bool | None = None


class DeclaredSecret(msgspec.Struct, frozen=True):
    """A secret of ``on.workflow_call``."""

    path: Path
    name: str
    is_required: bool


class Ask(msgspec.Struct, frozen=True):
    """A permission that the file asks for; scope ``*`` means every scope (``read-all``, ``write-all``)."""

    path: Path
    scope: str
    level: Level


class DeclaredOutput(msgspec.Struct, frozen=True):
    """An output of ``on.workflow_call``; ``value`` is empty where the file gives none."""

    path: Path
    name: str
    value: str


class NamedEnvironment(msgspec.Struct, frozen=True):
    """A GitHub environment that a job names; ``name`` may be an expression."""

    path: Path
    job: str
    name: str


class Checkout(msgspec.Struct, frozen=True):
    """A step that checks out a repository; empty strings where the step does not say."""

    path: Path
    repository: str
    ref: str


class Callback(msgspec.Struct, frozen=True):
    """A reusable workflow as its caller sees it.

    ``is_known`` tells whether what stands under its ``on`` could be read, ``is_callable`` whether that has
    ``workflow_call``; jobs without permissions of their own, in a workflow without any (``may_write`` is
    ``None``), get whatever the calling job grants. ``dispatch_inputs`` are those that only a start by hand
    gives, ``uses`` the actions of steps and the workflows of jobs.
    """

    document: Document
    is_known: bool
    is_callable: bool
    inputs: Mapping[str, DeclaredInput]
    dispatch_inputs: frozenset[str]
    outputs: Mapping[str, DeclaredOutput]
    secrets: Mapping[str, DeclaredSecret]
    asks: tuple[Ask, ...]
    may_write: bool | None
    has_jobs_without_permissions: bool
    environments: tuple[NamedEnvironment, ...]
    checkouts: tuple[Checkout, ...]
    jobs: tuple[Job, ...]
    scripts: tuple[Script, ...]
    reads: tuple[Read, ...]
    uses: tuple[tuple[Path, str], ...]

    @property
    def is_whole(self) -> bool:
        """Tell whether all of the file could be read, so that what is not in it is known too."""
        return not self.document.troubles

    @property
    def file(self) -> str:
        """Where the file lies in the repository."""
        return self.document.name

    def declares(self, *names: str) -> bool:
        """Tell whether it declares at least one of these inputs."""
        return any(name in self.inputs for name in names)


def read_callback(data: bytes, file: str) -> Callback:
    """Read a workflow file; its ``document.troubles`` say what kept it, or a part of it, from being read."""
    document = read_document(data, file, are_scalar_keys_text=True)
    workflow, is_known = _select_sound(document)
    on = get_mapping(workflow.get("on"))
    called = get_mapping(on.get("workflow_call"))
    jobs = get_mapping(workflow.get("jobs"))
    return Callback(
        document=document,
        is_known=is_known,
        is_callable=_is_callable(workflow.get("on")),
        inputs={item.name: item for item in _read_inputs(get_mapping(called.get("inputs")))},
        dispatch_inputs=frozenset(get_mapping(get_mapping(on.get("workflow_dispatch")).get("inputs"))),
        outputs={item.name: item for item in _read_outputs(get_mapping(called.get("outputs")))},
        secrets={item.name: item for item in _read_secrets(get_mapping(called.get("secrets")))},
        asks=tuple(_read_asks(workflow, jobs)),
        may_write=holds_write(workflow["permissions"]) if "permissions" in workflow else None,
        has_jobs_without_permissions="permissions" not in workflow
        and any("permissions" not in get_mapping(job) for job in jobs.values()),
        environments=tuple(_read_environments(jobs)),
        checkouts=tuple(_read_checkouts(jobs)),
        jobs=tuple(read_jobs(jobs)),
        scripts=tuple(read_scripts(jobs)),
        reads=tuple(read_contexts(workflow)),
        uses=tuple(_read_uses(jobs)),
    )


def _select_sound(document: Document) -> tuple[dict[str, Any], bool]:
    """Give what can be relied on of a workflow, and whether its interface can: where a part is damaged, that
    alone. What a job seems to lack might stand in the part that can't be read.
    """
    data = document.data
    if data is None or document.gaps.touch(("on",)):
        return {}, False
    return ({"on": data["on"]} if "on" in data else {}) if document.troubles else data, True


_CALL: Path = ("on", "workflow_call")


def _is_callable(on: object) -> bool:
    return on == "workflow_call" or (isinstance(on, dict | list) and "workflow_call" in on)


def _read_inputs(inputs: dict[str, Any]) -> Iterator[DeclaredInput]:
    for name, declared in inputs.items():
        fields = get_mapping(declared)
        kind = fields.get("type")
        default = fields.get("default")
        yield DeclaredInput(
            path=(*_CALL, "inputs", name),
            name=name,
            type=kind if kind in ("string", "number", "boolean") else None,
            is_required=fields.get("required") is True,
            default=default if isinstance(default, str | int | float | bool) else None,
        )


def _read_outputs(outputs: dict[str, Any]) -> Iterator[DeclaredOutput]:
    for name, declared in outputs.items():
        value = get_mapping(declared).get("value")
        yield DeclaredOutput((*_CALL, "outputs", name), name, _words(value))


def _read_secrets(secrets: dict[str, Any]) -> Iterator[DeclaredSecret]:
    for name, declared in secrets.items():
        yield DeclaredSecret((*_CALL, "secrets", name), name, get_mapping(declared).get("required") is True)


def _read_asks(workflow: dict[str, Any], jobs: dict[str, Any]) -> Iterator[Ask]:
    yield from _read_permissions(workflow.get("permissions"), ("permissions",))
    for name, job in jobs.items():
        yield from _read_permissions(get_mapping(job).get("permissions"), ("jobs", name, "permissions"))


def _read_permissions(permissions: object, path: Path) -> Iterator[Ask]:
    if permissions in ("read-all", "write-all"):
        yield Ask(path, "*", "write" if permissions == "write-all" else "read")
    for scope, level in get_mapping(permissions).items():
        if level in ("read", "write"):
            yield Ask((*path, scope), scope, level)


def _read_environments(jobs: dict[str, Any]) -> Iterator[NamedEnvironment]:
    for job_name, job in jobs.items():
        environment = get_mapping(job).get("environment")
        path: Path = ("jobs", job_name, "environment")
        if isinstance(environment, dict):
            environment, path = environment.get("name"), (*path, "name")
        if isinstance(environment, str) and environment:
            yield NamedEnvironment(path, job_name, environment)


def _read_uses(jobs: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    for name, job in jobs.items():
        if isinstance(uses := get_mapping(job).get("uses"), str):
            yield ("jobs", name, "uses"), uses
    for path, step in list_steps(jobs):
        if isinstance(uses := step.get("uses"), str):
            yield (*path, "uses"), uses


def _read_checkouts(jobs: dict[str, Any]) -> Iterator[Checkout]:
    for path, step in list_steps(jobs):
        if str(step.get("uses", "")).lower().startswith("actions/checkout@"):
            given = get_mapping(step.get("with"))
            yield Checkout((*path, "uses"), _words(given.get("repository")), _words(given.get("ref")))


def _words(value: object) -> str:
    return "" if value is None else str(value)
