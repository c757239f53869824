"""Is every document that an older schema accepts valid, and read alike, under a newer one?

The answer is never a guess: *compatible* is a proof over every keyword, *breaking* comes with a document that
the older schema accepts and the newer one refuses (or is a default that changed), and what is neither is
*undecided*: an unknown keyword, a pattern that can't be read, alternatives too many to compare.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import UNSET

from headgate_schema.compat.acceptance import accepts
from headgate_schema.compat.containment import Proof
from headgate_schema.compat.defaults import compare_defaults
from headgate_schema.compat.language import CannotTell
from headgate_schema.compat.reason import Comparison, Doubt, Reason, Verdict
from headgate_schema.compat.subset import Node, list_refusals, open_schema

__all__ = ["Comparison", "Reason", "Verdict", "compare"]


def compare(old: Any, new: Any) -> Comparison:
    """Compare two schemas, given as plain JSON data. Pure; any data gives a verdict."""
    try:
        return _compare(old, new)
    except RecursionError:
        return Comparison(
            (Reason("undecided", "", "", "the schemas hold values that are too deep to compare"),)
        )


def _compare(old: Any, new: Any) -> Comparison:
    older, newer = open_schema(old, "old"), open_schema(new, "new")
    refusals = [
        Reason("undecided", "", pointer, f"in the {name} schema: {message}")
        for name, root in (("older", older), ("newer", newer))
        for pointer, message in list_refusals(root)
    ]
    if refusals:
        return Comparison(tuple(refusals))
    doubts = Proof().compare((older,), newer)
    reasons = [*(_judge(doubt, older, newer) for doubt in doubts), *compare_defaults(older, newer)]
    return Comparison(tuple(_leave_out_repeated(reasons)))


def _judge(doubt: Doubt, old: Node, new: Node) -> Reason:
    """Call a doubt a break only if its document is one for both schemas."""
    field = doubt.field.removeprefix(".")
    try:
        is_shown = (
            doubt.witness is not UNSET and accepts(old, doubt.witness) and not accepts(new, doubt.witness)
        )
    except CannotTell:
        is_shown = False
    if is_shown:
        return Reason("breaking", field, doubt.pointer, doubt.message, doubt.witness)
    return Reason("undecided", field, doubt.pointer, doubt.message)


def _leave_out_repeated(reasons: Iterable[Reason]) -> Iterator[Reason]:
    """Give each reason once: as a break if it is one in any of its cases, with the smallest document."""
    found: dict[tuple[str, str, str], list[Reason]] = {}
    for reason in reasons:
        found.setdefault((reason.field, reason.pointer, reason.message), []).append(reason)
    for same in found.values():
        yield min(same, key=lambda reason: (reason.verdict == "undecided", len(repr(reason.witness))))
