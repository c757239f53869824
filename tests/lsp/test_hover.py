"""What is shown at the mark ‸ of each case. With `--update` the expected output is rewritten."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from headgate_schema.check import Checked, check
from headgate_schema.lsp.cards import show_callback
from headgate_schema.lsp.hover import Hover, hover
from headgate_schema.lsp.knowledge import Knowledge, know
from headgate_schema.repository import Directory

from tests.lsp.typist import take_mark

HERE = Path(__file__).parent
CASES = sorted((HERE / "hover").glob("*.yaml"))
REPOSITORY = HERE / "repository"
READABLE = "version: 1\nenvironments: [dev, prod]\ndeploys:\n  - name: app\n"


def know_repository() -> Knowledge:
    return know({str(path.relative_to(REPOSITORY)): path.read_bytes() for path in REPOSITORY.rglob("*.y*ml")})


def check_text(text: str) -> Checked:
    return check(text.encode(), "headgate.yaml", Directory(REPOSITORY))


def hover_at_mark(marked: str, docs: str | None = None) -> Hover | None:
    text, place = take_mark(marked)
    return hover(check_text(text), *place, check_text(READABLE).resolved, know_repository(), docs)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_this_is_shown(case: Path, is_updating: bool) -> None:
    found = hover_at_mark(case.read_text(encoding="utf-8"))
    span = found.span if found is not None else None
    shown = (
        f"{span.line}:{span.column}-{span.end_column}\n\n{found.text}\n" if found and span else "nothing\n"
    )
    expected = case.with_suffix(".md")
    if is_updating:
        expected.write_text(shown, encoding="utf-8")
    assert shown == expected.read_text(encoding="utf-8")


HOSTILE = [
    *("[x](http://evil.example)", "<img src=x>", "`<b>`", "a|b", "**x**", "www.evil.example", "![i](x)"),
    *("``` x", "&lt;", "<http://evil.example>", "line\nbreak", "x|<img src=x>|`y`[z](http://evil.example)"),
]
_CODE_OR_ESCAPE = re.compile(r"\\[!-/:-@\[-`{-~]|`[^`\n]*`")
"""What is markup to no reader of CommonMark: an escaped sign, and what is inside of code."""


@pytest.mark.parametrize("name", HOSTILE)
def test_what_others_wrote_stays_text(name: str) -> None:
    callback = {"on": {"workflow_call": {"inputs": {name: {"type": "string", "required": True}},
                                         "outputs": {name: {}}, "secrets": {name: {}}}},
                "permissions": {name: "write"}}  # fmt: skip
    knowledge = know({".github/workflows/deploy-app.yaml": json.dumps(callback).encode()})
    shown = show_callback(".github/workflows/deploy-app.yaml", None, knowledge)
    assert re.sub("[^a-z]", "", name) in re.sub("[^a-z]", "", shown)
    expect_plain(shown)
    manifest = {"version": 1, "environments": ["dev"], "deploys": [{"name": "app", "inputs": {name: 1}}]}
    text = json.dumps(manifest, indent=1, ensure_ascii=False)
    checked = check_text(text)
    for line, row in enumerate(text.splitlines(), 1):
        for column in range(1, len(row) + 1):
            found = hover(checked, line, column, checked.resolved, knowledge)
            if found is not None and name in row:
                expect_plain(found.text)


def expect_plain(shown: str) -> None:
    plain = re.sub(r"\*\*HG\d+\*\*|\(\)", "", _CODE_OR_ESCAPE.sub("", shown))
    assert not re.search(r"[<>&\[\]()`*]|://|www\.", plain), plain
    cells = [len(re.findall(r"(?<!\\)\|", row)) for row in shown.splitlines() if row.startswith("|")]
    assert set(cells) <= {3}, shown


def test_a_rule_is_linked_where_the_documentation_has_an_address() -> None:
    marked = READABLE.replace("  - name: app", "  - name: app\n    nee‸d: []")
    without, linked = hover_at_mark(marked), hover_at_mark(marked, "https://docs.example")
    assert without is not None and "](" not in without.text
    assert linked is not None
    assert "[HG101](https://docs.example/reference/rules/HG101.html)" in linked.text


def test_every_place_of_every_case_can_be_asked_about() -> None:
    for case in CASES:
        text, _ = take_mark(case.read_text(encoding="utf-8"))
        checked = check_text(text)
        for line, row in enumerate(text.splitlines(), 1):
            for column in range(1, len(row) + 2):
                found = hover(checked, line, column, None, know_repository())
                if found is not None:
                    assert found.span.line == line
                    assert found.span.column <= column <= found.span.end_column
