"""Plays the fault matrix: `python -m tests.faults [--full] [--only TEXT] [--jobs N]`; `nox -s faults`."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from tests.e2e.node import ensure_node_packages
from tests.e2e.stories.story import Theatre
from tests.e2e.world import World
from tests.faults.cells import default_cells, every_cell
from tests.faults.table import Table, play_all

STORIES_FOR_EACH_CORE = 3
"""Stories wait more than they compute."""


def main() -> int:
    """Play the cells and print a line for each; 1 when one of them failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description="Play the fault matrix.")
    parser.add_argument(
        "--full", action="store_true", help="every combination, not one for each fault and state"
    )
    parser.add_argument("--only", default="", metavar="TEXT", help="the cells whose line contains this text")
    jobs = STORIES_FOR_EACH_CORE * (os.cpu_count() or 1)
    parser.add_argument("--jobs", type=int, default=jobs, metavar="N", help=f"stories at a time ({jobs})")
    arguments = parser.parse_args()
    cells = every_cell() if arguments.full else default_cells()
    wanted = [cell for cell in cells if arguments.only in str(cell)]
    if not wanted:
        parser.error(f"no cell contains {arguments.only!r}")
    ensure_node_packages()
    with tempfile.TemporaryDirectory(prefix="headgate-faults-") as scratch:
        folder = Path(scratch)
        with World.start(folder / "world") as world:
            theatre = Theatre(world, folder / "traffic", folder / "openings")
            return play_all(theatre, wanted, arguments.jobs, Table(sys.stdout))


if __name__ == "__main__":
    sys.exit(main())
