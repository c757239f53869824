"""Edits of data become edits of text: nothing but what was asked for changes, or nothing at all."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import ndiff
from typing import Any

import msgspec
import pytest
from headgate_schema.document import read_document
from headgate_schema.edit import edit_data, write_fix
from headgate_schema.finding import AddKey, CreateFile, Edit, Fix, Place, Remove, RenameKey, SetValue
from headgate_schema.span import Path, Span
from headgate_schema.splices import Impossible
from headgate_schema.syntax import read_syntax
from headgate_schema.text import FORBIDDEN
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from .conftest import FIRST_SHAPE, FULL

COMMENTED = """\
# top
version: 1   # v
environments: [dev, prod] # chain
deploys:
  # first
  - name: app # n 🚦
    strategy: canary
    canary:
      # about percent
      percent: 10  # p
      bake_time: "10 m" # b
      steps:
        - percent: 5
        - {percent: 20, bake_time: 1h}

  # second
  - name: api
    inputs: {}
    canary:
    script: |
      # no comment
      echo
    needs: [app]  # k
# end
"""


def place(*path: str | int) -> Place:
    return Place("f", path)


def write(text: str, *edits: Edit) -> str | None:
    document = read_document(text.encode(), "f")
    written = write_fix(Fix("", edits), lambda file: document if file == "f" else None)
    return written[0].after if written is not None else None


def changed_lines(text: str, *edits: Edit) -> tuple[list[str], list[str]]:
    after = write(text, *edits)
    assert after is not None
    differences = list(ndiff(text.splitlines(), after.splitlines()))
    return [line[2:] for line in differences if line[0] == "-"], [
        line[2:] for line in differences if line[0] == "+"
    ]


APP: Path = ("deploys", 0)
API: Path = ("deploys", 1)
CASES: dict[str, tuple[tuple[Edit, ...], list[str], list[str]]] = {
    "a value keeps its quotes and its comment": (
        (SetValue(place(*APP, "canary", "bake_time"), "10m"),),
        ['      bake_time: "10 m" # b'],
        ['      bake_time: "10m" # b'],
    ),
    "a key is renamed in its place": (
        (RenameKey(place(*APP, "strategy"), "strategies"),),
        ["    strategy: canary"],
        ["    strategies: canary"],
    ),
    "a block goes behind the last entry": (
        (AddKey(place(*APP), "blue_green", {"verify": {"on": [1, "2"]}}),),
        [],
        ["    blue_green:", "      verify:", '        "on": [1, "2"]'],
    ),
    "several keys go into an empty value": (
        (AddKey(place(*API, "canary"), "percent", 10), AddKey(place(*API, "canary"), "bake_time", "1:30")),
        [],
        ["      percent: 10", '      bake_time: "1:30"'],
    ),
    "an empty mapping in braces becomes a block": (
        (AddKey(place(*API, "inputs"), "a b", "yes"),),
        ["    inputs: {}"],
        ["    inputs:", '      a b: "yes"'],
    ),
    "an entry goes with its own comments and no others": (
        (Remove(place(*APP, "canary")),),
        COMMENTED.splitlines()[7:14],
        [],
    ),
    "the first item of a list in brackets": (
        (Remove(place("environments", 0)),),
        ["environments: [dev, prod] # chain"],
        ["environments: [prod] # chain"],
    ),
    "every item of a list": (
        (Remove(place(*APP, "canary", "steps", 0)), Remove(place(*APP, "canary", "steps", 1))),
        ["      steps:", "        - percent: 5", "        - {percent: 20, bake_time: 1h}"],
        ["      steps: []"],
    ),
    "the first key on the line of its dash": (
        (Remove(place(*API, "name")),),
        ["  - name: api", "    inputs: {}"],
        ["  - inputs: {}"],
    ),
    "a key that is missing is added": (
        (SetValue(place(*API, "environments"), ["dev"]),),
        [],
        ["    environments: [dev]"],
    ),
    "a first key": (
        (AddKey(place(*API), "on", 1, is_first=True),),
        ["  - name: api"],
        ['  - "on": 1', "    name: api"],
    ),
    "a first key in braces": (
        (AddKey(place(*APP, "canary", "steps", 1), "x", [], is_first=True),),
        ["        - {percent: 20, bake_time: 1h}"],
        ["        - {x: [], percent: 20, bake_time: 1h}"],
    ),
    "two first keys on the line of a dash": (
        (Remove(place(*API, "name")), Remove(place(*API, "inputs"))),
        ["  - name: api", "    inputs: {}", "    canary:"],
        ["  - canary:"],
    ),
    "the last two of a list in brackets": (
        (Remove(place("environments", 1)), AddKey(place(*APP, "canary", "steps", 1), "x", 1)),
        ["environments: [dev, prod] # chain", "        - {percent: 20, bake_time: 1h}"],
        ["environments: [dev] # chain", "        - {percent: 20, bake_time: 1h, x: 1}"],
    ),
    "a text that needs quotes": (
        (SetValue(place(*API, "name"), "it's: # no comment"),),
        ["  - name: api"],
        ['  - name: "it\'s: # no comment"'],
    ),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_only_what_was_meant_changes(name: str, line_break: str) -> None:
    edits, gone, new = CASES[name]
    text = COMMENTED.replace("\n", line_break)
    really_gone, really_new = changed_lines(text, *edits)
    assert set(really_gone) <= set(gone)
    assert really_new == new
    after = write(text, *edits) or ""
    assert after.count("\n") == after.count(line_break)


REFUSED: dict[str, tuple[str, tuple[Edit, ...]]] = {
    "a place that is not there": (COMMENTED, (SetValue(place("deploys", 7), 1),)),
    "a key that is there already": (COMMENTED, (AddKey(place(*APP), "name", "x"),)),
    "a new name that is taken": (COMMENTED, (RenameKey(place(*APP, "name"), "strategy"),)),
    "two edits of one place": (COMMENTED, (Remove(place(*APP)), SetValue(place(*APP), 1))),
    "an edit inside of what goes": (COMMENTED, (Remove(place(*APP)), SetValue(place(*APP, "name"), "x"))),
    "a value that an alias shares": ("a: &x {b: 1}\nc: *x\n", (SetValue(place("a", "b"), 2),)),
    "the inside of an alias": ("a: &x {b: 1}\nc: *x\n", (SetValue(place("c", "b"), 2),)),
    "an anchor that is needed": ("a: &x {b: 1}\nc: *x\n", (Remove(place("a")),)),
    "a text that can't be read": ("a: [\n", (SetValue(place("a"), 2),)),
    "a file that is there": (COMMENTED, (CreateFile("f", "x"),)),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_can_t_be_done_is_not_done(name: str) -> None:
    text, edits = REFUSED[name]
    assert write(text, *edits) is None


def test_a_missing_file_is_created() -> None:
    written = write_fix(Fix("", (CreateFile("new", "x\n"),)), lambda _: None)
    assert written is not None
    assert (written[0].before, written[0].after) == (None, "x\n")


def test_edits_say_where_they_are_in_the_text() -> None:
    document = read_document(b"a: 1\r\nb: \xf0\x9f\x9a\xa6 1\n", "f")
    written = write_fix(Fix("", (SetValue(place("b"), 2),)), lambda _: document)
    assert written is not None
    assert [edit.span for edit in written[0].edits] == [Span(2, 4, 2, 7)]


def list_places(data: Any, path: Path = ()) -> Iterator[Path]:
    if path:
        yield path
    entries = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for step, value in entries:
        yield from list_places(value, (*path, step))


ODD = """\
%YAML 1.2
--- # start
"quoted key": 'it''s' # q
'single': "two\\nlines"   # d
plain: several words
  over two lines # p
