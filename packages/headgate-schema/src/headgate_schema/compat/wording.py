"""How reasons are put into words."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from headgate_schema.compat.subset import BOUNDS, KINDS
from headgate_schema.wording import join_words, list_words, quote

_UNITS = {"string": " characters", "array": " entries", "object": " entries", "number": ""}
_MOST_KINDS, _MOST_LISTED = 2, 5


def say_kinds(kinds: Collection[str], allowed: Collection[str]) -> str:
    """Say which kinds of values are refused now."""
    only = join_words([KINDS[kind] for kind in KINDS if kind in allowed], "or")
    if len(kinds) > _MOST_KINDS:
        return f"only {only} is allowed now"
    words = join_words([KINDS[kind] for kind in kinds], "and")
    return f"{words} {'is' if len(kinds) == 1 else 'are'} no longer allowed, only {only}"


def say_refused(pointer: str) -> str:
    """Say that nothing may stand at a place any more."""
    match pointer.split("/")[-2:]:
        case [_, "additionalProperties"]:
            return "is not a field any more"
        case ["properties", _]:
            return "is refused now"
        case _:
            return "nothing is allowed here any more"


def say_values(refused: Sequence[Any]) -> str:
    """Say which values are refused now."""
    shown = list_words(refused[:_MOST_LISTED], "and")
    more = f" and {len(refused) - _MOST_LISTED} more" if len(refused) > _MOST_LISTED else ""
    return f"{shown}{more} {'is' if len(refused) == 1 else 'are'} no longer allowed"


def say_only(values: Sequence[Any]) -> str:
    """Say which values are still allowed."""
    return f"only {list_words(values)} {'is' if len(values) == 1 else 'are'} allowed now"


def say_bound(keyword: str, bound: float, old: float | None) -> str:
    """Say how a bound became tighter."""
    kind, side = BOUNDS[keyword]
    words = "at least" if side == "least" else "at most"
    was = "was without that bound" if old is None else f"was {old:,}"
    return f"{words} {bound:,}{_UNITS[kind]} now, {was}"


def say_pattern(pattern: str, old: Sequence[str]) -> str:
    """Say how a pattern became narrower."""
    was = f", was {list_words(old, 'and')}" if old else ", had no pattern"
    return f"must match {quote(pattern)} now{was}"


def say_condition(condition: Any, is_met: bool) -> str:
    """Say when a condition's branch counts, as words behind a message."""
    properties = condition.get("properties", {}) if isinstance(condition, dict) else {}
    words = [
        f"{name} is {quote(schema['const'])}"
        if isinstance(schema, dict) and "const" in schema
        else f"{name} is given"
        for name, schema in properties.items()
    ]
    if not words:
        return " under a condition"
    return f" where {join_words(words, 'and')}" if is_met else f" unless {join_words(words, 'and')}"
