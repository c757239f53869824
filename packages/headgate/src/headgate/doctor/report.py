"""What the doctor says: for people a line per check, for programs JSON. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from headgate.doctor.checks import Diagnosis

FORMAT = 1
"""The format of the JSON: within it nothing is taken away, and nothing changes its meaning."""

WORDS = {"ok": "ok", "problem": "problem", "unknown": "can't tell"}


def show_text(found: Sequence[Diagnosis]) -> Iterator[str]:
    """Yield the lines: what it is, what it is about, what is said; and below it the hint."""
    verdicts, abouts = (max(map(len, words)) for words in (WORDS.values(), [each.about for each in found]))
    for each in found:
        yield f"{WORDS[each.verdict].ljust(verdicts)}  {each.about.ljust(abouts)}  {each.said}"
        if each.hint:
            yield f"{' ' * (verdicts + abouts + 4)}{each.hint}"


def show_json(repository: str, found: Iterable[Diagnosis]) -> str:
    """Give the same for programs."""
    checks = [
        {"check": each.about, "verdict": each.verdict, "message": each.said, "hint": each.hint}
        for each in found
    ]
    return json.dumps(
        {"format": FORMAT, "repository": repository, "checks": checks}, indent=2, ensure_ascii=False
    )


def has_problem(found: Iterable[Diagnosis]) -> bool:
    """Whether something must be done."""
    return any(each.verdict == "problem" for each in found)
