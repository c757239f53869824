"""Measure what people wait for, and print it as tables of ratios taken in one run.

No test asserts a time: machines differ. `--quick` repeats less, to see that everything runs.
"""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from tools.measure import checking, crowd, gates, generating, hostile, importing, serving, starting, state
from tools.measure.report import Section

PARTS: Mapping[str, Callable[[Path, int], Section]] = {
    "start": starting.measure,
    "imports": importing.measure,
    "check": checking.measure,
    "hostile": hostile.measure,
    "server": serving.measure,
    "generate": generating.measure,
    "gate": gates.measure,
    "state": state.measure,
    "crowd": crowd.measure,
}
RUNS, QUICK_RUNS = 15, 3


def main() -> int:
    """Parse the command line, run the parts in order, print each as soon as it is there."""
    parser = argparse.ArgumentParser(
        description="Measure start-up, checking, typing, generating and the state branch."
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"any of {', '.join(PARTS)} (default: all)")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_RUNS} runs of each instead of {RUNS}")
    arguments = parser.parse_args()
    if unknown := [part for part in arguments.parts if part not in PARTS]:
        parser.error(f"no part called {', '.join(unknown)}; there are {', '.join(PARTS)}")
    runs = QUICK_RUNS if arguments.quick else RUNS
    print(
        f"# Benchmark\n\nPython {platform.python_version()}, {platform.machine()}, medians of {runs} runs.\n"
    )
    for name in arguments.parts or PARTS:
        with tempfile.TemporaryDirectory(prefix="headgate-bench-") as scratch:
            print(PARTS[name](Path(scratch), runs), "\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
