"""The checks of `headgate doctor`: each a pure function from the facts to what it says.

Rule: one check is one small function in `CHECKS`; its docstring says why it matters and where that is from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from headgate_runtime.plan import Plan

from headgate.doctor.facts import Environment, Facts, Protection, StateBranch, Unknown
from headgate.drift import RUN_GENERATE
from headgate.files import PLAN, SUMS, WORKFLOW_FOLDER
from headgate.workflows import cron

Verdict = Literal["ok", "problem", "unknown"]

BLOCKING = {
    "update": "Restrict updates",
    "pull_request": "Require a pull request before merging",
    "required_signatures": "Require signed commits",
    "required_status_checks": "Require status checks to pass",
    "required_deployments": "Require deployments to succeed",
    "merge_queue": "Require merge queue",
    "workflows": "Require workflows to pass",
    "code_scanning": "Require code scanning results",
    "code_quality": "Require code quality results",
}
"""Rules that refuse a push of new commits, by their names in the settings.

https://docs.github.com/repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets/available-rules-for-rulesets
"""

KEEPING = {"deletion": "Restrict deletions", "non_fast_forward": "Block force pushes"}
"""Rules that keep the history."""


@dataclass(frozen=True)
class Diagnosis:
    """What one check says; `hint` says what to do, or why it can't tell."""

    about: str
    verdict: Verdict
    said: str
    hint: str = ""


Check = Callable[[Facts], Iterator[Diagnosis]]


def check_trunk(facts: Facts) -> Iterator[Diagnosis]:
    """Workflows can be dispatched only if they are on the default branch, and Headgate runs them on trunk."""
    about, default = "trunk", facts.repository.default_branch
    match facts.plan:
        case Unknown(why):
            yield Diagnosis(about, "unknown", f"whether {default} is the trunk", why)
        case None:
            yield Diagnosis(about, "problem", f"there is no {PLAN} on {default}", RUN_GENERATE)
        case plan if plan.trunk == default:
            yield Diagnosis(about, "ok", f"{default} is the default branch")
        case plan:
            hint = "change `trunk` in headgate.yaml, or the default branch in the settings"
            said = f"the trunk of the manifest is {plan.trunk}, the default branch is {default}"
            yield Diagnosis(about, "problem", said, hint)


def check_actions(facts: Facts) -> Iterator[Diagnosis]:
    """Nothing runs where Actions are off; and `actions/checkout` is GitHub's, not the repository's own."""
    about = "actions"
    match facts.actions:
        case Unknown(why):
            yield Diagnosis(about, "unknown", "whether Actions are enabled", why)
        case actions if not actions.enabled:
            hint = "Settings → Actions → General → Actions permissions"
            yield Diagnosis(about, "problem", "Actions are disabled for this repository", hint)
        case actions if actions.allowed_actions == "local_only":
            hint = "allow actions created by GitHub: Settings → Actions → General"
            said = "only actions of the repository's owner are allowed: actions/checkout is refused"
            yield Diagnosis(about, "problem", said, hint)
        case _:
            yield Diagnosis(about, "ok", "Actions are enabled")


def check_token(facts: Facts) -> Iterator[Diagnosis]:
    """The generated jobs ask for the permissions that they need, so the default may be the restricted one.

    https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#permissions
    """
    about = "workflow token"
    if facts.repository.archived:
        yield Diagnosis(
            about, "problem", "the repository is archived: nothing can be written", "unarchive it"
        )
        return
    match facts.token:
        case Unknown(why):
            yield Diagnosis(about, "unknown", "what the token of a workflow may do by default", why)
        case token:
            default = token.default_workflow_permissions
            yield Diagnosis(about, "ok", f"its default is `{default}`; generated jobs ask for what they need")


