"""The README of the contract: what it shows is what happens, and every file it lies beside is in it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "schema/v1"
README = (FOLDER / "README.md").read_text(encoding="utf-8")


def test_the_shown_commands_print_what_is_shown() -> None:
    block = re.search(r"```console\n(.*?)```", README, re.DOTALL)
    assert block is not None
    lines = block[1].splitlines()
    typed = "\n".join(line.removeprefix("$ ") for line in lines if line.startswith("$ "))
    programs = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    ran = subprocess.run(
        ["bash", "-c", typed], cwd=FOLDER, capture_output=True, text=True, check=False, env=programs
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.splitlines() == [line for line in lines if not line.startswith("$ ")]


def test_every_file_beside_it_is_in_its_table() -> None:
    beside = {path.name for path in FOLDER.iterdir() if path.name not in ("README.md", "corpus")}
    inside = {f"corpus/{path.name}{'/' if path.is_dir() else ''}" for path in (FOLDER / "corpus").iterdir()}
    named = set(re.findall(r"`([^`]+)`", README.partition("## The corpus")[0]))
    assert beside | inside <= named


def test_its_links_lead_somewhere() -> None:
    for link in re.findall(r"\]\(([^)]+)\)", README):
        assert (FOLDER / link).is_file(), link
