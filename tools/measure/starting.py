"""How long it takes until a program of ours does something, beside Python itself."""

from __future__ import annotations

import sys
from pathlib import Path

from tools.measure.generating import HEADGATE
from tools.measure.manifests import EXAMPLE, repository
from tools.measure.race import Command, race, run, shown
from tools.measure.report import Section, ratio

BARE = "python -c pass"


def measure(scratch: Path, runs: int) -> Section:
    """Time the vendored runtime and both commands up to their help."""
    where = repository(scratch / "shop", (EXAMPLE / "headgate.yaml").read_text(encoding="utf-8"))
    run(Command((HEADGATE, "generate"), cwd=where))
    medians = race(
        {
            BARE: Command((sys.executable, "-c", "pass")),
            "headgate-schema --help": Command((str(Path(HEADGATE).with_name("headgate-schema")), "--help")),
            "headgate --help": Command((HEADGATE, "--help")),
            "python .github/headgate --help": Command(
                (sys.executable, ".github/headgate", "--help"), cwd=where
            ),
        },
        runs,
    )
    rows = tuple((name, shown(seconds), ratio(seconds, medians[BARE])) for name, seconds in medians.items())
    return Section("Starting", "Cold, up to the help text.", ("command", "median", "against Python"), rows)
