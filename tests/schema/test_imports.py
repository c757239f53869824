"""The budget of start-up, as sets of modules instead of times: what each command may import, and no more."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

GOOD = "version: 1\nenvironments: [dev]\ndeploys: [{name: app}]\n"
MISFIT = "version: 1\nenvironments: [dev]\ndeploys: [{name: App}]\n"
MISSPELT = "version: 1\nenvironments: [dev]\ndeploys: [{name: app, need: []}]\n"

NOT_OURS = {"typing_extensions", "cython_runtime"}
"""What the packages we import bring along by themselves, where it is installed."""

MODEL = {"msgspec"}
READING = {"msgspec", "yaml"}
PACKAGES: Mapping[str, set[str]] = {
    "--help": set(),
    "--version": set(),
    "check --help": READING,
    "schema": MODEL,
    "explain HG101": READING,
    "explain canary.percent": READING,
    "check good.yaml": READING,
    "check misfit.yaml": READING,
    "check misspelt.yaml": READING,
    "check --format json good.yaml": READING,
    "check --format concise good.yaml": READING,
}
"""By command: the packages it may import, beside the standard library and ours."""

SLOW = (
    "asyncio",
    "importlib.metadata",
    "urllib.request",
    "subprocess",
    "tempfile",
    "logging",
    "unicodedata",
    "shutil",
)
"""Modules of the standard library that no command needs."""

ONLY_FOR_FINDINGS = (
    "json.decoder",
    "copy",
    "difflib",
    "headgate_schema.validator",
    "headgate_schema.misfits",
)
"""What is loaded when something does not fit, and not before."""

WATCH = """\
import sys
from headgate_schema.cli import main
try:
    main(sys.argv[1:])
except SystemExit:
    pass
print(*sys.modules, file=sys.__stdout__)
"""


def loaded_by(command: str, folder: Path) -> tuple[set[str], set[str]]:
    """Give every module that a command loaded, and the packages of others among them."""
    for name, text in {"good": GOOD, "misfit": MISFIT, "misspelt": MISSPELT}.items():
        (folder / f"{name}.yaml").write_text(text)
    # -S: what an installation lets load with every start is not the command's.
    ran = subprocess.run(
        [sys.executable, "-S", "-c", WATCH, *command.split()],
        cwd=folder, input="", capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    names = set(ran.stdout.splitlines()[-1].split())
    packages = {name.partition(".")[0] for name in names} - sys.stdlib_module_names - NOT_OURS
    return names, {
        name for name in packages if not name.startswith(("__main__", "headgate_schema", "_cython_"))
    }


@pytest.mark.parametrize("command", PACKAGES)
def test_a_command_imports_only_the_packages_it_needs(command: str, tmp_path: Path) -> None:
    names, packages = loaded_by(command, tmp_path)
    assert packages == PACKAGES[command]
    assert not names & set(SLOW)


@pytest.mark.parametrize("command", ["check good.yaml", "check --format concise good.yaml"])
def test_a_good_manifest_is_checked_without_what_only_findings_need(command: str, tmp_path: Path) -> None:
    names, _ = loaded_by(command, tmp_path)
    assert {"headgate_schema.rules", "headgate_schema.check"} <= names
    assert not names & {*ONLY_FOR_FINDINGS, "headgate_schema.json_schema", "headgate_schema.cli.explain"}


def test_the_language_server_alone_imports_the_protocol(tmp_path: Path) -> None:
    _, packages = loaded_by("lsp", tmp_path)
    assert packages == READING | {"pygls", "lsprotocol", "cattrs", "attr", "attrs"}


def test_what_only_findings_need_is_named_rightly(tmp_path: Path) -> None:
    names, _ = loaded_by("check misspelt.yaml", tmp_path)
    assert set(ONLY_FOR_FINDINGS) <= names
