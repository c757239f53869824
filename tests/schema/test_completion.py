"""Shell completion: the scripts are sourced by real shells, which are then asked what they would offer."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from headgate.cli import COMMANDS as HEADGATE_COMMANDS
from headgate_schema.cli import COMMANDS
from headgate_schema.cli.completion import SHELLS

PROGRAMS = {"headgate": "headgate", "headgate-schema": "headgate_schema"}
COMPLETE = """\
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
"_shtab_${1//-/_}"
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every script, as ``<program>.<shell>``."""
    folder = tmp_path_factory.mktemp("scripts")
    for program, module in PROGRAMS.items():
        for shell in SHELLS:
            command = [sys.executable, "-m", module, "completion", shell]
            printed = subprocess.run(command, capture_output=True, check=True).stdout
            (folder / f"{program}.{shell}").write_bytes(printed)
    return folder


def complete(scripts: Path, *words: str, where: Path | None = None) -> set[str]:
    """What bash offers for the last of some words."""
    script = scripts / f"{words[0]}.bash"
    command = ["bash", "--norc", "-c", COMPLETE, "bash", str(script), *words]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, cwd=where)
    assert ran.stderr == ""
    return set(ran.stdout.split("\n")) - {""}


def test_bash_completes_the_commands(scripts: Path) -> None:
    assert complete(scripts, "headgate-schema", "") == set(COMMANDS)
    assert complete(scripts, "headgate", "") == set(HEADGATE_COMMANDS)
    assert complete(scripts, "headgate", "pro") == {"promote", "promote-now"}


def test_bash_completes_options_of_every_command_though_their_modules_are_lazy(scripts: Path) -> None:
    assert {"--format", "--select", "--strict"} <= complete(scripts, "headgate-schema", "check", "--")
    assert complete(scripts, "headgate", "generate", "--c") == {"--check"}
    assert {"--environment", "--deploy", "--reason"} <= complete(scripts, "headgate", "abort", "--")
    for command in HEADGATE_COMMANDS:
        assert "--help" in complete(scripts, "headgate", command, "--h"), command


def test_bash_completes_values_codes_and_fields(scripts: Path) -> None:
    assert complete(scripts, "headgate", "check", "--format", "") == {
        "full",
        "concise",
        "json",
        "github",
        "sarif",
    }
    assert complete(scripts, "headgate-schema", "check", "--ignore", "HG30") == {
        f"HG30{n}" for n in range(1, 10)
    }
    assert complete(scripts, "headgate-schema", "explain", "HG8") == set()
    assert "HG804" in complete(scripts, "headgate", "explain", "HG8")
    assert complete(scripts, "headgate", "explain", "deploys.canary.per") == {"deploys.canary.percent"}


def test_bash_completes_files(scripts: Path, tmp_path: Path) -> None:
    (tmp_path / "headgate.yaml").touch()
    assert complete(scripts, "headgate-schema", "check", "headg", where=tmp_path) == {"headgate.yaml"}


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize(
    ("shell", "check"), [("bash", "bash -n"), ("zsh", "zsh -n"), ("fish", "fish -n"), ("tcsh", "tcsh -f")]
)
def test_every_shell_that_is_here_can_read_its_script(
    program: str, shell: str, check: str, scripts: Path, tmp_path: Path
) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell} here")
    command = [*check.split(), str(scripts / f"{program}.{shell}")]
    ran = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, "HOME": str(tmp_path)}
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


@pytest.mark.skipif(shutil.which("fish") is None, reason="there is no fish here")
def test_fish_completes_commands_and_values(scripts: Path, tmp_path: Path) -> None:
    def ask(line: str) -> set[str]:
        lines = f"source {scripts / 'headgate.fish'}; complete -C '{line}'"
        command = ["fish", "--no-config", "-c", lines]
        env = {**os.environ, "HOME": str(tmp_path)}
        ran = subprocess.run(command, capture_output=True, text=True, check=True, env=env)
        return {each.partition("\t")[0] for each in ran.stdout.splitlines()}

    assert ask("headgate pro") == {"promote", "promote-now"}
    assert "sarif" in ask("headgate check --format ")


@pytest.mark.parametrize(("program", "module"), PROGRAMS.items())
def test_without_shtab_the_command_that_installs_it_is_said(
    program: str, module: str, tmp_path: Path
) -> None:
    (tmp_path / "shtab.py").write_text("raise ImportError\n")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(tmp_path), *sys.path))}
    command = [sys.executable, "-m", module, "completion", "bash"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert (ran.returncode, ran.stdout) == (2, "")
    wanted = f'shell completion needs shtab; install it with: pip install "{program}[completion]"\n'
    assert ran.stderr == f"{program}: {wanted}"
