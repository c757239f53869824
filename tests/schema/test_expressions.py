"""GitHub's expressions: where they are, what they read and call, and what an `if` comes to."""

from __future__ import annotations

import time

import pytest
from headgate_schema.conditions import decide, find_condition
from headgate_schema.expressions import Access, find_expressions, has_call, parse, walk

KNOWN = {"action": "rollback", "percent": 0, "enabled": True, "empty": ""}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a ${{ b }} c ${{d}}", [" b ", "d"]),
        ("${{ 'it''s }}' }}", [" 'it''s }}' "]),
        ("${{ '}}", []),
        ("${{ a } }", []),
        ("$ {{ a }} plain", []),
    ],
)
def test_expressions_are_found_up_to_their_real_end(text: str, expected: list[str]) -> None:
    assert list(find_expressions(text)) == expected


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("inputs.Sha", [("inputs", "sha")]),
        ("github['event'].commits[0].message", [("github", "event", "commits", None, "message")]),
        ("needs.*.outputs.next", [("needs", None, "outputs", "next")]),
        ("fromJSON(needs.a.outputs.b)[inputs.c]", [("needs", "a", "outputs", "b"), ("inputs", "c")]),
        ("format('{0} inputs.no', true) == (a || b).c", [("a",), ("b",)]),
        ("secrets[format('A_{0}', inputs.x)]", [("secrets", None), ("inputs", "x")]),
        ("!x && -1.5e3 < 0xff || null", [("x",)]),
        ("'inputs.no'", []),
    ],
)
def test_what_an_expression_reads_is_known(text: str, names: list[tuple[str | None, ...]]) -> None:
    tree = parse(text)
    assert tree is not None
    assert [node.names for node in walk(tree) if isinstance(node, Access)] == names


@pytest.mark.parametrize(
    "text", ["", "a b", "a.", "(a", "a ? b", "x[", "f(a", "&& a", "a..b", '"a"', "${{ a"]
)
def test_what_is_no_expression_is_not_parsed(text: str) -> None:
    assert parse(text) is None


def test_functions_count_where_they_are_called() -> None:
    called = parse("contains(needs.*.result, 'failure()') && !Cancelled()")
    assert called is not None
    assert has_call(called, "cancelled") and not has_call(called, "failure", "always")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("inputs.action == 'Rollback'", True),
        ("inputs.action != 'rollback' && github.ref == 'x'", False),
        ("inputs.action == 'rollback' && github.ref == 'x'", None),
        ("inputs.action == 'rollback' || github.ref == 'x'", True),
        ("!(inputs.action == 'promote')", True),
        ('contains(fromJSON(\'["deploy", "ROLLBACK"]\'), inputs.action)', True),
        ("contains(fromJSON('[\"deploy\"]'), inputs.action)", False),
        ("contains(fromJSON('[1]'), inputs.action)", None),
        ("contains('rollback and more', inputs.action)", None),
        ("inputs.percent == 0", True),
        ("inputs.percent == '0'", None),
        ("inputs.enabled == 1", None),
        ("inputs.enabled && !inputs.empty", True),
        ("inputs.percent", False),
        ("inputs.percent < 50", None),
        ("inputs.unknown == 'x'", None),
        ("inputs.action == 'promote' == false", None),
        ("always()", True),
        ("success()", None),
        ("false", False),
    ],
)
def test_a_condition_is_decided_where_nothing_has_to_be_guessed(text: str, expected: bool | None) -> None:
    tree = parse(text)
    assert tree is not None
    assert decide(tree, KNOWN) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [(" a ", "a"), ("${{ a }}", " a "), ("${{ a }} b", None), ("${{ a }} && ${{ b }}", None)],
)
def test_a_condition_may_stand_in_braces_or_not(text: str, expected: str | None) -> None:
    assert find_condition(text) == expected


@pytest.mark.parametrize(
    "text", ["a" + "||b" * 5_000, "a" + "==b" * 5_000, "!" * 20_000, "(" * 20_000, "a[" * 9_000, "f(" * 9_000]
)
def test_long_and_deep_expressions_do_no_harm(text: str) -> None:
    start = time.perf_counter()
    tree = parse(text)
    assert tree is None or decide(tree, {}) is None
    list(find_expressions("${{" * 20_000 + "'${{" * 20_000))
    assert time.perf_counter() - start < 1
