"""Data that does not fit → data that does, with something neutral in place of each smallest broken part.

What stands in means nothing. Where it stands is a gap (see gaps.py): no rule speaks about it, nor about what
depends on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import deepcopy
from itertools import count
from typing import Any

from headgate_schema.decode import OPEN_MAPS, Misfit
from headgate_schema.span import Path

_BLOCKS = ("canary", "blue_green")


def fill(
    data: dict[str, Any], misfits: Iterable[Misfit], damaged: Iterable[Path] = ()
) -> tuple[dict[str, Any], frozenset[Path]]:
    """Give the data with something in place of every misfit and of every damaged place, and the gaps. Keys
    must be right already.
    """
    filled = deepcopy(data)
    names = _invent_names(repr(data))
    kept = [misfit for misfit in misfits if misfit.kind not in ("stray_block", "missing_block")]
    places = [(path, False) for path in damaged]
    places += [(misfit.path, misfit.part == "key") for misfit in kept]
    for path, is_key in sorted(places, key=_order):
        _put(filled, path, None if is_key else _choose(path, names))
    gaps = {path for path, _ in places}
    gaps.update((*item.path[:-1], "steps") for item in kept if item.kind == "missing_alternative")
    gaps.update(_follow_blocks(filled["deploys"]))
    return filled, frozenset(gaps)


def _invent_names(written: str) -> Iterator[str]:
    """Give names that stand nowhere in a text."""
    prefix = next(word for index in count() if (word := f"stand-in-{index}") not in written)
    return (f"{prefix}-{index}" for index in count())


def _order(place: tuple[Path, bool]) -> tuple[int, bool]:
    """Take what is inside before what is around it, and what must go after all else about the same place."""
    path, is_key = place
    return -len(path), is_key


def _put(data: Any, path: Path, value: Any) -> None:
    """Set the value at a path; leave the key out if there is none. Below a key that was left out, and in a
    list that will be replaced as a whole, there is nothing to do.
    """
    for step in path[:-1]:
        if isinstance(data, dict) and step not in data:
            return
        data = data[step]
    if value is not None:
        data[path[-1]] = value
    elif isinstance(data, dict):
        data.pop(path[-1], None)


def _choose(path: Path, names: Iterator[str]) -> Any:
    """Give what can stand at a path; ``None`` where nothing must."""
    if not OPEN_MAPS.isdisjoint(path[:-1]):
        return None
    match path:
        case ("version",) | (*_, "percent"):
            return 1
        case ("environments",):
            return [next(names)]
        case ("deploys",):
            return [{"name": next(names)}]
        case ("builds" | "deploys", int()):
            return {"name": next(names)}
        case (*_, "steps"):
            return [{"percent": 1}]
        case (*_, "steps", int()):
            return {"percent": 1}
        case (*_, int() | "name" | "group"):
            return next(names)
        case (*_, str(key)) if key.endswith("callback"):
            return ".github/workflows/stand-in.yaml"
        case _:
            return None


def _follow_blocks(deploys: list[dict[str, Any]]) -> Iterator[Path]:
    """Let the strategy be that of the block that is there, so that rules look into the block."""
    for index, deploy in enumerate(deploys):
        written = deploy.get("strategy", "all_at_once")
        there = [block for block in _BLOCKS if block in deploy]
        chosen = written if written in there or not there else there[0]
        for block in there:
            if block != chosen:
                del deploy[block]
        if chosen != written or (chosen in _BLOCKS and not there):
            deploy["strategy"] = chosen if there else "all_at_once"
            yield "deploys", index, "strategy"
