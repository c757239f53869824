"""Small workflow files for tests of the executor, built from values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

FOLDER = ".github/workflows"
RUNNER = "ubuntu-latest"


def workflow(jobs: Mapping[str, Any], *, on: Any = "workflow_dispatch", **keys: Any) -> str:
    """The text of a workflow file."""
    return yaml.safe_dump({"on": on, **_named(keys), "jobs": dict(jobs)}, sort_keys=False)


def files(**workflows: str) -> dict[str, str]:
    """`.github/workflows/<name>.yaml` for each keyword."""
    return {f"{FOLDER}/{name.replace('_', '-')}.yaml": text for name, text in workflows.items()}


def job(*steps: str | dict[str, Any], **keys: Any) -> dict[str, Any]:
    """A job with steps; a text is a `run:`. `if_` is `if`, and `_` stands for `-` in the keys."""
    listed = [{"run": step} if isinstance(step, str) else step for step in steps]
    return {"runs-on": RUNNER, **_named(keys), "steps": listed}


def call(callee: str, /, **keys: Any) -> dict[str, Any]:
    """A job that calls the workflow `<callee>.yaml`; `with_` is `with`."""
    return {"uses": f"./{FOLDER}/{callee}.yaml", **_named(keys)}


def callable_workflow(
    jobs: Mapping[str, Any],
    *,
    inputs: dict[str, Any] | None = None,
    outputs: dict[str, str] | None = None,
    secrets: dict[str, Any] | None = None,
    **keys: Any,
) -> str:
    """A workflow that others call. outputs: name → expression."""
    values = {name: {"value": expression} for name, expression in (outputs or {}).items()}
    parts = {"inputs": inputs, "outputs": values, "secrets": secrets}
    return workflow(jobs, on={"workflow_call": {key: part for key, part in parts.items() if part}}, **keys)


def put(name: str, value: str) -> str:
    """A line of bash that sets an output of its step."""
    return f'echo "{name}={value}" >>"$GITHUB_OUTPUT"'


def _named(keys: dict[str, Any]) -> dict[str, Any]:
    return {key.rstrip("_").replace("_", "-"): value for key, value in keys.items()}
