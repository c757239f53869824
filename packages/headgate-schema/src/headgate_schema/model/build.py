"""A callback that produces a part of the release, once."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType, field

from headgate_schema.model.base import Model
from headgate_schema.model.fields import CallbackPath, Inputs, Name, Permissions, Secrets


class Build(Model, frozen=True, kw_only=True):
    """A callback that builds a part of the release; its outputs reach deploys as inputs of the same name."""

    name: Annotated[Name, Meta(description="The build's name.")]
    callback: (
        Annotated[
            CallbackPath,
            Meta(
                description="The reusable workflow that builds. Default: "
                "`.github/workflows/build-<name>.yaml`."
            ),
        ]
        | UnsetType
    ) = UNSET
    needs: Annotated[
        tuple[Name, ...],
        Meta(
            max_length=25,
            description="Builds that run before this one; their outputs reach it as inputs of the same name.",
        ),
    ] = ()
    inputs: Inputs = field(default_factory=dict)
    secrets: Secrets | UnsetType = UNSET
    permissions: Permissions | UnsetType = UNSET
