"""The YAML writer: whatever goes in comes out again, and it looks as if a careful person wrote it."""

from __future__ import annotations

import math
from typing import Any

import pytest
import yaml
from headgate.workflows.writer import Apart, Flow, Folded, Noted, show_scalar, to_data, write_yaml
from headgate_schema.document import read_document
from hypothesis import given, settings
from hypothesis import strategies as st

HOSTILE = [
    "",
    " ",
    "~",
    "null",
    "Null",
    "yes",
    "NO",
    "on",
    "y",
    "true",
    "0o17",
    "017",
    "0x1f",
    "1e3",
    ".5",
    "._1",
    ".inf",
    "-.INF",
    ".nan",
    "1_000",
    "12:30:45",
    "2001-01-01",
    "=",
    "<<",
    "-",
    "- a",
    "?",
    "? a",
    ": a",
    "a: b",
    "a:",
    "a #b",
    "#a",
    "&a",
    "*a",
    "!a",
    "!!str a",
    "%a",
    "@a",
    "`a`",
    "|",
    ">",
    "---",
    "...",
    "[a]",
    "{a: b}",
    "a, b",
    "'",
    '"',
    "it's",
    'say "it\'s"',
    "back\\slash",
    "\t",
    "a\tb",
    "a\nb",
    "a\nb\n",
    "a\n\n",
    "\na",
    " a\nb",
    "a \nb",
    "a\n b",
    "a\r\nb",
    "\r",
    "\x00",
    "\x1b[31m",
    "\u0085",
    "\u2028",
    "\ufeff",
    "\u200d",
    "\u00a0",
    "é",
    "→ ·",
    "🚀",
    "🚀 now",
    "${{ github.token }}",
    "$(rm -rf /)",
    "::error::boo",
    "a\n::set-output name=x::y",
    "''",
    "# headgate: end",
    "a: |\n  b",
]

texts = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.text("aA0-_.:#'\"\\ \t\n|>?&*![]{},%@`~$()=<", max_size=12),
)
printable_texts = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), max_size=20)
scalars = st.one_of(
    texts,
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.none(),
)


def trees(keys: st.SearchStrategy[str], leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    def grow(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        return st.one_of(st.lists(children, max_size=4), st.dictionaries(keys, children, max_size=4))

    return st.dictionaries(keys, st.recursive(leaves, grow, max_leaves=12), min_size=1, max_size=4)


def read_1_1(text: str) -> Any:
    return yaml.safe_load(text)


def read_1_2(text: str) -> Any:
    document = read_document(text.encode(), "written.yaml")
    assert document.troubles == (), text
    return document.data


def same(left: Any, right: Any) -> bool:
    """Equality that tells 1 from 1.0 and True, but takes an integral float for the integer it is."""
    if isinstance(left, float) and left.is_integer() and not isinstance(right, bool):
        return float(right) == left
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)


@given(trees(texts.filter(lambda key: key != "on"), scalars))
@settings(max_examples=300, deadline=None)
def test_readers_of_yaml_1_1_get_back_what_was_written(data: dict[str, Any]) -> None:
    assert same(data, read_1_1(write_yaml(data)))


@given(trees(printable_texts, st.one_of(printable_texts, st.integers(-(2**53), 2**53), st.booleans())))
@settings(max_examples=300, deadline=None)
def test_readers_of_yaml_1_2_get_back_what_was_written(data: dict[str, Any]) -> None:
    assert same(data, read_1_2(write_yaml(data)))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_string_survives_as_key_value_and_item(text: str) -> None:
    data = {"outer": {text: text, "list": [text, {"in": text}, [text]]}}
    assert same(data, read_1_1(write_yaml(data)))


@given(st.lists(texts, max_size=5))
@settings(deadline=None)
def test_a_list_on_one_line_holds_any_string(items: list[str]) -> None:
    assert read_1_1(write_yaml({"a": Flow(tuple(items))})) == {"a": items}


@given(st.lists(texts, min_size=1, max_size=5))
@settings(deadline=None)
def test_a_folded_string_is_its_lines_joined_by_spaces(lines: list[str]) -> None:
    folded = Folded(tuple(lines))
    assert (
        read_1_1(write_yaml({"a": {"b": folded}}))
        == {"a": {"b": " ".join(lines)}}
        == {"a": to_data({"b": folded})}
    )


@given(texts, texts)
@settings(deadline=None)
def test_comments_change_nothing(above: str, beside: str) -> None:
    one_line = "".join(char for char in beside if char.isprintable())
    noted = Apart(Noted({"b": 1}, above=above))
    written = write_yaml({"a": noted, "c": Noted(True, beside=one_line)}, header=above)
    assert read_1_1(written) == {"a": {"b": 1}, "c": True}


def test_plain_words_stay_plain() -> None:
    for text in ("main", "ubuntu-24.04", "./.github/workflows/x.yaml", "${{ a.b == 'c' }}", "app → prod · x"):
        assert show_scalar(text) == text


def test_on_is_plain_at_the_top_and_quoted_elsewhere() -> None:
    assert write_yaml({"on": {"on": "on"}}) == "on:\n  'on': 'on'\n"


def test_scripts_are_literal_blocks() -> None:
    assert write_yaml({"run": "a\n  b\n\nc\n"}) == "run: |\n  a\n    b\n\n  c\n"


def test_a_number_is_the_same_number_for_every_reader() -> None:
    for number in (1e16, 1.5e-7, 0.1, -0.0, 123456789012345680.0):
        assert math.isclose(read_1_1(f"a: {show_scalar(number)}")["a"], number)
        assert isinstance(read_1_1(f"a: {show_scalar(number)}")["a"], float)


def test_it_reads_as_if_a_careful_person_wrote_it() -> None:
    tree = {
        "name": Apart("x"),
        "on": Apart({"push": {"branches": Flow(("main",))}, "workflow_dispatch": None}),
        "jobs": Apart(
            {
                "one": Noted(
                    {"steps": [{"uses": Noted("a@b", beside="v1"), "with": {"depth": 1}}]}, above="First."
                ),
                "two": Apart({"if": Folded(("${{ a &&", "b }}")), "needs": ["one"], "env": {}}),
            }
        ),
    }
    assert (
        write_yaml(tree, "Generated.\n\nAbout it.")
        == """\
# Generated.
#
# About it.

name: x

on:
  push:
    branches: [main]
  workflow_dispatch:

jobs:
  # First.
  one:
    steps:
      - uses: a@b # v1
        with:
          depth: 1

  two:
    if: >-
      ${{ a &&
      b }}
    needs:
      - one
    env: {}
"""
    )
