"""How long `headgate generate` takes for 5, 25 and 50 canary deploys in five environments."""

from __future__ import annotations

import shutil
import sys
from functools import partial
from pathlib import Path

from tools.measure.manifests import canaries, repository
from tools.measure.race import Command, race, shown
from tools.measure.report import Section

HEADGATE = str(Path(sys.executable).parent / "headgate")


def measure(scratch: Path, runs: int) -> Section:
    """Write the files from nothing, and then again when all of them are there already."""
    rows = [row(scratch / f"{deploys}", deploys, runs) for deploys in (5, 25, 50)]
    reading = "From a cold start: `first` writes every file, `again` finds them as they should be."
    return Section("Generating", reading, ("deploys", "files", "KB", "first", "again"), tuple(rows))


def row(folder: Path, deploys: int, runs: int) -> tuple[str, ...]:
    """Measure one size."""
    where = repository(folder, canaries(deploys))
    kept = {path for path in where.rglob("*") if path.is_file()}
    wipe = partial(remove_new, where, kept)
    medians = race({"first": Command((HEADGATE, "generate"), cwd=where, before=wipe)}, runs)
    medians |= race({"again": Command((HEADGATE, "generate"), cwd=where)}, runs)
    made = [path for path in where.rglob("*") if path.is_file() and path not in kept]
    size = sum(path.stat().st_size for path in made) // 1000
    return (str(deploys), str(len(made)), f"{size:,}", shown(medians["first"]), shown(medians["again"]))


def remove_new(where: Path, kept: set[Path]) -> None:
    """Remove what `generate` wrote."""
    for path in where.rglob("*"):
        if path.is_file() and path not in kept:
            path.unlink()
    shutil.rmtree(where / ".github/headgate", ignore_errors=True)
