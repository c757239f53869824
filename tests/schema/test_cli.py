"""The command line: exit codes, what it reads, what it prints, how fast it starts."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from headgate_schema import __version__
from headgate_schema.cli import COMMANDS, main
from headgate_schema.json_schema import read_schema

GOOD = "version: 1\nenvironments: [dev]\ndeploys: [{name: app}]\n"
BAD = "version: 1\nenvironments: [dev]\ndeploys: [{name: App}]\n"
CASCADE = "ci: {config: {trunk_branch: main, environments: [dev], deploys: [{name: app}]}}\n"
WARNED = GOOD.replace("{name: app}", "{name: app, permissions: {content: read}}")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".github/workflows").mkdir(parents=True)
    (tmp_path / ".github/workflows/deploy-app.yaml").write_text("on: workflow_call\njobs: {}\n")
    (tmp_path / "headgate.yaml").write_text(GOOD)
    (tmp_path / "deep/down").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str, data: bytes = b"", **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "headgate_schema", *arguments],
        input=data.decode("utf-8", "surrogateescape"),
        capture_output=True, encoding="utf-8", errors="surrogateescape", check=False,
        env={**os.environ, **environment},
    )  # fmt: skip


@pytest.mark.usefixtures("repository")
def test_a_good_manifest_exits_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 0
    assert capsys.readouterr().out == "headgate.yaml: no findings\n"


def test_errors_exit_with_1_and_warnings_only_if_strict(repository: Path) -> None:
    (repository / "headgate.yaml").write_text(WARNED)
    assert main(["check"]) == 0
    assert main(["check", "--strict"]) == 1
    (repository / "headgate.yaml").write_text(BAD)
    assert main(["check"]) == 1


@pytest.mark.parametrize(
    "arguments",
    [["check", "--format", "poem"], ["nothing"], [], ["check", "missing.yaml"], ["check", "--ignore", "HG1"],
     ["check", "deep"], ["explain", "HG999"], ["check", "--ignore", "HG201"],
     ["check", "--select", "HG999"], ["check", "--ignore", "XX"]],
)  # fmt: skip
@pytest.mark.usefixtures("repository")
def test_usage_and_unreadable_files_exit_with_2(arguments: list[str]) -> None:
    finished = run(*arguments)
    assert finished.returncode == 2 and finished.stdout == ""
    assert finished.stderr and "Traceback" not in finished.stderr


def test_the_manifest_is_found_from_inside_the_repository(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(repository / "deep/down")
    (repository / "headgate.yaml").write_text(BAD)
    assert main(["check", "--format", "concise"]) == 1
    assert capsys.readouterr().out.startswith("../../headgate.yaml:3:18: HG105 ")


@pytest.mark.parametrize("form", ["github", "sarif"])
def test_what_github_reads_names_files_from_the_root_wherever_it_ran(
    form: str, repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(repository / "deep/down")
    (repository / "headgate.yaml").write_text(BAD)
    (repository / "deep/headgate.yaml").write_text(BAD)
    (repository / "deep/other.yaml").write_text(BAD)
    named = {"headgate.yaml", "deep/headgate.yaml", "deep/other.yaml"}
    assert main(["check", "--format", form, "../../headgate.yaml", "../headgate.yaml", "../other.yaml"]) == 1
    pattern = r"file=([^,]+)," if form == "github" else r'"uri": "([^"]+)"'
    assert set(re.findall(pattern, capsys.readouterr().out)) == named


def test_the_manifest_may_lie_under_github(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "headgate.yaml").rename(repository / ".github/headgate.yaml")
    assert main(["check"]) == 0
    assert capsys.readouterr().out == ".github/headgate.yaml: no findings\n"
    (repository / ".github/workflows/deploy-app.yaml").unlink()
    assert main(["check", "--format", "concise", ".github/headgate.yaml"]) == 1
    assert ": HG401 " in capsys.readouterr().out


def test_two_manifests_none_and_a_misspelt_one_are_refused(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (repository / ".github/headgate.yaml").write_text(GOOD)
    assert main(["check"]) == 2
    assert 'both "headgate.yaml" and ".github/headgate.yaml" exist' in capsys.readouterr().err
    (repository / ".github/headgate.yaml").unlink()
    (repository / "headgate.yaml").rename(repository / "headgate.yml")
    assert main(["check"]) == 2
    assert '"headgate.yml" is not read: rename it to "headgate.yaml"' in capsys.readouterr().err
    (repository / "headgate.yml").unlink()
    assert main(["check"]) == 2
    assert 'there is no "headgate.yaml" in ' in capsys.readouterr().err


def test_a_named_manifest_is_checked_with_the_callbacks_beside_it(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    service = repository / "deep"
    (service / "headgate.yaml").write_text(GOOD)
    assert main(["check", "--format", "concise", "headgate.yaml", "deep/headgate.yaml"]) == 1
    assert capsys.readouterr().out == (
        'deep/headgate.yaml:3:18: HG401 there is no file ".github/workflows/deploy-app.yaml", '
        "the callback by convention\n"
    )


def test_standard_input_is_read_as_bytes_and_callbacks_are_skipped() -> None:
    finished = run("check", "-", data=GOOD.encode())
    assert (finished.returncode, finished.stdout) == (
        0, "<stdin>: no findings (HG4xx, HG5xx, HG6xx not checked: only headgate.yaml has callbacks)\n",
    )  # fmt: skip
    finished = run("check", "--format", "concise", "-", data=b"\xff\xfea")
    assert (finished.returncode, finished.stdout) == (1, "<stdin>:1:1: HG002 the text is not UTF-8: UTF-16\n")


def test_codes_are_selected_and_warnings_ignored(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (repository / "headgate.yaml").write_text(WARNED.replace("name: app,", "name: app, needs: [x],"))
    assert main(["check", "--format", "concise", "--select", "HG2"]) == 1
    assert capsys.readouterr().out.count("\n") == 2
    assert main(["check", "--format", "concise", "--ignore", "hg215"]) == 1
    assert capsys.readouterr().out.count("\n") == 1
    assert main(["check", "--select", "HG3"]) == 0


def test_all_output_is_written_whatever_the_terminal_can_show(repository: Path) -> None:
    (repository / "headgate.yaml").write_text(GOOD.replace("app", "🚀"), encoding="utf-8")
    finished = run("check", "--format", "concise", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert finished.returncode == 1 and "\\U0001f680" in finished.stdout


def test_colour_follows_the_environment(repository: Path) -> None:
    (repository / "headgate.yaml").write_text(BAD)
    assert "\033[" not in run("check", FORCE_COLOR="").stdout
    assert "\033[" in run("check", FORCE_COLOR="1", NO_COLOR="").stdout
    assert "\033[" not in run("check", FORCE_COLOR="1", NO_COLOR="1").stdout


def test_the_schema_is_printed_byte_by_byte(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["schema"]) == 0
    assert capsysbinary.readouterr().out == read_schema()
    assert main(["schema", "findings"]) == 0
    assert capsysbinary.readouterr().out == read_schema("findings") != read_schema()


WAITS_FOR_AN_EDITOR = {"lsp"}
"""Driven in tests/lsp."""


@pytest.mark.parametrize("command", ["", *(name for name in COMMANDS if name not in WAITS_FOR_AN_EDITOR)])
def test_the_examples_of_help_run(command: str, repository: Path) -> None:
    (repository / "a.yaml").write_text(GOOD)
    (repository / "b.yaml").write_text(GOOD)
    for name in ("old.json", "new.json"):
        (repository / name).write_bytes(read_schema())
    (repository / ".github/manifest.yaml").write_text(CASCADE)
    (repository / "services/api").mkdir(parents=True)
    (repository / "services/api/headgate.yaml").write_text(GOOD)
    (repository / "services/api/.github").symlink_to(repository / ".github")
    printed = run(*command.split(), "--help").stdout
    examples = re.findall(r"^  headgate-schema (.*?)(?:   +.*)?$", printed, re.MULTILINE)
    assert examples
    for example in examples:
        line = f"{shlex.quote(sys.executable)} -m headgate_schema {example}"
        finished = subprocess.run(line, shell=True, capture_output=True, text=True, check=False)
        assert finished.returncode == 0, f"{example}\n{finished.stderr}"


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    assert capsys.readouterr().out == f"headgate-schema {__version__}\n"
    project = Path(__file__).parents[2] / "packages/headgate-schema/pyproject.toml"
    assert f'\nversion = "{__version__}"\n' in project.read_text()


def test_a_reader_that_stops_early_is_no_error() -> None:
    line = f"{shlex.quote(sys.executable)} -m headgate_schema schema | head -c 1"
    finished = subprocess.run(line, shell=True, capture_output=True, text=True, check=False)
    assert (finished.stdout, finished.stderr) == ("{", "")


ALONE = [sys.executable, "-c", "from headgate_schema.cli import run_process; run_process()"]
"""What the installed script does."""


def test_a_process_that_ends_at_once_still_says_everything_and_its_exit_code(repository: Path) -> None:
    whole = subprocess.run([*ALONE, "schema"], capture_output=True, check=False)
    assert (whole.returncode, whole.stdout, whole.stderr) == (0, read_schema(), b"")
    (repository / "headgate.yaml").write_text(BAD)
    found = subprocess.run([*ALONE, "check"], cwd=repository, capture_output=True, text=True, check=False)
    assert found.returncode == 1 and "HG105" in found.stdout
    refused = subprocess.run([*ALONE, "check", "absent.yaml"], capture_output=True, text=True, check=False)
    assert refused.returncode == 2 and "can't read absent.yaml" in refused.stderr
    folder = subprocess.run([*ALONE, "check", "."], capture_output=True, text=True, check=False)
    assert folder.returncode == 2 and ". is a folder: name the manifest in it" in folder.stderr
    usage = subprocess.run([*ALONE, "nonsense"], capture_output=True, text=True, check=False)
    assert usage.returncode == 2 and "invalid choice" in usage.stderr


def test_a_name_that_is_no_text_is_shown_escaped(repository: Path) -> None:
    (repository / os.fsdecode(b"b\xff.yaml")).write_text(BAD)
    finished = run("check", "--format", "json", os.fsdecode(b"b\xff.yaml"))
    assert json.loads(finished.stdout)["files"][0]["file"] == "b\\udcff.yaml"


@pytest.mark.parametrize("form", ["full", "concise", "github"])
def test_a_hostile_name_stays_on_its_line(form: str, repository: Path) -> None:
    name = "x\n::error::y\x1b[31m\u2028.yaml"
    (repository / name).write_text(BAD)
    printed = run("check", "--format", form, name).stdout
    assert r"x\n::error::y\x1b[31m\u2028.yaml:" in printed.replace("%3A", ":")
    assert not any(line.startswith("::error::") for line in printed.splitlines()) and "\x1b" not in printed


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
@pytest.mark.usefixtures("repository")
def test_a_full_disk_ends_in_one_line_and_exit_code_2() -> None:
    with Path("/dev/full").open("w") as full:
        finished = subprocess.run(
            [*ALONE, "schema"], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (finished.returncode, finished.stderr) == (
        2,
        "headgate-schema: input or output: No space left on device\n",
    )


def test_a_callback_that_is_a_pipe_is_not_waited_for(repository: Path) -> None:
    callback = repository / ".github/workflows/deploy-app.yaml"
    callback.unlink()
    os.mkfifo(callback)
    finished = run("check")
    assert finished.returncode == 2 and f"{callback}: not a regular file" in finished.stderr


def test_json_of_the_command_is_json(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "headgate.yaml").write_text(BAD)
    assert main(["check", "--format", "json"]) == 1
    assert json.loads(capsys.readouterr().out)["findings"][0]["code"] == "HG105"
