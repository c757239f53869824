"""The verbs of the command line, on the generated workflows: they do what the buttons do, and can watch."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Timer

import pytest
from headgate.cli import main
from headgate.remote import start, watch
from headgate.remote.perform import FILES
from headgate.remote.verbs import TABLE, Verb
from headgate_runtime import github

from tests.e2e.stories.executed import ExecutedSide
from tests.e2e.stories.manifests import CANARY, LONG_BAKE, PLAIN, Manifest, compile_manifest
from tests.e2e.stories.stage import FAIL, Stage
from tests.e2e.stories.story import Play, Theatre, first_release, two_releases
from tests.e2e.stories.test_hostile_values import LINES

SERVER = "https://github.example"
VALUES = {
    "environment": "dev",
    "deploy": "app",
    "deploys": "app",
    "release": "r2",
    "to": "r1",
    "color": "blue",
}


class Terminal:
    """A person at a command line, in a checkout of the repository on which a story plays."""

    def __init__(self, stage: Stage, side: ExecutedSide, capsys: pytest.CaptureFixture[str]) -> None:
        self.stage, self.side, self.repository = stage, side, side.repository
        self._capsys = capsys
        self.out = self.err = ""

    def run(self, *arguments: str) -> int:
        code = main(arguments)
        self.out, self.err = self._capsys.readouterr()
        return code

    def verb(self, verb: str, *more: str, reason: str = "it is time") -> int:
        """A verb in dev, watched; when that ends well, nothing is left to watch."""
        code = self.run(verb, "--environment", "dev", *more, "--reason", reason, "--watch")
        if code != 2:
            assert [run.title for run in self.repository.runs() if run.conclusion is None] == []
        self.side.play()
        return code


@pytest.fixture
def sit_down(
    theatre: Theatre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Terminal]:
    """A terminal in front of a manifest's story, after its opening."""
    for module, name, seconds in ((watch, "INTERVAL", 0.1), (watch, "GRACE", 1.0), (start, "PAUSE", 0.1)):
        monkeypatch.setattr(module, name, seconds)

    def opened(manifest: Manifest, opening: Play = first_release) -> Terminal:
        stage, side = theatre.execute(manifest, opening)
        for path, content in compile_manifest(manifest).files.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_bytes(content)
        monkeypatch.chdir(tmp_path)
        values = {
            "GITHUB_API_URL": side.repository.world.api_url,
            "GITHUB_SERVER_URL": SERVER,
            "GITHUB_REPOSITORY": side.repository.full_name,
            "GH_TOKEN": side.repository.issue_token(actions="write"),
        }
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        return Terminal(stage, side, capsys)

    return opened


def test_a_promotion_is_followed_to_the_end_of_the_deploy(sit_down: Callable[..., Terminal]) -> None:
    terminal = sit_down(CANARY)
    assert terminal.verb("promote") == 0
    assert terminal.stage.live() == "r2"
    said = terminal.out.splitlines()
    assert said[0] == f"started headgate-promote.yaml on main of {terminal.repository.full_name}"
    runs = terminal.repository.runs()
    title = next(run.title for run in runs if run.file == "headgate-deploy-app.yaml")
    assert said[-1] == f"{title}: success"
    assert sum(line.endswith(": started") for line in said) >= 3
    assert [line.rpartition("/")[2] for line in said if SERVER in line or "/actions/runs/" in line] == [
        str(run.id) for run in runs
    ]


def test_a_promotion_that_is_rolled_back_is_exit_1(sit_down: Callable[..., Terminal]) -> None:
    terminal = sit_down(CANARY)
    terminal.stage.answer("verify_1", FAIL)
    assert terminal.verb("promote", "--deploy", "app") == 1
    assert (terminal.stage.live(), terminal.stage.ended()) == ("r1", "rolled_back")
    assert terminal.out.splitlines()[-1].endswith(": failure")


def test_a_verb_that_the_rules_refuse_is_exit_1_and_nothing_is_followed(
    sit_down: Callable[..., Terminal],
) -> None:
    terminal = sit_down(CANARY)
    assert terminal.verb("resume", "--deploy", "app") == 1
    assert "deploy-app" not in terminal.out
    assert terminal.stage.history() == []


def test_an_abort_follows_the_run_that_obeys_it(sit_down: Callable[..., Terminal]) -> None:
    terminal = sit_down(LONG_BAKE)
    repository = terminal.repository
    promoted = repository.dispatch("headgate-promote.yaml", {"environment": "dev", "deploys": "app"})
    repository.wait(promoted)
    deploy = repository.runs("headgate-deploy-app.yaml")[-1]
    repository.wait_job(deploy, "bake_1", "in_progress")
    assert terminal.verb("abort", "--deploy", "app", reason="wrong version") == 1
    assert f"/runs/{deploy.id}" in terminal.out
    assert (terminal.stage.live(), terminal.stage.ended()) == ("r1", "rolled_back")
    assert terminal.stage.inputs("rollback")["reason"] == "wrong version"


