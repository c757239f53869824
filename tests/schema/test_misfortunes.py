"""What can go wrong around a check: files that are none, streams that are closed, people who interrupt."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from headgate_schema.cli import main
from headgate_schema.text import MAX_BYTES

GOOD = "version: 1\nenvironments: [dev]\ndeploys: [{name: app}]\n"
BAD = GOOD.replace("app", "App")
CALLBACK = ".github/workflows/deploy-app.yaml"
COMMAND = (sys.executable, "-m", "headgate_schema", "check")
PATIENCE = 60
"""Seconds until a test gives up on a process that hangs."""


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / CALLBACK).parent.mkdir(parents=True)
    (tmp_path / CALLBACK).write_text("on: workflow_call\njobs: {}\n")
    (tmp_path / "headgate.yaml").write_text(GOOD)
    (tmp_path / "bad.yaml").write_text(BAD)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str, shell: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a check, with what a shell makes of its streams."""
    script = f'exec "$@" {shell}'
    return subprocess.run(
        ["bash", "-c", script, "bash", *COMMAND, *arguments],
        capture_output=True, encoding="utf-8", errors="surrogateescape", check=False, timeout=PATIENCE,
        env={**os.environ, **environment},
    )  # fmt: skip


def test_an_endless_file_is_read_no_further_than_the_limit(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--format", "concise", "/dev/zero"]) == 1
    shown = capsys.readouterr().out
    assert f": HG004 the file is larger than {MAX_BYTES:,} bytes, the most that is read\n" in shown
    assert run("-", shell="< /dev/zero").returncode == 1


def test_a_pipe_may_be_named() -> None:
    finished = run("--format", "concise", shell='<(printf "version: 2")')
    assert (finished.returncode, finished.stdout.count(": HG102 ")) == (1, 2)


@pytest.mark.parametrize("kind", ["a pipe", "a device", "a circle of links"])
def test_a_callback_that_is_no_file_is_a_failure_and_nobody_waits_for_it(repository: Path, kind: str) -> None:
    (repository / CALLBACK).unlink()
    match kind:
        case "a pipe":
            os.mkfifo(repository / CALLBACK)
        case "a device":
            (repository / CALLBACK).symlink_to("/dev/zero")
        case _:
            (repository / CALLBACK).symlink_to("deploy-app.yaml")
    finished = run()
    assert (finished.returncode, finished.stdout) == (2, "")
    reason = "Too many levels of symbolic links" if "links" in kind else "not a regular file"
    assert finished.stderr == f"headgate-schema: can't read {repository / CALLBACK}: {reason}\n"


@pytest.mark.usefixtures("repository")
def test_what_cannot_be_read_does_not_keep_the_others_from_being_reported() -> None:
    finished = run("--format", "concise", "bad.yaml", "missing.yaml", ".git", "headgate.yaml")
    assert finished.returncode == 2
    assert finished.stdout.startswith("bad.yaml:3:18: HG105 ") and finished.stdout.count("\n") == 1
    assert finished.stderr == (
        "headgate-schema: can't read missing.yaml: No such file or directory\n"
        "headgate-schema: .git is a folder: name the manifest in it\n"
    )
    finished = run("missing.yaml", ".git")
    assert (finished.returncode, finished.stdout, finished.stderr.count("\n")) == (2, "", 2)


def test_nothing_is_fixed_if_something_cannot_be_read(repository: Path) -> None:
    (repository / "bad.yaml").write_text("versoin: 1\nenvironments: [dev]\ndeploys: [{name: app}]\n")
    before = (repository / "bad.yaml").read_text()
    assert main(["check", "--fix", "--unsafe", "bad.yaml", "missing.yaml"]) == 2
    assert (repository / "bad.yaml").read_text() == before
    assert main(["check", "--fix", "--unsafe", "bad.yaml"]) == 0
    assert (repository / "bad.yaml").read_text() != before


@pytest.mark.usefixtures("repository")
def test_a_name_that_no_system_has_is_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "a\0b.yaml"]) == 2
    assert capsys.readouterr().err == "headgate-schema: can't read a\\x00b.yaml: embedded null byte\n"


def test_a_name_keeps_to_its_line_and_no_terminal_obeys_it(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (repository / "a\n::error::\x1b[31m.yaml").write_text(BAD)
    assert main(["check", "--format", "concise", "a\n::error::\x1b[31m.yaml", "b\n.yaml"]) == 2
    shown = capsys.readouterr()
    assert shown.out.startswith("a\\n::error::\\x1b[31m.yaml:3:18: HG105 ") and shown.out.count("\n") == 1
    assert shown.err == "headgate-schema: can't read b\\n.yaml: No such file or directory\n"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_nobody_may_read_is_a_failure(repository: Path) -> None:
    (repository / "bad.yaml").chmod(0)
    (repository / ".github").chmod(0)
    finished = run("bad.yaml", "headgate.yaml")
    assert finished.returncode == 2 and "Traceback" not in finished.stderr
    assert finished.stderr.count("Permission denied") == 2


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize(
    ("arguments", "shell", "stderr"),
    [
        (("bad.yaml",), ">&-", "headgate-schema: standard output is closed\n"),
        (("-",), "<&-", "headgate-schema: can't read standard input: it is closed\n"),
        (("missing.yaml",), "2>&-", ""),
        (("bad.yaml",), "> /dev/full", "headgate-schema: input or output: No space left on device\n"),
        (("bad.yaml", "--fix"), "> /dev/full", "headgate-schema: input or output: No space left on device\n"),
    ],
)
def test_a_stream_that_cannot_be_used_is_a_failure_in_one_line(
    arguments: tuple[str, ...], shell: str, stderr: str
) -> None:
    finished = run(*arguments, shell=shell)
    assert (finished.returncode, finished.stdout, finished.stderr) == (2, "", stderr)


def test_an_interrupted_check_says_so(repository: Path) -> None:
    pipe = repository / "pipe.yaml"
    os.mkfifo(pipe)
    process = subprocess.Popen([*COMMAND, str(pipe)], stderr=subprocess.PIPE, text=True)
    with pipe.open("w"):  # which returns when the check has opened it too, and waits for what comes
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=PATIENCE)
    assert (process.returncode, stderr) == (2, "headgate-schema: interrupted\n")


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize("locale", [{"LC_ALL": "C"}, {"LC_ALL": "tlh", "LANG": "x"}, {"PYTHONUTF8": "0"}])
def test_a_broken_locale_changes_nothing(locale: dict[str, str]) -> None:
    finished = run("--format", "concise", "bad.yaml", "-", shell="< /dev/urandom", **locale)
    assert finished.returncode == 1 and "headgate" not in finished.stderr
    assert finished.stdout.startswith("bad.yaml:3:18: HG105 ")


def test_a_folder_that_is_gone_is_a_failure(repository: Path) -> None:
    gone = repository / "gone"
    gone.mkdir()
    script = 'cd "$1" && rmdir "$1" && shift && exec "$@"'
    finished = subprocess.run(
        ["bash", "-c", script, "bash", str(gone), *COMMAND], capture_output=True, text=True, check=False
    )
    assert finished.returncode == 2 and finished.stderr.count("\n") == 1
