"""What ``canary`` and ``blue_green`` share."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from headgate_schema.model import duration
from headgate_schema.model.base import Model
from headgate_schema.model.duration import Duration
from headgate_schema.model.fields import CallbackPath, EnvironmentNames

OnFailure = Literal["rollback", "hold"]
BakeMode = Literal["runner", "park"]

MAX_CHECKS_PER_BAKE = 10
MAX_CHECKS_PER_ROLLOUT = 40


class Approval(Model, frozen=True, kw_only=True):
    """A person's yes before the release gets all the traffic."""

    github_environment: (
        Annotated[
            str,
            Meta(
                min_length=1,
                max_length=255,
                description="A GitHub environment whose required reviewers approve. It must not be one that "
                "a callback names. Without it the rollout parks until the verb `approve` or `reject`.",
            ),
        ]
        | UnsetType
    ) = UNSET
    timeout: Annotated[Duration, Meta(description="How long to wait for the answer, from `1m` to `30d`.")] = (
        duration.APPROVAL_WAIT
    )
    on_timeout: Annotated[
        OnFailure,
        Meta(description="What follows when nobody answered: `rollback`, or `hold` for a person to decide."),
    ] = "rollback"


class Verify(Model, frozen=True, kw_only=True):
    """Checks of the new release while it bakes; the callback's output `result` says how each went."""

    callback: Annotated[
        CallbackPath,
        Meta(
            description="The reusable workflow that checks. Its output `result` is `success`, `failure` or "
            "`inconclusive`; without that output the job's own result counts."
        ),
    ]
    interval: (
        Annotated[
            Duration,
            Meta(
                description="Time from one check to the next, at least `1m`: as many checks as fit into the "
                "bake, evenly spread, the last at its end, at most 10 a bake and 40 a rollout. Default: one "
                "check, at the end.",
            ),
        ]
        | UnsetType
    ) = UNSET
    failure_limit: Annotated[
        int, Meta(ge=0, le=9, description="How many failed checks a bake tolerates, from 0 to 9.")
    ] = 0


class Strategy(Model, frozen=True, kw_only=True):
    """The fields that every strategy block has."""

    environments: (
        Annotated[
            EnvironmentNames,
            Meta(
                min_length=1,
                max_length=20,
                description="Where the strategy applies: some of the deploy's environments. Elsewhere the "
                "deploy is `all_at_once`. Default: all of the deploy's environments.",
            ),
        ]
        | UnsetType
    ) = UNSET
    approval: (
        Annotated[
            Approval,
            Meta(
                description="A person's yes: after the last bake of a canary, before the cutover of a "
                "blue-green."
            ),
        ]
        | UnsetType
    ) = UNSET
    on_failure: Annotated[
        OnFailure,
        Meta(
            description="What follows a failed step, a failed verification or the rollout's timeout: "
            "`rollback`, or `hold` for a person to decide. Aborts and rejections always roll back."
        ),
    ] = "rollback"
    bake_mode: Annotated[
        BakeMode,
        Meta(
            description="Who waits during a bake: `runner`, a job (at most `5h` in sum), or `park`, nobody: "
            "the run ends and a later one resumes (at most `14d` in sum)."
        ),
    ] = "runner"
    timeout: (
        Annotated[
            Duration,
            Meta(
                description="From the start to the decision to promote or cut over; pauses, approval and "
                "queueing do not count. Longer than all bakes together, at most `30d`; past it, "
                "`on_failure`. Default: `6h` more than all bakes together.",
            ),
        ]
        | UnsetType
    ) = UNSET
