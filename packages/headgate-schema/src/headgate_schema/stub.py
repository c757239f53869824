"""A first text for a callback file that is missing: it declares what its calls pass, and fails.

Somebody has to say how to deploy; until then a rollout that gets here stops, instead of looking done.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from headgate_schema.contract import CHECKS_OUT_RELEASE, MUST_DECLARE, Call, contract_inputs
from headgate_schema.notation import Layout, write_entry
from headgate_schema.resolved import InputValue, ResolvedDeploy
from headgate_schema.wording import join_words

VERIFICATIONS = frozenset({"verify", "verify_preview", "verify_live"})
"""Actions whose callback answers with the output ``result``."""

TIMEOUT_MINUTES = 30
_JOB = "callback"


def write_stub(file: str, calls: Sequence[Call]) -> str:
    """Write a workflow that GitHub can call for all of these calls of one file. A rule of the family HG4xx
    finds nothing in it.
    """
    actions = list(dict.fromkeys(call.action for call in calls))
    is_checking = not VERIFICATIONS.isdisjoint(actions)
    sections: dict[str, Any] = {
        "name": PurePosixPath(file).stem,
        "on": {"workflow_call": _declare(calls, is_checking=is_checking)},
        "permissions": {"contents": "read"} if _may_read(calls) else {},
        "jobs": {_JOB: _write_job(file, is_checking=is_checking)},
    }
    parts = [
        "\n".join(_write_head(actions)),
        *("\n".join(_write_section(*each)) for each in sections.items()),
    ]
    return "\n\n".join(parts) + "\n"


def _write_head(actions: Sequence[str]) -> Iterator[str]:
    """Say what the file is for, in comments."""
    if len(actions) == 1:
        yield f"# Headgate calls this for the action {actions[0]}."
    else:
        named = join_words(actions, "and")
        yield f"# Headgate calls this for the actions {named}; the input action says which."
    yield "# Write here what has to be done then; until that is done it fails."
    if not CHECKS_OUT_RELEASE.isdisjoint(actions):
        yield "# Check out the release, not the trunk's tip: actions/checkout with ref: ${{ inputs.sha }}"


def _write_section(key: str, value: Any) -> Iterator[str]:
    first, *rest = write_entry(key, value, Layout())
    # GitHub reads YAML 1.2, where `on` needs no quotes, and people write none.
    yield first.replace('"on":', "on:", 1)
    yield from rest


def _declare(calls: Sequence[Call], *, is_checking: bool) -> dict[str, Any]:
    declared: dict[str, Any] = {"inputs": dict(_declare_inputs(calls))}
    given = [call.owner.secrets for call in calls if call.owner.secrets != "inherit"]
    if names := {name for secrets in given for name in secrets}:
        declared["secrets"] = {
            name: {"required": all(name in secrets for secrets in given)} for name in sorted(names)
        }
    if is_checking:
        value = f"${{{{ jobs.{_JOB}.outputs.result }}}}"
        declared["outputs"] = {"result": {"description": "success, failure or inconclusive", "value": value}}
    return declared


def _declare_inputs(calls: Sequence[Call]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Declare what the actions can't do without, what tells them apart, and the manifest's own inputs.

    What is not given to every one of them can't be required.
    """
    actions = {call.action for call in calls}
    wanted = {"environment", "sha", "release"} | {
        MUST_DECLARE[each] for each in actions & MUST_DECLARE.keys()
    }
    wanted |= {"action"} if len(actions) > 1 else set()
    wanted |= {"deploy", "action", "reason"} if "notify" in actions else set()
    provided = [{item.name: item for item in contract_inputs(action)} for action in sorted(actions)]
    for name, item in {name: item for items in provided for name, item in items.items()}.items():
        if name in wanted:
            yield name, {"type": item.type, "required": all(name in items for items in provided)}
    yield from sorted(_declare_constants(calls).items())


def _may_read(calls: Sequence[Call]) -> bool:
    """Tell whether every call grants what a checkout needs."""
    granted = [call.owner.permissions for call in calls if call.owner.permissions is not None]
    return all(permissions.get("contents") in ("read", "write") for permissions in granted)


def _declare_constants(calls: Sequence[Call]) -> dict[str, dict[str, Any]]:
    constants: dict[str, dict[str, Any]] = {}
    for call in calls:
        maps: list[Mapping[str, InputValue]] = [call.owner.inputs]
        if isinstance(call.owner, ResolvedDeploy):
            maps += call.owner.environment_inputs.values()
        for written in maps:
            constants |= {name: {"type": _find_type(value)} for name, value in written.items()}
    return constants


def _find_type(value: InputValue) -> str:
    if isinstance(value, bool):
        return "boolean"
    return "string" if isinstance(value, str) else "number"


def _write_job(file: str, *, is_checking: bool) -> dict[str, Any]:
    step: dict[str, Any] = {
        "name": "Not written yet",
        "env": {"FILE": file},
        "run": 'echo "::error::$FILE is not written yet: it does nothing"; exit 1',
    }
    job: dict[str, Any] = {"name": _name_job(file), "runs-on": "ubuntu-latest"}
    job["timeout-minutes"] = TIMEOUT_MINUTES
    if is_checking:
        job["outputs"] = {"result": "${{ steps.check.outputs.result }}"}
        step = {"id": "check", **step}
    return {**job, "steps": [step]}


def _name_job(file: str) -> str:
    words = re.findall("[a-z0-9]+", PurePosixPath(file).stem.lower())
    return " ".join(words).capitalize()
