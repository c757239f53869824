"""Check mutants of manifests and workflows until the time is up, and keep the smallest file that breaks us.

The same seed tries the same mutants. A failure becomes a case: the file that is kept, under `tests/rules/` or
as an example of `tests/schema/test_fuzz.py`.
"""

from __future__ import annotations

import argparse
import faulthandler
import signal
import sys
import time
import traceback
from pathlib import Path
from random import Random, SystemRandom
from types import FrameType

from tools.fuzzing.shrinking import Run, find_failure, shrink
from tools.fuzzing.trial import Trial, make_trial, run

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "build/fuzz"
PATIENCE = 30
"""Seconds after which a trial hangs: hundreds of times what one takes."""
SHRINKING = 60
"""Seconds that a failure is made smaller."""


class Hung(Exception):
    """A trial took longer than anybody would wait."""


def main() -> int:
    """Parse the command line, try until the time is up, and give 1 if something failed."""
    parser = argparse.ArgumentParser(description="Check mutants of manifests and workflows.")
    parser.add_argument("--seconds", type=float, default=60, help="how long to go on (default: 60)")
    parser.add_argument("--seed", type=int, help="which mutants to try (default: others every time)")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where failures are kept (build/fuzz)")
    arguments = parser.parse_args()
    seed: int = SystemRandom().randrange(1_000_000_000) if arguments.seed is None else arguments.seed
    print(f"seed {seed}", flush=True)
    tried, failures = fuzz(guard(run, PATIENCE), seed, arguments.seconds, arguments.folder)
    print(f"{tried:,} trials, {len(failures)} failures")
    return 1 if failures else 0


def fuzz(attempt: Run, seed: int, seconds: float, folder: Path) -> tuple[int, set[str]]:
    """Try mutants for that long; give how many, and every kind of failure, which is printed and kept."""
    deadline, tried = time.monotonic() + seconds, 0
    failures: set[str] = set()
    while time.monotonic() < deadline:
        trial = make_trial(Random(f"{seed}/{tried}"))  # noqa: S311 - nothing is kept secret
        tried += 1
        failure = find_failure(trial, attempt)
        if failure and failure not in failures:
            failures.add(failure)
            kept = folder / f"{seed}-{len(failures)}"
            keep(shrink(trial, attempt, SHRINKING), attempt, kept)
            print(f"{failure}: kept in {kept}", flush=True)
    return tried, failures


def guard(attempt: Run, patience: float) -> Run:
    """Let a trial that hangs fail: in Python at once, in C by ending the process with a traceback."""

    def run_guarded(trial: Trial) -> None:
        before = signal.signal(signal.SIGALRM, _hang)
        faulthandler.dump_traceback_later(3 * patience, exit=True)
        signal.setitimer(signal.ITIMER_REAL, patience)
        try:
            attempt(trial)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            faulthandler.cancel_dump_traceback_later()
            signal.signal(signal.SIGALRM, before)

    return run_guarded


def keep(trial: Trial, attempt: Run, folder: Path) -> None:
    """Write what fails and how."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "headgate.yaml").write_bytes(trial.manifest)
    (folder / "workflow.yaml").write_bytes(trial.workflow)
    try:
        attempt(trial)
    except Exception:
        said = traceback.format_exc()
        (folder / "traceback.txt").write_text(f"seed of the places: {trial.seed}\n{said}", encoding="utf-8")
        print(said, file=sys.stderr)


def _hang(_signal: int, _frame: FrameType | None) -> None:
    raise Hung("a trial takes longer than anybody would wait")


if __name__ == "__main__":
    sys.exit(main())
