"""Patterns as sets: they hold what Python finds, and what is found in a difference is really in it."""

from __future__ import annotations

import re
from itertools import product

import pytest
from headgate_schema.compat.language import CannotTell, both, find_word, has_word, other
from headgate_schema.compat.pattern import read_pattern
from headgate_schema.json_schema import build_schema
from headgate_schema.model.base import python_pattern
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.schema.test_json_schema import walk

PUBLISHED = sorted({schema["pattern"] for schema in walk(build_schema()) if "pattern" in schema})
TEXTS = ["".join(letters) for length in range(5) for letters in product("ab-0", repeat=length)]
ATOMS = st.sampled_from(
    ["a", "b", "-", "[ab]", "[^a]", "[a-b0-]", r"\-", "(?:a|b0)", "(a?b)", "(?:)", "[^-]"]
)
COUNTS = st.sampled_from(["", "", "?", "*", "+", "{2}", "{1,}", "{0,2}", "{0}"])
BRANCHES = st.lists(st.tuples(ATOMS, COUNTS).map("".join), max_size=4).map("".join)
PATTERNS = st.lists(
    st.tuples(st.sampled_from(["", "^"]), BRANCHES, st.sampled_from(["", "$"])).map("".join),
    min_size=1, max_size=2,
).map("|".join)  # fmt: skip


def is_found(pattern: str, text: str) -> bool:
    # Line breaks are left out of the texts, before which alone Python's `$` is another.
    return re.search(pattern, text) is not None


@settings(max_examples=300, deadline=None)
@given(PATTERNS)
def test_a_pattern_holds_what_python_finds(pattern: str) -> None:
    language = read_pattern(pattern)
    assert [text for text in TEXTS if has_word(language, text) != is_found(pattern, text)] == []


@settings(max_examples=300, deadline=None)
@given(PATTERNS, PATTERNS)
def test_a_difference_is_found_if_there_is_one(one: str, another: str) -> None:
    word = find_word(both(read_pattern(one), other(read_pattern(another))))
    if word is None:
        assert [text for text in TEXTS if is_found(one, text) and not is_found(another, text)] == []
    else:
        assert is_found(one, word) and not is_found(another, word)


@pytest.mark.parametrize("pattern", PUBLISHED)
def test_every_published_pattern_is_read(pattern: str) -> None:
    word = find_word(read_pattern(pattern))
    assert word is not None and re.search(python_pattern(pattern), word)
    assert not has_word(read_pattern(pattern), f"{word}\n")


@pytest.mark.parametrize(
    "pattern",
    [".", "(?=a)", "(?i)a",
     r"\d", r"\w", r"\n", "a{", "a{2,1}", "a{x}", "a{1}{2}", "a+?", "a**", "(a", "a)", "[a",
     "[]", "[b-a]", "a^b", "a$b", "(^a)", "(a$)", "]", "}", "\\", "a" * 501, "(" * 21 + ")" * 21, "a{10001}"],
)  # fmt: skip
def test_what_is_not_read_alike_everywhere_is_refused(pattern: str) -> None:
    with pytest.raises(CannotTell, match="the pattern"):
        read_pattern(pattern)


def test_a_question_that_leads_too_far_is_not_answered() -> None:
    far = read_pattern("a[ab]{24}$")
    with pytest.raises(CannotTell, match="too many"):
        find_word(both(far, other(read_pattern("^[ab]*a[ab]{24}$|^$"))))
