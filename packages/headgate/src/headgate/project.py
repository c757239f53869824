"""A repository as a command sees it: the manifest found, checked, and compiled.

Rule: what is wrong with the manifest comes back as findings; only what can't be read raises.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec
from headgate_schema.check import Checked, check
from headgate_schema.finding import Finding
from headgate_schema.repository import Directory, find_manifest, read_file

from headgate.compile import Compiled, compile_manifest


class Project(msgspec.Struct, frozen=True):
    """A repository and what became of its manifest; `compiled` is None when the manifest has errors."""

    root: Path
    manifest: str
    checked: Checked
    compiled: Compiled | None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings of the manifest and those of compiling it."""
        return (*self.checked.findings, *(self.compiled.findings if self.compiled else ()))


def load_project(start: Path) -> Project:
    """Find the manifest at or above a folder, check it, and compile it if it has no errors."""
    found = find_manifest(start)
    data = read_file(str(found.root / found.path))
    checked = check(data, found.path, Directory(found.root))
    if checked.has_errors or checked.resolved is None:
        return Project(found.root, found.path, checked, None)
    compiled = compile_manifest(checked.resolved, checked.callbacks, found.path)
    return Project(found.root, found.path, checked, compiled)


def has_errors(findings: Iterable[Finding]) -> bool:
    """Whether one of them is an error."""
    return any(finding.severity == "error" for finding in findings)
