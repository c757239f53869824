"""json-v1: what is printed fits the published schema, which describes everything and refuses nothing new."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from headgate_schema.check import check
from headgate_schema.json_schema import build_findings_schema
from headgate_schema.report import render

from tests.schema.cases import BAD, check_case, name_case

SCHEMA = build_findings_schema()
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)


def print_records(case: Path, docs: str | None = None) -> dict[str, Any]:
    records = json.loads(render("json", [check_case(case)], docs=docs))
    assert isinstance(records, dict)
    return records


def structs() -> Iterator[tuple[str, dict[str, Any]]]:
    yield "the root", SCHEMA
    yield from SCHEMA["definitions"].items()


@pytest.mark.parametrize("case", BAD, ids=name_case)
@pytest.mark.parametrize("docs", [None, "https://docs.example.com"])
def test_all_that_is_said_of_the_cases_fits(case: Path, docs: str | None) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(print_records(case, docs))] == []


@pytest.mark.parametrize("dialect", [jsonschema.Draft7Validator, jsonschema.Draft202012Validator])
def test_the_schema_is_valid_in_both_dialects(dialect: Any) -> None:
    dialect.check_schema({key: value for key, value in SCHEMA.items() if key != "$schema"})


def test_nothing_stands_beside_a_reference_where_draft_07_would_not_read_it() -> None:
    for name, struct in structs():
        for key, value in struct["properties"].items():
            assert "$ref" not in value, f"{name}.{key}"


def test_everything_is_described_in_a_sentence() -> None:
    for name, struct in structs():
        assert struct["description"].endswith("."), name
        for key, value in struct["properties"].items():
            assert value["description"].endswith("."), f"{name}.{key}"


def test_every_key_is_always_there_and_later_ones_are_welcome() -> None:
    for name, struct in structs():
        assert set(struct["required"]) == set(struct["properties"]), name
    records = print_records(BAD[0])
    records["findings"][0]["since"] = "0.2.0"
    records["findings"][0]["place"]["span"]["offset"] = 17
    assert VALIDATOR.is_valid(records)


@pytest.mark.parametrize(
    ("key", "value"), [("code", "X1"), ("severity", "fatal"), ("message", None), ("place", {}), ("page", 3)]
)
def test_what_is_no_finding_is_refused(key: str, value: object) -> None:
    records = print_records(BAD[0])
    records["findings"][0][key] = value
    assert not VALIDATOR.is_valid(records)


def test_a_finding_names_its_page_and_its_address_where_that_is_known() -> None:
    finding = print_records(BAD[0])["findings"][0]
    assert (finding["page"], finding["url"]) == (f"reference/rules/{finding['code']}.html", None)
    known = print_records(BAD[0], "https://docs.example.com")["findings"][0]
    assert known["url"] == f"https://docs.example.com/{finding['page']}"


def apply(text: str, edits: list[dict[str, Any]]) -> str:
    """Carry edits out as another program would: from their spans alone, the last one first."""
    lines = text.splitlines(keepends=True)
    starts = [sum(map(len, lines[:number])) for number in range(len(lines) + 1)]
    for edit in sorted(edits, key=lambda edit: (edit["span"]["line"], edit["span"]["column"]), reverse=True):
        span = edit["span"]
        first = starts[span["line"] - 1] + span["column"] - 1
        last = starts[span["end_line"] - 1] + span["end_column"] - 1
        text = text[:first] + edit["text"] + text[last:]
    return text


FIXABLE = [case for case in BAD if any(finding.fix for finding in check_case(case).findings)]


@pytest.mark.parametrize("case", FIXABLE, ids=name_case)
def test_the_edits_of_a_fix_make_its_finding_go_away(case: Path) -> None:
    checked = check_case(case)
    for finding in print_records(case)["findings"]:
        edits = finding["fix"]["edits"] if finding["fix"] else []
        if not edits or any(edit["file"] != checked.document.name for edit in edits):
            continue
        mended = check(apply(checked.document.text, edits).encode(), checked.document.name)
        there = {(each.code, each.message) for each in mended.findings}
        assert (finding["code"], finding["message"]) not in there


def test_a_fix_of_a_misspelt_key_is_one_edit_that_a_person_must_want() -> None:
    text = "version: 1\nenvironments: [dev]\ndeploys: [{nme: app}]\n"
    records = json.loads(render("json", [check(text.encode(), "headgate.yaml")]))
    fix = next(finding["fix"] for finding in records["findings"] if finding["code"] == "HG101")
    span = {"line": 3, "column": 12, "end_line": 3, "end_column": 15}
    edit = {"file": "headgate.yaml", "span": span, "text": "name"}
    assert fix == {"title": 'rename it to "name"', "is_safe": False, "edits": [edit]}


def test_fixes_of_a_huge_manifest_do_not_take_for_ever() -> None:
    mistakes = "".join(f"  - {{nme: app{number}, strategie: canary}}\n" for number in range(40))
    text = f"version: 1\nenvironments: [dev]\ndeploys:\n{mistakes}{'# filler' * 40_000}\n"
    findings = json.loads(render("json", [check(text.encode(), "headgate.yaml")]))["findings"]
    unknown = [finding["fix"] is not None for finding in findings if finding["code"] == "HG101"]
    assert len(unknown) == 80 and 0 < unknown.count(True) < 20
    assert unknown == sorted(unknown, reverse=True), "the first ones have theirs"
