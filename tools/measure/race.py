"""Time commands side by side: the same machine, the same minute, one run of each in turn.

Rule: what counts is the ratio of two medians of one race; seconds alone say more about the machine.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Command:
    """A program to time; it must exit with one of `codes`, so that nothing is measured that didn't work."""

    argv: Sequence[str]
    cwd: Path | None = None
    codes: tuple[int, ...] = (0,)
    before: Callable[[], None] | None = None
    """Undo the run before, outside of the time taken."""


def race(commands: Mapping[str, Command], runs: int) -> dict[str, float]:
    """Return the median wall time of each command in seconds, after one warm-up of each."""
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(runs + 1):
        for name, command in commands.items():
            seconds = run(command)
            if number:
                taken[name].append(seconds)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


def run(command: Command) -> float:
    """Run a command once and return its wall time; raises SystemExit with its words when it fails."""
    if command.before:
        command.before()
    # Installed code is compiled; a tree under development is by the warm-up, if nobody forbids it.
    environment = os.environ | {"NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": ""}
    begun = time.perf_counter()
    ended = subprocess.run(
        command.argv, cwd=command.cwd, env=environment, capture_output=True, text=True, check=False
    )
    taken = time.perf_counter() - begun
    if ended.returncode not in command.codes:
        said = (ended.stdout + ended.stderr)[-2000:]
        raise SystemExit(f"{' '.join(command.argv)} exited with {ended.returncode}:\n{said}")
    return taken


def shown(seconds: float) -> str:
    """Write a duration for people, with three figures."""
    return f"{seconds * 1000:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"
