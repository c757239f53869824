"""The part of a plan that one environment, one deploy, or both have. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from headgate_runtime.plan import Plan

from headgate.failure import GeneratorError


def select(plan: Plan, *, environment: str | None, deploy: str | None) -> Plan:
    """Leave out what was not asked for; raises GeneratorError for a name that the manifest does not have."""
    _refuse_unknown("environment", environment, (each.name for each in plan.environments))
    _refuse_unknown("deploy", deploy, (each.name for each in plan.deploys))
    deploys = [
        replace(each, parts={name: part for name, part in each.parts.items() if environment in (None, name)})
        for each in plan.deploys
        if deploy in (None, each.name)
    ]
    if not any(each.parts for each in deploys):
        raise GeneratorError(f'"{deploy}" is not deployed in "{environment}"')
    return replace(plan, deploys=tuple(each for each in deploys if each.parts))


def _refuse_unknown(kind: str, name: str | None, names: Iterable[str]) -> None:
    known = tuple(names)
    if name is not None and name not in known:
        raise GeneratorError(f'there is no {kind} "{name}"; there are: {", ".join(known)}')
