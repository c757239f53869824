"""Mutants of the corpus: documents one to three steps away from one that is written down, mostly at an edge.

Seeded, so that every run and every validator judges the same ones. What is put somewhere was mostly seen at
that very place in another document, valid or not; so mutants meet each bound, word and condition often.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from random import Random
from typing import Any

from headgate_schema.json_schema import read_schema

from tests.schema.corpus import list_readable
from tests.schema.coverage import Coverage

COUNT = 20_000
LARGEST_SEED = 700
"""Bytes of the text: the few large documents would take most of the time and show one bound each."""

STRANGE: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2**53, -(2**53), 10**30, 0.5, 5e-324, "", "app", "app\n", "10m\n", "é",
    "\U0001d6fc" * 40, "\U0001d6fc" * 41, "a" * 40, "a" * 41, "x-mine", "inherit", "canary", "main",
    [], {}, [[]], ["prod", "prod"], {"x-mine": None}, {"name": "app"}, {"": 1},
)  # fmt: skip
STRANGE_KEYS = (
    "x-mine",
    "x-",
    "X-mine",
    "",
    "name",
    "percent",
    "approval",
    "windows",
    "constructor",
    "__proto__",
)


def list_mutants(first: int = 0, last: int = COUNT) -> Iterator[dict[str, Any]]:
    """Give the mutants by number; each depends on its number alone."""
    for number in range(first, last):
        yield _mutate(Random(number))


@cache
def _coverage() -> Coverage:
    return Coverage(json.loads(read_schema()))


@cache
def _list_seeds() -> tuple[dict[str, Any], ...]:
    return tuple(
        data for entry, data in list_readable() if entry.is_valid and len(entry.content) <= LARGEST_SEED
    )


@cache
def _index_seen() -> dict[tuple[str, type], list[tuple[Any, Any]]]:
    """What stands in each kind of mapping or list, anywhere in the corpus: keys (or indexes) with values."""
    seen: dict[tuple[str, type], list[tuple[Any, Any]]] = defaultdict(list)
    for _, data in list_readable():
        for place, holder in _list_holders(data):
            seen[place, type(holder)] += holder.items() if isinstance(holder, dict) else enumerate(holder)
    return seen


def _list_holders(data: Any) -> list[tuple[str, Any]]:
    visits = _coverage().walk("Manifest", _coverage().schema, data)
    return [(place, value) for place, _, value in visits if isinstance(value, dict | list)]


def _mutate(random: Random) -> dict[str, Any]:
    data = deepcopy(random.choice(_list_seeds()))
    for _ in range(random.choice((1, 1, 1, 2, 2, 3))):
        place, holder = random.choice(_list_holders(data))
        seen = _index_seen().get((place, type(holder))) or [("x-mine", 1)]
        if isinstance(holder, dict):
            _change_mapping(random, holder, seen)
        else:
            _change_list(random, holder, seen)
    return data


def _change_mapping(random: Random, holder: dict[str, Any], seen: list[tuple[Any, Any]]) -> None:
    key, value = random.choice(seen)
    own = random.choice([*holder, key])
    match random.randrange(8):
        case 0:
            holder.pop(own, None)
        case 1:
            holder[own] = deepcopy(random.choice(STRANGE))
        case 2:
            holder[random.choice(STRANGE_KEYS)] = deepcopy(value)
        case 3 | 4:
            holder[own] = deepcopy(random.choice([other for name, other in seen if name == own] or [value]))
        case _:
            holder[key] = deepcopy(value)


def _change_list(random: Random, holder: list[Any], seen: list[tuple[Any, Any]]) -> None:
    value = deepcopy(random.choice(seen)[1])
    match random.randrange(5):
        case 0:
            holder.append(value)
        case 1 if holder:
            holder.pop(random.randrange(len(holder)))
        case 2:
            holder[:] = [value] * random.choice((0, 1, 10, 11, 20, 21, 25, 26, 50, 51))
        case 3 if holder:
            holder[random.randrange(len(holder))] = deepcopy(random.choice(STRANGE))
        case _:
            holder[:] = [value]
