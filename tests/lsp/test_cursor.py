"""Where somebody is typing: as the document's reader sees it where that can read, and never a failure."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from headgate_schema.document import Document, read_document
from headgate_schema.lsp.block import Reader
from headgate_schema.lsp.cursor import find_cursors
from headgate_schema.lsp.outline import MAX_DEPTH, Collection, Scalar
from hypothesis import given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).parents[2]
QUOTES = "'\""
MANIFESTS = sorted(
    path
    for pattern in ("tests/cases/*/headgate.yaml", "examples/shop/headgate.yaml", "tests/rules/*/ok-*.yaml",
                    "tests/rules/*/ok-*/headgate.yaml", "tests/lsp/reading/*.yaml")
    for path in ROOT.glob(pattern)
)  # fmt: skip


def places_of(text: str) -> list[tuple[int, int]]:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return [(row, column) for row, line in enumerate(lines, 1) for column in range(1, len(line) + 2)]


ANCHOR = re.compile(r"[&!]\S*")


def expect_the_same(document: Document, place: tuple[int, int]) -> None:
    """In a key or a single value the tolerant reader must say what the document says."""
    found = document.find_path(*place)
    if found is None:
        return
    path, part = found
    if part == "value" and isinstance(get(document.data, path), dict | list):
        return
    span = document.locate(path, part)
    if part == "value" and (span.line, span.column) == (span.end_line, span.end_column):
        return  # nothing is written there
    anchor = ANCHOR.match(document.text.splitlines()[span.line - 1], span.column - 1)
    if place[0] == span.line and anchor is not None:
        return  # in or behind an anchor's name
    if part == "value" and span.column == 1:
        return  # not indented: libyaml alone takes it for a value
    cursors = find_cursors(document.text, *place)
    is_blank = not document.text.splitlines()[place[0] - 1].strip()
    if span.line != span.end_line and (not cursors or is_blank):
        return  # nothing has to be said about the space within a value of several rows
    assert cursors, (place, path, part)
    cursor = cursors[0]
    if part == "key":
        assert (cursor.role, cursor.path) == ("key", path[:-1]), place
        siblings = get(document.data, path[:-1])
        assert isinstance(siblings, dict)
        # In braces a key may stand without a colon; for who types it is not there yet.
        whole = {key for key, value in siblings.items() if value is not None}
        assert whole - {path[-1]} <= set(cursor.siblings) <= set(siblings) - {path[-1]}, place
        assert cursor.has_colon or path[-1] not in whole, place
    else:
        assert (cursor.role, cursor.path) == ("value", path), place


def get(data: object, path: tuple[str | int, ...]) -> object:
    for step in path:
        data = data[step]  # type: ignore[index]
    return data


def test_there_are_manifests_to_try() -> None:
    assert len(MANIFESTS) > 60


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_place_of_a_manifest_is_seen_as_the_document_sees_it(path: Path, line_break: str) -> None:
    text = path.read_text(encoding="utf-8").replace("\n", line_break)
    document = read_document(text.encode(), "headgate.yaml")
    if document.data is None:
        pytest.skip("not to be read")
    for place in places_of(document.text):
        expect_the_same(document, place)


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_row_cut_off_at_the_cursor_is_seen_as_the_whole_row_was(path: Path) -> None:
    document = read_document(path.read_bytes(), "headgate.yaml")
    if document.data is None:
        pytest.skip("not to be read")
    rows = document.text.split("\n")
    for row, column in places_of(document.text):
        found = find_cursors(document.text, row, column)
        if not found or found[0].is_text or not found[0].prefix or found[0].prefix.endswith((" ", ":")):
            continue
        cut = [*rows[: row - 1], rows[row - 1][: column - 1], *rows[row:]]
        seen = find_cursors("\n".join(cut), row, column)
        assert seen, (row, column)
        if seen[0].role == "value" and found[0].role == "key":
            # Without its colon, the first key of a mapping may as well be a value.
            assert seen[0].can_open or seen[0].is_flow or seen[0].is_text, (row, column)
            assert seen[0].path == found[0].path or seen[0].is_flow, (row, column)
        else:
            assert (seen[0].role, seen[0].path) == (found[0].role, found[0].path), (row, column)
        assert seen[0].prefix.strip(QUOTES) == found[0].prefix.strip(QUOTES), (row, column)


PARTS = [
    *("a", "name", ":", ": ", "- ", "-", "\n", "\n  ", "\n    ", "\r\n", "\r", "\t", " ", "[", "]", "{", "}"),
    *(",", '"', "'", "#", " #", "&x ", "*x", "!t ", "|", ">", "?", "---\n", "...", "%", "\\", "🚀", "\ufeff"),
]


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PARTS), max_size=40).map("".join))
def test_no_text_and_no_place_is_too_odd(text: str) -> None:
    for row, column in [(0, 0), (99, 99), *places_of(text.removeprefix("\ufeff"))]:
        for cursor in find_cursors(text, row, column):
            span = cursor.span
            assert span.line == span.end_line == row
            assert span.column <= column <= span.end_column
            document = read_document(text.encode(), "x.yaml")
            document.find_path(row, column)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PARTS), max_size=25).map("".join))
def test_what_can_be_read_is_seen_alike_by_both_readers(text: str) -> None:
    document = read_document(text.encode(), "x.yaml")
    if document.data is None or document.troubles or "?" in text:
        return  # explicit keys are left alone
    for place in places_of(document.text):
        expect_the_same(document, place)


ROWS = st.builds(
    "{}{}{}{}{}".format,
    st.sampled_from(["", "  ", "    ", "      "]),
    st.sampled_from(["", "", "- ", "-   "]),
    st.sampled_from(["a", "name:", "b-c:", "d: ", "'e': ", "f :"]),
    st.sampled_from(
        [
            "",
            " x",
            "x y ",
            "1",
            " x: y",
            "#no",
            " # c",
            " x # c",
            " [a",
            " &a b",
            " *a",
            " 'q",
            " |",
            " -",
            "é",
        ]
    ),
    st.sampled_from(["\n", "\r\n", "\n\n"]),
)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.one_of(ROWS, st.sampled_from(PARTS)), max_size=14).map("".join))
def test_the_short_way_over_simple_rows_leads_to_the_same(text: str) -> None:
    short, careful = (Reader(text, -1, is_careful=is_careful).read() for is_careful in (False, True))
    assert tell(short.root) == tell(careful.root)
    for wanted in range(len(short.lines)):
        short, careful = (Reader(text, wanted, is_careful=is_careful).read() for is_careful in (False, True))
        assert [tell(each) for each in short.stack] == [tell(each) for each in careful.stack]
        assert [str(each) for each in short.pieces] == [str(each) for each in careful.pieces]


def tell(value: Collection | Scalar | None) -> object:
    if not isinstance(value, Collection):
        return value.text if value is not None else None
    slots = [(slot.step, slot.row, slot.is_whole, tell(slot.value)) for slot in value.slots]
    return value.kind, value.path, value.row, value.column, value.last_row, value.is_flow, slots


STAIRS = "".join(f"{' ' * depth}a:\n" for depth in range(500))


@pytest.mark.parametrize("text", ["- " * 5_000, "[" * 50_000, "{a: " * 5_000, "[a," * 20_000, STAIRS])
def test_nothing_is_too_deep_or_takes_long(text: str) -> None:
    started = time.monotonic()
    last = text.rstrip("\n").count("\n") + 1
    for cursor in find_cursors(text, last, len(text)):
        assert len(cursor.path) <= MAX_DEPTH + 1
    careful = Reader(text, -1, is_careful=True).read()
    deepest, depth = careful.root, 0
    while deepest.slots and isinstance(below := deepest.slots[-1].value, Collection):
        deepest, depth = below, depth + 1
    assert depth <= MAX_DEPTH + 1
    assert time.monotonic() - started < 10
