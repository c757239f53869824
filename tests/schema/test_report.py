"""Outputs: the frame and its caret, one line each, and JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Callable

from headgate_schema.check import Checked
from headgate_schema.report import render

Check = Callable[..., Checked]
GOOD = "version: 1\nenvironments: [dev]\ndeploys: [{name: app}]\n"
TEXT = """\
version: 1
environments: [dev]
deploys:
  - name: app
    needs: [app]
    strategyy: canary
    strategy: all_at_once
    canary: {}
    canary: {}
"""


def test_a_frame_shows_the_line_a_caret_the_other_place_and_a_hint(check_text: Check) -> None:
    printed = render(
        "full", [check_text("version: 1\nenvironments: [dev]\ndeploys: [{name: app}, {nme: app}]\n")]
    )
    assert (
        printed
        == """\
headgate.yaml:3:25: error HG101: unknown key "nme" in deploys[1]; allowed: name, callback, needs, builds, \
environments, inputs, environment_inputs, secrets, permissions, strategy, canary, blue_green
  |
3 | deploys: [{name: app}, {nme: app}]
  |                         ^^^
  = hint: did you mean "name"?
  = fix: rename it to "name" (--fix --unsafe)

headgate.yaml:3:30: error HG204: there are two deploys named "app"
  |
3 | deploys: [{name: app}, {nme: app}]
  |                              ^^^
  = the first is here: headgate.yaml:3:18

headgate.yaml: 2 errors (HG4xx, HG5xx, HG6xx not checked: only headgate.yaml has callbacks)
1 can be fixed with --fix --unsafe
headgate-schema explain HG101 says more
"""
    )


def test_nothing_wrong_is_one_line(check_text: Check) -> None:
    assert render("concise", [check_text(GOOD)]) == ""
    files = {".github/workflows/deploy-app.yaml": "on: workflow_call\njobs: {}\n"}
    assert render("full", [check_text(GOOD, files)]) == "headgate.yaml: no findings\n"


def frame(text: str, check_text: Check) -> list[str]:
    return render("full", [check_text(text)]).splitlines()[2:4]


def test_the_caret_stands_under_wide_and_combining_characters(check_text: Check) -> None:
    shown, caret = frame(f"{GOOD}x-a: {{e\u0301🚀漢: 1, a: 2, a: 3}}\n", check_text)
    column = caret.index("^")
    width = sum(
        0 if char == "\u0301" else 2 if char in "🚀漢" else 1 for char in shown[: shown.rindex("a: 3")]
    )
    assert column == width


def test_the_caret_stands_under_text_behind_a_tab(check_text: Check) -> None:
    shown, caret = frame(f"{GOOD}x-a: {{a: 1,\ta: 2}}\n", check_text)
    assert caret.index("^") == shown.index("a: 2")


def test_a_long_line_is_cut_around_the_caret(check_text: Check) -> None:
    shown, caret = frame(
        GOOD + "x-a: {" + ", ".join(f"k{n}: 1" for n in range(500)) + ", k250: 2, z: 1}\n", check_text
    )
    assert len(shown) < 180 and shown[4] == "…"
    assert shown[caret.index("^") :].startswith("k250: 2")


def test_colour_changes_nothing_but_colour(check_text: Check) -> None:
    import re

    checked = check_text(TEXT)
    colored = render("full", [checked], has_color=True)
    assert "\033[" in colored
    assert re.sub("\033\\[[0-9]+m", "", colored) == render("full", [checked])


def test_json_has_every_place_and_a_format(check_text: Check) -> None:
    text = "version: 1\nenvironments: [dev]\ndeploys: [{name: app}, {nme: app}]\n"
    records = json.loads(render("json", [check_text(text)]))
    assert records["format"] == "json-v1"
    (file,) = records["files"]
    assert file == {
        "file": "headgate.yaml",
        "errors": 2,
        "warnings": 0,
        "ignored": 0,
        "skipped": ["HG4xx", "HG5xx", "HG6xx"],
        "why_skipped": "only headgate.yaml has callbacks",
    }
    unknown, duplicate = records["findings"]
    assert unknown["place"] == {
        "file": "headgate.yaml",
        "path": ["deploys", 1, "nme"],
        "span": {"line": 3, "column": 25, "end_line": 3, "end_column": 28},
    }
    assert duplicate["related"][0]["place"]["path"] == ["deploys", 0, "name"]


def test_hostile_keys_and_hints_stay_on_their_line(check_text: Check) -> None:
    text = 'version: 1\nenvironments: "x\\n"\ndeploys: [{name: app, inputs: {"a\\nb": []}}]\n'
    assert len(render("concise", [check_text(text)]).splitlines()) == 3
    assert 'deploys[0].inputs["a\\nb"]' in render("concise", [check_text(text)])
    assert "hint: write a list\n" in render("full", [check_text(text)])


def test_hostile_values_stay_on_their_line(check_text: Check) -> None:
    text = 'version: 1\nenvironments: [dev]\ndeploys: [{name: "a\\n::error::b"}, {name: "x\\ty\\"z"}]\n'
    lines = render("concise", [check_text(text)]).splitlines()
    assert [line.split(" is not")[0] for line in lines] == [
        'headgate.yaml:3:18: HG105 "a\\n::error::b"',
        'headgate.yaml:3:43: HG105 "x\\ty\\"z"',
    ]
