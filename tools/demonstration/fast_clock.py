"""Run the vendored runtime on a clock that goes faster, as `python3` inside the executed jobs.

The origin's pushes keep real time, since git is as slow as it is; only bakes and GitHub's clock are hastened.
"""

from __future__ import annotations

import importlib
import os
import runpy
import sys
import time

RATE_VARIABLE = "HEADGATE_DEMO_RATE"


def main(arguments: list[str]) -> None:
    """Run a program, or hand anything but the runtime on to Python as it is."""
    program = arguments[0]
    if not program.endswith(".github/headgate"):
        os.execv(sys.executable, [sys.executable, *arguments])  # noqa: S606 - the interpreter itself
    hasten(program, float(os.environ[RATE_VARIABLE]))
    sys.argv = arguments
    runpy.run_path(program, run_name="__main__")


def hasten(program: str, rate: float) -> None:
    """Let sleeps be shorter and GitHub's clock go on faster between two requests."""
    sys.path.insert(0, program)
    importlib.import_module("headgate_runtime.branch")  # binds the real clock before it is replaced
    api = importlib.import_module("headgate_runtime.github").Api
    sleep, monotonic = time.sleep, time.monotonic
    api.__init__.__kwdefaults__["monotonic"] = lambda: monotonic() * rate
    time.sleep = lambda seconds: sleep(float(seconds) / rate)


if __name__ == "__main__":
    main(sys.argv[1:])
