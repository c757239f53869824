"""How messages quote, list and suggest."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache

import msgspec

MAX_QUOTED = 60


def quote(value: object) -> str:
    """Print an offending value on one line: text in double quotes with escapes, long ones cut, lists and maps
    by kind.
    """
    match value:
        case None:
            return "nothing"
        case str() if len(value) > MAX_QUOTED:
            return f'{_escape(value[:MAX_QUOTED])[:-1]}…"'
        case str():
            return _escape(value)
        case bool() | float():
            return _escape(value)
        case int():
            digits = str(value)
            return digits if len(digits) <= MAX_QUOTED else f"{digits[:MAX_QUOTED]}…"
        case list():
            return "a list"
        case _:
            return "a mapping"


def _escape(value: object) -> str:
    return msgspec.json.encode(value).decode()


def list_words(words: Iterable[object], last: str = "or") -> str:
    """Print ``"a", "b" or "c"``."""
    return join_words((quote(word) for word in words), last)


def join_words(words: Iterable[str], last: str) -> str:
    """Print ``a, b or c``."""
    listed = list(words)
    if len(listed) < 2:
        return "".join(listed)
    return f"{', '.join(listed[:-1])} {last} {listed[-1]}"


def count(number: int, word: str) -> str:
    """Print ``1 error``, ``2 errors``."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def suggest(word: object, choices: Collection[str]) -> str | None:
    """Give the choice that a misspelt word was most likely meant to be."""
    return _suggest(word, tuple(choices)) if isinstance(word, str) and len(word) <= MAX_QUOTED else None


@lru_cache(maxsize=4096)
def _suggest(word: str, choices: tuple[str, ...]) -> str | None:
    from difflib import get_close_matches

    plain = {choice.lower().replace("_", "").replace("-", ""): choice for choice in choices}
    spelt = word.lower().replace("_", "").replace("-", "").strip()
    close = get_close_matches(spelt, plain, 1, 0.75)
    return plain[close[0]] if close else None


def hint_suggestion(word: object, choices: Collection[str]) -> str:
    """Print ``did you mean "x"?``, or nothing."""
    meant = suggest(word, choices)
    return f"did you mean {quote(meant)}?" if meant else ""
