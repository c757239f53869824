"""Files of the state branch that are never spelled out: while worlds are explored, a file is its value.

What the codec makes of values has tests of its own; here it would take most of the time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from itertools import count
from typing import Any
from unittest.mock import patch

from headgate_runtime import state
from headgate_runtime.record import from_file
from headgate_runtime.verbs import control, register

_numbers = count(1)
_read = lru_cache(1000)(from_file)


class Sealed(bytes):
    """A file that was not spelled out; its bytes are only a number."""

    value: Any


def seal(value: Any) -> Sealed:
    """In the place of `to_file`."""
    made = Sealed(b"%d" % next(_numbers))
    made.value = value
    return made


def read(kind: Any, content: bytes) -> Any:
    """In the place of `from_file`."""
    return content.value if isinstance(content, Sealed) else _read(kind, content)


@contextmanager
def sealed_files() -> Iterator[None]:
    """Let the verbs write and read sealed files."""
    with (
        patch.object(state, "from_file", read),
        patch.object(state, "to_file", seal),
        patch.object(control, "to_file", seal),
        patch.object(register, "to_file", seal),
    ):
        yield
