"""Markdown that stays what it is whatever is put into it: names, paths and messages come from files that
anybody may have written, and editors show links and HTML.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_SPECIAL = re.compile(r"[\\`*_{}\[\]()#+.!|<>&~:/@$^=]")
_INVISIBLE = re.compile(r"[^\S ]+|[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
MAX_SHOWN = 200
"""Longer values are cut."""


def show_text(value: object) -> str:
    """Print text on one line so that none of it is markup: CommonMark lets every sign be escaped
    (https://spec.commonmark.org/0.31.2/#backslash-escapes).
    """
    return _SPECIAL.sub(r"\\\g<0>", _flatten(value))


def show_word(value: object) -> str:
    """Print a name or a file as code; as text where the code or a table's cell would end early."""
    text = _flatten(value)
    return show_text(text) if "|" in text or "`" in text or not text.strip() else f"`{text}`"


def show_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Print a table; its cells are Markdown without bars."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _flatten(value: object) -> str:
    text = _INVISIBLE.sub(" ", str(value))
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"
