"""How long `headgate-schema check` takes from a cold start, beside a generic checker and bare imports."""

from __future__ import annotations

import sys
from pathlib import Path

from tools.measure.manifests import lines
from tools.measure.race import Command, race, shown
from tools.measure.report import Section, ratio

ROOT = Path(__file__).resolve().parent.parent.parent
SCHEMA = ROOT / "schema/v1/manifest.schema.json"
IMPORTS = 'python -c "import msgspec, yaml"'
OURS = "headgate-schema check"
GENERIC = "check-jsonschema, our schema"


def measure(scratch: Path, runs: int) -> Section:
    """Check a manifest of 20 and one of 2,000 lines, each alone in a folder."""
    rows: list[tuple[str, ...]] = []
    for size in (20, 2000):
        manifest = scratch / f"{size}.yaml"
        manifest.write_text(lines(size), encoding="utf-8")
        rows += compare(size, manifest, runs)
    reading = "Cold: each run is a new process. The rules of our check go further than the schema."
    return Section(
        "Checking a manifest", reading, ("lines", "command", "median", "against imports"), tuple(rows)
    )


def compare(size: int, manifest: Path, runs: int) -> list[tuple[str, ...]]:
    """Race the checkers on one file."""
    bin_folder = Path(sys.executable).parent
    medians = race(
        {
            IMPORTS: Command((sys.executable, "-c", "import msgspec, yaml")),
            OURS: Command((str(bin_folder / "headgate-schema"), "check", str(manifest)), cwd=manifest.parent),
            GENERIC: Command(
                (str(bin_folder / "check-jsonschema"), "--schemafile", str(SCHEMA), str(manifest))
            ),
        },
        runs,
    )
    return [
        (f"{size:,}", name, shown(seconds), ratio(seconds, medians[IMPORTS]))
        for name, seconds in medians.items()
    ]
