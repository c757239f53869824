"""Find the facts out: the only module here that asks GitHub, git and the disk.

Rule: what one may not know is Unknown; only without the repository itself there is nothing to say.
"""

from __future__ import annotations

import base64
import json
import platform
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

import msgspec
from headgate_runtime.errors import HeadgateError
from headgate_runtime.git import Git, require_version
from headgate_runtime.plan import Plan
from headgate_schema.failure import SchemaError

from headgate import VERSION
from headgate.attributes import mark_generated
from headgate.doctor.facts import (
    Actions,
    Branch,
    Environment,
    Facts,
    Protection,
    Repository,
    Rule,
    StateBranch,
    TokenDefault,
    Unknown,
    Workflow,
)
from headgate.drift import list_drift
from headgate.failure import GeneratorError, GitHubFailed
from headgate.files import ATTRIBUTES, PLAN, SUMS, read, read_sums, survey
from headgate.project import has_errors, load_project
from headgate.remote.hub import Hub
from headgate.workflows import promote, release

T = TypeVar("T")

PAGE = 100
NO_PLAN = "there is no plan to name it"


class _Content(msgspec.Struct, frozen=True):
    """A file: https://docs.github.com/rest/repos/contents#get-repository-content"""

    content: str
    encoding: str


class _Workflows(msgspec.Struct, frozen=True):
    workflows: tuple[Workflow, ...]


def ask(hub: Hub, here: Path | None) -> Facts:
    """Ask for everything; `here` is a checkout of the repository, if there is one.

    Raises GeneratorError when GitHub can't be reached, or does not show the repository to this person.
    """
    repository = hub.ask("", Repository)
    plan = _find(lambda: _read_plan(_content(hub, PLAN, repository.default_branch)))
    sums = _find(lambda: frozenset(read_sums(_content(hub, SUMS, repository.default_branch))))
    named = _approvers(plan) if isinstance(plan, Plan) else ()
    return Facts(
        repository=repository,
        actions=_known(lambda: hub.ask("/actions/permissions", Actions)),
        token=_known(lambda: hub.ask("/actions/permissions/workflow", TokenDefault)),
        plan=plan,
        sums=sums,
        workflows=_known(lambda: _workflows(hub)),
        state=_state(hub, plan.state_branch) if isinstance(plan, Plan) else Unknown(NO_PLAN),
        environments={name: _environment(hub, name) for name in named},
        drift=_drift(here) if here else None,
        git=_git(),
        python=platform.python_version(),
        version=VERSION,
    )


def _find(look: Callable[[], T]) -> T | Unknown | None:
    """What a look shows; None when it is not there, Unknown when this person may not see it."""
    try:
        return look()
    except GitHubFailed as failed:
        if failed.status in (0, 401):
            raise
        return None if failed.status == 404 else Unknown(str(failed))
    except (GeneratorError, HeadgateError) as failed:
        return Unknown(str(failed))


def _known(look: Callable[[], T]) -> T | Unknown:
    """The same for what is always there, so that 404 means: not for this person."""
    found = _find(look)
    return Unknown("only an administrator of the repository may see it") if found is None else found


def _content(hub: Hub, path: str, ref: str) -> bytes:
    found = hub.ask(f"/contents/{path}?ref={quote(ref, safe='')}", _Content)
    if found.encoding != "base64":
        raise GeneratorError(f"{path} is too large for GitHub to show")
    return base64.b64decode(found.content)


def _read_plan(content: bytes) -> Plan:
    try:
        return Plan.from_json(json.loads(content))
    except ValueError as error:
        raise GeneratorError(f"{PLAN} is no JSON: {error}") from None


def _workflows(hub: Hub) -> tuple[Workflow, ...]:
    found: list[Workflow] = []
    while True:
        page = hub.ask(
            f"/actions/workflows?per_page={PAGE}&page={len(found) // PAGE + 1}", _Workflows
        ).workflows
        found += page
        if len(page) < PAGE:
            return tuple(found)


def _state(hub: Hub, name: str) -> StateBranch | Unknown:
    path = quote(name, safe="")
    branch = _find(lambda: hub.ask(f"/branches/{path}", Branch))
    if isinstance(branch, Unknown):
        return branch
    return StateBranch(
        name=name,
        branch=branch,
        has_released=_known(lambda: any(hub.successful_runs(file) for file in (release.FILE, promote.FILE))),
        rules=_known(lambda: hub.ask(f"/rules/branches/{path}?per_page={PAGE}", tuple[Rule, ...])),
        protection=_protection(hub, path) if branch and branch.protected else None,
    )


def _protection(hub: Hub, path: str) -> Protection | Unknown | None:
    """A branch that only rulesets guard is `protected` too, but has no protection of its own.

    Both that and a person who may not see it are answered with 404; the message tells them apart.
    """

    def look() -> Protection | Unknown | None:
        try:
            return hub.ask(f"/branches/{path}/protection", Protection)
        except GitHubFailed as failed:
            if failed.status == 404 and "Branch not protected" not in str(failed):
                return Unknown("only an administrator of the repository may see its protection")
            raise

    return _find(look)


def _approvers(plan: Plan) -> list[str]:
    """The GitHub environments that give approvals, each once."""
    approvals = (part.stages.approval for deploy in plan.deploys for part in deploy.parts.values())
    return list(
        dict.fromkeys(each.github_environment for each in approvals if each and each.github_environment)
    )


def _environment(hub: Hub, name: str) -> Environment | Unknown | None:
    return _find(lambda: hub.ask(f"/environments/{quote(name, safe='')}", Environment))


def _drift(here: Path) -> tuple[str, ...] | Unknown | None:
    """What `headgate generate --check` finds in a checkout."""
    try:
        project = load_project(here)
    except SchemaError:
        return None
    if project.compiled is None or has_errors(project.findings):
        return Unknown("the manifest here has errors: run `headgate check`")
    wanted = {**project.compiled.files, ATTRIBUTES: mark_generated(read(project.root, ATTRIBUTES))}
    found = list_drift(survey(project.root, wanted))
    return tuple(f"{finding.place.file}: {finding.message}" for finding in found)


def _git() -> str | Unknown:
    try:
        said = Git(Path.cwd()).run("--version").decode("utf-8", "replace").strip()
        require_version(said)
    except HeadgateError as failed:
        return Unknown(f"{failed}")
    return said