list:
- a # a
# between
- - nested # n
  - {k: v, w: } # flow
-
- # empty
- name: x # first
  # about y
  y: 1

  z:

# before folded
folded: >-  # header
  text # not a comment

  more

kept: |+
  x

flow: {a: 1, b, "c":2, # inside
  d: [1, 2,
     3, # three
  ],
}
anchored: &anchor
  deep: 1 # shared
alias: *anchor # use
null value: ~
empty: # nothing
"no space":
    four: 1
    five:
        - x
        -   y: 1
            z: 2
    # tail of no space
? explicit
: value
last: # l
  - one
  # end of list
# end
..."""
BRACES = """\
{
  "version": 1, # v
  "deploys": [
    {"name": "app"}, # a
    {"name": "b"} # b
  ] # end
}
"""
CALLBACK = """\
on:
  workflow_call:
    inputs:
      environment: {type: string}
    # no secrets
  push:
permissions:
  contents: read
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4 # pin me
      - run: |
          echo "# hi"

          echo done
      - name: x
        with: {a: b}
"""
SOME: tuple[Any, ...] = (
    None,
    1.5,
    "x",
    "on",
    "a: b",
    "two\nlines",
    [],
    {},
    ["a", "b"],
    [{"a": 1}, 2],
    {"k": {"l": ["a", {"b": 1}]}},
)


def list_edits(path: Path) -> Iterator[Edit]:
    for value in SOME:
        yield SetValue(Place("f", path), value)
        yield AddKey(Place("f", path), "a new key", value)
        yield AddKey(Place("f", path), "a new key", value, is_first=True)
    yield RenameKey(Place("f", path), "a new key")
    yield Remove(Place("f", path))


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
@pytest.mark.parametrize("text", [ODD, BRACES, CALLBACK], ids=["odd", "braces", "callback"])
def test_every_edit_is_possible_in_every_style_unless_an_alias_shares_the_place(
    text: str, line_break: str
) -> None:
    document = read_document(text.replace("\n", line_break).encode(), "f", are_scalar_keys_text=True)
    assert document.data is not None
    refused = set()
    for path in list_places(document.data):
        for edit in list_edits(path):
            try:
                wanted = edit_data(document.data, (edit,))
            except Impossible:
                continue
            written = write_fix(Fix("", (edit,)), lambda _: document)
            if written is None:
                refused.add(path[0])
                continue
            assert read_document(written[0].after.encode(), "f", are_scalar_keys_text=True).data == wanted
            assert written[0].after.count("\n") == written[0].after.count(line_break)
    assert refused <= {"anchored", "alias"}


TEXTS = [COMMENTED, FIRST_SHAPE, FULL]
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(),
    st.floats(allow_nan=False, allow_infinity=False).filter(lambda number: not number.is_integer()),
    st.sampled_from(["", "on", "12:30:45", "1_000", "~", "- a", "a: b", "a #b", "'", '"', "\\", "é🚦", "x\ny",
                     " a", "*a", "&a", "!t", "@", "%", "{a", "[", "0o7", "=", "<<", "2026-11-27", ".5"]),
    st.text(max_size=5).filter(lambda text: not FORBIDDEN.search(text)),
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "on", "b c"]), inner, max_size=3)
    ),
    max_leaves=6,
)
KEYS = st.sampled_from(["new", "on", "a b", "1", "x: y", "#", "é"])


@st.composite
def edits_of_texts(draw: st.DrawFn) -> tuple[str, tuple[Any, ...]]:
    text = draw(st.sampled_from(TEXTS))
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    if draw(st.booleans()):
        text = text.rstrip("\r\n")
    places = list(list_places(read_document(text.encode(), "f").data))
    return text, tuple(draw(edit_of(places)) for _ in range(draw(st.integers(1, 3))))


def edit_of(places: list[Path]) -> st.SearchStrategy[Edit]:
    where = st.sampled_from(places).map(lambda path: Place("f", path))
    return st.one_of(
        st.builds(SetValue, where, VALUES),
        st.builds(RenameKey, where, KEYS),
        st.builds(AddKey, where, KEYS, VALUES, st.booleans()),
        st.builds(Remove, where),
    )


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(edits_of_texts())
def test_random_edits_are_made_exactly_or_not_at_all(case: tuple[str, tuple[Any, ...]]) -> None:
    text, edits = case
    document = read_document(text.encode(), "f")
    written = write_fix(Fix("", edits), lambda _: document)
    if written is None:
        return
    again = read_document(written[0].after.encode(), "f").data
    assert msgspec.json.encode(again, order="sorted") == msgspec.json.encode(
        edit_data(document.data or {}, edits), order="sorted"
    )


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(edits_of_texts())
def test_a_single_possible_edit_is_made(case: tuple[str, tuple[Any, ...]]) -> None:
    text, (edit, *_) = case
    document = read_document(text.encode(), "f")
    try:
        wanted = edit_data(document.data or {}, (edit,))
    except Impossible:
        assume(False)
    written = write_fix(Fix("", (edit,)), lambda _: document)
    assert written is not None
    before = [comment for _, comment in read_syntax(text).list_comments()]
    after = [comment for _, comment in read_syntax(written[0].after).list_comments()]
    if not isinstance(edit, Remove | SetValue):
        assert after == before
    assert wanted == read_document(written[0].after.encode(), "f").data