def test_a_freeze_does_not_wait_for_what_goes_on(sit_down: Callable[..., Terminal]) -> None:
    terminal = sit_down(LONG_BAKE)
    repository = terminal.repository
    repository.wait(repository.dispatch("headgate-promote.yaml", {"environment": "dev", "deploys": "app"}))
    deploy = repository.runs("headgate-deploy-app.yaml")[-1]
    repository.wait_job(deploy, "bake_1", "in_progress")
    for verb, *more in (("freeze",), ("promote", "--dry-run")):
        code = terminal.run(verb, "--environment", "dev", *more, "--reason", "a sale", "--watch")
        assert (code, repository.run(deploy).conclusion) == (0, None)


def test_a_rollback_goes_back(sit_down: Callable[..., Terminal]) -> None:
    terminal = sit_down(PLAIN, two_releases)
    assert terminal.verb("rollback") == 0
    assert terminal.stage.live() == "r1"


def test_a_freeze_waits_for_nothing_and_an_unfreeze_follows_what_it_starts(
    sit_down: Callable[..., Terminal],
) -> None:
    terminal = sit_down(PLAIN)
    assert terminal.verb("freeze") == 0
    assert terminal.verb("promote") == 0
    assert (terminal.stage.live(), terminal.stage.jobs()) == ("r1", [])
    assert terminal.verb("unfreeze") == 0
    assert terminal.stage.live() == "r2"


def test_a_dry_run_follows_its_own_run_only(sit_down: Callable[..., Terminal]) -> None:
    terminal = sit_down(PLAIN)
    assert terminal.verb("promote", "--dry-run") == 0
    assert (terminal.stage.history(), len(terminal.repository.runs())) == ([], 1)


@pytest.mark.parametrize("verb", TABLE, ids=lambda verb: verb.name)
def test_every_verb_starts_the_run_that_its_button_starts(
    sit_down: Callable[..., Terminal], verb: Verb
) -> None:
    terminal = sit_down(PLAIN)
    file = FILES[verb.workflow]
    generated = terminal.repository.read(f".github/workflows/{file}") or ""
    if verb.is_control and f"- {verb.name}\n" not in generated:
        pytest.skip(f"{file} of this version has no {verb.name}")
    typed: list[str] = []
    inputs = {"verb": verb.name} if verb.is_control else {}
    for option in verb.options:
        value = "true" if option.is_switch else (*option.choices, VALUES.get(option.input, "it is time"))[0]
        typed += [option.flag] if option.is_switch else [option.flag, value]
        inputs[option.input] = value
    assert terminal.run(verb.name, *typed) == 0
    terminal.repository.wait()
    by_hand, by_button = terminal.repository.runs(file)[-1], terminal.repository.dispatch(file, inputs)
    assert (by_hand.inputs, by_hand.ref) == (by_button.inputs, by_button.ref)
    assert (
        terminal.out.splitlines()[-1] == f"{SERVER}/{terminal.repository.full_name}/actions/runs/{by_hand.id}"
    )
    terminal.repository.wait()


def test_reasons_stay_data(sit_down: Callable[..., Terminal]) -> None:
    terminal = sit_down(PLAIN)
    for line in LINES:
        assert terminal.run("freeze", "--environment", "dev", "--reason", line) == 0
    terminal.repository.wait()
    assert [run.inputs["reason"] for run in terminal.repository.runs()] == LINES
    assert not list(Path.cwd().glob("pwned"))


def test_on_an_older_server_the_run_is_looked_for(sit_down: Callable[..., Terminal]) -> None:
    terminal = sit_down(PLAIN)
    terminal.repository.configure(options={"returnRunDetails": False})
    assert terminal.verb("promote") == 0
    assert terminal.stage.live() == "r2"
    calls = [
        call for call in terminal.repository.api_calls() if call["path"].endswith("promote.yaml/dispatches")
    ]
    assert [call["status"] for call in calls] == [400, 204]


