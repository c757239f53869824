"""What nobody should have written ends in findings, with work that grows as the file does and no faster.

No test looks at a clock: work is counted in lines of Python. What a file takes is in `nox -s bench`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from headgate_schema.check import check
from headgate_schema.decode import MAX_GUESSED
from headgate_schema.report import Format, render
from headgate_schema.report.full import MAX_SHOWN
from headgate_schema.text import MAX_BYTES, split_lines

from tools.measure.hostile import FILES, FLOODS, GOOD, MISTAKE

FEW, MANY = 100, 800
WITHOUT_FIXES: tuple[Format, ...] = ("full", "concise", "github")
"""The other outputs verify fixes, as many as a budget allows."""


@pytest.mark.parametrize("name", FILES)
def test_every_hostile_file_ends_in_findings(name: str) -> None:
    data = FILES[name]().encode()
    checked = check(data, "headgate.yaml")
    assert checked.findings
    render("full", [checked])
    assert name == "a file of 10 MB" or MAX_BYTES // 100 < len(data) < MAX_BYTES or len(data) < 100_000


def count_work(run: Callable[[], object]) -> int:
    """Count the lines of Python that run."""
    lines = 0

    def trace(_frame: FrameType, event: str, _argument: Any) -> Callable[..., Any]:
        nonlocal lines
        lines += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        run()
    finally:
        sys.settrace(before)
    return lines


def say_everything(text: str) -> None:
    checked = check(text.encode(), "headgate.yaml")
    for form in WITHOUT_FIXES:
        render(form, [checked])


@pytest.mark.parametrize("name", FLOODS)
@pytest.mark.parametrize("ending", ["", MISTAKE], ids=["", "then-a-mistake"])
def test_a_flood_takes_work_in_proportion(name: str, ending: str) -> None:
    write = FLOODS[name]
    # What is imported and remembered on first use is no part of it.
    say_everything(write(3) + ending)
    few = count_work(lambda: say_everything(write(FEW) + ending))
    many = count_work(lambda: say_everything(write(MANY) + ending))
    assert many < 1.2 * few * MANY / FEW


def test_the_lines_of_a_text_are_split_once_however_much_there_is_to_show() -> None:
    checked = check(FLOODS["unknown keys"](MANY).encode(), "headgate.yaml")
    split_lines.cache_clear()
    render("full", [checked])
    assert split_lines.cache_info().misses == 1


def test_a_person_is_shown_a_thousand_findings_and_told_how_many_more_there_are() -> None:
    checked = check(FLOODS["unknown keys"](MAX_SHOWN + 234).encode(), "headgate.yaml")
    shown = render("full", [checked])
    assert shown.count(": error HG101") == MAX_SHOWN
    assert "\n234 findings more: --format concise lists all\n" in shown
    assert f"\nheadgate.yaml: {MAX_SHOWN + 234} errors (" in shown
    assert render("concise", [checked]).count("\n") == MAX_SHOWN + 234


def test_nobody_guesses_what_hundreds_of_keys_in_one_mapping_were_meant_to_be() -> None:
    few, many = (
        check(f"{GOOD}    nedes: []\n{FLOODS['unknown keys'](count)[len(GOOD) :]}".encode(), "headgate.yaml")
        for count in (MAX_GUESSED - 2, MAX_GUESSED - 1)
    )
    hints = [[finding.hint for finding in checked.findings if finding.hint] for checked in (few, many)]
    assert hints == [['did you mean "needs"?'], []]


@pytest.mark.parametrize(
    "tower", ["[" * 300_000, "{a: " * 200_000, "\n" + "- " * 300_000, "[" * 100 + "]" * 100]
)
def test_a_tower_in_a_callback_is_reported_there(tower: str) -> None:
    class Tower:
        def read(self, _path: str) -> bytes:
            return f"on: workflow_call\njobs: {tower}\n".encode()

    (finding,) = check(GOOD.encode(), "headgate.yaml", Tower()).findings
    assert (finding.code, finding.place.file) == ("HG005", ".github/workflows/deploy-app.yaml")
