"""The state branch under load: many writers that all push to one bare origin."""

from __future__ import annotations

import multiprocessing
import statistics
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from headgate_runtime.branch import Change, Snapshot, StateBranch
from headgate_runtime.git import open_scratch

from tools.measure.race import shown
from tools.measure.report import Section

BRANCH = "headgate/state"
PATIENCE = 120.0
WRITERS = (1, 4, 16, 32)


@dataclass(frozen=True)
class Work:
    """What one writer did: how often it tried for each write, and how long each write took in seconds."""

    attempts: tuple[int, ...]
    seconds: tuple[float, ...]


def measure(scratch: Path, runs: int) -> Section:
    """Let 1, 4, 16 and 32 writers write at once, each to a record of its own."""
    writes = max(2, runs // 3)
    rows = tuple(row(scratch / f"{writers}.git", writers, writes) for writers in WRITERS)
    reading = (
        f"Each writer makes {writes} writes; a write is fetch, decide, commit and push, again if it lost."
    )
    head = ("writers", "writes", "lost", "writes/s", "attempts/write", "median write", "slowest write")
    return Section("Writing state", reading, head, rows)


def row(origin: Path, writers: int, writes: int) -> tuple[str, ...]:
    """Run one number of writers and count what arrived."""
    subprocess.run(["git", "init", "-q", "--bare", str(origin)], check=True)
    write_some(str(origin), "founder", 1)
    context = multiprocessing.get_context("spawn")
    everybody = context.Barrier(writers + 1)
    with context.Pool(writers, initializer=everybody.wait) as pool:
        everybody.wait()
        begun = time.perf_counter()
        jobs = [(str(origin), f"app-{number}", writes) for number in range(writers)]
        done = pool.starmap(write_some, jobs, chunksize=1)
        taken = time.perf_counter() - begun
    attempts = [count for work in done for count in work.attempts]
    seconds = [each for work in done for each in work.seconds]
    return (
        str(writers),
        str(len(seconds)),
        str(len(seconds) - arrived(origin)),
        f"{len(seconds) / taken:.1f}",
        f"{statistics.mean(attempts):.2f}",
        shown(statistics.median(seconds)),
        shown(max(seconds)),
    )


def write_some(origin: str, name: str, writes: int) -> Work:
    """Write one record again and again; runs in a process of its own."""
    attempts, seconds = [], []
    with open_scratch() as git:
        branch = StateBranch(origin, BRANCH, git)
        for number in range(writes):
            begun = time.perf_counter()
            made = [change(name, number)]
            written = branch.write(partial(always, made), patience=PATIENCE, create=True)
            seconds.append(time.perf_counter() - begun)
            attempts.append(written.attempts)
    return Work(tuple(attempts), tuple(seconds))


def always(made: Sequence[Change], _: Snapshot) -> Sequence[Change]:
    """Decide on the same changes whatever the state is."""
    return made


def change(name: str, number: int) -> Change:
    """Make an event of about the size of a real one."""
    event = {"format": 1, "seq": number, "deploy": name, "environment": "prod", "reason": "x" * 200}
    content = f'{{"seq": {number}, "pad": "{"x" * 2000}"}}\n'.encode()
    return Change(f"prod/{name}: write {number}", event, {f"environments/prod/{name}.json": content})


def arrived(origin: Path) -> int:
    """Count the writers' commits on the branch."""
    command = ["git", "-C", str(origin), "log", "--format=%s", BRANCH, "--grep=^prod/app-"]
    return len(subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines())
