"""Every fix that is offered for a bad case can be made, and makes its finding go away.

`bad-x.fix` beside a case shows what all fixes together do to its files; `--update` rewrites it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path

import pytest
from headgate_schema.check import Checked, check
from headgate_schema.edit import write_fix
from headgate_schema.finding import Finding
from headgate_schema.mend import Source, list_fixable, mend
from headgate_schema.repository import Directory
from headgate_schema.rules import RULES

from .test_rules import BAD, HERE, check_case, name_case

FIXABLE = [case for case in BAD if list_fixable(check_case(case), is_guessing=True)]


def source_of(case: Path) -> Source:
    if case.is_dir():
        return Source((case / "headgate.yaml").read_bytes(), "headgate.yaml", Directory(case))
    return Source(case.read_bytes(), case.name)


class Changed:
    """The files of a case after one fix."""

    def __init__(self, source: Source, files: dict[str, bytes]) -> None:
        self.source = source
        self.files = files

    def read(self, path: str) -> bytes | None:
        return self.files.get(path) or self.source.read(path)


def apply_alone(case: Path, checked: Checked, finding: Finding) -> Checked:
    assert finding.fix is not None
    written = write_fix(finding.fix, checked.find_document)
    assert written is not None, f"{finding.code} {finding.message}: {finding.fix}"
    source = source_of(case)
    changed = Changed(source, {edit.file: edit.after.encode() for edit in written})
    return check(
        changed.read(source.name) or b"", source.name, changed if source.repository is not None else None
    )


def count(checked: Checked, code: str) -> int:
    return sum(finding.code == code for finding in checked.findings)


def errors(checked: Checked) -> int:
    return sum(finding.severity == "error" for finding in checked.findings)


@pytest.mark.parametrize("case", FIXABLE, ids=name_case)
def test_each_fix_makes_its_finding_go_away(case: Path) -> None:
    checked = check_case(case)
    for finding in list_fixable(checked, is_guessing=True):
        after = apply_alone(case, checked, finding)
        assert count(after, finding.code) < count(checked, finding.code), finding
        if finding.fix is not None and finding.fix.is_safe:
            assert errors(after) <= errors(checked)


@pytest.mark.parametrize("case", FIXABLE, ids=name_case)
def test_all_fixes_together_are_these(case: Path, is_updating: bool) -> None:
    source = source_of(case)
    mended = mend(source, is_guessing=True)
    shown = "".join(f"{finding.code} {finding.fix.title}\n" for finding in mended.fixed if finding.fix)
    shown += "".join(show_difference(source, file, after) for file, after in mended.files.items())
    expected = case.with_suffix(".fix")
    if is_updating:
        expected.write_text(shown, encoding="utf-8")
    assert shown == expected.read_text(encoding="utf-8")
    assert mended.fixed


def show_difference(source: Source, file: str, after: bytes) -> str:
    before = (source.read(file) or b"").decode().splitlines()
    lines = difflib.unified_diff(before, after.decode().splitlines(), lineterm="", n=1)
    return "\n".join([file, *drop_head(lines)]) + "\n"


def drop_head(lines: Iterator[str]) -> Iterator[str]:
    return (line for line in lines if not line.startswith(("---", "+++")))


def test_every_expected_fix_belongs_to_a_case() -> None:
    assert {path.with_suffix("") for path in HERE.glob("HG*/*.fix")} == {
        case.with_suffix("") for case in FIXABLE
    }


def test_safe_fixes_alone_change_nothing_else() -> None:
    for case in FIXABLE:
        mended = mend(source_of(case))
        assert all(finding.fix is not None and finding.fix.is_safe for finding in mended.fixed)


def test_rules_say_which_kinds_of_fixes_they_bring() -> None:
    brought: dict[str, set[str]] = {rule.code: set() for rule in RULES}
    for case in FIXABLE:
        for finding in list_fixable(check_case(case), is_guessing=True):
            brought[finding.code].add("safe" if finding.fix and finding.fix.is_safe else "unsafe")
    assert brought == {rule.code: set(rule.fixes) for rule in RULES}
