"""Workflow commands: read back as GitHub's runner reads them, whatever the names in them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
from headgate_schema.check import Checked, check
from headgate_schema.report import render
from hypothesis import given
from hypothesis import strategies as st

from tests.schema.cases import BAD, check_case, name_case

Check = Callable[..., Checked]
PIECES = ("%", "\r", "\n", ":", ",", "=", "::error::", "##[error]", "%0A", "%3A", "a", " ", "🚀")
HOSTILE = st.lists(st.sampled_from(PIECES)).map("".join)


class Command(NamedTuple):
    """What the runner makes of a line."""

    name: str
    properties: dict[str, str]
    data: str


def parse(line: str) -> Command | None:
    """Read a line as the runner does.

    https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
    """
    found = re.match(r"\s*::([^ :]+)(?: (.*?))?::(.*)", line, re.DOTALL)
    if found is None:
        return None
    pairs = (pair.partition("=") for pair in (found[2] or "").strip().split(","))
    properties = {name: unescape(value, "\r\n:,%") for name, _, value in pairs}
    return Command(found[1], properties, unescape(found[3], "\r\n%"))


def unescape(text: str, characters: str) -> str:
    for character in characters:
        text = text.replace(f"%{ord(character):02X}", character)
    return text


def test_a_finding_is_one_command_with_its_range_its_title_and_what_helps(check_text: Check) -> None:
    checked = check_text("version: 1\nenvironments: [dev]\ndeploys: [{name: app}, {nme: app}]\n")
    assert render("github", [checked], docs="https://docs.example.com") == (
        "::error file=headgate.yaml,line=3,endLine=3,col=25,endColumn=28,title=HG101 unknown key::"
        'headgate.yaml:3:25: HG101 unknown key "nme" in deploys[1]; allowed: name, callback, needs, builds, '
        "environments, inputs, environment_inputs, secrets, permissions, strategy, canary, blue_green%0A"
        'hint: did you mean "name"?%0Ahttps://docs.example.com/reference/rules/HG101.html\n'
        "::error file=headgate.yaml,line=3,endLine=3,col=30,endColumn=33,title=HG204 name used twice::"
        'headgate.yaml:3:30: HG204 there are two deploys named "app"%0A'
        "the first is here: headgate.yaml:3:18%0Ahttps://docs.example.com/reference/rules/HG204.html\n"
        "::notice file=headgate.yaml,title=not everything was checked::"
        f"{', '.join(checked.skipped)} not checked: only headgate.yaml has callbacks\n"
    )


def test_a_warning_is_a_warning_and_nothing_wrong_is_silence(check_text: Check) -> None:
    files = {".github/workflows/deploy-app.yaml": "on: workflow_call\njobs: {}\n"}
    good = "version: 1\nenvironments: [dev]\ndeploys: [{name: app}]\n"
    assert render("github", [check_text(good, files)]) == ""
    warned = good.replace("{name: app}", "{name: app, permissions: {content: read}}")
    assert render("github", [check_text(warned, files)]).startswith("::warning file=headgate.yaml,line=3,")


def test_a_place_on_several_lines_has_no_columns_which_the_runner_would_drop(check_text: Check) -> None:
    printed = render("github", [check_text("- 1\n- 2\n")])
    assert printed.startswith("::error file=headgate.yaml,line=1,endLine=2,title=HG008")


@pytest.mark.parametrize("case", BAD, ids=name_case)
def test_every_finding_of_the_cases_is_one_command(case: Path) -> None:
    checked = check_case(case)
    commands = [parse(line) for line in render("github", [checked]).splitlines()]
    said = [command for command in commands if command and command.name != "notice"]
    assert len(commands) == len(checked.findings) + bool(checked.skipped)
    for command, finding in zip(said, checked.findings, strict=True):
        assert command.name == finding.severity
        assert command.properties["file"] == finding.place.file
        assert f"{finding.code} {finding.message}" in command.data


@given(file=HOSTILE.filter(bool), message=HOSTILE, hint=HOSTILE)
def test_no_name_leaves_its_place_or_starts_a_command(file: str, message: str, hint: str) -> None:
    checked = check(b"version: 2\nenvironments: [dev]\ndeploys: [{name: app}]\n", file)
    finding = msgspec.structs.replace(checked.findings[0], message=message, hint=hint)
    printed = render("github", [msgspec.structs.replace(checked, findings=(finding,), skipped=())])
    assert re.split("[\r\n]", printed)[1:] == [""], "one line, whatever the runner takes for a line break"
    command = parse(printed.removesuffix("\n"))
    assert command is not None
    assert command.name == "error"
    assert command.properties["file"] == file
    assert set(command.properties) == {"file", "line", "endLine", "col", "endColumn", "title"}
    assert command.data == f"{file}:1:10: {finding.code} {message}" + (f"\nhint: {hint}" if hint else "")
