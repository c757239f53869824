"""Patterns as sets of texts: is there a text in all of these and in none of those?

Exact, by derivatives (Brzozowski, https://doi.org/10.1145/321239.321249): what may follow a character is such
a set again, and of one pattern there are finitely many. Only what means the same in every language's regular
expressions is read: literals, classes, groups, ``|``, ``? * + {m,n}``, and ``^ $`` at the ends.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from functools import lru_cache, reduce

import msgspec

MOST_STATES = 50_000
"""As many sets as one question may lead to; beyond it the answer is that nobody can tell."""
LONGEST_WORD = 500
_LAST = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)
_PLEASANT = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_./: "

Range = tuple[int, int]


class CannotTell(Exception):
    """A question that is outside of what can be decided here; the message says why."""


class Empty(msgspec.Struct, frozen=True, cache_hash=True):
    """Only the empty text."""


class Chars(msgspec.Struct, frozen=True, cache_hash=True):
    """One character of these ranges of code points, which are sorted and apart."""

    ranges: tuple[Range, ...]


class Sequence(msgspec.Struct, frozen=True, cache_hash=True):
    """One after the other; ``first`` is no sequence itself."""

    first: Language
    rest: Language


class Repeated(msgspec.Struct, frozen=True, cache_hash=True):
    """From ``least`` to ``most`` times the same, without end if ``most`` is ``None``."""

    part: Language
    least: int
    most: int | None


class Either(msgspec.Struct, frozen=True, cache_hash=True):
    """In one of them."""

    options: frozenset[Language]


class Both(msgspec.Struct, frozen=True, cache_hash=True):
    """In all of them."""

    parts: frozenset[Language]


class Other(msgspec.Struct, frozen=True, cache_hash=True):
    """Every text that is not in it."""

    part: Language


Language = Empty | Chars | Sequence | Repeated | Either | Both | Other

EMPTY = Empty()
NOTHING = Chars(())
ANY = Chars(((0, _LAST),))
ANYTHING = Repeated(ANY, 0, None)


def chars(ranges: Iterable[Range], is_inverted: bool = False) -> Chars:
    """Give one character of some ranges, or one of none of them."""
    merged: list[Range] = []
    for low, high in sorted(ranges):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    if is_inverted:
        edges = [-1, *(edge for low, high in merged for edge in (low, high)), _LAST + 1]
        merged = [
            (low + 1, high - 1) for low, high in zip(edges[::2], edges[1::2], strict=True) if low + 1 < high
        ]
    return Chars(tuple(merged))


def word(text: str) -> Language:
    """Give the set of one text; raises ``CannotTell`` for a very long one."""
    if len(text) > LONGEST_WORD:
        raise CannotTell(f"a value of more than {LONGEST_WORD} characters is not compared with patterns")
    found: Language = EMPTY
    for char in reversed(text):
        found = sequence(Chars(((ord(char),) * 2,)), found)
    return found


def sequence(first: Language, rest: Language) -> Language:
    """Give one after the other."""
    if NOTHING in (first, rest):
        return NOTHING
    if first == EMPTY:
        return rest
    if isinstance(first, Sequence):
        return Sequence(first.first, sequence(first.rest, rest))
    return first if rest == EMPTY else Sequence(first, rest)


def repeated(part: Language, least: int, most: int | None) -> Language:
    """Give the same several times."""
    if most == 0 or part == EMPTY or (part == NOTHING and least == 0):
        return EMPTY
    return part if part == NOTHING or (least, most) == (1, 1) else Repeated(part, least, most)


def either(*options: Language) -> Language:
    """Give what is in one of them; in nothing if there are none."""
    flat = {one for option in options for one in (option.options if isinstance(option, Either) else [option])}
    if ANYTHING in flat:
        return ANYTHING
    single = chars(pair for one in flat if isinstance(one, Chars) for pair in one.ranges)
    flat = {one for one in flat if not isinstance(one, Chars)} | ({single} if single != NOTHING else set())
    return Either(frozenset(flat)) if len(flat) > 1 else next(iter(flat), NOTHING)


def both(*parts: Language) -> Language:
    """Give what is in all of them; anything if there are none."""
    flat = {one for part in parts for one in (part.parts if isinstance(part, Both) else [part])} - {ANYTHING}
    if NOTHING in flat:
        return NOTHING
    return Both(frozenset(flat)) if len(flat) > 1 else next(iter(flat), ANYTHING)


def other(part: Language) -> Language:
    """Give what is not in it."""
    match part:
        case Other():
            return part.part
        case Chars(ranges=()):
            return ANYTHING
        case _:
            return NOTHING if part == ANYTHING else Other(part)


def has_empty(language: Language) -> bool:
    """Tell whether the empty text is in it."""
    match language:
        case Empty():
            return True
        case Chars():
            return False
        case Sequence():
            return has_empty(language.first) and has_empty(language.rest)
        case Repeated():
            return language.least == 0 or has_empty(language.part)
        case Either():
            return any(map(has_empty, language.options))
        case Both():
            return all(map(has_empty, language.parts))
        case Other():
            return not has_empty(language.part)


@lru_cache(100_000)
def follow(language: Language, char: int) -> Language:
    """Give what may come after a character: the derivative."""
    match language:
        case Empty():
            return NOTHING
        case Chars():
            return EMPTY if any(low <= char <= high for low, high in language.ranges) else NOTHING
        case Sequence():
            rest = follow(language.rest, char) if has_empty(language.first) else NOTHING
            return either(sequence(follow(language.first, char), language.rest), rest)
        case Repeated():
            most = None if language.most is None else language.most - 1
            rest = repeated(language.part, max(language.least - 1, 0), most)
            return sequence(follow(language.part, char), rest)
        case Either():
            return either(*(follow(option, char) for option in language.options))
        case Both():
            return both(*(follow(part, char) for part in language.parts))
        case Other():
            return other(follow(language.part, char))


def has_word(language: Language, text: str) -> bool:
    """Tell whether a text is in it."""
    return has_empty(reduce(follow, map(ord, text), language))


def find_word(language: Language) -> str | None:
    """Find a shortest text that is in it, ``None`` if there is none; raises ``CannotTell``."""
    alphabet = _choose_alphabet(language)
    came: dict[Language, tuple[Language, int] | None] = {language: None}
    waiting = deque([language])
    while waiting:
        state = waiting.popleft()
        if has_empty(state):
            return _trace(came, state)
        for char in alphabet:
            reached = follow(state, char)
            if reached != NOTHING and reached not in came:
                came[reached] = (state, char)
                waiting.append(reached)
        if len(came) > MOST_STATES:
            raise CannotTell("the texts that are allowed are too many to compare")
    return None


def _trace(came: dict[Language, tuple[Language, int] | None], state: Language) -> str:
    text: list[str] = []
    while (step := came[state]) is not None:
        state = step[0]
        text.append(chr(step[1]))
    return "".join(reversed(text))


def _choose_alphabet(language: Language) -> list[int]:
    """Choose one character for each range that no class tells apart, the most readable there is."""
    starts = sorted({0, *_list_edges(language)})
    chosen = []
    for low, end in zip(starts, [*starts[1:], _LAST + 1], strict=True):
        pleasant = (ord(char) for char in _PLEASANT if low <= ord(char) < end)
        plain = (char for char in (low, _SURROGATES.stop) if low <= char < end and char not in _SURROGATES)
        chosen += [next(pleasant, next(plain, None))]
    order = {ord(char): index for index, char in enumerate(_PLEASANT)}
    return sorted((char for char in chosen if char is not None), key=lambda char: order.get(char, char + 100))


def _list_edges(language: Language) -> Iterable[int]:
    match language:
        case Empty():
            return ()
        case Chars():
            return [edge for low, high in language.ranges for edge in (low, high + 1) if edge <= _LAST]
        case Sequence():
            inner: Iterable[Language] = (language.first, language.rest)
        case Either():
            inner = language.options
        case Both():
            inner = language.parts
        case Repeated() | Other():
            inner = (language.part,)
    return [edge for one in inner for edge in _list_edges(one)]
