"""A text → one that somebody could have typed, or nobody could; the same for the same random source."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random

MOST_STEPS = 4

VALUES = (
    "", "~", "null", "true", "0", "-1", "1e999", ".nan", "0x1F", "9" * 500, "a" * 5_000, "{}", "[]", "[[]]",
    "{a: {b: [c]}}", "!x y", "!!str 1", "&a b", "*a", "*", "@x", "`x`", "%x", "|", ">-", "| x", "? x",
    "${{ x }}", "{{ x }}", "'", '"', "''", '"\\x07"', '"\\ud800"', '"\\U0001F680"', '"\\w"', "“x”", "a: b",
    "- x", "x # y", "x# y", "[a, b", "{a: b", "10m", "1h30m", "P1D", "10 m", "99d", "main", "a..b", "app",
    "canary", "blue_green", "rolling", "inherit", "write-all", "o/r/.github/workflows/x.yaml@v1",
    ".github/workflows/x.yaml", "é", "漢字", "🚀", "\u202e", "\u2028", "\x85", "\ufeff", "=", "<<", "on",
)  # fmt: skip
PIECES = (
    " ", "  ", "\t", "\n", "\r", "\r\n", ":", ": ", "-", "- ", "#", " # ", ",", "[", "]", "{", "}", "'", '"',
    "\\", "|", ">", "&a ", "*a", "!", "!x ", "?", "? ", "%", "@", "`", "<<: ", "---\n", "...\n",
    "%YAML 1.2\n", "\ufeff", "\u2028", "\x00", "\x07", "\x1b[31m", "🚀", "e\u0301", "x-a: ",
    "# headgate: ignore[HG309]", "<<<<<<< a\n", "=======\n", ">>>>>>> b\n", "version: 1\n", "deploys:\n",
    "${{", "}}",
)  # fmt: skip
_BREAK = re.compile("(\r\n|\r|\n)")
_ENTRY = re.compile(r"^(?P<lead>\s*(?:- +)*)(?P<key>[^\s:#][^:#]*):(?P<value>.*)$")

Step = Callable[[str, Random], str]


def mutate(data: bytes, random: Random, others: Sequence[bytes] = ()) -> bytes:
    """Change a file in a few steps; ``others`` are files to take lines from."""
    text = data.decode("utf-8", "replace")
    for _ in range(random.randint(1, MOST_STEPS)):
        if others and random.random() < 0.1:
            text = _splice(text, random.choice(others).decode("utf-8", "replace"), random)
        else:
            text = random.choice(_STEPS)(text, random)
    mutant = text.encode("utf-8", "replace")
    return _break_bytes(mutant, random) if random.random() < 0.05 else mutant


def _break_bytes(data: bytes, random: Random) -> bytes:
    where = random.randint(0, len(data))
    return data[:where] + random.randbytes(random.randint(1, 3)) + data[where + random.randint(0, 3) :]


def _split(text: str) -> list[str]:
    """Give the lines, each with its break."""
    parts = _BREAK.split(text)
    return [line + end for line, end in zip(parts[::2], [*parts[1::2], ""], strict=True)]


def _splice(text: str, other: str, random: Random) -> str:
    lines, taken = _split(text), _split(other)
    start = random.randrange(len(taken))
    where = random.randint(0, len(lines))
    return "".join([*lines[:where], *taken[start : start + random.randint(1, 5)], *lines[where:]])


def _insert(text: str, random: Random) -> str:
    where = random.randint(0, len(text))
    return text[:where] + random.choice(PIECES) + text[where:]


def _delete(text: str, random: Random) -> str:
    where = random.randint(0, len(text))
    return text[:where] + text[where + random.choice((1, 1, 2, 5, 40)) :]


def _truncate(text: str, random: Random) -> str:
    return text[: random.randint(0, len(text))]


def _change_line(change: Callable[[list[str], int, Random], None]) -> Step:
    def step(text: str, random: Random) -> str:
        lines = _split(text)
        change(lines, random.randrange(len(lines)), random)
        return "".join(lines)

    return step


def _replace_value(lines: list[str], at: int, random: Random) -> None:
    found = _ENTRY.match(lines[at].rstrip("\r\n"))
    if found is not None:
        end = lines[at][len(lines[at].rstrip("\r\n")) :]
        lines[at] = f"{found['lead']}{found['key']}: {random.choice(VALUES)}{end}"


def _replace_key(lines: list[str], at: int, random: Random) -> None:
    found = _ENTRY.match(lines[at].rstrip("\r\n"))
    other = _ENTRY.match(random.choice(lines).rstrip("\r\n"))
    if found is not None:
        end = lines[at][len(lines[at].rstrip("\r\n")) :]
        key = other["key"] if other is not None and random.random() < 0.5 else _misspell(found["key"], random)
        lines[at] = f"{found['lead']}{key}:{found['value']}{end}"


def _misspell(word: str, random: Random) -> str:
    where = random.randrange(len(word))
    return random.choice(
        (word[:where] + word[where + 1 :], word[:where] + "x" + word[where:], f"? {word}", "1")
    )


def _drop_line(lines: list[str], at: int, _: Random) -> None:
    del lines[at]


def _repeat_line(lines: list[str], at: int, random: Random) -> None:
    lines.insert(random.randint(0, len(lines)), lines[at])


def _repeat_block(lines: list[str], at: int, random: Random) -> None:
    block = lines[at : at + random.randint(2, 12)]
    lines[random.randint(0, len(lines)) : 0] = block


def _swap_lines(lines: list[str], at: int, random: Random) -> None:
    other = random.randrange(len(lines))
    lines[at], lines[other] = lines[other], lines[at]


def _indent_line(lines: list[str], at: int, random: Random) -> None:
    lines[at] = random.choice((" ", "  ", "\t", "    ")) + lines[at]


def _outdent_line(lines: list[str], at: int, random: Random) -> None:
    lines[at] = lines[at].removeprefix(" " * random.randint(1, 4))


def _change_breaks(text: str, random: Random) -> str:
    return random.choice(("\r\n", "\r", "\n")).join(part for part in _BREAK.split(text)[::2])


def _add_mark(text: str, _: Random) -> str:
    return f"\ufeff{text}"


_STEPS: tuple[Step, ...] = (
    _insert, _insert, _delete, _truncate, _change_breaks, _add_mark,
    *(
        _change_line(change)
        for change in (
            _replace_value, _replace_value, _replace_value, _replace_key, _replace_key, _drop_line,
            _repeat_line, _repeat_block, _swap_lines, _indent_line, _outdent_line,
        )
    ),
)  # fmt: skip
