"""headgate-release.yaml: a push to the trunk builds a release, once, and registers it."""

from __future__ import annotations

from collections.abc import Mapping

from headgate_runtime.plan import Plan
from headgate_schema.callback import Callback
from headgate_schema.contract import Call, list_calls
from headgate_schema.resolved import ResolvedBuild, ResolvedManifest

from headgate.workflows import expressions as ex
from headgate.workflows.calls import Scene, call_job
from headgate.workflows.expressions import Expression, embed
from headgate.workflows.framework import DISPATCHES, WRITES_STATE, entry_env, runtime_job
from headgate.workflows.model import CallJob, Concurrency, Job, Triggers, Value, Workflow

FILE = "headgate-release.yaml"
PREFLIGHT, REGISTER = "preflight", "register"

ABOUT = """\
Builds the release of a commit on {trunk}, once, and registers it. It is never built again: every
environment gets this one. When it is registered, it goes to the first environment if that one takes
releases by itself."""


def build_release(manifest: ResolvedManifest, plan: Plan, callbacks: Mapping[str, Callback]) -> Workflow:
    """Give the workflow that builds and registers releases."""
    outputs = {build.name: build.outputs for build in plan.builds}
    builds = tuple(
        _build(call.owner, call, callbacks[call.callback], outputs)
        for call in list_calls(manifest)
        if isinstance(call.owner, ResolvedBuild)
    )
    preflight = runtime_job(
        PREFLIGHT,
        "Preflight",
        runner=manifest.runner,
        verb=PREFLIGHT,
        condition=(ex.NOT_A_FORK,),
        permissions=(WRITES_STATE, DISPATCHES),
        outputs=("release",),
        env=entry_env(),
    )
    return Workflow(
        file=FILE,
        name="Headgate · release",
        about=ABOUT.format(trunk=plan.trunk),
        triggers=Triggers(push_branch=plan.trunk, dispatch=()),
        concurrency=Concurrency("headgate-release", cancels=False),
        jobs=(preflight, *builds, _register(manifest, plan)),
    )


def build_id(build: str) -> str:
    """The id of the job that runs a build."""
    return f"build_{build}"


def _build(
    build: ResolvedBuild, call: Call, callback: Callback, outputs: Mapping[str, tuple[str, ...]]
) -> CallJob:
    needs = (PREFLIGHT, *(build_id(need) for need in build.needs))
    release = ex.need_output(PREFLIGHT, "release")
    values: dict[str, Value | tuple[str, ...]] = {
        "sha": "${{ github.sha }}",
        "release": embed(release),
        "context": (
            f'{{"format":1,"release":{embed(ex.to_json(release))},',
            f'"sha":"${{{{ github.sha }}}}","build":"{build.name}"}}',
        ),
    }
    found = {
        (need, name): ex.need_output(build_id(need), name) for need in build.needs for name in outputs[need]
    }
    frame = CallJob(
        id=build_id(build.name),
        name=f"Build {build.name}",
        uses="",
        permissions=(),
        needs=needs,
        condition=_all_succeeded(needs),
    )
    return call_job(frame, call, callback, outputs, Scene(values, found))


def _register(manifest: ResolvedManifest, plan: Plan) -> Job:
    needs = (PREFLIGHT, *(build_id(build.name) for build in plan.builds))
    env: dict[str, Value] = {
        "HEADGATE_RELEASE": embed(ex.need_output(PREFLIGHT, "release")),
        "HEADGATE_SHA": "${{ github.sha }}",
    }
    for number, build in enumerate(plan.builds):
        for place, output in enumerate(build.outputs):
            env[f"HEADGATE_OUTPUT_{number}_{place}"] = embed(ex.need_output(build_id(build.name), output))
    return runtime_job(
        REGISTER,
        "Register the release",
        runner=manifest.runner,
        verb=REGISTER,
        needs=needs,
        condition=_all_succeeded(needs),
        permissions=(WRITES_STATE, DISPATCHES),
        env=env,
    )


def _all_succeeded(needs: tuple[str, ...]) -> tuple[Expression, ...]:
    """Skipped, cancelled and empty are not success, and a job skipped inside a callback must not count."""
    return (ex.NOT_CANCELLED, *(ex.equals(ex.need_result(need), ex.quote("success")) for need in needs))
