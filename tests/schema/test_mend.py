"""Fixes that get along are made at once, others one after another, and what makes things worse is not."""

from __future__ import annotations

import time

import msgspec
import pytest
from headgate_schema.check import Checked, check
from headgate_schema.edit import write_fix
from headgate_schema.finding import AddKey, CreateFile, Edit, Finding, Fix, Place, Remove, RenameKey, SetValue
from headgate_schema.mend import Mended, Source, choose_together, list_fixable, mend

from .conftest import Files

HEAD = """\
version: 1
environments: [dev]
deploys:
  - name: app
    strategy: canary
    canary:
      promote_callback: .github/workflows/a.yaml
      rollback_callback: .github/workflows/b.yaml
      steps:
"""
STEP = "        - {percent: 5, bake_time: 10 m}\n"


def mend_text(text: str, files: dict[str, str] | None = None, *, is_guessing: bool = True) -> Mended:
    repository = Files(files) if files is not None else None
    return mend(Source(text.encode(), "headgate.yaml", repository), is_guessing=is_guessing)


def codes(checked: Checked) -> list[str]:
    return [finding.code for finding in checked.findings]


def find(edit: Edit | tuple[Edit, ...], message: str = "") -> Finding:
    edits = edit if isinstance(edit, tuple) else (edit,)
    return Finding("HG999", "error", message, Place("headgate.yaml"), fix=Fix(message, edits))


def at(*path: str | int) -> Place:
    return Place("headgate.yaml", path)


TEXT = b"a: 1\nb: [1, 2]\nc: {}\nd: {x: {y: 1}}\n"
APART: dict[str, tuple[Edit, Edit]] = {
    "one value twice": (SetValue(at("a"), 2), SetValue(at("a"), 3)),
    "a value that goes": (Remove(at("d")), SetValue(at("d", "x", "y"), 2)),
    "a value in what is replaced": (SetValue(at("d", "x", "y"), 2), SetValue(at("d"), {})),
    "a key in what is replaced": (AddKey(at("d"), "z", 1), SetValue(at("d"), 1)),
    "two keys renamed alike": (RenameKey(at("a"), "e"), RenameKey(at("b"), "e")),
    "a key added and one renamed alike": (RenameKey(at("a"), "e"), AddKey(at(), "e", 1)),
    "a key and its value": (RenameKey(at("a"), "e"), SetValue(at("a"), 2)),
    "a missing key twice": (SetValue(at("e"), 1), AddKey(at(), "e", 2)),
    "a file created twice": (CreateFile("x", "one"), CreateFile("x", "two")),
}
TOGETHER: dict[str, tuple[Edit, Edit]] = {
    "the same twice": (SetValue(at("a"), 2), SetValue(at("a"), 2)),
    "two missing keys of an empty mapping": (SetValue(at("c", "x"), 1), SetValue(at("c", "y"), 2)),
    "two items": (Remove(at("b", 0)), SetValue(at("b", 1), 3)),
}


@pytest.mark.parametrize("case", [*APART, *TOGETHER])
def test_of_fixes_that_do_not_get_along_the_first_is_made(case: str) -> None:
    one, other = (APART | TOGETHER)[case]
    findings = [find(one, "one"), find(other, "other")]
    document = check(TEXT, "headgate.yaml").document
    found = {"headgate.yaml": document}
    chosen = choose_together(findings, found.get)
    assert [finding.message for finding in chosen] == (["one"] if case in APART else ["one", "other"])
    # What can't be chosen together can't be written together either, and the other way round.
    edits = {msgspec.json.encode(edit): edit for edit in (one, other)}
    written = write_fix(Fix("", tuple(edits.values())), found.get)
    assert (written is None) == (case in APART)


def test_a_mistake_that_hides_others_is_fixed() -> None:
    deploys = "deploys: [{name: app}, {name: app}]\n"
    text = "version: '1'\nenvironments: dev\nbuilds: [{name: a, bogus: 1}]\n" + deploys
    mended = mend_text(text, {}, is_guessing=False)
    assert [finding.code for finding in mended.fixed] == ["HG104", "HG103"]
    assert set(codes(mended.checked)) == {"HG101", "HG204", "HG401"}
    mended = mend_text("version: 1\nenvironments: dev\ndeploys: [{name: app}]\n", {}, is_guessing=False)
    assert codes(mended.checked) == ["HG401"]


def test_a_fix_that_gives_an_earlier_rule_something_to_say_is_taken_back() -> None:
    def worsen(checked: Checked) -> Checked:
        (finding,) = (one for one in checked.findings if one.code == "HG107")
        edits = (finding.fix.edits if finding.fix is not None else ()) + (
            SetValue(at("environments", 0), []),
        )
        return msgspec.structs.replace(
            checked, findings=(msgspec.structs.replace(finding, fix=Fix("", edits)),)
        )

    source = Source((HEAD + STEP).encode(), "headgate.yaml")
    assert mend(source).files and mend(source, is_guessing=True, select=worsen).files == {}


def test_fixes_that_cannot_be_made_do_not_keep_others_from_it() -> None:
    steps = "        - &a {percent: 5, bake_time: 10 m}\n" + "        - *a\n" * 3 + STEP * 3
    mended = mend_text(HEAD + steps)
    assert len(mended.fixed) == 3
    assert mended.files["headgate.yaml"].decode() == HEAD + steps.replace(STEP, STEP.replace("10 m", "10m"))
    assert len(list_fixable(mended.checked, is_guessing=True)) == 4


@pytest.mark.parametrize(
    ("steps", "number", "most"),
    [
        (STEP * 2_000, 2_000, 10),
        ("        - &a {percent: 5, bake_time: 10 m}\n" + "        - *a\n" * 2_000, 0, 150),
    ],
    ids=["that can be made", "that can't"],
)
def test_many_fixes_take_a_time_that_grows_as_checking_does(steps: str, number: int, most: int) -> None:
    start = time.process_time()
    check((HEAD + steps).encode(), "headgate.yaml")
    middle = time.process_time()
    assert len(mend_text(HEAD + steps).fixed) == number
    assert time.process_time() - middle < most * (middle - start)
