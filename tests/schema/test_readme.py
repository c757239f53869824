"""The package's README shows what really happens."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest
from headgate_schema.cli import main

README = (Path(__file__).parents[2] / "packages/headgate-schema/README.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", README, re.DOTALL)
    assert found is not None
    return found.group(1)


def test_the_shown_finding_is_the_real_one(
    first_shape: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    workflows = tmp_path / ".github/workflows"
    workflows.mkdir(parents=True)
    for name in ("deploy-app", "deploy-api", "canary-promote", "canary-rollback", "cutover"):
        inputs = "percent: {type: number}, color: {type: string}"
        (workflows / f"{name}.yaml").write_text(
            f"on: {{workflow_call: {{inputs: {{{inputs}}}}}}}\njobs: {{}}\n"
        )
    text = first_shape.replace("bake_time: 10m", "bake_time: 10 m").replace(
        "[dev, test, uat, prod]", "[prod]"
    )
    (tmp_path / "headgate.yaml").write_text(text)
    monkeypatch.chdir(tmp_path)
    assert main(["check"]) == 1
    shown = block("console").partition("$ headgate-schema check\n")[2]
    assert capsys.readouterr().out == shown


def test_the_library_example_runs() -> None:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(block("python"), "README", "exec"), {})
    assert printed.getvalue().startswith('3 HG105 "App" is not a name')
