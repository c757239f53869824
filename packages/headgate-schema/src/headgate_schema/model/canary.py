"""A canary: the release takes a share of the traffic, bakes, and is promoted or rolled back."""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import UNSET, Meta, UnsetType

from headgate_schema.model import duration
from headgate_schema.model.base import Alternative, Model, Presence
from headgate_schema.model.duration import Duration
from headgate_schema.model.fields import CallbackPath
from headgate_schema.model.strategy import Strategy, Verify

Percent = Annotated[
    int, Meta(ge=1, le=99, description="The share of the traffic in the canary, from 1 to 99.")
]
CanaryBake = Annotated[
    Duration,
    Meta(
        description="How long the canary is watched once its callback succeeded, from `0s` to `7d`.",
        extra_json_schema={"default": duration.CANARY_BAKE_TIME},
    ),
]


class Step(Model, frozen=True, kw_only=True):
    """One step of a canary: a share of the traffic, and how long it is watched."""

    percent: Percent
    bake_time: CanaryBake = duration.CANARY_BAKE_TIME


class Canary(Strategy, frozen=True, kw_only=True):
    """How a canary advances: one share of the traffic, or several in ascending steps."""

    presence: ClassVar[tuple[Presence, ...]] = (Alternative("steps", "percent", ("bake_time",)),)

    percent: Percent | UnsetType = UNSET
    bake_time: CanaryBake | UnsetType = UNSET
    steps: (
        Annotated[
            tuple[Step, ...],
            Meta(
                min_length=1,
                max_length=10,
                description="Several shares of the traffic, strictly ascending, instead of `percent` and "
                "`bake_time`.",
            ),
        ]
        | UnsetType
    ) = UNSET
    callback: (
        Annotated[
            CallbackPath,
            Meta(
                description="The reusable workflow that puts the release on `percent` of the traffic. It "
                "must declare the input `percent` or `context`. Default: the deploy's `callback`.",
            ),
        ]
        | UnsetType
    ) = UNSET
    verify: Annotated[Verify, Meta(description="Checks of the canary during each bake.")] | UnsetType = UNSET
    promote_callback: Annotated[
        CallbackPath, Meta(description="The reusable workflow that gives the release all the traffic.")
    ]
    rollback_callback: Annotated[
        CallbackPath,
        Meta(
            description="The reusable workflow that takes all traffic from the canary and cleans up. It "
            "must work also when the canary's callback failed half-way."
        ),
    ]
