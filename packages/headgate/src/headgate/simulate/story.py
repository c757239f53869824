"""What a simulation is told, and what it tells: the answers of callbacks, the misfortunes of jobs, the calls.

Values only; the engine follows them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Dispatched = tuple[str, Mapping[str, str]]
"""A workflow that somebody starts, and its inputs."""

FaultKind = Literal[
    "cancel",
    "cancel_before",
    "dies_before_start",
    "dies_before_push",
    "dies_after_push",
    "dies_before_output",
]


@dataclass(frozen=True)
class Outcome:
    """What a callback answers. `meanwhile` are the workflows that people start while it runs, or while a gate
    bakes.
    """

    result: str = "success"
    verdict: str = ""
    reason: str = ""
    meanwhile: tuple[Dispatched, ...] = ()


@dataclass(frozen=True)
class Fault:
    """What befalls a job, once; `job` is its id or `deploy/id`.

    cancel strikes while it runs, cancel_before between the job before it and this one; the job dies
    before it starts, around its `nth` push, or when everything is done but its outputs.
    """

    job: str
    kind: FaultKind
    nth: int = 1


@dataclass(frozen=True)
class Called:
    """One call of a callback: all that it receives by the contract, and how it ended.

    `ended` is the number of changes on the state branch by then.
    """

    time: int
    run: int
    environment: str
    deploy: str
    job: str
    inputs: Mapping[str, str | int]
    result: str = "success"
    ended: int = 0

    @property
    def told(self) -> dict[str, str | int]:
        """The inputs that tell this call apart from others, without those that don't apply to it."""
        action = self.inputs["action"]
        shown = ["action", *(["release"] if action != "notify" else [])]
        shown += ["percent"] if action in ("deploy", "promote", "deploy_canary", "verify") else []
        shown += [name for name in ("step", "color", "reason") if self.inputs[name]]
        return {name: self.inputs[name] for name in shown}
