"""headgate-notify.yaml: tells people what became of a rollout, by a callback of theirs."""

from __future__ import annotations

from collections.abc import Mapping

from headgate_runtime.verbs.notify import NOTIFY_WORKFLOW
from headgate_schema.callback import Callback
from headgate_schema.contract import Call, list_calls
from headgate_schema.resolved import ResolvedManifest, ResolvedNotify

from headgate.workflows import expressions as ex
from headgate.workflows.calls import Scene, call_job
from headgate.workflows.expressions import Expression, embed
from headgate.workflows.model import CallJob, DispatchInput, Triggers, Workflow

CONTEXT = ex.dispatch_input("context")
SPREAD = ("environment", "deploy", "reason")
"""The contract's inputs that are found in `context`."""

ABOUT = """\
Calls {callback} when a rollout has ended or needs a person. Dispatched by other workflows of Headgate's; a
notification that fails changes nothing about the rollout."""


def build_notify(manifest: ResolvedManifest, callbacks: Mapping[str, Callback]) -> tuple[Workflow, ...]:
    """Give the workflow that notifies, if the manifest asks for one."""
    return tuple(
        _workflow(call, callbacks[call.callback])
        for call in list_calls(manifest)
        if isinstance(call.owner, ResolvedNotify)
    )


def _workflow(call: Call, callback: Callback) -> Workflow:
    values = {name: embed(_of_context(name)) for name in SPREAD}
    scene = Scene({**values, "action": "notify", "context": embed(CONTEXT)}, {})
    frame = CallJob(
        id="notify",
        name="Notify",
        uses="",
        permissions=(),
        condition=(ex.NOT_A_FORK, ex.ON_DEFAULT_BRANCH),
    )
    place = f"{embed(_of_context('deploy'))} in {embed(_of_context('environment'))}"
    return Workflow(
        file=NOTIFY_WORKFLOW,
        name="Headgate · notify",
        run_name=f"Notify: {place} is {embed(_of_context('state'))}",
        about=ABOUT.format(callback=call.callback),
        triggers=Triggers(dispatch=(DispatchInput(name="context", description="What happened, as JSON"),)),
        jobs=(call_job(frame, call, callback, {}, scene),),
    )


def _of_context(key: str) -> Expression:
    return Expression(f"{ex.from_json(CONTEXT)}.{ex.name(key)}")
