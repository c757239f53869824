"""Names as cascade allows them (letters, digits, underscores) → names of ours; references follow.

``headgate_schema.model.fields`` says what a name may be; what cascade recommends stands in its
configuration reference, https://github.com/stablekernel/cascade/blob/main/docs/src/content/docs/configuration.md
(November 2026).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from headgate_schema.migrate.cascade.ledger import Ledger
from headgate_schema.model.base import python_pattern
from headgate_schema.model.fields import NAME, NO_NAMES
from headgate_schema.span import Path
from headgate_schema.wording import quote

MAX_LENGTH = 40

_NAME = re.compile(python_pattern(NAME))
_ARTICLES = {"environment": "an environment", "build": "a build", "deploy": "a deploy"}
_OTHERS = re.compile("[^a-z0-9]+")


class Names(msgspec.Struct, frozen=True):
    """What everything is called from now on, by what it was called."""

    environments: Mapping[str, str]
    builds: Mapping[str, str]
    deploys: Mapping[str, str]


def is_name(text: str) -> bool:
    """Tell whether a text can stay a name as it is."""
    return _NAME.match(text) is not None and text not in NO_NAMES


def convert_name(text: str, kind: str) -> str | None:
    """Give a name as it may be, ``None`` where nothing of it is left."""
    if is_name(text):
        return text
    words = _OTHERS.sub("-", text[: 4 * MAX_LENGTH].lower()).strip("-")
    if not words:
        return None
    if not words[0].isalpha() or words in NO_NAMES:
        words = f"{kind}-{words}"
    return words[:MAX_LENGTH].rstrip("-")


def read_names(ledger: Ledger, path: Path, entries: Any, kind: str) -> dict[str, str]:
    """Read the names of a list's entries, each a mapping with ``name`` or, of environments, only that.

    Entries without a name that can be used, and names that would become the same, are refused.
    """
    names: dict[str, str] = {}
    taken: dict[str, str] = {}
    if not isinstance(entries, list):
        return names
    for index, entry in enumerate(entries):
        place = (*path, index, "name") if isinstance(entry, dict) else (*path, index)
        written = read_name(entry.get("name") if isinstance(entry, dict) else entry)
        converted = convert_name(written, kind) if written is not None else None
        if not has_name(entry, kind):
            ledger.refuse((*path, index), f"{_ARTICLES[kind]} is a mapping with a name")
        elif written is None or converted is None:
            ledger.refuse(
                place, f"{quote(written or _show(entry))} can't become the name of {_ARTICLES[kind]}"
            )
        elif written in names:
            ledger.refuse(place, f"two of the {kind}s are called {quote(written)}")
        elif converted in taken:
            both = f"{quote(taken[converted])} and {quote(written)}"
            ledger.refuse(place, f"{both} would both be called {quote(converted)}; rename one of them first")
        else:
            names[written] = converted
            taken[converted] = written
            if converted != written:
                ledger.change(place, f"the {kind} {quote(written)} is called {quote(converted)} now")
    return names


def has_name(entry: Any, kind: str) -> bool:
    """Tell whether an entry says its name; an environment may be nothing else."""
    return "name" in entry if isinstance(entry, dict) else kind == "environment"


def read_name(value: Any) -> str | None:
    """Read a name; a number counts as its digits, as in cascade."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else None


def _show(entry: Any) -> Any:
    return entry.get("name") if isinstance(entry, dict) else entry
