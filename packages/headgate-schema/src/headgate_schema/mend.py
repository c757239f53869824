"""Fix after fix, each verified, until nothing more can be mended. Pure: what changes comes back as bytes.

In every round all fixes that get along are made at once, and the manifest is checked anew. A round that did
not do what it was for, or gave an earlier rule something new to find, is taken back and tried by halves.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import msgspec

from headgate_schema.check import Checked, Repository, check
from headgate_schema.claims import Claims
from headgate_schema.edit import FindDocument, settle_edit, write_fix
from headgate_schema.finding import CreateFile, Edit, Finding, Fix, Place

MAX_READ = 4_000_000
"""Characters of the manifest that are read again before mending ends early; fixes that fail cost rounds."""


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


Select = Callable[[Checked], Checked]
"""Leaves out findings that are not wanted."""


def mend(source: Source, *, is_guessing: bool = False, select: Select = lambda checked: checked) -> Mended:
    """Make every safe fix of the selected findings, and with ``is_guessing`` the others too.

    What is left to say is given whole, selected or not.
    """
    files: dict[str, bytes] = {}
    fixed: list[Finding] = []
    checked = _check(source, files)
    refused: set[tuple[str, str, Place]] = set()
    size, left = len(checked.findings), MAX_READ
    while left > 0:
        fixable = list_fixable(select(checked), is_guessing=is_guessing)
        wanted = [finding for finding in fixable if _name(finding) not in refused]
        tried = choose_together(wanted, checked.find_document)[:size]
        if not tried:
            break
        left -= len(checked.document.text)
        changed = _write(tried, checked, source, files)
        after = _check(source, changed) if changed is not None else None
        if changed is not None and after is not None and _is_better(checked, after, tried):
            files, checked, size = changed, after, 2 * size
            fixed += tried
        elif len(tried) > 1:
            size = len(tried) // 2
        else:
            refused.add(_name(tried[0]))
    return Mended(checked, tuple(fixed), files)


def list_fixable(checked: Checked, *, is_guessing: bool) -> tuple[Finding, ...]:
    """List the findings that have a fix, the safe ones only or all."""
    return tuple(
        finding
        for finding in checked.findings
        if finding.fix is not None and (is_guessing or finding.fix.is_safe)
    )


def choose_together(findings: Sequence[Finding], find_document: FindDocument) -> list[Finding]:
    """Choose findings whose fixes get along: of two about one thing the first, unless both say the same."""
    claims: dict[str, Claims] = {}
    made: set[bytes] = set()
    chosen = []
    for finding in findings:
        edits = [edit for edit in _list_edits(finding) if _encode(edit) not in made]
        if not any(_clash(edit, claims, find_document) for edit in edits):
            chosen.append(finding)
            made.update(map(_encode, edits))
            for edit in edits:
                _take(edit, claims, find_document)
    return chosen


def _list_edits(finding: Finding) -> tuple[Edit, ...]:
    return finding.fix.edits if finding.fix is not None else ()


def _encode(edit: Edit) -> bytes:
    """Give what is the same for the same edits: their values can't be hashed."""
    return msgspec.json.encode(edit)


def _clash(edit: Edit, claims: Mapping[str, Claims], find_document: FindDocument) -> bool:
    if isinstance(edit, CreateFile):
        return edit.file in claims
    document = find_document(edit.place.file)
    if document is None or edit.place.file not in claims:
        return document is None
    return claims[edit.place.file].clash(settle_edit(edit, document))


def _take(edit: Edit, claims: dict[str, Claims], find_document: FindDocument) -> None:
    file = edit.file if isinstance(edit, CreateFile) else edit.place.file
    taken = claims.setdefault(file, Claims())
    document = find_document(file)
    if document is not None and not isinstance(edit, CreateFile):
        taken.take(settle_edit(edit, document))


def _check(source: Source, files: Mapping[str, bytes]) -> Checked:
    repository = _Overlaid(source.repository, files) if source.repository is not None else None
    return check(files.get(source.name, source.data), source.name, repository)


def _write(
    findings: Sequence[Finding], checked: Checked, source: Source, files: Mapping[str, bytes]
) -> dict[str, bytes] | None:
    edits = {_encode(edit): edit for finding in findings for edit in _list_edits(finding)}
    written = write_fix(Fix("", tuple(edits.values())), checked.find_document)
    if written is None:
        return None
    changed = dict(files)
    for edit in written:
        before = source.read(edit.file)
        mark = BOM_UTF8 if before is not None and before.startswith(BOM_UTF8) else b""
        changed[edit.file] = mark + edit.after.encode()
    return changed


def _is_better(before: Checked, after: Checked, tried: Sequence[Finding]) -> bool:
    """Tell whether the findings are gone, and what rules say that come earlier than theirs is no more.

    Later ones may have more to say: a mistake in the shape hides what else is wrong.
    """
    said, says = _count(before.findings), _count(after.findings)
    if any(says[key] > said[key] - number for key, number in _count(tried).items()):
        return False
    first = min(finding.code for finding in tried)
    codes, left = (Counter(finding.code for finding in each.findings) for each in (before, after))
    return all(left[code] <= codes[code] for code in left if code < first)


def _count(findings: Sequence[Finding]) -> Counter[tuple[str, str]]:
    return Counter((finding.code, finding.message) for finding in findings)


def _name(finding: Finding) -> tuple[str, str, Place]:
    return finding.code, finding.message, finding.place
