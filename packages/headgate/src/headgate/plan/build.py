"""Resolved manifest and callbacks → the runtime's plan. Pure.

Rule: the plan holds all that the runtime decides by, and nothing that only the workflows need.
"""

from __future__ import annotations

from collections.abc import Mapping

from headgate_runtime.plan import Build, Deploy, Environment, Part, Plan
from headgate_schema.callback import Callback
from headgate_schema.contract import list_deploy_calls
from headgate_schema.resolved import ResolvedBuild, ResolvedDeploy, ResolvedEnvironment, ResolvedManifest

from headgate.plan.stages import build_stages
from headgate.workflows.names import deploy_file


def build_plan(manifest: ResolvedManifest, callbacks: Mapping[str, Callback], generator: str) -> Plan:
    """Compile a manifest; `callbacks` are the files that it names, `generator` is Headgate's version."""
    return Plan(
        generator=generator,
        trunk=manifest.trunk,
        state_branch=manifest.state_branch,
        environments=tuple(_environment(item) for item in manifest.environments),
        builds=tuple(_build(item, callbacks) for item in manifest.builds),
        deploys=tuple(_deploy(item) for item in manifest.deploys),
        notify=manifest.notify.callback if manifest.notify else None,
    )


def _environment(item: ResolvedEnvironment) -> Environment:
    return Environment(item.name, item.promotion == "auto", item.url)


def _build(item: ResolvedBuild, callbacks: Mapping[str, Callback]) -> Build:
    return Build(item.name, tuple(callbacks[item.callback].outputs))


def _deploy(item: ResolvedDeploy) -> Deploy:
    return Deploy(
        name=item.name,
        workflow=deploy_file(item.name),
        needs=item.needs,
        builds=item.builds,
        parts={environment: _part(item, environment) for environment in item.environments},
    )


def _part(deploy: ResolvedDeploy, environment: str) -> Part:
    return Part(
        stages=build_stages(deploy, environment),
        callbacks={
            call.action: call.callback
            for call in list_deploy_calls(deploy)
            if environment in call.environments
        },
        inputs={**deploy.inputs, **deploy.environment_inputs.get(environment, {})},
    )
