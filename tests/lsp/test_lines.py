"""Places as an editor counts them and as Headgate counts them."""

from __future__ import annotations

import pytest
from headgate_schema.lsp.drift import measure_drift
from headgate_schema.lsp.lines import MARK, Encoding, cut_lines, find_range
from headgate_schema.span import Span
from headgate_schema.text import find_span
from hypothesis import given
from hypothesis import strategies as st

from tests.lsp.editor import count

TEXTS = st.text("ab é€🚦\r\n", max_size=30)
ENCODINGS: list[Encoding] = ["utf-8", "utf-16", "utf-32"]


@given(TEXTS, st.sampled_from(ENCODINGS), st.booleans(), st.data())
def test_every_place_of_every_text_is_counted_as_the_text_is_encoded(
    text: str, encoding: Encoding, has_mark: bool, data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(text)))
    if text[index - 1 : index + 1] == "\r\n":
        return  # between the two halves of a line break there is no place
    span = find_span(text, index)
    shown = MARK * has_mark + text
    lines = cut_lines(shown, encoding)
    counted = lines.count(span.line, span.column)
    expected = count(shown, index + has_mark, encoding)
    assert counted == (expected.line, expected.character)
    assert lines.find(*counted) == (span.line, span.column)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_what_is_past_an_end_is_the_end(encoding: Encoding) -> None:
    lines = cut_lines("a🚦\nb", encoding)
    assert lines.find(0, 99) == (1, 3)
    assert lines.find(99, 0) == (2, 2)
    assert lines.count(99, 1) == (1, 1)
    assert lines.count(2, 99) == (1, 1)


@pytest.mark.parametrize(("encoding", "units"), [("utf-8", 4), ("utf-16", 2)])
def test_the_middle_of_a_character_is_its_start(encoding: Encoding, units: int) -> None:
    lines = cut_lines("a🚦b", encoding)
    assert {lines.find(0, 1 + inside) for inside in range(units)} == {(1, 2)}
    assert lines.find(0, 1 + units) == (1, 3)


def test_before_a_mark_there_is_nothing() -> None:
    assert cut_lines(f"{MARK}a", "utf-16").find(0, 0) == (1, 1)


def test_half_a_pair_is_counted_as_one() -> None:
    assert cut_lines("\ud83da", "utf-16").count(1, 2) == (0, 1)
    assert cut_lines("\ud83da", "utf-8").count(1, 2) == (0, 3)


def test_a_range_never_ends_before_it_starts() -> None:
    found = find_range(cut_lines("ab\ncd", "utf-8"), Span(2, 2, 1, 1))
    assert (found.line, found.character) == (found.end_line, found.end_character) == (1, 1)


OLD = "a\nb\nc\nd\n"


@pytest.mark.parametrize(
    ("new", "olds"),
    [
        (OLD, [1, 2, 3, 4, 5]),
        ("a\nb\nX\nd\n", [1, 2, None, 4, 5]),
        ("a\nb\nX\nY\nc\nd\n", [1, 2, None, None, 3, 4, 5]),
        ("a\nd\n", [1, 4, 5]),
        ("X\na\nb\nc\nd\n", [None, 1, 2, 3, 4, 5]),
        ("", [5]),
        ("X", [None]),
    ],
)
def test_lines_that_nobody_touched_are_found_again(new: str, olds: list[int | None]) -> None:
    drift = measure_drift(OLD, new)
    assert [drift.find_old(number + 1) for number in range(len(new.split("\n")))] == olds
    for number, old in enumerate(olds, start=1):
        if old is not None:
            assert drift.find_new(Span(old, 1, old, 2)) == Span(number, 1, number, 2)


def test_what_holds_a_changed_line_is_found_no_more() -> None:
    drift = measure_drift(OLD, "a\nb\nX\nd\n")
    assert drift.find_new(Span(2, 1, 3, 1)) is None
    assert drift.find_new(Span(3, 1, 3, 2)) is None
    assert drift.find_new(Span(1, 1, 2, 2)) == Span(1, 1, 2, 2)
