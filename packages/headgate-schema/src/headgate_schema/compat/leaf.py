"""Keywords that look at a value alone: what of a case does one of the newer schema refuse?"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from msgspec import UNSET, UnsetType

from headgate_schema.compat.acceptance import accepts_by
from headgate_schema.compat.case import Case, expand, list_said, split_names
from headgate_schema.compat.example import build_example, build_list, build_mapping, list_numbers
from headgate_schema.compat.language import (
    ANY,
    CannotTell,
    Language,
    both,
    either,
    find_word,
    other,
    repeated,
    word,
)
from headgate_schema.compat.pattern import read_pattern
from headgate_schema.compat.reason import Doubt
from headgate_schema.compat.subset import BOUNDS, Node
from headgate_schema.compat.texts import find_name, speak
from headgate_schema.compat.wording import say_bound, say_only, say_pattern, say_values

MOST_VALUES = 300
"""Whole numbers of a range that are looked at one by one."""


def compare_leaf(keyword: str, case: Case, new: Node) -> Iterable[Doubt]:
    """List the doubts that one keyword lets all values of a case pass; raises ``CannotTell``."""
    if case.values is not None:
        return _compare_values(case.values, keyword, new)
    match keyword:
        case "anyOf" if (whole := list_whole(case)) is not None:
            return _compare_values(whole, keyword, new)
        case "enum" | "const":
            return _compare_enumeration(case, keyword, new)
        case "type" if case.kind == "number":
            return _compare_number_type(case, new)
        case "pattern" if case.kind == "string":
            return _compare_pattern(case, new)
        case _ if keyword in BOUNDS and BOUNDS[keyword][0] == case.kind:
            return _compare_bound(case, keyword, new)
        case _:
            return ()


def try_build(build: Callable[..., Any], *given: Any) -> Any | UnsetType:
    """Build a value, or none if that is not to be had."""
    try:
        return build(*given)
    except CannotTell:
        return UNSET


def _compare_values(values: Iterable[Any], keyword: str, new: Node) -> Iterator[Doubt]:
    refused = [value for value in values if not accepts_by(keyword, new, value)]
    if refused:
        yield Doubt(new.at(keyword).pointer, say_values(refused), refused[0])


def _compare_enumeration(case: Case, keyword: str, new: Node) -> Iterator[Doubt]:
    listed = new.schema["enum"] if keyword == "enum" else [new.schema["const"]]
    place, message = new.at(keyword).pointer, say_only(listed)
    match case.kind:
        case "string":
            text = _find_outside(case, either(*(word(each) for each in listed if isinstance(each, str))))
            if text is not None:
                yield Doubt(place, message, text)
        case "number" if (whole := list_whole(case)) is not None:
            yield from _compare_values(whole, keyword, new)
        case "number":
            edges = [each for each in listed if isinstance(each, int | float)]
            others = (each for each in list_numbers(case, edges) if not accepts_by(keyword, new, each))
            yield Doubt(place, message, next(others, UNSET))
        case _:
            yield Doubt(place, message, try_build(build_example, case))


def list_whole(case: Case) -> list[int] | None:
    """List the numbers of a case if they are whole and few."""
    if not case.is_whole or case.least is None or case.most is None or case.most - case.least > MOST_VALUES:
        return None
    return [
        each for each in range(math.ceil(case.least), math.floor(case.most) + 1) if each not in case.excluded
    ]


def _compare_number_type(case: Case, new: Node) -> Iterator[Doubt]:
    is_one = case.least is not None and case.least == case.most and float(case.least).is_integer()
    if "number" in new.schema["type"] or case.is_whole or is_one:
        return
    broken = (each for each in list_numbers(case, ()) if not accepts_by("type", new, each))
    yield Doubt(new.at("type").pointer, "only whole numbers are allowed now", next(broken, UNSET))


def _compare_pattern(case: Case, new: Node) -> Iterator[Doubt]:
    pattern = new.schema["pattern"]
    if pattern in case.patterns:
        return
    text = _find_outside(case, read_pattern(pattern))
    if text is not None:
        yield Doubt(new.at("pattern").pointer, say_pattern(pattern, case.patterns), text)


def _find_outside(case: Case, allowed: Language) -> str | None:
    return find_word(both(speak(case), other(allowed)))


def _compare_bound(case: Case, keyword: str, new: Node) -> Iterator[Doubt]:
    kind, side = BOUNDS[keyword]
    bound, old = new.schema[keyword], getattr(case, side)
    if old is not None and (old >= bound if side == "least" else old <= bound):
        return
    doubt = Doubt(new.at(keyword).pointer, say_bound(keyword, bound, old))
    match kind:
        case "string":
            allowed = repeated(ANY, bound, None) if side == "least" else repeated(ANY, 0, bound)
            text = _find_outside(case, allowed)
            found: list[Any] = [] if text is None else [text]
        case "number":
            yield from _compare_number(case, keyword, new, doubt)
            return
        case _:
            found = _list_sizes(case, side, bound)
    for witness in found:
        yield Doubt(doubt.pointer, doubt.message, witness)


def _compare_number(case: Case, keyword: str, new: Node, doubt: Doubt) -> Iterator[Doubt]:
    old, bound = getattr(case, BOUNDS[keyword][1]), new.schema[keyword]
    if case.is_whole and old is not None:
        # The last whole number inside of the older bound.
        edge = math.ceil(old) if keyword == "minimum" else math.floor(old)
        if edge >= bound if keyword == "minimum" else edge <= bound:
            return
    beyond = (each for each in list_numbers(case, (bound,)) if not accepts_by(keyword, new, each))
    yield Doubt(doubt.pointer, doubt.message, next(beyond, UNSET))


def _list_sizes(case: Case, side: str, bound: float) -> list[Any | UnsetType]:
    """Build a list or mapping that is too small or too large, unless there can be none."""
    is_list = case.kind == "array"
    if side == "least":
        size = case.least or 0
        is_within = not is_list and len(case.required) >= bound
    else:
        size = max(bound + 1, case.least or 0)
        most = 0 if is_list and not expand(case.items) else None if is_list else _count_names(case)
        is_within = most is not None and most <= bound
    if is_within or (side == "least" and bound <= 0):
        return []
    return [try_build(build_list, case, (), size) if is_list else try_build(build_mapping, case, {}, size)]


def _count_names(case: Case) -> int | None:
    """Count the properties that a mapping can have; ``None`` if they are not all declared."""
    total = 0
    for names in split_names(case.layers):
        nodes = tuple(node for layer in case.layers for node in list_said(layer, names))
        if find_name(case, names) is not None and expand(nodes):
            if names.declared is None:
                return None
            total += 1
    return total
