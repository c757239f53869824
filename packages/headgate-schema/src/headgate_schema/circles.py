"""Circles among names that need or call each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence


def find_circles(graph: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, ...]]:
    """Give one circle for each group of names that need each other."""
    done: set[str] = set()
    for start in graph:
        trail: list[str] = []
        circle = _walk(start, graph, trail, done)
        if circle is not None:
            yield circle
            done.update(circle)


def _walk(
    name: str, graph: Mapping[str, Sequence[str]], trail: list[str], done: set[str]
) -> tuple[str, ...] | None:
    if name in trail:
        return (*trail[trail.index(name) :], name)
    if name in done or name not in graph:
        return None
    trail.append(name)
    for needed in graph[name]:
        circle = _walk(needed, graph, trail, done)
        if circle is not None:
            return circle
    trail.pop()
    done.add(name)
    return None
