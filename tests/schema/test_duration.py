"""Durations: what is one, how long it is, how it is shown, and what a wrong one was meant to be."""

from __future__ import annotations

import re

import pytest
from headgate_schema.model import duration
from headgate_schema.model.duration import guess_duration, parse_duration, show_duration
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0s", 0),
        ("90s", 90),
        ("10m", 600),
        ("1h30m", 5400),
        ("2d", 172_800),
        ("1d2h3m4s", 93_784),
        ("007m", 420),
    ],
)
def test_a_duration_counts_seconds(text: str, seconds: int) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "10", "10 m", "1.5h", "500ms", "5m1h", "PT10M", "1m1m", "10M", "10m\n", "१m", "-1m"]
)
def test_everything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        parse_duration(text)


@given(st.integers(min_value=0, max_value=99 * 86_400))
def test_what_is_shown_reads_back_as_the_same(seconds: int) -> None:
    assert parse_duration(show_duration(seconds)) == seconds


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (10, "10m"),
        (90, "1h30m"),
        (1.5, "1m30s"),
        ("10", "10m"),
        ("10 m", "10m"),
        ("1.5h", "1h30m"),
        ("500ms", "1s"),
        ("5m1h", "1h5m"),
        ("PT10M", "10m"),
        ("P1DT2H", "1d2h"),
        ("P2W", "14d"),
        ("10 minutes", "10m"),
        ("1 hour and 5 min", "1h5m"),
        ("2 hrs", "2h"),
        ("1w", "7d"),
        ("1H", "1h"),
        ("soon", None),
        ("", None),
        ("-5m", None),
        (True, None),
        (None, None),
        ("9999999999d", None),
        ("10 parsecs", None),
    ],
)
def test_a_hint_says_what_was_meant(written: object, meant: str | None) -> None:
    assert guess_duration(written) == meant


def test_the_pattern_is_the_published_one() -> None:
    assert re.fullmatch(r"[^\\]*", duration.PATTERN), "no escapes: portable to every dialect"
    assert "(?=" not in duration.PATTERN and "(?!" not in duration.PATTERN


@given(st.text(max_size=70))
def test_any_text_can_be_guessed_at(text: str) -> None:
    guess = guess_duration(text)
    assert guess is None or parse_duration(guess) >= 0
