"""Fix after fix, each verified, until nothing more can be mended. Pure: what changes comes back as bytes.

After every round the manifest is checked anew, and a round that leaves more errors than there were is taken
back: a fix never makes anything worse.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from headgate_schema.check import Checked, Repository, check
from headgate_schema.edit import write_fix
from headgate_schema.finding import Finding, Fix, Place

MAX_ROUNDS = 200
"""A round that fails halves what is tried next, so even many fixes need few rounds."""

_MARK = b"\xef\xbb\xbf"


class Source(msgspec.Struct, frozen=True):
    """A manifest as it is: its bytes, its file, and the repository around it if there is one."""

    data: bytes
    name: str
    repository: Repository | None = None

    def read(self, file: str) -> bytes | None:
        """Give a file's bytes."""
        if file == self.name:
            return self.data
        return self.repository.read(file) if self.repository is not None else None


class Mended(msgspec.Struct, frozen=True):
    """What is left to say, which findings are gone by a fix, and the new bytes of every changed file."""

    checked: Checked
    fixed: tuple[Finding, ...]
    files: Mapping[str, bytes]


class _Overlaid(msgspec.Struct, frozen=True):
    """A repository with some files changed."""

    repository: Repository
    files: Mapping[str, bytes]

    def read(self, path: str) -> bytes | None:
        return self.files[path] if path in self.files else self.repository.read(path)


def mend(source: Source, *, is_guessing: bool = False) -> Mended:
    """Apply every safe fix, and with ``is_guessing`` the others too."""
    files: dict[str, bytes] = {}
    fixed: list[Finding] = []
    checked = _check(source, files)
    refused: set[tuple[str, str, Place]] = set()
    size: int | None = None
    for _ in range(MAX_ROUNDS):
        fixable = list_fixable(checked, is_guessing=is_guessing)
        tried = [finding for finding in fixable if _name(finding) not in refused][:size]
        if not tried:
            break
        changed = _write(tried, checked, source, files)
        after = _check(source, changed) if changed is not None else checked
        if changed is not None and _count_errors(after) <= _count_errors(checked):
            files, checked, size = changed, after, None
            fixed += tried
        elif len(tried) == 1:
            refused.add(_name(tried[0]))
            size = None
        else:
            size = len(tried) // 2
    return Mended(checked, tuple(fixed), files)


def list_fixable(checked: Checked, *, is_guessing: bool) -> tuple[Finding, ...]:
    """List the findings that have a fix, the safe ones only or all."""
    return tuple(
        finding
        for finding in checked.findings
        if finding.fix is not None and (is_guessing or finding.fix.is_safe)
    )


def _check(source: Source, files: Mapping[str, bytes]) -> Checked:
    repository = _Overlaid(source.repository, files) if source.repository is not None else None
    return check(files.get(source.name, source.data), source.name, repository)


def _write(
    findings: Sequence[Finding], checked: Checked, source: Source, files: Mapping[str, bytes]
) -> dict[str, bytes] | None:
    edits = tuple(edit for finding in findings if finding.fix is not None for edit in finding.fix.edits)
    written = write_fix(Fix("", edits), checked.find_document)
    if written is None:
        return None
    changed = dict(files)
    for edit in written:
        before = source.read(edit.file)
        mark = _MARK if before is not None and before.startswith(_MARK) else b""
        changed[edit.file] = mark + edit.after.encode()
    return changed


def _name(finding: Finding) -> tuple[str, str, Place]:
    return finding.code, finding.message, finding.place


def _count_errors(checked: Checked) -> int:
    return sum(finding.severity == "error" for finding in checked.findings)
