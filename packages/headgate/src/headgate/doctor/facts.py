"""What `headgate doctor` looks at: values, as GitHub and the files here tell them."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from headgate_runtime.plan import Plan


class Unknown(msgspec.Struct, frozen=True):
    """It could not be found out, and why."""

    why: str


class Repository(msgspec.Struct, frozen=True):
    """https://docs.github.com/rest/repos/repos#get-a-repository"""

    default_branch: str
    archived: bool = False


class Actions(msgspec.Struct, frozen=True):
    """https://docs.github.com/rest/actions/permissions#get-github-actions-permissions-for-a-repository"""

    enabled: bool
    allowed_actions: str = "all"


class TokenDefault(msgspec.Struct, frozen=True):
    """https://docs.github.com/rest/actions/permissions#get-default-workflow-permissions-for-a-repository"""

    default_workflow_permissions: str


class Workflow(msgspec.Struct, frozen=True):
    """A workflow as GitHub knows it; `state` is `active` or says who switched it off.

    https://docs.github.com/rest/actions/workflows#list-repository-workflows
    """

    path: str
    state: str


class Branch(msgspec.Struct, frozen=True):
    """https://docs.github.com/rest/branches/branches#get-a-branch"""

    protected: bool = False


class Rule(msgspec.Struct, frozen=True):
    """A rule of a ruleset: https://docs.github.com/rest/repos/rules#get-rules-for-a-branch"""

    type: str


class Switch(msgspec.Struct, frozen=True):
    """One setting of a branch protection."""

    enabled: bool = False


class Protection(msgspec.Struct, frozen=True):
    """A branch protection: https://docs.github.com/rest/branches/branch-protection#get-branch-protection"""

    required_pull_request_reviews: Mapping[str, object] | None = None
    required_status_checks: Mapping[str, object] | None = None
    restrictions: Mapping[str, object] | None = None
    required_signatures: Switch = Switch()
    lock_branch: Switch = Switch()
    allow_force_pushes: Switch = Switch()
    allow_deletions: Switch = Switch()


class EnvironmentRule(msgspec.Struct, frozen=True):
    """One protection rule of an environment."""

    type: str


class Environment(msgspec.Struct, frozen=True):
    """https://docs.github.com/rest/deployments/environments#get-an-environment"""

    protection_rules: tuple[EnvironmentRule, ...] = ()
    deployment_branch_policy: Mapping[str, object] | None = None


class StateBranch(msgspec.Struct, frozen=True):
    """The state branch and what guards it; `branch` is None when it is missing, as is `protection`."""

    name: str
    branch: Branch | None
    has_released: bool | Unknown
    rules: tuple[Rule, ...] | Unknown
    protection: Protection | Unknown | None


class Facts(msgspec.Struct, frozen=True):
    """All of it. `plan` and `sums` are those on the default branch, None when they are not there.

    `sums` are the generated files' paths; `drift` is what is stale here, None without a manifest here.
    """

    repository: Repository
    actions: Actions | Unknown
    token: TokenDefault | Unknown
    plan: Plan | Unknown | None
    sums: frozenset[str] | Unknown | None
    workflows: tuple[Workflow, ...] | Unknown
    state: StateBranch | Unknown
    environments: Mapping[str, Environment | Unknown | None]
    drift: tuple[str, ...] | Unknown | None
    git: str | Unknown
    python: str
    version: str
