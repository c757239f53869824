"""The files from which mutants are made: every manifest and every workflow that this repository has."""

from __future__ import annotations

from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
MANIFESTS = (
    "tests/cases/*/headgate.yaml",
    "examples/*/headgate.yaml",
    "tests/rules/*/*.yaml",
    "tests/rules/*/*/headgate.yaml",
    "schema/v1/corpus/valid/*.yaml",
)
WORKFLOWS = (
    "tests/cases/*/callbacks/*.yaml",
    "tests/cases/*/workflows/*.yaml",
    "examples/*/.github/workflows/*.yaml",
    "tests/rules/*/*/.github/workflows/*.yaml",
)


@cache
def list_manifests() -> tuple[bytes, ...]:
    """Give the contents of all manifests, valid and not."""
    return _read(MANIFESTS)


@cache
def list_workflows() -> tuple[bytes, ...]:
    """Give the contents of all workflow files."""
    return _read(WORKFLOWS)


def _read(patterns: tuple[str, ...]) -> tuple[bytes, ...]:
    files = sorted(path for pattern in patterns for path in ROOT.glob(pattern))
    contents = tuple(dict.fromkeys(path.read_bytes() for path in files))
    if not contents:
        raise FileNotFoundError(f"none of {', '.join(patterns)} is there")
    return contents
