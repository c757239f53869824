"""Every snippet, put where it is proposed, gives a manifest without errors."""

from __future__ import annotations

import re

import pytest
from headgate_schema.check import check
from headgate_schema.lsp.outline import Style
from headgate_schema.lsp.snippets import SNIPPETS, Entries, Facts, Hole, Snippet, print_snippet

from tests.lsp.typist import Typist, fill_holes

MANIFEST = """version: 1
environments:
  - dev
  - name: prod
  @environments
trunk: main
@
builds:
  - name: lib
  @builds
deploys:
  - name: app
    @deploys[]
  - name: web
    strategy: canary
    canary:
      percent: 10
      @deploys[].canary
      promote_callback: .github/workflows/promote.yaml
      rollback_callback: .github/workflows/rollback.yaml
  - name: api
    strategy: blue_green
    blue_green:
      cutover_callback: .github/workflows/cutover.yaml
      @deploys[].blue_green
  @deploys
"""
PLACES = [(snippet, field) for snippet in SNIPPETS for field in snippet.fields]
LAYOUTS = {
    "two columns": lambda text: text,
    "four columns": lambda text: re.sub("^ +", lambda found: found.group() * 2, text, flags=re.M).replace(
        "- name", "-   name"
    ),
    "flat lists": lambda text: re.sub("^  ", "", text, flags=re.M),
    "windows": lambda text: text.replace("\n", "\r\n"),
}


def put_mark(field: str, layout: str, *, is_empty: bool = False) -> str:
    """The manifest with the mark at a field's place."""
    if is_empty:
        return "# mine\n‸"
    rows = [row for row in MANIFEST.splitlines() if "@" not in row or row.strip() == f"@{field}"]
    marked = "".join(f"{row}\n" for row in rows).replace(f"@{field}", "‸")
    return LAYOUTS[layout](marked)


@pytest.mark.parametrize("has_snippets", [False, True], ids=["plain", "holes"])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(("snippet", "field"), PLACES, ids=lambda each: getattr(each, "label", each))
def test_a_snippet_gives_a_manifest_without_errors(
    snippet: Snippet, field: str, layout: str, has_snippets: bool
) -> None:
    is_new = snippet.label == "new manifest"
    typist = Typist(put_mark(field, layout, is_empty=is_new), has_snippets=has_snippets)
    if not is_new:
        assert not check(typist.text.encode(), "headgate.yaml").has_errors
    taken = typist.take(snippet.label)
    assert taken.has_holes == has_snippets
    checked = check(typist.text.encode(), "headgate.yaml")
    assert [finding.message for finding in checked.findings if finding.severity == "error"] == [], typist.text
    assert checked.manifest is not None


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda snippet: snippet.label)
def test_a_snippet_shows_the_same_with_and_without_placeholders(snippet: Snippet) -> None:
    plain, holes = (
        print_snippet(snippet.body, Facts(), Style(), has_holes=has_holes) for has_holes in (False, True)
    )
    assert tuple(fill_holes(row) for row in holes) == plain
    assert "${1" in "".join(holes)


def test_what_means_something_in_a_snippet_is_escaped() -> None:
    body = Entries((("a", Hole("x}$1\\")), ("b", "${2}"), ("c", Hole("y", ("y", "a,b|c")))))
    assert print_snippet(body, Facts(), Style(), has_holes=True) == (
        "a: ${1:x\\}\\$1\\\\}",
        "b: \\${2\\}",
        "c: ${2|y,a\\,b\\|c|}",
    )


def test_a_name_in_a_snippet_is_one_that_the_list_does_not_have() -> None:
    typist = Typist("deploys:\n  - name: app\n  - name: app-2\n  ‸")
    typist.take("deploy, all at once")
    assert typist.lines[-1] == "  - name: app-3"


def test_a_strategy_snippet_leaves_out_what_is_there_and_keeps_away_from_another_strategy() -> None:
    typist = Typist("deploys:\n  - name: app\n    strategy: canary\n    ‸")
    assert {each.label for each in typist.propose() if each.kind == "snippet"} == {
        "canary, one step",
        "canary, steps and verify",
    }
    typist.take("canary, one step")
    assert typist.text.count("strategy: canary") == 1
