"""The fields of cascade's manifests that have no counterpart here, and why: one table.

Read off ``internal/config/types.go`` and ``docs/public/manifest.schema.json`` of
https://github.com/stablekernel/cascade in November 2026, with the fields that earlier releases had.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from headgate_schema.span import Path

_PATHS = "every push to the trunk builds a release of everything; there are no path filters"
_OF_CASCADE = "of use to cascade only"
_NO_RELEASES = "Headgate makes no tags, no GitHub releases and no changelogs"
_OWN_STATE = "Headgate keeps its state on a branch of its own, with the token of the run"
_IN_CALLBACK = "to be said in the callback's own jobs"
_ALWAYS = "Headgate generates a workflow for this anyway"
_TRIGGERS = "Headgate's workflows have triggers of their own"
_ONE_RELEASE = "the repository has one release, of all its builds and deploys"
_ON_GITHUB = "to be set on the GitHub environment that the callback names"
_HISTORY = "the history stays in the old file"
_NO_FAILURE_POLICY = "a failed build ends the release, and a failed deploy ends its rollout"
_OTHER_REPOSITORY = "a manifest brings live what its own repository builds"

_CALLBACK: Mapping[str, str] = {
    "triggers": _PATHS,
    "state_tags": "all outputs of a build are kept with its release",
    "run_policy": "every build is part of every release, and needs alone give the order",
    "on_failure": _NO_FAILURE_POLICY,
    "retries": "a failed callback is not called again by itself: see the verb retry",
    "timeout_minutes": _IN_CALLBACK,
    "runs_on": _IN_CALLBACK,
    "concurrency": "at most one callback of a rollout runs at a time, always",
    "optional_depends_on": "there are no optional needs; list it under needs if the order matters",
    "auto_commits": "a callback never commits for Headgate",
    "artifact": "hand it on through outputs, or load it in the callback",
    "artifact_upload": "hand it on through outputs, or load it in the callback",
    "run": "a callback is a reusable workflow, not a script",
    "shell": "a callback is a reusable workflow, not a script",
    "supports_dry_run": "a dry run of a promotion calls no callback",
}
_BUILD: Mapping[str, str] = {
    **_CALLBACK,
    "artifacts": _NO_RELEASES,
    "env_inputs": "a release is built once, for all environments",
    "matrix": "use a matrix inside of the callback",
}
_DEPLOY: Mapping[str, str] = {
    **_CALLBACK,
    "deploy_target": _OTHER_REPOSITORY,
    "rollout.max_parallel": "how much of a deploy happens at once is up to its callback",
    "rollout.fail_fast": "how much of a deploy happens at once is up to its callback",
    "rollout.canary.analysis": "write it as canary.verify.callback, once it answers with the output result",
}
_ENVIRONMENT: Mapping[str, str] = {
    "role": "no environment is special: a release is the same in all of them",
    "gha_environment": "name it in the callback's job; to ask a person, see approval.github_environment",
    "required_reviewers": _ON_GITHUB,
    "wait_timer": _ON_GITHUB,
    "branch_policy": _ON_GITHUB,
    "branch_patterns": _ON_GITHUB,
    "tag_patterns": _ON_GITHUB,
    "secrets": _ON_GITHUB,
    "variables": _ON_GITHUB,
}
_CONFIG: Mapping[str, str] = {
    "triggers": _PATHS,
    "shared_paths": _PATHS,
    "release_trigger": "a push to the trunk builds a release, and headgate-release can be run by hand",
    "cli_version": _OF_CASCADE,
    "cli_version_sha": _OF_CASCADE,
    "manifest_file": _OF_CASCADE,
    "manifest_key": _OF_CASCADE,
    "action_folder": _OF_CASCADE,
    "pin_mode": _OF_CASCADE,
    "action_pins": _OF_CASCADE,
    "reconcile": _OF_CASCADE,
    "tag_prefix": _NO_RELEASES,
    "tag_grammar": _NO_RELEASES,
    "allow_breaking_changes": _NO_RELEASES,
    "publish": _NO_RELEASES,
    "release": _NO_RELEASES,
    "release_build": _NO_RELEASES,
    "changelog": _NO_RELEASES,
    "release_token": _NO_RELEASES,
    "release_token_app": _NO_RELEASES,
    "state_token": _OWN_STATE,
    "state_token_app": _OWN_STATE,
    "git": _OWN_STATE,
    "validate": "nothing is called before the builds; keep it as a check of pull requests",
    "external": _OTHER_REPOSITORY,
    "notify": "it reports to another repository, while notify here calls a workflow of this one",
    "concurrency": "at most one rollout of a deploy runs in an environment, always",
    "job_timeout_minutes": "Headgate's own jobs have time limits of their own",
    "dispatch_inputs": "a dispatch takes what its verb needs, nothing else",
    "extra_triggers": _TRIGGERS,
    "merge_queue": _TRIGGERS,
    "pr_preview": _ALWAYS,
    "validate_check": _ALWAYS,
    "drift_check": _ALWAYS,
    "rollback": _ALWAYS,
    "deployments": "name a GitHub environment in the callback's job, and GitHub keeps its deployments",
    "telemetry": "Headgate sends nothing anywhere",
    "components": _ONE_RELEASE,
}
_STATE_OF_ENVIRONMENT: Mapping[str, str] = {
    "sha": "what is live is said deploy by deploy, from state.*.deploys",
    "version": "what is live is said deploy by deploy, from state.*.deploys",
    "external": _OTHER_REPOSITORY,
    "components": _ONE_RELEASE,
    **dict.fromkeys(("committed_at", "committed_by", "builds", "previous"), _HISTORY),
    **dict.fromkeys(("ref", "base_sha", "patches"), "there are no hotfix branches; a commit is a commit"),
}
_STATE_OF_DEPLOY: Mapping[str, str] = {
    "version": "nothing says which commit it is",
    **dict.fromkeys(("deployed_at", "deployed_by", "tags", "target_sha"), _HISTORY),
}


def _list_reasons() -> Iterable[tuple[str, str]]:
    tables: Mapping[str, Mapping[str, str]] = {
        "": _CONFIG,
        "builds.*.": _BUILD,
        "deploys.*.": _DEPLOY,
        "environments.*.": _ENVIRONMENT,
        "environment_config.*.": _ENVIRONMENT,
        "state.*.": _STATE_OF_ENVIRONMENT,
        "state.*.deploys.*.": _STATE_OF_DEPLOY,
    }
    for prefix, table in tables.items():
        for field, reason in table.items():
            yield f"{prefix}{field}", reason
    yield "latest_release", _HISTORY
    yield "state.release", "it marks the newest GitHub release, which Headgate does not make"
    yield "state.prerelease", "it marks the newest GitHub release, which Headgate does not make"
    yield "state.components", _ONE_RELEASE


REASONS: Mapping[str, str] = dict(_list_reasons())
"""By the field, each key that is a name, and each index, as ``*``."""

CARRIED = frozenset(
    """
    schema_version trunk_branch environment_config environment_config.* environment_config.*.environment_url
    environments environments.* environments.*.name environments.*.environment_url
    builds builds.* builds.*.name builds.*.workflow builds.*.depends_on builds.*.inputs builds.*.secrets
    builds.*.permissions deploys deploys.* deploys.*.name deploys.*.workflow deploys.*.depends_on
    deploys.*.inputs deploys.*.env_inputs deploys.*.env_inputs.* deploys.*.secrets deploys.*.permissions
    deploys.*.rollout deploys.*.rollout.type deploys.*.rollout.canary deploys.*.rollout.canary.steps
    deploys.*.rollout.canary.percent deploys.*.rollout.canary.bake_time deploys.*.rollout.blue_green
    deploys.*.rollout.canary.promote_callback deploys.*.rollout.canary.rollback_callback
    deploys.*.rollout.blue_green.switch runs_on config state state.* state.*.deploys state.*.deploys.*
    state.*.deploys.*.sha state.*.deploys.*.version
    """.split()  # noqa: SIM905 - fifty quotes would hide the words
)
"""Fields that converters read: where one of them says nothing, nothing gets lost."""

UNKNOWN = "nothing that is known of cascade's manifests"
MISSHAPEN = "nothing that cascade has there"


def find_reason(path: Path) -> str:
    """Give why a field gets lost, given as people name it."""
    reasons = (REASONS.get(field) for field in _list_fields(path))
    found = next((reason for reason in reasons if reason is not None), None)
    return found or (MISSHAPEN if is_carried(path) else UNKNOWN)


def is_known(path: Path) -> bool:
    """Tell whether cascade has a field."""
    return is_carried(path) or any(field in REASONS for field in _list_fields(path))


def is_carried(path: Path) -> bool:
    """Tell whether a field is one that converters read."""
    return any(field in CARRIED for field in _list_fields(path))


def _list_fields(path: Path) -> Iterable[str]:
    """Give the ways to look a path up: every second step of it may be a name."""
    yield ".".join(str(step) for step in path)
    named = {"environments", "builds", "deploys", "env_inputs", "environment_config", "state"}
    steps = [
        "*" if index and (isinstance(step, int) or path[index - 1] in named) else str(step)
        for index, step in enumerate(path)
    ]
    yield ".".join(steps)
