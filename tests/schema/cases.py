"""Everything that the cases of the rules say: what an output must be able to print."""

from __future__ import annotations

from pathlib import Path

from headgate_schema.check import Checked, check
from headgate_schema.repository import Directory

RULES = Path(__file__).parents[1] / "rules"
BAD = sorted(path for path in RULES.glob("HG*/bad-*") if path.suffix == ".yaml" or path.is_dir())


def check_case(case: Path) -> Checked:
    """Check a case as ``tests/rules`` does."""
    if case.is_dir():
        return check((case / "headgate.yaml").read_bytes(), "headgate.yaml", Directory(case))
    return check(case.read_bytes(), case.name)


def name_case(case: Path) -> str:
    """Name a case in a test's title."""
    return f"{case.parent.name}/{case.stem}"
