"""Which manifests a command line names, and what lies around each."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from headgate_schema.check import Checked, check
from headgate_schema.cli.streams import read_input
from headgate_schema.failure import SchemaError
from headgate_schema.repository import Directory, Found, find_manifest, place_file, read_file
from headgate_schema.text import show_name

STANDARD_INPUT = "-"


class Target(msgspec.Struct, frozen=True):
    """A manifest as it was read; ``path`` is ``None`` for standard input, ``repository`` where there is none.

    ``name`` is its path in the repository, and ``folder`` what stands before the files' paths when they are
    shown.
    """

    data: bytes
    name: str
    path: Path | None = None
    repository: Directory | None = None
    folder: str = ""

    def check(self) -> Checked:
        """Give all findings."""
        return self.show(check(self.data, self.name, self.repository))

    def show(self, checked: Checked) -> Checked:
        """Let files be shown as seen from where the command was started."""
        return msgspec.structs.replace(checked, folder=self.folder)


def read_targets(files: Sequence[str], start: Path) -> Iterator[Target | SchemaError]:
    """Read the named manifests, or that of this repository; files are shown as seen from ``start``.

    In place of one that is not there or can't be read comes the failure.
    """
    if not files:
        yield _read_found(find_manifest(Path.cwd()), start)
    for file in files:
        try:
            yield _read_target(file, start)
        except SchemaError as error:
            yield error


def _read_target(file: str, start: Path) -> Target:
    if file == STANDARD_INPUT:
        return Target(read_input(), "<stdin>")
    found = place_file(file)
    if found is not None:
        return _read_found(found, start)
    if Path(file).is_dir():
        raise SchemaError(f"{show_name(file)} is a folder: name the manifest in it")
    shown = file if start == Path.cwd() else os.path.relpath(file, start)
    return Target(read_file(file), show_name(shown), Path(file))


def _read_found(found: Found, start: Path) -> Target:
    path = found.root / found.path
    folder = show_name(os.path.relpath(found.root, start))
    return Target(
        data=read_file(path),
        name=found.path,
        path=path,
        repository=Directory(found.root),
        folder="" if folder == "." else f"{Path(folder).as_posix()}/",
    )
