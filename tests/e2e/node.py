"""Node and the packages the executor and the oracles need: where they are, and how they get here.

The packages are pinned by `package-lock.json` beside this file and live in `node_modules`, untracked.
"""

from __future__ import annotations

import fcntl
import json
import re
import shutil
import subprocess
from pathlib import Path

FOLDER = Path(__file__).parent
MINIMUM_NODE = 20


class NodeMissing(Exception):
    """Node, or the packages that run on it, are not available; the message says what to do."""


def node_program() -> str:
    """The path of a Node that is new enough; raises `NodeMissing`."""
    program = shutil.which("node")
    if program is None:
        raise NodeMissing(f"node is not on the PATH; version {MINIMUM_NODE} or newer is needed")
    asked = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    version = asked.stdout.strip()
    found = re.match(r"v(\d+)\.", version)
    if found is None or int(found[1]) < MINIMUM_NODE:
        raise NodeMissing(f"node is {version}; version {MINIMUM_NODE} or newer is needed")
    return program


def ensure_node_packages() -> Path:
    """Install the pinned packages if they are not there yet; returns the folder that holds `node_modules`.

    Raises `NodeMissing` when Node or npm is missing or the installation fails.
    """
    node_program()
    if _are_installed():
        return FOLDER
    # Two test processes must not install at the same time.
    with (FOLDER / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _are_installed():
            _install()
    return FOLDER


def _install() -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise NodeMissing("npm is not on the PATH; it is needed once, to install the packages of tests/e2e")
    done = subprocess.run([npm, "ci", "--omit=dev"], cwd=FOLDER, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NodeMissing(f"npm ci failed in {FOLDER}:\n{done.stderr.strip()}")


def _are_installed() -> bool:
    wanted = json.loads((FOLDER / "package.json").read_text())["dependencies"]
    return all(_installed_version(name) == version for name, version in wanted.items())


def _installed_version(name: str) -> str | None:
    manifest = FOLDER / "node_modules" / name / "package.json"
    if not manifest.is_file():
        return None
    version = json.loads(manifest.read_text())["version"]
    return str(version)
