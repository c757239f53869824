"""One finding of an oracle, and the findings that are accepted, each with its reason."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path


@dataclass(frozen=True)
class Finding:
    """What an oracle says about a place (line and column from 1) of a file of a repository."""

    oracle: str
    rule: str
    folder: Path
    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        """As one line, to be read by people."""
        return f"{self.file}:{self.line}:{self.column}: {self.oracle} [{self.rule}] {self.message}"


@dataclass(frozen=True)
class Accepted:
    """Findings that do not count: of this rule, in files of such a name, where the condition holds."""

    oracle: str
    rule: str
    files: tuple[str, ...]
    reason: str
    holds: Callable[[Path], bool] = lambda _folder: True

    def covers(self, finding: Finding) -> bool:
        """Whether this finding is accepted."""
        name = finding.file.rpartition("/")[2]
        return (
            (finding.oracle, finding.rule) == (self.oracle, self.rule)
            and any(fnmatch(name, pattern) for pattern in self.files)
            and self.holds(finding.folder)
        )


def _passes_secrets_on(folder: Path) -> bool:
    manifest = folder / "headgate.yaml"
    return manifest.is_file() and re.search(r"\bsecrets:\s*['\"]?inherit\b", manifest.read_text()) is not None


ACCEPTED = (
    Accepted(
        "zizmor",
        "self-repository",
        ("headgate-*.yaml",),
        "`$/` instead of `./` exists on github.com only; Enterprise Server, act and actionlint reject it",
    ),
    Accepted(
        "zizmor",
        "concurrency-limits",
        (
            "headgate-deploy-*.yaml",
            "headgate-promote.yaml",
            "headgate-rollback.yaml",
            "headgate-control.yaml",
        ),
        "the lock is the state branch: a concurrency group would block or cancel a run behind a bake",
    ),
    Accepted(
        "zizmor",
        "secrets-inherit",
        ("headgate-*.yaml",),
        "written because the manifest says `secrets: inherit`",
        _passes_secrets_on,
    ),
)


def is_accepted(finding: Finding) -> bool:
    """Whether one of `ACCEPTED` covers it."""
    return any(one.covers(finding) for one in ACCEPTED)
