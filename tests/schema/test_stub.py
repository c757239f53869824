"""What a missing callback is created from: it fits the manifest, and it fails until it is written."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml
from headgate_schema.check import check
from headgate_schema.contract import Action, list_calls

from .conftest import Files
from .stubs import MANIFESTS, list_stubs

ABOUT_CALLBACKS = ("HG4", "HG5", "HG6")
ABOUT_THE_MANIFEST = ("HG502",)
"""``secrets: inherit``, whatever the callback does."""


@pytest.mark.parametrize("name", MANIFESTS)
def test_nothing_is_found_in_callbacks_that_were_just_created(name: str) -> None:
    text, stubs = MANIFESTS[name], list_stubs(MANIFESTS[name])
    checked = check(text.encode(), "headgate.yaml", Files(stubs))
    assert checked.manifest is not None and not checked.skipped
    found = [
        finding
        for finding in checked.findings
        if finding.place.file in stubs
        or (finding.code.startswith(ABOUT_CALLBACKS) and finding.code not in ABOUT_THE_MANIFEST)
    ]
    assert found == []
    assert stubs and stubs.keys() == checked.callbacks.keys()


def test_the_manifests_call_for_every_action() -> None:
    checked = [check(text.encode(), "headgate.yaml", Files({})) for text in MANIFESTS.values()]
    called = {call.action for one in checked if one.resolved is not None for call in list_calls(one.resolved)}
    assert called == set(Action.__args__)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_stub_fails_and_says_which_file_is_not_written(name: str, tmp_path: Path) -> None:
    for file, text in list_stubs(MANIFESTS[name]).items():
        (job,) = yaml.safe_load(text)["jobs"].values()
        (step,) = job["steps"]
        done = subprocess.run(
            ["bash", "-e", "-c", step["run"]],
            env={**step["env"], "PATH": "/usr/bin:/bin"},
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stdout) == (1, f"::error::{file} is not written yet: it does nothing\n")


def test_what_only_some_calls_give_is_not_required() -> None:
    (text,) = list_stubs(MANIFESTS["one for all"]).values()
    called = yaml.safe_load(text)[True]["workflow_call"]
    required = {name for name, declared in called["inputs"].items() if declared.get("required")}
    assert required == set()
    assert called["inputs"].keys() >= {"environment", "sha", "percent", "color", "action", "room"}
    assert {name: declared["required"] for name, declared in called["secrets"].items()} == {
        "BOTH": True, "ONE": False,
    }  # fmt: skip
