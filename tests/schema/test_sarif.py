"""SARIF: valid by the standard's own schema, and what GitHub's code scanning needs is there."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema
import msgspec
import pytest
from headgate_schema.check import Checked, check
from headgate_schema.report import render
from headgate_schema.report.sarif import FINGERPRINT
from headgate_schema.rules import RULES

from tests.schema.cases import BAD, check_case, name_case

Check = Callable[..., Checked]
OFFICIAL = json.loads((Path(__file__).parent / "sarif/sarif-schema-2.1.0.json").read_text(encoding="utf-8"))
GOOD = "version: 1\nenvironments: [dev]\ndeploys: [{name: app}]\n"
VALIDATOR = jsonschema.Draft4Validator(OFFICIAL)
URI = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=@/-]|%[0-9A-F]{2})+")
"""A relative reference without a colon, by RFC 3986."""


def print_run(*checked: Checked, docs: str | None = None) -> dict[str, Any]:
    """Print a log, hold it against the standard's schema, and give its one run."""
    log = json.loads(render("sarif", checked, docs=docs))
    assert [error.message for error in VALIDATOR.iter_errors(log)] == []
    (run,) = log["runs"]
    assert isinstance(run, dict)
    return run


def test_the_official_schema_is_the_one_that_a_log_names_and_refuses_what_is_none(check_text: Check) -> None:
    log = json.loads(render("sarif", [check_text("version: 2\n")]))
    assert OFFICIAL["id"] == log["$schema"]
    log["runs"][0]["results"][0]["level"] = "fatal"
    del log["runs"][0]["tool"]["driver"]["name"]
    assert len(list(VALIDATOR.iter_errors(log))) == 2


@pytest.mark.parametrize("case", BAD, ids=name_case)
def test_every_case_is_valid_and_says_what_github_needs(case: Path) -> None:
    checked = check_case(case)
    run = print_run(checked)
    rules = run["tool"]["driver"]["rules"]
    assert {rule["id"] for rule in rules} == {finding.code for finding in checked.findings}
    assert all(rule["help"]["text"] and len(rule["fullDescription"]["text"]) <= 1024 for rule in rules)
    for result, finding in zip(run["results"], checked.findings, strict=True):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == finding.code
        assert result["message"]["text"].startswith(finding.message[:20])
        (location,) = result["locations"]
        for each in (location, *result.get("relatedLocations", ())):
            uri = each["physicalLocation"]["artifactLocation"]["uri"]
            assert URI.fullmatch(uri)
        span = checked.locate(finding.place)
        assert location["physicalLocation"]["region"] == {
            "startLine": span.line,
            "startColumn": span.column,
            "endLine": span.end_line,
            "endColumn": span.end_column,
        }
        assert unquote(location["physicalLocation"]["artifactLocation"]["uri"]) == finding.place.file


def test_all_cases_fit_into_one_log() -> None:
    checked = [check_case(case) for case in BAD]
    run = print_run(*checked)
    assert len(run["results"]) == sum(len(one.findings) for one in checked)
    codes = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert codes == [rule.code for rule in RULES if rule.code in codes], "each once, in order"


def test_related_places_are_linked_from_the_message(check_text: Check) -> None:
    text = "version: 1\nenvironments: [dev]\ndeploys: [{name: app}, {name: app}]\n"
    result = print_run(check_text(text))["results"][0]
    assert result["message"]["text"] == 'there are two deploys named "app" ([the first is here](1))'
    (related,) = result["relatedLocations"]
    assert related["id"] == 1
    assert related["physicalLocation"]["region"]["startColumn"] == 18


def test_text_of_a_manifest_never_becomes_a_link(check_text: Check) -> None:
    text = 'version: 1\nenvironments: [dev]\ndeploys: [{name: "[click](https://example.com)"}]\n'
    message = print_run(check_text(text))["results"][0]["message"]["text"]
    assert message.startswith('"\\[click\\](https://example.com)" is not')


def fingerprints(checked: Checked) -> list[str]:
    return [result["partialFingerprints"][FINGERPRINT] for result in print_run(checked)["results"]]