def test_names_that_the_manifest_does_not_have_are_refused_before_anything_is_asked(
    sit_down: Callable[..., Terminal],
) -> None:
    terminal = sit_down(PLAIN)
    assert terminal.run("promote", "--environment", "tset", "--reason", "why not") == 1
    assert terminal.err == (
        'headgate: the manifest has no environment "tset" (did you mean "test"?); it has: dev, test\n'
    )
    assert terminal.run("rollback", "--environment", "dev", "--deploy", "api", "--reason", "why not") == 1
    assert 'no deploy "api"' in terminal.err
    assert terminal.repository.api_calls() == []


def test_a_control_verb_may_name_what_has_left_the_manifest(sit_down: Callable[..., Terminal]) -> None:
    terminal = sit_down(PLAIN)
    assert terminal.verb("abort", "--deploy", "gone") == 1
    assert 'note: the manifest has no deploy "gone"' in terminal.err
    assert terminal.repository.runs()[-1].inputs["deploy"] == "gone"


def test_what_github_refuses_is_exit_1(
    sit_down: Callable[..., Terminal], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = sit_down(PLAIN)
    monkeypatch.chdir("/")
    assert terminal.run("promote", "--environment", "moon", "--reason", "why not") == 1
    assert "'moon'" in terminal.err and "not in the list" in terminal.err


def test_a_wrong_token_is_exit_2_and_is_not_shown(
    sit_down: Callable[..., Terminal], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = sit_down(PLAIN)
    monkeypatch.setenv("GH_TOKEN", "ghp_nonsense")
    assert terminal.verb("promote") == 2
    assert "does not accept the token from GH_TOKEN" in terminal.err
    assert "nonsense" not in terminal.out + terminal.err


def test_a_token_that_may_only_read_is_told_what_it_lacks(
    sit_down: Callable[..., Terminal], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = sit_down(PLAIN)
    monkeypatch.setenv("GH_TOKEN", terminal.repository.issue_token(actions="read"))
    assert terminal.verb("promote") == 2
    assert "`actions: write`" in terminal.err


def test_without_a_token_the_page_and_the_values_are_printed(
    sit_down: Callable[..., Terminal], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = sit_down(PLAIN)
    for name in ("GH_TOKEN", "GITHUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("shutil.which", lambda _: None)
    assert terminal.verb("abort", "--deploy", "app", "--now", reason="wrong `version`") == 2
    page = f"{SERVER}/{terminal.repository.full_name}/actions/workflows/headgate-control.yaml"
    assert page in terminal.err.split()
    for line in (
        "verb         abort",
        "deploy       app",
        "now          true",
        "reason       wrong `version`",
    ):
        assert f"  {line}\n" in terminal.err
    assert terminal.repository.api_calls() == []


def test_a_dispatch_whose_answer_is_lost_is_not_sent_again(sit_down: Callable[..., Terminal]) -> None:
    terminal = sit_down(PLAIN)
    terminal.repository.break_api("dispatches$", status=502)
    assert terminal.verb("rollback") == 2
    assert "502" in terminal.err and "may have started" in terminal.err
    sent = [call for call in terminal.repository.api_calls() if call["method"] == "POST"]
    assert len(sent) == 1


def test_a_workflow_that_is_not_there_says_what_to_do(sit_down: Callable[..., Terminal]) -> None:
    terminal = sit_down(PLAIN)
    terminal.repository.commit({}, remove=[".github/workflows/headgate-rollback.yaml"])
    assert terminal.verb("rollback") == 2
    assert "there is no headgate-rollback.yaml on main: run `headgate generate`" in terminal.err


def test_a_server_that_goes_away_while_watching_is_exit_2(
    sit_down: Callable[..., Terminal], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = sit_down(PLAIN)
    monkeypatch.setattr(github, "_backoff", lambda _: 0.0)
    terminal.repository.break_api(r"/actions/runs/\d+$", mode="drop")
    assert terminal.verb("promote") == 2
    assert "can't be reached" in terminal.err and "the run goes on: " in terminal.err


def test_ctrl_c_stops_watching_and_leaves_the_run_alone(sit_down: Callable[..., Terminal]) -> None:
    terminal = sit_down(LONG_BAKE)
    command = [
        sys.executable,
        "-m",
        "headgate",
        "promote",
        "--environment",
        "dev",
        "--reason",
        "why not",
        "--watch",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as watching:
        Timer(30, watching.kill).start()
        assert watching.stdout is not None
        for line in watching.stdout:
            if "/actions/runs/" in line:
                break
        watching.send_signal(signal.SIGINT)
        _, said = watching.communicate(timeout=30)
    assert watching.returncode == 130
    assert "not watching any more; the run goes on: " in said
    assert "Traceback" not in said
    first = terminal.repository.wait(terminal.repository.runs()[0])
    assert first is not None and first.conclusion == "success"
    assert os.environ["GH_TOKEN"] not in said
