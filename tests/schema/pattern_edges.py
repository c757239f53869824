"""Patterns changed a little, and which changes a set of texts would not notice.

The edges of a pattern are its parts: each is dropped or shifted once, and some text must then be judged
differently. Only the notation that the schema's patterns use is known.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from headgate_schema.model.base import python_pattern

ANY = "[^\n]"
_CLASS = re.compile(r"\[([^\]]+)\]")
_COUNT = re.compile(r"\{([0-9]+),([0-9]+)\}")
_MEMBER = re.compile(r".-.|.")


def list_unnoticed(texts: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield each change of a pattern after which all of its texts would be judged as before."""
    by_pattern: dict[str, list[str]] = defaultdict(list)
    for pattern, text in texts:
        by_pattern[pattern].append(text)
    for pattern, all_texts in by_pattern.items():
        verdicts = [_matches(pattern, text) for text in all_texts]
        for name, changed in _change(pattern):
            if [_matches(changed, text) for text in all_texts] == verdicts:
                yield f"{pattern} {name}: {changed}"


def _matches(pattern: str, text: str) -> bool:
    return re.search(python_pattern(pattern), text) is not None


def _change(pattern: str) -> Iterator[tuple[str, str]]:
    yield "without its start", pattern.removeprefix("^")
    yield "without its end", pattern.removesuffix("$") + ".*$"
    for found in _COUNT.finditer(pattern):
        low, high = int(found[1]), int(found[2])
        for counts in ((low, high - 1), (low, high + 1), (low + 1, high)):
            yield f"with {counts}", _put(pattern, found, f"{{{counts[0]},{counts[1]}}}")
    for found in _CLASS.finditer(pattern):
        yield "with any character", _put(pattern, found, ANY)
        members = _MEMBER.findall(found[1])
        for index, member in enumerate(members):
            others = members[:index] + members[index + 1 :]
            if others:
                yield f"without {member}", _put(pattern, found, f"[{''.join(others)}]")
    for found in re.finditer(r"\?(?!:)|\*|\+(?!-)", pattern):
        yield "without being optional or repeated", _put(pattern, found, "")
    for found in re.finditer(r"\\\.", pattern):
        yield "with any character for the dot", _put(pattern, found, ".")


def _put(pattern: str, found: re.Match[str], text: str) -> str:
    return pattern[: found.start()] + text + pattern[found.end() :]
