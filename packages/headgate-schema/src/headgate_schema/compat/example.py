"""A value of a case, as small as it can be: what shows that a schema is narrower.

Built so that it fits; the caller still asks both schemas.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from headgate_schema.compat.acceptance import accepts
from headgate_schema.compat.case import Case, Nodes, expand, list_said, list_says, split_names
from headgate_schema.compat.language import CannotTell, find_word
from headgate_schema.compat.texts import find_name, speak

MOST_ENTRIES = 2_000
DEEPEST = 30


def find_example(nodes: Nodes, depth: int = DEEPEST) -> Any:
    """Build a value that all these schemas accept; raises ``CannotTell``."""
    reason = CannotTell("no value was found that is valid here")
    for case in sorted(expand(nodes), key=lambda case: len(case.required)):
        try:
            return build_example(case, depth)
        except CannotTell as error:
            reason = error
    raise reason


def build_example(case: Case, depth: int = DEEPEST) -> Any:
    """Build a value of a case; raises ``CannotTell``."""
    if depth == 0:
        raise CannotTell("the values that are valid here are too deep to build one")
    if case.values is not None:
        return case.values[0]
    match case.kind:
        case "string":
            text = find_word(speak(case))
            if text is None:
                raise CannotTell("no text is valid here")
            return text
        case "number":
            return next(list_numbers(case, ()), 0)
        case "array":
            return build_list(case, (), case.least or 0, depth)
        case _:
            return build_mapping(case, {}, case.least or 0, depth)


def list_numbers(case: Case, edges: Iterable[float]) -> Iterator[float]:
    """List numbers of a case: near its bounds, and on both sides of each of the edges."""
    ends = [end for end in (case.least, case.most, *edges) if end is not None]
    tried = [near for end in ends for near in (end, end + 1, end - 1, end + 0.5, end - 0.5, math.ceil(end))]
    if case.least is not None and case.most is not None:
        tried.append((case.least + case.most) / 2)
    for number in (*tried, 0, 1, 0.5):
        is_within = (case.least is None or number >= case.least) and (
            case.most is None or number <= case.most
        )
        is_right = float(number).is_integer() or not case.is_whole
        if is_within and is_right and all(accepts(node, number) for node in case.nodes):
            yield int(number) if float(number).is_integer() else number


def build_list(case: Case, given: Iterable[Any], least: float, depth: int = DEEPEST) -> list[Any]:
    """Build a list of a case that holds what is given and at least so many items."""
    items = list(given)
    missing = _limit(least) - len(items)
    return items + [find_example(case.items, depth - 1)] * missing if missing > 0 else items


def build_mapping(case: Case, given: Mapping[str, Any], least: float, depth: int = DEEPEST) -> dict[str, Any]:
    """Build a mapping of a case that holds what is given and at least so many entries."""
    built = dict(given)
    for name in case.required - built.keys():
        built[name] = find_example(list_says(case, name), depth - 1)
    while len(built) < _limit(least):
        name, nodes = _find_next(case, built)
        built[name] = find_example(nodes, depth - 1)
    declared = [name for layer in case.layers for name in layer.schema.get("properties", ())]
    order = {name: index for index, name in enumerate(reversed(declared))}
    return dict(sorted(built.items(), key=lambda entry: -order.get(entry[0], -1)))


def _find_next(case: Case, built: Mapping[str, Any]) -> tuple[str, Nodes]:
    for names in split_names(case.layers):
        nodes = tuple(node for layer in case.layers for node in list_said(layer, names))
        name = find_name(case, names, built)
        if name is not None and expand(nodes):
            return name, nodes
    raise CannotTell("the mappings that are valid here have too few names")


def _limit(entries: float) -> int:
    if entries > MOST_ENTRIES:
        raise CannotTell(f"values of more than {MOST_ENTRIES} entries are not built")
    return math.ceil(entries)