def check_workflows(facts: Facts) -> Iterator[Diagnosis]:
    """A workflow that is missing on the default branch, or switched off, can't be dispatched."""
    about, default = "workflows", facts.repository.default_branch
    if facts.sums is None:
        yield Diagnosis(about, "problem", f"there is no {SUMS} on {default}", RUN_GENERATE)
        return
    if isinstance(facts.sums, Unknown):
        yield Diagnosis(about, "unknown", f"which workflows belong on {default}", facts.sums.why)
        return
    if isinstance(facts.workflows, Unknown):
        yield Diagnosis(about, "unknown", "which workflows GitHub knows", facts.workflows.why)
        return
    known = {workflow.path: workflow.state for workflow in facts.workflows}
    wanted = sorted(path for path in facts.sums if path.startswith(f"{WORKFLOW_FOLDER}/"))
    wrong = False
    for path in wanted:
        file, state = path.rpartition("/")[2], known.get(path, "deleted")
        if state != "active":
            wrong = True
            yield _off(file, state, default)
    if not wrong:
        yield Diagnosis(about, "ok", f"all {len(wanted)} are on {default} and switched on")


def _off(file: str, state: str, default: str) -> Diagnosis:
    if state == "deleted":
        return Diagnosis("workflows", "problem", f"{file} is not on {default}", RUN_GENERATE)
    if state == "disabled_inactivity" and file == cron.FILE:
        # https://docs.github.com/actions/how-tos/manage-workflow-runs/disable-and-enable-workflows
        said = f"GitHub switched {file} off after 60 days without activity: nobody wakes what waits"
        return Diagnosis("workflows", "problem", said, f"gh workflow enable {file}")
    return Diagnosis(
        "workflows", "problem", f"{file} is switched off ({state})", f"gh workflow enable {file}"
    )


def check_state_branch(facts: Facts) -> Iterator[Diagnosis]:
    """The branch is founded by the first release; missing after that, every verb refuses to work."""
    about, state = "state branch", facts.state
    if isinstance(state, Unknown):
        yield Diagnosis(about, "unknown", "whether the state branch is there", state.why)
    elif state.branch is not None:
        yield Diagnosis(about, "ok", f"{state.name} is there")
    elif isinstance(state.has_released, Unknown):
        yield Diagnosis(about, "unknown", f"whether {state.name} should be there", state.has_released.why)
    elif state.has_released:
        hint = "every run's summary names the state commit it wrote: make the branch anew from the last one"
        yield Diagnosis(about, "problem", f"{state.name} is missing, though there were releases", hint)
    else:
        yield Diagnosis(about, "ok", f"{state.name} is not there yet: the first release makes it")


def check_pushes(facts: Facts) -> Iterator[Diagnosis]:
    """The workflows push to the state branch with their own token; what refuses that stops every rollout."""
    about, state = "pushes", facts.state
    if isinstance(state, Unknown):
        yield Diagnosis(about, "unknown", "whether workflows may push to the state branch", state.why)
        return
    blocking = list(_list_blocking(state))
    unknown = [each for each in (state.rules, state.protection) if isinstance(each, Unknown)]
    if blocking:
        hint = f"take it off for {state.name}, or let GitHub Actions bypass it"
        yield from (
            Diagnosis(about, "problem", f"{name} refuses the workflows' pushes", hint) for name in blocking
        )
    elif unknown:
        yield Diagnosis(about, "unknown", f"whether workflows may push to {state.name}", unknown[0].why)
    else:
        yield Diagnosis(about, "ok", f"nothing keeps workflows from pushing to {state.name}")


def _list_blocking(state: StateBranch) -> Iterator[str]:
    if not isinstance(state.rules, Unknown):
        there = {rule.type for rule in state.rules}
        yield from (f'the rule "{name}"' for type_, name in BLOCKING.items() if type_ in there)
        if state.branch is None and "creation" in there:
            yield 'the rule "Restrict creations"'
    if isinstance(state.protection, Protection):
        protection = state.protection
        settings = {
            "Require a pull request before merging": protection.required_pull_request_reviews is not None,
            "Require status checks to pass before merging": protection.required_status_checks is not None,
            "Restrict who can push to matching branches": protection.restrictions is not None,
            "Require signed commits": protection.required_signatures.enabled,
            "Lock branch": protection.lock_branch.enabled,
        }
        yield from (f'the protection "{name}"' for name, is_on in settings.items() if is_on)


