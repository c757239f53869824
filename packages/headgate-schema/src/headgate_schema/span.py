"""Where something stands in a text. Lines and columns count from 1; columns count code points."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

Path = tuple[str | int, ...]
"""A way into a document: keys of mappings and indexes of lists, from the root."""

Part = Literal["key", "value"]
"""Which half of a mapping entry is meant."""

_PLAIN = re.compile("[A-Za-z0-9_-]+")


class Span(msgspec.Struct, frozen=True):
    """A range of a text; the end column is the one just after the last character."""

    line: int
    column: int
    end_line: int
    end_column: int


START = Span(1, 1, 1, 1)


def show_path(path: Path) -> str:
    """Print a path as people write it: ``deploys[0].canary.steps[1]``."""
    shown = ""
    for step in path:
        if isinstance(step, int):
            shown += f"[{step}]"
        elif _PLAIN.fullmatch(step):
            shown += f".{step}" if shown else step
        else:
            shown += f"[{msgspec.json.encode(step).decode()}]"
    return shown or "the manifest"
