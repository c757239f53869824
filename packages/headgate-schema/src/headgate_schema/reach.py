"""Which workflow files a manifest reaches: its callbacks, and what those call in turn."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

import msgspec

from headgate_schema.callback import Callback, read_callback
from headgate_schema.contract import Call
from headgate_schema.jobs import Job

MOST_FILES = 200
"""Files that are read; GitHub refuses a run that calls a quarter of that."""

ReadCallback = Callable[[bytes, str], Callback]
"""``read_callback``, or what remembers its answers."""

_HERE = re.compile(r"(?:\./|\$/)(\.github/workflows/[^/]+\.ya?ml)")


class Repository(Protocol):
    """The files beside a manifest."""

    def read(self, path: str) -> bytes | None:
        """Give the content of a file, ``None`` if there is none; the path is relative, with ``/``."""
        ...


class Reached(msgspec.Struct, frozen=True):
    """Files by path, ``None`` where there is none: those that the manifest calls, and what these call."""

    callbacks: Mapping[str, Callback | None] = {}
    nested: Mapping[str, Callback | None] = {}

    def has_looked_for(self, file: str) -> bool:
        """Tell whether a file is known to be there or not."""
        return file in self.callbacks or file in self.nested

    def find(self, file: str) -> Callback | None:
        """Give a file of either kind."""
        return self.callbacks.get(file) or self.nested.get(file)

    def list_files(self) -> Iterator[Callback]:
        """Give every file that could be read."""
        for callback in (*self.callbacks.values(), *self.nested.values()):
            if callback is not None:
                yield callback

    def list_called(self, file: str) -> Iterator[tuple[Job, str]]:
        """Give each job of a file that calls a workflow of this repository, with that one's path."""
        callback = self.find(file)
        for job in callback.jobs if callback is not None else ():
            called = find_called(job.calls)
            if called is not None:
                yield job, called


def find_called(uses: str) -> str | None:
    """Give the path of a workflow of the same repository that a job calls, ``None`` for any other.

    The forms: https://docs.github.com/actions/how-tos/reuse-automations/reuse-workflows
    """
    found = _HERE.fullmatch(uses)
    return found[1] if found is not None else None


def read_reached(
    calls: tuple[Call, ...], repository: Repository, read_callback: ReadCallback = read_callback
) -> Reached:
    """Read every file that is reached, each once; of those called by callbacks, the first MOST_FILES."""

    def read(file: str) -> Callback | None:
        data = repository.read(file)
        return read_callback(data, file) if data is not None else None

    callbacks = {file: read(file) for file in dict.fromkeys(call.callback for call in calls)}
    nested: dict[str, Callback | None] = {}
    waiting = [callback for callback in callbacks.values() if callback is not None]
    while waiting:
        for job in waiting.pop().jobs:
            file = find_called(job.calls)
            if file is None or file in callbacks or file in nested or len(nested) >= MOST_FILES:
                continue
            nested[file] = callback = read(file)
            if callback is not None:
                waiting.append(callback)
    return Reached(callbacks, nested)
