"""headgate-promote.yaml: a person, or the environment before, takes a release one environment further."""

from __future__ import annotations

from headgate_runtime.plan import Plan
from headgate_schema.resolved import ResolvedRunner

from headgate.workflows.expressions import NOT_A_FORK
from headgate.workflows.framework import DISPATCHES, WRITES_STATE, entry_env, input_env, runtime_job
from headgate.workflows.model import DispatchInput, Triggers, Workflow

FILE = "headgate-promote.yaml"
ALL = "all"

ABOUT = """\
Promotes a release into an environment: checks that it may enter, then dispatches one deploy run for each
deploy that is due. Run again, it skips what is there already."""


def build_promote(plan: Plan, runner: ResolvedRunner) -> Workflow:
    """Give the workflow that promotes."""
    inputs = (
        environment_choice(plan, "Where the release goes"),
        DispatchInput(
            name="release", description="Which release; empty: the newest promoted one before", default=""
        ),
        deploys_choice(plan),
        _switch("skip_strategy", "Bring it live directly: no canary, no blue-green"),
        _switch("force", "Override order, quarantine and the environment before (give a reason)"),
        _switch("dry_run", "Only say what would happen"),
        DispatchInput(name="reason", description="Why, in one line", default=""),
    )
    job = runtime_job(
        "promote",
        "Promote",
        runner=runner,
        verb="promote",
        condition=(NOT_A_FORK,),
        permissions=(WRITES_STATE, DISPATCHES),
        env=entry_env() | input_env(field.name for field in inputs),
    )
    return Workflow(
        file=FILE,
        name="Headgate · promote",
        run_name=(
            "Promote ${{ inputs.deploys }} → ${{ inputs.environment }} · "
            "${{ inputs.release || 'the newest release' }}"
            "${{ inputs.dry_run && ' · dry run' || '' }}"
        ),
        about=ABOUT,
        triggers=Triggers(dispatch=inputs),
        jobs=(job,),
    )


def environment_choice(plan: Plan, description: str) -> DispatchInput:
    """The field that chooses one of the manifest's environments."""
    names = tuple(environment.name for environment in plan.environments)
    return DispatchInput(name="environment", description=description, kind="choice", options=names)


def deploys_choice(plan: Plan) -> DispatchInput:
    """The field that chooses one deploy, or all of the environment's."""
    names = tuple(deploy.name for deploy in plan.deploys)
    return DispatchInput(
        name="deploys", description="Which deploys", kind="choice", options=(ALL, *names), default=ALL
    )


def _switch(name: str, description: str) -> DispatchInput:
    return DispatchInput(name=name, description=description, kind="boolean", default=False)
