"""The manifest with nothing left to derive: what rules check and what is compiled.

Every default is explicit, durations are seconds, short forms are long ones, callbacks named by convention
have their paths. ``path`` is where a value stands in the manifest. Made by ``resolve.py`` alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from headgate_schema.model.deploy import StrategyName
from headgate_schema.model.environment import Promotion
from headgate_schema.model.strategy import BakeMode, OnFailure
from headgate_schema.span import Path

InputValue = str | int | float | bool
Inputs = Mapping[str, InputValue]
Secrets = Literal["inherit"] | Mapping[str, str]
Permissions = Mapping[str, str]


class ResolvedEnvironment(msgspec.Struct, frozen=True):
    """One place of the promotion chain."""

    path: Path
    name: str
    promotion: Promotion
    url: str | None


class ResolvedRunner(msgspec.Struct, frozen=True):
    """Where Headgate's own jobs run. A single label and no group is printed as one word."""

    labels: tuple[str, ...]
    group: str | None = None


class ResolvedBuild(msgspec.Struct, frozen=True):
    """A build; ``permissions`` is ``None`` where the callback file decides."""

    path: Path
    name: str
    callback: str
    needs: tuple[str, ...]
    inputs: Inputs
    secrets: Secrets
    permissions: Permissions | None


class ResolvedNotify(msgspec.Struct, frozen=True):
    """The callback that tells people; ``permissions`` is ``None`` where the callback file decides."""

    path: Path
    callback: str
    inputs: Inputs
    secrets: Secrets
    permissions: Permissions | None


class ResolvedApproval(msgspec.Struct, frozen=True):
    """A person's yes; without ``github_environment`` the rollout parks for it."""

    github_environment: str | None
    timeout_seconds: int
    on_timeout: OnFailure


class ResolvedVerify(msgspec.Struct, frozen=True):
    """Checks during a bake; their times stand on the bake. ``interval_seconds`` as written."""

    callback: str
    failure_limit: int
    interval_seconds: int | None


class Bake(msgspec.Struct, frozen=True):
    """Time under watch; ``checks`` are seconds from its start, the last at its end."""

    seconds: int
    checks: tuple[int, ...] = ()


class ResolvedStep(msgspec.Struct, frozen=True):
    """One step of a canary."""

    percent: int
    bake: Bake


class ResolvedCanary(msgspec.Struct, frozen=True):
    """A canary; ``environments`` in the order of the chain."""

    path: Path
    environments: tuple[str, ...]
    approval: ResolvedApproval | None
    on_failure: OnFailure
    bake_mode: BakeMode
    timeout_seconds: int
    callback: str
    steps: tuple[ResolvedStep, ...]
    verify: ResolvedVerify | None
    promote_callback: str
    rollback_callback: str


class ResolvedBlueGreen(msgspec.Struct, frozen=True):
    """A blue-green; ``environments`` in the order of the chain."""

    path: Path
    environments: tuple[str, ...]
    approval: ResolvedApproval | None
    on_failure: OnFailure
    bake_mode: BakeMode
    timeout_seconds: int
    callback: str
    verify_preview_callback: str | None
    cutover_callback: str
    switchback_callback: str
    verify_live: ResolvedVerify | None
    bake: Bake
    retire_callback: str | None


class ResolvedDeploy(msgspec.Struct, frozen=True):
    """A deploy; ``environments`` in the chain's order, ``permissions`` ``None`` where a callback decides."""

    path: Path
    name: str
    callback: str
    needs: tuple[str, ...]
    builds: tuple[str, ...]
    environments: tuple[str, ...]
    inputs: Inputs
    environment_inputs: Mapping[str, Inputs]
    secrets: Secrets
    permissions: Permissions | None
    strategy: StrategyName
    canary: ResolvedCanary | None
    blue_green: ResolvedBlueGreen | None

    def strategy_in(self, environment: str) -> StrategyName:
        """Give the strategy in force in an environment."""
        block = self.canary or self.blue_green
        return self.strategy if block is not None and environment in block.environments else "all_at_once"


class ResolvedManifest(msgspec.Struct, frozen=True):
    """The whole manifest with nothing left to derive."""

    trunk: str
    environments: tuple[ResolvedEnvironment, ...]
    builds: tuple[ResolvedBuild, ...]
    deploys: tuple[ResolvedDeploy, ...]
    runner: ResolvedRunner
    state_branch: str
    notify: ResolvedNotify | None
