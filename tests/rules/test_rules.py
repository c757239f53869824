"""Every rule has cases: files that break it, with everything said about them, and files that don't.

A case is a manifest, or a folder with a `headgate.yaml` and callback files where a rule needs them. With
`--update` the expected output is rewritten.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from headgate_schema.check import Checked, check
from headgate_schema.report import render
from headgate_schema.repository import Directory
from headgate_schema.rules import RULES

HERE = Path(__file__).parent
CASES = sorted(path for path in HERE.glob("HG*/*") if path.suffix == ".yaml" or path.is_dir())
BAD = [case for case in CASES if case.name.startswith("bad-")]
OK = [case for case in CASES if case.name.startswith("ok-")]

TESTED_ELSEWHERE = {"HG004"}
"""A file above the size limit does not belong into a repository; see tests/schema/test_document.py."""


def check_case(case: Path) -> Checked:
    if case.is_dir():
        return check((case / "headgate.yaml").read_bytes(), "headgate.yaml", Directory(case))
    return check(case.read_bytes(), case.name)


def name_case(case: Path) -> str:
    return f"{case.parent.name}/{case.stem}"


@pytest.mark.parametrize("case", BAD, ids=name_case)
def test_a_bad_manifest_gets_exactly_these_findings(case: Path, is_updating: bool) -> None:
    printed = render("concise", [check_case(case)])
    expected = case.with_suffix(".out")
    if is_updating:
        expected.write_text(printed, encoding="utf-8")
    assert printed == expected.read_text(encoding="utf-8")
    assert f": {case.parent.name} " in printed


FULL = [case for case in BAD if case.with_suffix(".full").exists()]


@pytest.mark.parametrize("case", FULL, ids=name_case)
def test_a_bad_manifest_is_shown_with_its_places_and_hints(case: Path, is_updating: bool) -> None:
    printed = render("full", [check_case(case)])
    expected = case.with_suffix(".full")
    if is_updating:
        expected.write_text(printed, encoding="utf-8")
    assert printed == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", BAD, ids=name_case)
def test_a_finding_marks_a_place_on_one_line(case: Path) -> None:
    checked = check_case(case)
    for finding in checked.findings:
        span = checked.locate(finding.place)
        assert span.line == span.end_line, finding


@pytest.mark.parametrize("case", OK, ids=name_case)
def test_a_good_manifest_gets_no_findings(case: Path) -> None:
    assert render("concise", [check_case(case)]) == ""


@pytest.mark.parametrize("code", [rule.code for rule in RULES if rule.code not in TESTED_ELSEWHERE])
def test_every_rule_has_a_bad_and_a_good_case(code: str) -> None:
    assert any(case.parent.name == code for case in BAD)
    assert any(case.parent.name == code for case in OK)


def test_every_folder_of_cases_belongs_to_a_rule() -> None:
    assert {case.parent.name for case in CASES} <= {rule.code for rule in RULES}
    assert {case.name.partition("-")[0] for case in CASES} == {"bad", "ok"}


def test_expected_outputs_belong_to_cases() -> None:
    assert {path.with_suffix("") for path in HERE.glob("HG*/*.out")} == {case.with_suffix("") for case in BAD}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_every_rule_explains_itself(rule: object) -> None:
    title, explanation = rule.title, rule.explanation  # type: ignore[attr-defined]
    assert title and not title.endswith(".")
    assert len(re.split(r"\n\s*\n", explanation.strip())) >= 2, "what is wrong, and how to fix it"
    assert explanation.rstrip().endswith((".", "workflow-syntax"))


def test_codes_are_unique_and_in_order() -> None:
    codes = [rule.code for rule in RULES]
    assert codes == sorted(set(codes))
