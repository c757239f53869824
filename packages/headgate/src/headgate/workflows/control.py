"""headgate-control.yaml: a person steps into a rollout that is open, or sets what is live, by one verb."""

from __future__ import annotations

from headgate_runtime.machine import VERBS
from headgate_schema.resolved import ResolvedRunner

from headgate.workflows.expressions import NOT_A_FORK
from headgate.workflows.framework import DISPATCHES, WRITES_STATE, entry_env, input_env, runtime_job
from headgate.workflows.model import DispatchInput, Triggers, Workflow

FILE = "headgate-control.yaml"

ABOUT = """\
One event for one rollout: abort it, pause it, resolve it … What the rules don't allow where the rollout
stands is refused, and nothing is written then. Environment and deploy are free text, so that one which
left the manifest can still be named."""


def build_control(runner: ResolvedRunner) -> Workflow:
    """Give the workflow that carries the verbs."""
    inputs = (
        DispatchInput(
            name="verb",
            description="What to do",
            kind="choice",
            options=VERBS,
        ),
        DispatchInput(name="environment", description="In which environment"),
        DispatchInput(name="deploy", description="Which deploy (freeze and unfreeze need none)", default=""),
        DispatchInput(name="release", description="adopt: what is live, a release or a commit", default=""),
        DispatchInput(name="color", description="adopt: the live colour, blue or green", default=""),
        DispatchInput(
            name="outcome", description="resolve: how it ended, promoted or rolled_back", default=""
        ),
        DispatchInput(
            name="now", description="abort: also cancel the run that is at it", kind="boolean", default=False
        ),
        DispatchInput(name="reason", description="Why, in one line"),
    )
    job = runtime_job(
        "control",
        "Control",
        runner=runner,
        verb="control",
        condition=(NOT_A_FORK,),
        permissions=(WRITES_STATE, DISPATCHES),
        env=entry_env() | input_env(field.name for field in inputs),
    )
    return Workflow(
        file=FILE,
        name="Headgate · control",
        run_name="${{ inputs.verb }} ${{ inputs.deploy }} in ${{ inputs.environment }}",
        about=ABOUT,
        triggers=Triggers(dispatch=inputs),
        jobs=(job,),
    )
