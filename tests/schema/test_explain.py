"""``explain``: every code and every field, in words that fit a terminal, and for programs."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from typing import Any

import pytest
from headgate.cli import main as headgate
from headgate.rules import RULES as GENERATOR_RULES
from headgate_schema.check import check
from headgate_schema.cli import main
from headgate_schema.examples import MAX_LINES, read_example, show_example
from headgate_schema.explanation import say_fixes
from headgate_schema.reference import list_fields
from headgate_schema.rules import RULES
from headgate_schema.rules.families import FAMILIES

from tests.schema.cases import BAD, check_case

Output = pytest.CaptureFixture[str]
FIELDS = [field.path for field in list_fields() if not field.reserved]


def ask(output: Output, *arguments: str, program: Any = main) -> str:
    assert program(["explain", *arguments]) == 0
    return output.readouterr().out


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_every_code_is_explained_within_the_width_of_a_terminal(rule: Any, capsys: Output) -> None:
    printed = ask(capsys, rule.code.lower())
    assert printed.startswith(f"{rule.code} ({rule.severity}, can")
    assert printed.endswith(f"\npage: reference/rules/{rule.code}.html\n")
    assert all(len(line) <= 90 for line in printed.splitlines())
    assert "".join(rule.explanation.split()) in "".join(printed.split()), "wrapped, nothing lost"


def test_only_warnings_can_be_ignored(capsys: Output) -> None:
    assert ask(capsys, "HG101").startswith("HG101 (error, can't be ignored): unknown key\n\n")
    assert ask(capsys, "HG309").startswith("HG309 (warning, can be ignored): bake in every environment\n\n")


def test_whether_a_program_can_mend_it_is_said(capsys: Output) -> None:
    assert "\n\nfix: often by `check --fix --unsafe`, as it is a guess\npage: " in ask(capsys, "HG101")
    assert "\nfix: " not in ask(capsys, "HG106")
    assert [say_fixes(kinds) for kinds in ((), ("safe",), ("safe", "unsafe"))] == [
        "",
        "often by `check --fix`",
        "often by `check --fix`, or by `check --fix --unsafe` where it is a guess",
    ]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_rule_names_the_kinds_of_fixes_that_its_cases_bring(rule: Any) -> None:
    assert set(rule.fixes) == kinds_of_fixes().get(rule.code, set())


@cache
def kinds_of_fixes() -> dict[str, set[str]]:
    """Kinds of fixes by code, over all cases of all rules."""
    found: dict[str, set[str]] = {}
    for case in BAD:
        for finding in check_case(case).findings:
            if finding.fix is not None:
                found.setdefault(finding.code, set()).add("safe" if finding.fix.is_safe else "unsafe")
    return found


def test_the_list_has_one_line_for_each_code_under_its_family(capsys: Output) -> None:
    lines = ask(capsys).splitlines()
    assert [line.split()[0] for line in lines if line.startswith("  ")] == [rule.code for rule in RULES]
    assert "  HG215  warning  unknown permission scope" in lines
    assert lines[0] == f"HG0xx {FAMILIES['HG0']}"
    assert ask(capsys, "--list").splitlines() == lines


@pytest.mark.parametrize("start", ["HG3", "hg3", "HG3xx"])
def test_the_start_of_a_code_lists_its_family(start: str, capsys: Output) -> None:
    lines = ask(capsys, start).splitlines()
    assert lines[0] == "HG3xx Rollout sense" and len(lines) > 5
    assert all(line.startswith("  HG3") for line in lines[1:])


def test_headgate_explains_the_codes_of_the_generator_too_and_in_order(capsys: Output) -> None:
    codes = [line.split()[0] for line in ask(capsys, program=headgate).splitlines() if line.startswith("  ")]
    assert codes == sorted({rule.code for rule in (*RULES, *GENERATOR_RULES)})
    assert ask(capsys, "HG8", program=headgate).startswith("HG8xx Generated files\n  HG802  ")
    stale = ask(capsys, "HG804", program=headgate)
    assert stale.startswith("HG804 (error, can't be ignored): a generated file is stale\n\nThe file is not")
    assert ask(capsys, "canary.percent", program=headgate) == ask(capsys, "canary.percent")


def test_every_code_has_a_family() -> None:
    assert {rule.code[:3] for rule in (*RULES, *GENERATOR_RULES)} <= set(FAMILIES)


def test_a_field_is_explained_with_facts_meaning_example_and_rules(capsys: Output) -> None:
    assert (
        ask(capsys, "canary.steps.percent")
        == """\
