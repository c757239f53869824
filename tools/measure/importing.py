"""What importing each entry point of the programs costs, and whose modules take it.

The times are Python's own (`-X importtime`), which makes imports slower: read the shares. Which modules may
be imported at all is a test: `tests/schema/test_imports.py`.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from tools.measure.report import Section

ENTRIES = (
    "headgate_schema.cli",
    "headgate_schema.cli.check",
    "headgate_schema.check",
    "headgate_schema.report.full",
    "headgate_schema.misfits",
    "headgate_schema.cli.explain",
    "headgate_schema.lsp.server",
    "headgate.cli",
    "headgate.cli.generate",
    "headgate.cli.simulate",
    "headgate_runtime.__main__",
)
BARE = "python -c pass"
LINE = re.compile(r"import time:\s+([0-9]+) \|\s+[0-9]+ \|\s+(\S+)")
HEAVIEST = 4

Costs = Mapping[str, float]
"""Microseconds by module, each without what it imports itself."""


def measure(_scratch: Path, runs: int) -> Section:
    """Import each entry in processes of its own."""
    bare = measure_imports("pass", runs)
    rows = [show(BARE, bare, {})]
    rows += [show(entry, measure_imports(f"import {entry}", runs), bare) for entry in ENTRIES]
    reading = (
        "Milliseconds over those of bare Python, medians, as `-X importtime` counts them; `check` imports "
        "`misfits` only when something does not fit."
    )
    head = ("module", "all", "ours", "standard library", "other packages", "heaviest others")
    return Section("Importing", reading, head, tuple(rows))


def measure_imports(code: str, runs: int) -> Costs:
    """Give the median cost of every module that a line of code imports; nothing if it can't be imported."""
    command = [sys.executable, "-X", "importtime", "-c", code]
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": ""}
    taken: dict[str, list[float]] = {}
    for _ in range(runs + 1):
        ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if ran.returncode != 0:
            return {}
        for cost, module in LINE.findall(ran.stderr):
            taken.setdefault(module, []).append(float(cost))
    return {module: statistics.median(costs) for module, costs in taken.items()}


def show(name: str, costs: Costs, bare: Costs) -> tuple[str, ...]:
    """Sum up what an entry costs beyond bare Python, by whose modules they are."""
    if not costs:
        return (name, "not measured: it can't be imported here", "", "", "", "")
    owners: Counter[str] = Counter()
    for module, cost in costs.items():
        if module not in bare:
            owners[module.partition(".")[0]] += round(cost)
    ours = {owner for owner in owners if owner.startswith("headgate")}
    standard = owners.keys() & sys.stdlib_module_names
    others = {owner: owners[owner] for owner in owners.keys() - ours - standard}
    heaviest = sorted(others, key=lambda owner: -others[owner])[:HEAVIEST]
    return (
        name,
        show_cost(owners.total()),
        show_cost(sum(owners[owner] for owner in ours)),
        show_cost(sum(owners[owner] for owner in standard)),
        show_cost(sum(others.values())),
        ", ".join(f"{owner} {show_cost(others[owner])}" for owner in heaviest),
    )


def show_cost(microseconds: float) -> str:
    """Write microseconds as milliseconds."""
    return f"{microseconds / 1000:.1f}"
