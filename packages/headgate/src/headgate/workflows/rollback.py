"""headgate-rollback.yaml: a person takes an environment back to an earlier release."""

from __future__ import annotations

from headgate_runtime.plan import Plan
from headgate_schema.resolved import ResolvedRunner

from headgate.workflows.expressions import NOT_A_FORK
from headgate.workflows.framework import DISPATCHES, WRITES_STATE, entry_env, input_env, runtime_job
from headgate.workflows.model import DispatchInput, Triggers, Workflow
from headgate.workflows.promote import deploys_choice, environment_choice

FILE = "headgate-rollback.yaml"

ABOUT = """\
Brings an earlier release back, directly and without building anything: dispatches the deploy runs of all
chosen deploys at once. No approval, order or freeze stands in its way."""


def build_rollback(plan: Plan, runner: ResolvedRunner) -> Workflow:
    """Give the workflow that rolls back."""
    inputs = (
        environment_choice(plan, "Where to roll back"),
        deploys_choice(plan),
        DispatchInput(name="to", description="To which release; empty: the one before", default=""),
        DispatchInput(name="reason", description="Why, in one line"),
    )
    job = runtime_job(
        "rollback",
        "Roll back",
        runner=runner,
        verb="rollback",
        condition=(NOT_A_FORK,),
        permissions=(WRITES_STATE, DISPATCHES),
        env=entry_env() | input_env(field.name for field in inputs),
    )
    return Workflow(
        file=FILE,
        name="Headgate · roll back",
        run_name=(
            "Roll back ${{ inputs.deploys }} in ${{ inputs.environment }} · "
            "${{ inputs.to || 'the release before' }}"
        ),
        about=ABOUT,
        triggers=Triggers(dispatch=inputs),
        jobs=(job,),
    )
