"""What the repository beside a manifest holds, as far as completion and hover want to know it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from headgate_schema.callback import Callback, read_callback
from headgate_schema.convention import FOLDER, GENERATED_PREFIX


class Knowledge(msgspec.Struct, frozen=True):
    """Every workflow file of the repository by its path, those left out that Headgate writes itself."""

    callbacks: Mapping[str, Callback] = {}

    def list_files(self) -> tuple[str, ...]:
        """List the files, those first that can be called."""
        return tuple(sorted(self.callbacks, key=lambda file: (not self.callbacks[file].is_callable, file)))

    def select(self, files: tuple[str, ...]) -> Iterator[Callback]:
        """Give those of some files that are there."""
        for file in dict.fromkeys(files):
            if file in self.callbacks:
                yield self.callbacks[file]


def is_workflow(file: str) -> bool:
    """Tell whether a file can be somebody's callback: a workflow that Headgate did not write."""
    name = file.removeprefix(FOLDER)
    is_there = file.startswith(FOLDER) and "/" not in name
    return is_there and name.endswith((".yaml", ".yml")) and not name.startswith(GENERATED_PREFIX)


def know(files: Mapping[str, bytes]) -> Knowledge:
    """Read what the workflow files of a repository declare."""
    return Knowledge({file: read_callback(data, file) for file, data in files.items() if is_workflow(file)})