deploys[].canary.steps[].percent
  whole number; 1 to 99; required
  The share of the traffic in the canary, from 1 to 99.

    deploys:
      - name: search
        canary:
          steps:
            - percent: 5

  rules: HG108, HG110, HG111, HG304, HG412
"""
    )
    assert '  duration; 0s to 7d; default "10m"\n' in ask(capsys, "canary.bake_time")
    assert '\n  "hold" or "rollback"; default "rollback"\n' in ask(capsys, "canary.on_failure")


def test_the_end_of_a_path_finds_every_field_that_ends_so(capsys: Output) -> None:
    heads = [line for line in ask(capsys, "bake_time").splitlines() if line and not line.startswith(" ")]
    assert heads == [
        f"deploys[].{path}"
        for path in ("canary.bake_time", "canary.steps[].bake_time", "blue_green.bake_time")
    ]


def test_a_reserved_field_says_what_it_is_kept_for(capsys: Output) -> None:
    assert ask(capsys, "deploys[].rolling") == (
        "deploys[].rolling\n"
        "  Reserved for a strategy that replaces instances in batches. Until then it is refused\n"
        "  (HG190).\n"
    )


@pytest.mark.parametrize(
    ("subject", "more"),
    [
        ("canary.bake_tme", 'did you mean "bake_time"?'),
        ("strategie", 'did you mean "strategy"?'),
        ("HG999", "without an argument, all codes are listed"),
        ("\x1b[31m", "without an argument, all codes are listed"),
    ],
)
def test_what_is_unknown_is_refused_and_says_what_helps(subject: str, more: str, capsys: Output) -> None:
    assert main(["explain", subject]) == 2
    said = capsys.readouterr().err
    assert said.startswith("headgate-schema: there is no rule or field ") and said.endswith(f"; {more}\n")
    assert "\x1b" not in said


def test_programs_get_all_of_it(capsys: Output) -> None:
    everything = json.loads(ask(capsys, "--format", "json"))
    assert [rule["code"] for rule in everything["rules"]] == [rule.code for rule in RULES]
    (field,) = json.loads(ask(capsys, "canary.percent", "--format", "json"))["fields"]
    assert (field["path"], field["bounds"], field["is_required"]) == (
        "deploys[].canary.percent",
        "1 to 99",
        False,
    )


def test_the_page_has_its_address_where_the_site_is_known(
    capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADGATE_DOCS_URL", "https://docs.example.com/")
    page = "https://docs.example.com/reference/rules"
    assert ask(capsys, "HG101").endswith(f"\npage: {page}/HG101.html\n")
    assert ask(capsys, "HG804", program=headgate).endswith(f"\npage: {page}/HG804.html\n")


def test_the_example_is_a_good_manifest() -> None:
    document = read_example()
    checked = check(document.text.encode(), document.name)
    assert checked.manifest is not None and checked.findings == ()


@pytest.mark.parametrize("path", FIELDS)
def test_every_field_has_an_example_that_is_a_piece_of_the_manifest(path: str) -> None:
    shown = show_example(path)
    name = path.rpartition(".")[2].removesuffix("[]")
    assert f"{name}:" in shown
    steps = [step.removesuffix("[]") for step in path.split(".")]
    assert [line for line in shown.splitlines() if line.lstrip("- ").startswith(f"{steps[0]}:")]
    whole = read_example().text
    assert all(line in whole for line in shown.splitlines() if not line.endswith("# …"))
    assert len(shown.splitlines()) <= MAX_LINES + 2 * len(steps) + 1


def test_explaining_a_code_imports_nothing_slow() -> None:
    code = "import sys; from headgate_schema.cli import main; main(['explain', 'HG101']); print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "headgate_schema.explanation" in ran.stdout.split()
    assert not {"jsonschema", "difflib"} & set(ran.stdout.split())
