"""How long `headgate-schema check` takes from a cold start, beside other checkers and bare imports."""

from __future__ import annotations

import sys
from pathlib import Path

from tools.measure.actionlint import Actionlint, find_actionlint, workflow
from tools.measure.actionlint import misspell as misspell_workflow
from tools.measure.alone import install_alone
from tools.measure.manifests import lines, misspell
from tools.measure.race import Command, race, shown
from tools.measure.report import Section, ratio

ROOT = Path(__file__).resolve().parent.parent.parent
SCHEMA = ROOT / "schema/v1/manifest.schema.json"
SIZES = (20, 500, 2000)
IMPORTS = 'python -c "import msgspec, yaml"'
OURS = "headgate-schema check"
GENERIC = "check-jsonschema, our schema"


def measure(scratch: Path, runs: int) -> Section:
    """Check manifests of three sizes, each once as it should be and once with three mistakes."""
    ours, actionlint = install_alone(scratch / "alone"), find_actionlint(scratch)
    rows: list[tuple[str, ...]] = []
    for size in SIZES:
        rows += compare(scratch, size, ours, actionlint, runs, has_mistakes=False)
        rows += compare(scratch, size, ours, actionlint, runs, has_mistakes=True)
    reading = (
        "Cold: each run is a new process; ours is installed with nothing beside it. The rules of our check "
        "go further than the schema; actionlint, a native program, checks a workflow of the same length."
    )
    head = ("lines", "file", "command", "median", "against ours")
    return Section("Checking a manifest", reading, head, tuple(rows))


def compare(
    scratch: Path, size: int, ours: str, actionlint: Actionlint | None, runs: int, *, has_mistakes: bool
) -> list[tuple[str, ...]]:
    """Race the checkers on one file."""
    manifest, flow = scratch / f"{size}.yaml", scratch / f"workflow-{size}.yaml"
    manifest.write_text(misspell(lines(size)) if has_mistakes else lines(size), encoding="utf-8")
    flow.write_text(misspell_workflow(workflow(size)) if has_mistakes else workflow(size), encoding="utf-8")
    codes = (1,) if has_mistakes else (0,)
    generic = str(Path(sys.executable).parent / "check-jsonschema")
    commands = {
        OURS: Command((ours, "check", str(manifest)), scratch, codes),
        GENERIC: Command((generic, "--schemafile", str(SCHEMA), str(manifest)), scratch, codes),
        IMPORTS: Command((str(Path(ours).with_name("python")), "-c", "import msgspec, yaml"), scratch),
    }
    if actionlint is not None:
        commands[actionlint.name] = Command((*actionlint.argv, str(flow)), scratch, codes)
    medians = race(commands, runs)
    kind = "three mistakes" if has_mistakes else "good"
    rows: list[tuple[str, ...]] = [
        (f"{size:,}", kind, name, shown(seconds), ratio(seconds, medians[OURS]))
        for name, seconds in medians.items()
    ]
    if actionlint is None:
        rows.append((f"{size:,}", kind, "actionlint", "not measured: no Go and no Node", ""))
    return rows
