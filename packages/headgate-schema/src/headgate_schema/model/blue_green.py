"""Blue-green: the release comes up on the idle colour, takes all traffic, and can be switched back."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from headgate_schema.model import duration
from headgate_schema.model.base import Model
from headgate_schema.model.duration import Duration
from headgate_schema.model.fields import CallbackPath
from headgate_schema.model.strategy import Strategy, Verify


class VerifyPreview(Model, frozen=True, kw_only=True):
    """A check of the idle colour before it gets traffic."""

    callback: Annotated[
        CallbackPath, Meta(description="The reusable workflow that checks; read as that of the live checks.")
    ]


class BlueGreen(Strategy, frozen=True, kw_only=True):
    """How a blue-green deploy advances: preview, cutover, watch, retire; or switch back."""

    callback: (
        Annotated[
            CallbackPath,
            Meta(
                description="The reusable workflow that puts the release on the idle colour, without "
                "production traffic. It must declare the input `color` or `context`. Default: the deploy's "
                "`callback`.",
            ),
        ]
        | UnsetType
    ) = UNSET
    verify_preview: (
        Annotated[VerifyPreview, Meta(description="A check of the idle colour before the cutover.")]
        | UnsetType
    ) = UNSET
    cutover_callback: Annotated[
        CallbackPath,
        Meta(
            description="The reusable workflow that moves all traffic to `color`; idempotent and symmetric."
        ),
    ]
    switchback_callback: (
        Annotated[
            CallbackPath,
            Meta(
                description="The reusable workflow that moves all traffic back to the old colour. "
                "Default: the `cutover_callback`, with `action: switchback`.",
            ),
        ]
        | UnsetType
    ) = UNSET
    verify_live: (
        Annotated[Verify, Meta(description="Checks of the new colour after the cutover, during `bake_time`.")]
        | UnsetType
    ) = UNSET
    bake_time: Annotated[
        Duration,
        Meta(description="How long the new colour is watched after the cutover, from `0s` to `7d`."),
    ] = duration.BLUE_GREEN_BAKE_TIME
    retire_callback: (
        Annotated[
            CallbackPath,
            Meta(
                description="The reusable workflow called for the old colour after success, and with "
                "`action: discard` for a preview that never went live. Without it the old colour stays warm "
                "until the next release needs it.",
            ),
        ]
        | UnsetType
    ) = UNSET
