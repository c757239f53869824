"""The program: one verb, read from the surroundings once, and every failure an exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from headgate_runtime.__main__ import main
from headgate_runtime.plan import Build, Deploy, Environment, Part, Plan
from headgate_runtime.record import Record, to_file

from tests.runtime.conftest import Origin
from tests.runtime.rollouts import STAGES, record, rollout

PLAN = Plan(
    "0.1.0", "main", "headgate/state", (Environment("dev", True),), (Build("image", ("tag",)),),
    (Deploy("app", "headgate-deploy-app.yaml", (), (), {"dev": Part(STAGES["canary"], {})}),),
)  # fmt: skip


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The folder with the plan."""
    (tmp_path / "plan.json").write_text(json.dumps(PLAN.to_json()))
    return tmp_path


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Origin:
    """The surroundings of a job, and the origin of its repository."""
    found = Origin(tmp_path / "some" / "where.git")
    told = {
        "RUN_ID": "7", "RUN_ATTEMPT": "1", "RUN_NUMBER": "1", "REPOSITORY": "some/where", "SHA": "a" * 40,
        "REF": "refs/heads/main", "SERVER_URL": tmp_path.as_uri(), "API_URL": "http://127.0.0.1:9",
        "ACTOR": "somebody", "STEP_SUMMARY": str(tmp_path / "summary"), "OUTPUT": str(tmp_path / "output"),
    }  # fmt: skip
    for name, value in told.items():
        monkeypatch.setenv(f"GITHUB_{name}", value)
    return found


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["check", "more"]])
def test_without_a_verb_it_says_how_it_is_used(
    arguments: list[str], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments, home) == 2
    assert "usage: python3 .github/headgate VERB" in capsys.readouterr().err


def test_help_is_no_failure(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"], home) == 0
    assert "verbs: preflight, register" in capsys.readouterr().out


@pytest.mark.parametrize("content", [None, "{", "[]", '{"format": 9}', '{"format": 1}'])
@pytest.mark.usefixtures("runner")
def test_a_plan_that_can_not_be_read_says_what_to_do(
    content: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if content is not None:
        (tmp_path / "plan.json").write_text(content)
    assert main(["check"], tmp_path) == 2
    assert "headgate generate" in capsys.readouterr().out


def test_outside_of_a_run_it_says_what_is_missing(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("RUN_ID", "RUN_ATTEMPT", "RUN_NUMBER", "REPOSITORY", "SERVER_URL", "API_URL", "SHA", "REF"):
        monkeypatch.delenv(f"GITHUB_{name}", raising=False)
    assert main(["check"], home) == 2
    assert "::error title=Headgate::this is no workflow run: GITHUB_RUN_ID" in capsys.readouterr().out


def test_check_reads_the_state_branch_of_the_repository(
    home: Path, runner: Origin, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check"], home) == 0
    assert "nothing is open" in capsys.readouterr().out
    opened = record(rollout("canary", "baking"))
    runner.commit({"format": b"1\n", opened.path: to_file(opened)}, orphan=True)
    assert main(["check"], home) == 1
    assert "this change alters it" in capsys.readouterr().out


def test_a_corrupt_record_is_refused_with_file_and_commit_and_stays_as_it_is(
    home: Path, runner: Origin, capsys: pytest.CaptureFixture[str]
) -> None:
    path = Record("dev", "app").path
    commit = runner.commit({"format": b"1\n", path: b'{"environment": 1}'}, orphan=True)
    assert main(["check"], home) == 2
    told = capsys.readouterr().out
    assert path in told and commit in told
    assert runner.tip() == commit


def test_what_the_rules_refuse_is_exit_code_one(
    home: Path, runner: Origin, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_REF", "refs/heads/feature")
    assert main(["start"], home) == 1
    assert "not on the trunk" in capsys.readouterr().out
    assert runner.git("for-each-ref") == ""
