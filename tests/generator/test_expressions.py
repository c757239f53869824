"""Expressions: no text becomes code, and lengths are those that GitHub's parser sees."""

from __future__ import annotations

import pytest
from headgate.workflows import expressions as ex
from headgate.workflows.expressions import Expression
from hypothesis import given
from hypothesis import strategies as st


@given(st.text())
def test_a_quoted_text_ends_where_its_quotes_end(text: str) -> None:
    quoted = ex.quote(text)
    assert quoted.startswith("'") and quoted.endswith("'")
    assert quoted[1:-1].replace("''", "") == text.replace("'", "")
    assert quoted[1:-1].replace("''", "'") == text


@pytest.mark.parametrize("text", ["a b", "a.b", "", "1a", "a'b", "a}}", "ä", "a\n"])
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no name"):
        ex.need_output("start", text)
    with pytest.raises(ValueError, match="no name"):
        ex.need_result(text)


def test_parts_are_put_together() -> None:
    named = ex.equals(ex.need_output("start", "next"), ex.quote("it's"))
    assert named == "needs.start.outputs.next == 'it''s'"
    assert ex.both(ex.NOT_CANCELLED, named) == f"!cancelled() && {named}"
    assert ex.either([named]) == named
    assert ex.either([named, ex.ALWAYS]) == f"({named} || always())"
    assert (
        ex.is_one_of(Expression("inputs.x"), ["a", "b'"]) == """contains(fromJSON('["a","b''"]'), inputs.x)"""
    )


def test_a_scalar_is_split_into_texts_and_expressions() -> None:
    assert ex.split("a ${{ b }} c ${{ 'x }} y' }}") == [
        ("a ", False),
        ("b", True),
        (" c ", False),
        ("'x }} y'", True),
    ]
    assert ex.split("plain") == [("plain", False)]
    assert ex.split("") == []


@pytest.mark.parametrize(
    ("scalar", "compiled"),
    [
        ("plain text", ""),
        ("${{ a.b }}", "a.b"),
        ("x ${{ a }}", "format('x {0}', a)"),
        ("{it's} ${{ a }}${{ b }}", "format('{{it''s}} {0}{1}', a, b)"),
    ],
)
def test_the_compiled_length_is_that_of_one_expression(scalar: str, compiled: str) -> None:
    assert ex.compiled_length(scalar) == len(compiled)
