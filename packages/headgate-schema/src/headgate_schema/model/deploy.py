"""One deployable of the manifest."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from msgspec import UNSET, Meta, UnsetType, field

from headgate_schema.model.base import Block, Model, Presence
from headgate_schema.model.blue_green import BlueGreen
from headgate_schema.model.canary import Canary
from headgate_schema.model.fields import (
    CallbackPath,
    EnvironmentNames,
    InputMap,
    Inputs,
    Name,
    Permissions,
    Secrets,
)

StrategyName = Literal["all_at_once", "canary", "blue_green"]


class Deploy(Model, frozen=True, kw_only=True):
    """One thing that is brought live, with its own callbacks and its own strategy."""

    presence: ClassVar[tuple[Presence, ...]] = (
        Block("strategy", "canary", "canary"),
        Block("strategy", "blue_green", "blue_green"),
    )

    name: Annotated[Name, Meta(description="The deploy's name.")]
    callback: (
        Annotated[
            CallbackPath,
            Meta(
                description="The reusable workflow that brings a release live. "
                "Default: `.github/workflows/deploy-<name>.yaml`."
            ),
        ]
        | UnsetType
    ) = UNSET
    needs: Annotated[
        tuple[Name, ...],
        Meta(
            max_length=50,
            description="Deploys that must be promoted in this environment first, at the same or a newer "
            "release. One that the environment does not have is ignored there.",
        ),
    ] = ()
    builds: (
        Annotated[
            tuple[Name, ...],
            Meta(
                max_length=25,
                description="Builds whose outputs this deploy receives as inputs. "
                "Default: the build of the same name if there is one, else all.",
            ),
        ]
        | UnsetType
    ) = UNSET
    environments: (
        Annotated[
            EnvironmentNames,
            Meta(min_length=1, max_length=20, description="Where it is deployed. Default: all environments."),
        ]
        | UnsetType
    ) = UNSET
    inputs: Inputs = field(default_factory=dict)
    environment_inputs: Annotated[
        dict[
            Name,
            Annotated[InputMap, Meta(max_length=100, description="Constant inputs for this environment.")],
        ],
        Meta(max_length=20, description="Constant inputs for one environment each, over `inputs`."),
    ] = field(default_factory=dict)
    secrets: Secrets | UnsetType = UNSET
    permissions: Permissions | UnsetType = UNSET
    strategy: Annotated[
        StrategyName,
        Meta(
            description="How a release is brought live: `all_at_once`; `canary`: a share of the traffic "
            "first; `blue_green`: beside the old one, then all traffic at once."
        ),
    ] = "all_at_once"
    canary: (
        Annotated[
            Canary,
            Meta(
                description="How the canary advances, with `strategy: canary`: one share of the traffic, or "
                "several in ascending steps."
            ),
        ]
        | UnsetType
    ) = UNSET
    blue_green: (
        Annotated[
            BlueGreen,
            Meta(
                description="How the blue-green deploy advances, with `strategy: blue_green`: preview, "
                "cutover, watch, retire; or switch back."
            ),
        ]
        | UnsetType
    ) = UNSET
