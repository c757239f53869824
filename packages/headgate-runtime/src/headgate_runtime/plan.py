"""What Headgate compiled the manifest to: the values that the machine, the verbs and the generator share.

A plan is data: who follows whom, and for each deploy in each environment (a `Part`) the stages of its
rollouts. Rollouts freeze the stages they start with, so a plan that changes on trunk never changes a
rollout that is open. All durations are whole seconds.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from headgate_runtime.codec import Malformed, decode, encode, kept
from headgate_runtime.errors import HeadgateError

FORMAT = 1
"""The format of plan.json: readers ignore keys they don't know within it and refuse a higher one."""

ALL_AT_ONCE, CANARY, BLUE_GREEN = STRATEGIES = ("all_at_once", "canary", "blue_green")

Scalar = str | bool | int | float
"""A constant input of a callback."""


class PlanError(HeadgateError):
    """plan.json can't be read: damaged, or written by a newer Headgate."""


@dataclass(frozen=True)
class Bake:
    """Time under watch: how long, and when (seconds after its start, ascending, the last at the end) it is
    verified.
    """

    seconds: int
    checks: tuple[int, ...] = ()
    unknown: Mapping[str, Any] = kept()


@dataclass(frozen=True)
class Step:
    """One step of a canary: its share of the traffic (1..99 percent) and the bake that follows."""

    percent: int
    bake: Bake
    unknown: Mapping[str, Any] = kept()


@dataclass(frozen=True)
class Approval:
    """A person's yes before the promotion or cutover; by the verb `approve`, or on a GitHub environment."""

    github_environment: str | None
    timeout_seconds: int
    on_timeout: str
    unknown: Mapping[str, Any] = kept()


@dataclass(frozen=True)
class Stages:
    """How a rollout advances: all that its decisions depend on. A record freezes it at the start.

    `steps` is the canary's; `bake` is blue-green's watch after cutover. `holds` is `on_failure: hold`.
    """

    strategy: str
    steps: tuple[Step, ...] = ()
    bake: Bake = Bake(0)
    failure_limit: int = 0
    verifies_preview: bool = False
    retires: bool = False
    approval: Approval | None = None
    holds: bool = False
    parks: bool = False
    timeout_seconds: int | None = None
    unknown: Mapping[str, Any] = kept()


@dataclass(frozen=True)
class Part:
    """One deploy in one environment: its stages, which callback file serves each action, its constant
    inputs.
    """

    stages: Stages
    callbacks: Mapping[str, str]
    inputs: Mapping[str, Scalar] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """Sixteen hex digits that change when anything about this part does."""
        text = json.dumps(encode(self), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Environment:
    """A place in the promotion chain; `auto` environments take releases by themselves."""

    name: str
    auto: bool
    url: str | None = None


@dataclass(frozen=True)
class Build:
    """A build of the release and the outputs its callback declares."""

    name: str
    outputs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Deploy:
    """One deployable: its workflow file, what it waits for, whose outputs it gets, and its part per
    environment.
    """

    name: str
    workflow: str
    needs: tuple[str, ...]
    builds: tuple[str, ...]
    parts: Mapping[str, Part]


@dataclass(frozen=True)
class Plan:
    """The whole of it, in the order of the manifest; `generator` is the version of Headgate that wrote it."""

    generator: str
    trunk: str
    state_branch: str
    environments: tuple[Environment, ...]
    builds: tuple[Build, ...]
    deploys: tuple[Deploy, ...]
    notify: str | None = None
    """The callback that tells people what becomes of rollouts."""

    def deploy(self, name: str) -> Deploy | None:
        """The deploy of that name, or None when the manifest has none."""
        return next((deploy for deploy in self.deploys if deploy.name == name), None)

    def part(self, environment: str, deploy: str) -> Part | None:
        """The part for one deploy in one environment, or None when it is not deployed there."""
        found = self.deploy(deploy)
        return found.parts.get(environment) if found else None

    def environment(self, name: str) -> Environment | None:
        """The environment of that name, or None."""
        return next((environment for environment in self.environments if environment.name == name), None)

    def deploys_in(self, environment: str) -> tuple[Deploy, ...]:
        """The deploys of one environment, each after those it needs there."""
        return order_by_needs([deploy for deploy in self.deploys if environment in deploy.parts])

    def needs_in(self, environment: str, deploy: Deploy) -> tuple[str, ...]:
        """The deploys that must be promoted first; those this environment does not have are ignored."""
        here = {other.name for other in self.deploys if environment in other.parts}
        return tuple(need for need in deploy.needs if need in here)

    def environment_before(self, environment: str, deploy: Deploy) -> str | None:
        """The nearest earlier environment that has this deploy; None when this one is its first."""
        before: str | None = None
        for candidate in self.environments:
            if candidate.name == environment:
                return before
            if candidate.name in deploy.parts:
                before = candidate.name
        return None

    def to_json(self) -> dict[str, Any]:
        """The content of plan.json, each part with its digest."""
        content: dict[str, Any] = {"format": FORMAT, **encode(self)}
        for deploy, written in zip(self.deploys, content["deploys"], strict=True):
            for environment, part in deploy.parts.items():
                written["parts"][environment]["digest"] = part.digest
        return content

    @classmethod
    def from_json(cls, content: Any) -> Plan:
        """Read plan.json; raises PlanError when it is damaged or newer than this runtime."""
        found = content.get("format") if isinstance(content, dict) else None
        if found != FORMAT:
            raise PlanError(
                f"plan.json has format {found!r}, this runtime reads {FORMAT}: run `headgate generate`"
            )
        try:
            return decode(cls, content)
        except Malformed as error:
            raise PlanError(f"plan.json is damaged ({error}): run `headgate generate`") from error


def order_by_needs(deploys: Iterable[Deploy]) -> tuple[Deploy, ...]:
    """Each deploy after those it needs, else in the given order; the validator has refused cycles."""
    waiting = list(deploys)
    names = {deploy.name for deploy in waiting}
    ordered: list[Deploy] = []
    done: set[str] = set()
    while waiting:
        ready = next((d for d in waiting if all(n in done or n not in names for n in d.needs)), waiting[0])
        waiting.remove(ready)
        done.add(ready.name)
        ordered.append(ready)
    return tuple(ordered)