def check_history(facts: Facts) -> Iterator[Diagnosis]:
    """The branch is the database: a deletion or a force push forgets what is live and what is open."""
    about, state = "history", facts.state
    if isinstance(state, Unknown):
        yield Diagnosis(about, "unknown", "whether the state branch is protected", state.why)
        return
    missing = list(_list_missing(state))
    unknown = [each for each in (state.rules, state.protection) if isinstance(each, Unknown)]
    if not missing:
        yield Diagnosis(about, "ok", f"{state.name} is protected from deletion and force pushes")
    elif unknown:
        yield Diagnosis(about, "unknown", f"whether {state.name} is protected", unknown[0].why)
    else:
        said = f"{state.name} is not protected: {' and '.join(missing)} missing"
        hint = f"Settings → Rules → New branch ruleset, for {state.name}: switch them on, and nothing else"
        yield Diagnosis(about, "problem", said, hint)


def _list_missing(state: StateBranch) -> Iterator[str]:
    there = set() if isinstance(state.rules, Unknown) else {rule.type for rule in state.rules}
    if isinstance(state.protection, Protection):
        there |= set() if state.protection.allow_deletions.enabled else {"deletion"}
        there |= set() if state.protection.allow_force_pushes.enabled else {"non_fast_forward"}
    return (f'"{name}"' for type_, name in KEEPING.items() if type_ not in there)


def check_environments(facts: Facts) -> Iterator[Diagnosis]:
    """An approval waits for the reviewers of a GitHub environment; one that is missing is made without any.

    https://docs.github.com/actions/reference/workflows-and-actions/deployments-and-environments
    """
    for name, environment in facts.environments.items():
        yield _diagnose_environment(name, environment)


def _diagnose_environment(name: str, environment: Environment | Unknown | None) -> Diagnosis:
    about = f"environment {name}"
    hint = f"Settings → Environments → {name} → Required reviewers"
    match environment:
        case Unknown(why):
            return Diagnosis(about, "unknown", "whether it has required reviewers", why)
        case None:
            return Diagnosis(about, "problem", "it does not exist: rollouts that need it are held", hint)
        case found if all(rule.type != "required_reviewers" for rule in found.protection_rules):
            return Diagnosis(about, "problem", "it has no required reviewers: rollouts are held", hint)
        case found if found.deployment_branch_policy is None:
            note = "limit it to the trunk, so that no other branch's workflow gets its secrets"
            return Diagnosis(about, "ok", "it has required reviewers, and every branch may use it", note)
        case _:
            return Diagnosis(about, "ok", "it has required reviewers, and is limited to some branches")


def check_version(facts: Facts) -> Iterator[Diagnosis]:
    """What runs on GitHub is the Headgate that generated the files, not the one that asks."""
    about = "version"
    if not isinstance(facts.plan, Plan):
        yield Diagnosis(about, "unknown", "which Headgate generated the files", "see trunk")
    elif facts.plan.generator == facts.version:
        yield Diagnosis(about, "ok", f"the files are from Headgate {facts.version}, as this is")
    else:
        said = f"the files are from Headgate {facts.plan.generator}, this is {facts.version}"
        hint = f'{RUN_GENERATE}; or: pip install "headgate=={facts.plan.generator}"'
        yield Diagnosis(about, "problem", said, hint)


def check_files(facts: Facts) -> Iterator[Diagnosis]:
    """A generated or vendored file that was edited is not what anybody tested."""
    about = "files"
    match facts.drift:
        case None:
            yield Diagnosis(
                about, "unknown", "whether the generated files are fresh", "there is no manifest here"
            )
        case Unknown(why):
            yield Diagnosis(about, "unknown", "whether the generated files are fresh", why)
        case ():
            yield Diagnosis(about, "ok", "every generated file here is fresh")
        case drift:
            yield from (Diagnosis(about, "problem", each, RUN_GENERATE) for each in drift)


def check_programs(facts: Facts) -> Iterator[Diagnosis]:
    """An old git would silently leave the token out; those of the runner are told by its own log."""
    about = "programs"
    if isinstance(facts.git, Unknown):
        yield Diagnosis(about, "problem", facts.git.why, "install git 2.31 or later")
    else:
        yield Diagnosis(about, "ok", f"{facts.git}, Python {facts.python}")


CHECKS: tuple[Check, ...] = (
    check_trunk,
    check_actions,
    check_token,
    check_workflows,
    check_state_branch,
    check_pushes,
    check_history,
    check_environments,
    check_version,
    check_files,
    check_programs,
)


def diagnose(facts: Facts) -> tuple[Diagnosis, ...]:
    """Everything there is to say, in the order of the checks."""
    return tuple(diagnosis for check in CHECKS for diagnosis in check(facts))
