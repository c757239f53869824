"""The root of the manifest."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType, field

from headgate_schema.model.base import Model
from headgate_schema.model.build import Build
from headgate_schema.model.deploy import Deploy
from headgate_schema.model.environment import Environment
from headgate_schema.model.fields import BranchName, CallbackPath, Inputs, Label, Name, Permissions, Secrets

DEFAULT_TRUNK = "main"
DEFAULT_RUNNER = "ubuntu-latest"
DEFAULT_STATE_BRANCH = "headgate/state"

Labels = Annotated[
    tuple[Label, ...], Meta(min_length=1, max_length=20, description="Runner labels, all of them.")
]


class RunnerGroup(Model, frozen=True, kw_only=True):
    """A runner group, and labels that its runner must have."""

    group: Annotated[Label, Meta(description="The runner group's name.")]
    labels: Annotated[Label | Labels, Meta(description="Labels that the runner must have.")] | UnsetType = (
        UNSET
    )


class State(Model, frozen=True, kw_only=True):
    """Where the state of all rollouts is kept."""

    branch: Annotated[
        BranchName,
        Meta(
            description="The branch that holds the state; written only by Headgate's runs, and not the trunk."
        ),
    ] = DEFAULT_STATE_BRANCH


class Notify(Model, frozen=True, kw_only=True):
    """A callback that is told when a rollout ends or needs a person."""

    callback: Annotated[CallbackPath, Meta(description="The reusable workflow that tells people.")]
    inputs: Inputs = field(default_factory=dict)
    secrets: Secrets | UnsetType = UNSET
    permissions: Permissions | UnsetType = UNSET


class Manifest(Model, frozen=True, kw_only=True):
    """Progressive delivery of this repository: one built release promoted through its environments."""

    version: Annotated[Literal[1], Meta(description="The schema generation: `1`.")]
    trunk: Annotated[
        BranchName,
        Meta(
            description="Pushes to this branch build a release; it must be the repository's default branch."
        ),
    ] = DEFAULT_TRUNK
    environments: Annotated[
        tuple[Name | Environment, ...],
        Meta(
            min_length=1,
            max_length=20,
            description="The promotion chain, in order; each a name, or an object with more to say.",
        ),
    ]
    builds: Annotated[
        tuple[Build, ...], Meta(max_length=25, description="Callbacks that produce the release, once.")
    ] = ()
    deploys: Annotated[
        tuple[Deploy, ...], Meta(min_length=1, max_length=50, description="What is brought live.")
    ]
    runner: Annotated[
        Label | Labels | RunnerGroup,
        Meta(
            description="Where Headgate's own jobs run: Linux with bash, git 2.31 and python3 3.10 or newer. "
            "A label, a list of labels, or a group."
        ),
    ] = DEFAULT_RUNNER
    state: Annotated[State, Meta(description="Where the state of all rollouts is kept.")] = State()
    notify: (
        Annotated[
            Notify,
            Meta(
                description="Called when a rollout ends or needs a person: `held`, `rolled_back`, `aborted`, "
                "`failed`, `awaiting_approval`, `promoted`."
            ),
        ]
        | UnsetType
    ) = UNSET
