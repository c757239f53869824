"""The model: defaults, presence rules, and that each field says what it is."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import msgspec
import pytest
from headgate_schema import model
from headgate_schema.model import Canary, Deploy, Manifest
from msgspec import UNSET

CALLBACKS = {
    "promote_callback": ".github/workflows/p.yaml",
    "rollback_callback": ".github/workflows/r.yaml",
}


def test_defaults_are_those_of_the_contract() -> None:
    manifest = msgspec.convert(
        {"version": 1, "environments": ["dev"], "deploys": [{"name": "app"}]}, Manifest
    )
    deploy = manifest.deploys[0]
    assert (manifest.trunk, manifest.runner, manifest.state.branch) == (
        "main",
        "ubuntu-latest",
        "headgate/state",
    )
    assert (manifest.builds, manifest.notify) == ((), UNSET)
    assert (deploy.strategy, deploy.needs, deploy.inputs, deploy.environment_inputs) == (
        "all_at_once",
        (),
        {},
        {},
    )
    canary = msgspec.convert({"percent": 1, **CALLBACKS}, Canary)
    assert (canary.on_failure, canary.bake_mode, canary.timeout) == ("rollback", "runner", UNSET)


@pytest.mark.parametrize(
    "data",
    [
        {"name": "app", "strategy": "canary"},
        {"name": "app", "canary": {"percent": 1, **CALLBACKS}},
        {"name": "app", "strategy": "canary", "canary": {**CALLBACKS}},
        {"name": "app", "strategy": "canary", "canary": {"bake_time": "1m", **CALLBACKS}},
        {
            "name": "app",
            "strategy": "canary",
            "canary": {"percent": 1, "steps": [{"percent": 1}], **CALLBACKS},
        },
        {
            "name": "app",
            "strategy": "canary",
            "canary": {"bake_time": "1m", "steps": [{"percent": 1}], **CALLBACKS},
        },
        {"name": "app", "strategy": "blue_green"},
    ],
)
def test_a_value_that_breaks_a_presence_rule_cannot_be_built(data: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError, match="presence rule"):
        msgspec.convert(data, Deploy)


def test_null_is_no_value_of_an_optional_field() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"name": "app", "callback": None}, Deploy)


def test_values_are_frozen() -> None:
    deploy = msgspec.convert({"name": "app"}, Deploy)
    with pytest.raises(AttributeError):
        deploy.name = "api"  # type: ignore[misc]


@pytest.mark.parametrize("struct", [getattr(model, name) for name in model.__all__])
def test_every_struct_says_what_it_is(struct: type) -> None:
    assert struct.__doc__ and struct.__doc__.endswith(".")


def test_the_types_are_freed_without_harm() -> None:
    """A pattern on a string that may also be a list makes msgspec 0.22 crash when the process ends."""
    code = "import msgspec; from headgate_schema.model import Manifest; msgspec.json.Decoder(Manifest)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
