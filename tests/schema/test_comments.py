"""Comments that ignore warnings: what is a comment, and which line it is about."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent

import pytest
from headgate_schema.check import Checked
from headgate_schema.comments import list_ignores
from headgate_schema.document import read_document
from headgate_schema.report import render

Check = Callable[..., Checked]
WARNED = """\
version: 1
environments: [dev]
deploys:
  - name: app
    permissions: {content: read}
"""


def read(text: str) -> list[tuple[int, list[str]]]:
    ignores = list_ignores(read_document(dedent(text).encode(), "x.yaml", are_scalar_keys_text=True))
    return [(ignore.line, [named.code for named in ignore.codes]) for ignore in ignores]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1 # headgate: ignore[HG501]\n", [(1, ["HG501"])]),
        ("a: 1 #headgate:ignore [HG501 , HG502] because\n", [(1, ["HG501", "HG502"])]),
        ("# headgate: ignore[HG501]\na: 1\n", [(2, ["HG501"])]),
        ("# headgate: ignore[HG501]\n# more\n\na: 1\n", [(3, ["HG501"])]),
        ("a: 1\n  # headgate: ignore[HG501]", [(3, ["HG501"])]),
        ("a: 1 # headgate: ignore\n", [(1, [])]),
        ("a: 1 # headgate: ignore[\n", [(1, [])]),
        ("a: 1 # headgate: ignored\nb: 1 # headgate writes this: ignore\n", []),
        ("a: 'x # headgate: ignore[HG501]'\nb: \"\n  # headgate: ignore[HG501]\n  \"\n", []),
        ("a: x#headgate: ignore[HG501]\n", []),
        ("a: [\n  1, # headgate: ignore[HG501]\n]\n", [(2, ["HG501"])]),
        (
            "🚀: &x [1] # headgate: ignore[HG1]\r\nb: *x # headgate: ignore[HG2]\r\n",
            [(1, ["HG1"]), (2, ["HG2"])],
        ),
    ],
)
def test_comments_are_told_from_text(text: str, expected: list[tuple[int, list[str]]]) -> None:
    assert read(text) == expected


def test_a_script_holds_no_comments_but_its_first_line_may_end_with_one() -> None:
    text = """\
    a:
      - run: | # headgate: ignore[HG501]
          # headgate: ignore[HG502]
          echo

          # headgate: ignore[HG502]
      - run: >2-
            # headgate: ignore[HG502]

      # headgate: ignore[HG503]
      - b
    """
    assert read(text) == [(2, ["HG501"]), (11, ["HG503"])]


def test_a_text_that_cannot_be_read_has_no_comments() -> None:
    assert read("# headgate: ignore\na: [\n") == []


def test_an_ignored_warning_is_counted_and_nothing_else(check_text: Check) -> None:
    plain = check_text(WARNED)
    checked = check_text(WARNED.replace("read}", "read} # headgate: ignore[HG215]"))
    assert checked.findings == () and checked.ignored == plain.findings
    assert render("concise", [checked]) == ""
    assert render("full", [checked]).startswith("headgate.yaml: no findings, 1 warning ignored (HG4xx")


def test_errors_stay_whatever_a_comment_says(check_text: Check) -> None:
    checked = check_text(WARNED.replace("name: app", "name: App # headgate: ignore[HG105]"))
    assert [finding.code for finding in checked.findings] == ["HG105", "HG017", "HG215"]
    assert checked.ignored == ()


def test_while_there_are_errors_an_ignore_may_have_no_effect_yet(check_text: Check) -> None:
    text = WARNED.replace("[dev]", "[dev] # headgate: ignore[HG309]")
    assert [finding.code for finding in check_text(text).findings] == ["HG016", "HG215"]
    assert [finding.code for finding in check_text(text.replace("app", "App")).findings] == ["HG105", "HG215"]


def test_what_a_callback_ignores_is_its_own(check_text: Check) -> None:
    file = ".github/workflows/deploy-app.yaml"
    text = "on: workflow_call\npermissions: write-all\njobs: {a: {runs-on: x, steps: [{run: x}]}}\n"
    files = {file: text.replace("-all", "-all # headgate: ignore[HG501]")}
    manifest = "version: 1\nenvironments: [dev]\ndeploys: [{name: app}]\n"
    checked = check_text(manifest, files)
    assert (checked.findings, [finding.code for finding in checked.ignored]) == ((), ["HG501"])
    moved = check_text(f"# headgate: ignore[HG501]\n{manifest}", {file: text})
    assert [finding.code for finding in moved.findings] == ["HG016", "HG501"]