def test_a_fingerprint_stays_when_lines_and_values_move_and_tells_places_apart(check_text: Check) -> None:
    text = "version: 1\nenvironments: [dev]\ndeploys: [{name: App, x: 1}, {name: B}, {name: app, y: 2}]\n"
    before = fingerprints(check_text(text))
    assert len(before) == len(set(before)) == 4
    moved = "# a comment\n\n" + text.replace("App", "Apple").replace(", {name: B}", ",\n  {name: B}")
    assert fingerprints(check_text(moved)) == before
    assert fingerprints(check_text(text.replace("y: 2", "z: 2"))) != before


def test_findings_of_one_place_and_code_have_fingerprints_of_their_own(check_text: Check) -> None:
    checked = check_text("version: 2\nenvironments: [dev]\ndeploys: [{name: app}]\n")
    twice = msgspec.structs.replace(checked, findings=checked.findings * 2)
    first, second = fingerprints(twice)
    assert (first[:-2], first[-2:], second[-2:]) == (second[:-2], ":1", ":2")


def test_names_are_percent_encoded_and_columns_count_code_points() -> None:
    run = print_run(check(f"{GOOD}x-y: {{\U0001f680: 1, a: 1, a: 2}}\n".encode(), "a b:c%/\u6f22.yaml"))
    location = run["results"][0]["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uri"] == "a%20b%3Ac%25/%E6%BC%A2.yaml"
    assert run["columnKind"] == "unicodeCodePoints"
    assert location["region"]["startColumn"] == 19


def test_what_was_not_checked_is_a_note_of_the_run(check_text: Check) -> None:
    checked = check_text("version: 1\nenvironments: [dev]\ndeploys: [{name: app}]\n")
    (invocation,) = print_run(checked)["invocations"]
    (note,) = invocation["toolExecutionNotifications"]
    assert (
        note["message"]["text"]
        == f"{', '.join(checked.skipped)} not checked: only headgate.yaml has callbacks"
    )


def test_nothing_wrong_is_a_run_without_results(check_text: Check) -> None:
    files = {".github/workflows/deploy-app.yaml": "on: workflow_call\njobs: {}\n"}
    run = print_run(check_text("version: 1\nenvironments: [dev]\ndeploys: [{name: app}]\n", files))
    assert run["results"] == [] and run["tool"]["driver"]["rules"] == []


def test_rules_lead_to_their_pages_where_the_site_is_known(check_text: Check) -> None:
    assert "helpUri" not in render("sarif", [check_text("version: 2\n")])
    driver = print_run(check_text("version: 2\n"), docs="https://docs.example.com")["tool"]["driver"]
    assert driver["informationUri"] == "https://docs.example.com"
    assert all(
        rule["helpUri"] == f"https://docs.example.com/reference/rules/{rule['id']}.html"
        for rule in driver["rules"]
    )


def test_the_family_about_security_makes_security_alerts() -> None:
    for code in ("HG101", "HG5"):
        cases = [case for case in BAD if case.parent.name.startswith(code)]
        for case in cases:
            for rule in print_run(check_case(case))["tool"]["driver"]["rules"]:
                assert ("security" in rule["properties"]["tags"]) == rule["id"].startswith("HG5")


@pytest.mark.parametrize("case", BAD, ids=name_case)
def test_fixes_are_those_of_json(case: Path) -> None:
    checked = check_case(case)
    records = json.loads(render("json", [checked]))["findings"]
    for result, record in zip(print_run(checked)["results"], records, strict=True):
        fixes = result.get("fixes", [])
        assert [fix["description"]["text"] for fix in fixes] == (
            [record["fix"]["title"]] if record["fix"] else []
        )
        replacements = [
            (change["artifactLocation"]["uri"], piece["insertedContent"]["text"])
            for fix in fixes
            for change in fix["artifactChanges"]
            for piece in change["replacements"]
        ]
        edits = record["fix"]["edits"] if record["fix"] else []
        assert replacements == [(edit["file"], edit["text"]) for edit in edits]
