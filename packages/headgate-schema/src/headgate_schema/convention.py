"""How callback files are called where the manifest does not say, or has nothing to say yet."""

from __future__ import annotations

from collections.abc import Mapping

FOLDER = ".github/workflows/"
GENERATED_PREFIX = "headgate-"
"""How the names of the files that Headgate writes begin."""


def name_deploy_callback(deploy: str) -> str:
    """Give the default of a deploy's ``callback``."""
    return f"{FOLDER}deploy-{deploy}.yaml"


def name_build_callback(build: str) -> str:
    """Give the default of a build's ``callback``."""
    return f"{FOLDER}build-{build}.yaml"


USUAL_FILES: Mapping[str, str] = {
    "notify.callback": "notify",
    "canary.callback": "canary-deploy",
    "canary.verify.callback": "canary-verify",
    "canary.promote_callback": "canary-promote",
    "canary.rollback_callback": "canary-rollback",
    "blue_green.callback": "preview",
    "blue_green.verify_preview.callback": "verify-preview",
    "blue_green.cutover_callback": "cutover",
    "blue_green.switchback_callback": "switchback",
    "blue_green.verify_live.callback": "verify-live",
    "blue_green.retire_callback": "retire",
}
"""Fields without a file of their own by default: what their file is usually called. Nothing depends on it."""


def suggest_callback(field: str, owner: str | None) -> str | None:
    """Give the usual file of a field like ``deploys[].canary.verify.callback`` of a named owner."""
    if field == "deploys[].callback":
        return name_deploy_callback(owner) if owner else None
    if field == "builds[].callback":
        return name_build_callback(owner) if owner else None
    usual = USUAL_FILES.get(field.removeprefix("deploys[]."))
    return f"{FOLDER}{usual}.yaml" if usual else None
