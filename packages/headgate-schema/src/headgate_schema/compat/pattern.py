"""A published pattern → the set of texts that it allows. Refuses what not every regular expression engine
reads alike.
"""

from __future__ import annotations

from functools import cache

from headgate_schema.compat.language import (
    ANYTHING,
    EMPTY,
    CannotTell,
    Chars,
    Language,
    Range,
    chars,
    either,
    repeated,
    sequence,
)

LONGEST = 500
"""Characters of a pattern; ours have at most 150."""
MOST_TIMES = 10_000
DEEPEST = 20
_SHORT_COUNTS = {"?": (0, 1), "*": (0, None), "+": (1, None)}


@cache
def read_pattern(pattern: str) -> Language:
    """Read a pattern, which allows a text if it is found in it; raises ``CannotTell``."""
    return _Reader(pattern).read()


class _Reader:
    """Recursive descent over the characters of one pattern."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.place = 0
        self.depth = 0

    def read(self) -> Language:
        if len(self.pattern) > LONGEST:
            raise self._refuse(f"it is longer than {LONGEST} characters")
        found = self._alternatives(is_inside=False)
        if self._next():
            raise self._refuse('a ")" is too many')
        return found

    def _refuse(self, why: str) -> CannotTell:
        return CannotTell(f'the pattern "{self.pattern}" can\'t be compared: {why}')

    def _next(self) -> str:
        return self.pattern[self.place : self.place + 1]

    def _take(self, text: str) -> bool:
        if not self.pattern.startswith(text, self.place):
            return False
        self.place += len(text)
        return True

    def _alternatives(self, is_inside: bool) -> Language:
        options = [self._sequence(is_inside)]
        while self._take("|"):
            options.append(self._sequence(is_inside))
        return either(*options)

    def _sequence(self, is_inside: bool) -> Language:
        """Read up to the next ``|`` or ``)``; what is not bound by ``^`` or ``$`` may go on there."""
        parts: list[Language] = [EMPTY if is_inside or self._take("^") else ANYTHING]
        while self._next() not in ("", "|", ")", "$"):
            parts.append(self._counted(self._one()))
        if not is_inside:
            parts.append(EMPTY if self._take("$") else ANYTHING)
        if self._next() not in ("", "|", ")"):
            raise self._refuse('"^" and "$" stand elsewhere than at its ends')
        found: Language = EMPTY
        for part in reversed(parts):
            found = sequence(part, found)
        return found

    def _one(self) -> Language:
        char = self._next()
        self.place += 1
        match char:
            case "(":
                return self._group()
            case "[":
                return self._class()
            case "\\":
                char = self._escaped()
            case "." | "^" | "?" | "*" | "+" | "{" | "}" | "]":
                raise self._refuse(f'"{char}" is not read here')
        return Chars(((ord(char),) * 2,))

    def _group(self) -> Language:
        if not self._take("?:") and self._next() == "?":
            raise self._refuse('"(?" other than "(?:" is not read')
        self.depth += 1
        if self.depth > DEEPEST:
            raise self._refuse(f"more than {DEEPEST} groups stand in each other")
        found = self._alternatives(is_inside=True)
        self.depth -= 1
        if not self._take(")"):
            raise self._refuse("a group is not closed")
        return found

    def _class(self) -> Chars:
        is_inverted = self._take("^")
        ranges: list[Range] = []
        while not self._take("]"):
            low = self._class_char()
            is_range = self._next() == "-" and self.pattern[self.place + 1 : self.place + 2] not in ("", "]")
            high = self._class_char() if is_range and self._take("-") else low
            if high < low:
                raise self._refuse("a range of characters goes backwards")
            ranges.append((ord(low), ord(high)))
        if not ranges:
            raise self._refuse("a class of characters is empty")
        return chars(ranges, is_inverted)

    def _class_char(self) -> str:
        char = self._next()
        self.place += 1
        if char in ("", "["):
            raise self._refuse("a class of characters is not closed, or holds a bare [")
        return self._escaped() if char == "\\" else char

    def _escaped(self) -> str:
        char = self._next()
        self.place += 1
        if not char or char.isalnum() or not char.isascii():
            raise self._refuse(f'"\\{char}" is not read alike everywhere')
        return char

    def _counted(self, part: Language) -> Language:
        if self._next() in _SHORT_COUNTS and (sign := self._next()):
            self.place += 1
            found = repeated(part, *_SHORT_COUNTS[sign])
        elif self._take("{"):
            found = repeated(part, *self._count())
        else:
            return part
        if self._next() in ("?", "*", "+", "{"):
            raise self._refuse("a count stands behind a count")
        return found

    def _count(self) -> tuple[int, int | None]:
        written, closed, _ = self.pattern[self.place :].partition("}")
        least, comma, most = written.partition(",")
        is_right = closed and least.isdecimal() and (not most or most.isdecimal()) and written.isascii()
        if not is_right or max(int(least), int(most or 0)) > MOST_TIMES:
            raise self._refuse(f'"{{{written}" is no count, or too great')
        self.place += len(written) + 1
        if most and int(most) < int(least):
            raise self._refuse("a count goes backwards")
        return int(least), int(most) if most else None if comma else int(least)
