"""Execute the generated workflows: GitHub's own parser and evaluator, real bash, real git, no GitHub.

Rule: nothing of Headgate is imagined here. Only the server, the runners and the passing of time are.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.world import Repository, World
from tools.demonstration.fast_clock import RATE_VARIABLE

RATE = 120
"""How many times faster than real time the demo's clock goes: a bake of ten minutes takes five seconds."""

ENVIRONMENT, DEPLOY = "dev", "app"
STATE = "headgate/state"
PATIENCE = 180.0
"""Real seconds for one push and everything it starts."""


class Executed:
    """A repository on the fake GitHub, with the shop in it."""

    def __init__(self, repository: Repository, balancer: Path) -> None:
        """For `execute`."""
        self.repository = repository
        self.balancer = balancer

    def push(self, path: str, text: str) -> str:
        """Push a change to trunk, wait until all that it starts is over, and return the release it made."""
        self.repository.push({path: text}, message=f"Change {path}")
        self.repository.wait(timeout=PATIENCE)
        number = len(self.repository.runs("headgate-release.yaml"))
        return f"{number}-{(self.repository.tip() or '')[:7]}"

    def trace(self, release: str) -> list[str]:
        """Return the events of the app's rollout of that release, as they stand in the state branch's log."""
        place = f"{ENVIRONMENT}/{DEPLOY}: "
        commits = self.repository.log(STATE)
        of_release = [commit for commit in commits if f'"release":"{release}"' in commit.body]
        return [commit.subject for commit in of_release if commit.subject.startswith(place)]

    def told(self) -> str:
        """Return what the balancer was told about the app."""
        lines = (self.balancer / "log").read_text(encoding="utf-8").splitlines()
        return "\n".join(line for line in lines if line.startswith(f"{ENVIRONMENT}/{DEPLOY}"))


@contextmanager
def execute(shop: Path, folder: Path) -> Iterator[Executed]:
    """Put the shop on a fake GitHub that keeps everything under `folder`."""
    files = {
        path.relative_to(shop).as_posix(): path.read_bytes()
        for path in sorted(shop.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(shop).parts
    }
    with World.start(folder / "github", python=str(write_python(folder))) as world:
        repository = world.create_repository(files, name="shop")
        balancer = folder / "balancer"
        repository.configure(stepEnvironment={"SHOP_BALANCER": str(balancer), RATE_VARIABLE: str(RATE)})
        repository.set_clock(rate=RATE)
        yield Executed(repository, balancer)


def write_python(folder: Path) -> Path:
    """Write the `python3` of the jobs: this interpreter, on the fast clock."""
    program = folder / "python3"
    clock = Path(__file__).with_name("fast_clock.py")
    program.write_text(
        f'#!/bin/sh\nexec "{Path(sys.executable).resolve()}" "{clock}" "$@"\n', encoding="utf-8"
    )
    program.chmod(0o755)
    return program
