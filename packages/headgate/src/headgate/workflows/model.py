"""A workflow as values: what is said in it, not how it is printed.

Rule: a job of Headgate's has a name, a timeout and permissions; a job with needs has a condition. What can't
be built can't be emitted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from headgate.workflows.expressions import Expression

FOLDER = ".github/workflows"

InputKind = Literal["string", "choice", "boolean"]
Value = str | int | float | bool
"""What stands behind a key of `with` or `env`; strings may hold embedded expressions."""


class DispatchInput(msgspec.Struct, frozen=True, kw_only=True):
    """One field of the form behind GitHub's button "Run workflow"."""

    name: str
    description: str
    kind: InputKind = "string"
    options: tuple[str, ...] = ()
    default: str | bool | None = None
    """None: the input is required."""


class Triggers(msgspec.Struct, frozen=True, kw_only=True):
    """What starts a workflow."""

    push_branch: str | None = None
    pull_request: bool = False
    merge_group: bool = False
    cron: str | None = None
    dispatch: tuple[DispatchInput, ...] | None = None


class Permission(msgspec.Struct, frozen=True):
    """What a job's token may do, and why."""

    scope: str
    level: str
    why: str = ""


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """A step that uses a pinned action; `version` is what the pin stands for."""

    name: str
    uses: str
    version: str
    inputs: Mapping[str, Value]


class Script(msgspec.Struct, frozen=True, kw_only=True):
    """A step that runs a shell script; values come to it through `env`, never by an expression in `run`."""

    name: str
    run: str
    id: str | None = None
    condition: Expression | None = None
    env: Mapping[str, Value] = {}


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A job of Headgate's own."""

    id: str
    name: str
    runs_on: object
    timeout_minutes: int
    permissions: tuple[Permission, ...]
    steps: tuple[Action | Script, ...]
    needs: tuple[str, ...] = ()
    condition: tuple[Expression, ...] = ()
    """The parts of `if`, all of which must hold."""
    environment: str | None = None
    """The GitHub environment whose reviewers must approve before the job starts."""
    outputs: Mapping[str, Expression] = {}
    note: str = ""


class CallJob(msgspec.Struct, frozen=True, kw_only=True):
    """A job that calls one of the user's workflows: a callback."""

    id: str
    name: str
    uses: str
    permissions: tuple[Permission, ...] | Literal["read-all", "write-all"]
    needs: tuple[str, ...] = ()
    condition: tuple[Expression, ...] = ()
    inputs: Mapping[str, Value | tuple[str, ...]] = {}
    """A tuple is one long string, broken over lines."""
    secrets: Literal["inherit"] | Mapping[str, Expression] = {}
    note: str = ""


class Concurrency(msgspec.Struct, frozen=True):
    """At most one run of a group at a time."""

    group: str
    cancels: bool


class Workflow(msgspec.Struct, frozen=True, kw_only=True):
    """One generated file under `.github/workflows/`."""

    file: str
    name: str
    about: str
    """For the reader of the file, in its first lines."""
    triggers: Triggers
    jobs: tuple[Job | CallJob, ...]
    run_name: str | None = None
    concurrency: Concurrency | None = None

    @property
    def path(self) -> str:
        """Where the file lies in the repository."""
        return f"{FOLDER}/{self.file}"
