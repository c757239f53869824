"""The only module that reads the disk: where the manifest lies, and the files beside it."""

from __future__ import annotations

from pathlib import Path

import msgspec

from headgate_schema.failure import SchemaError

MANIFEST = "headgate.yaml"
ALTERNATIVE = ".github/headgate.yaml"
MISSPELT = ("headgate.yml", ".github/headgate.yml")


class Directory(msgspec.Struct, frozen=True):
    """A repository on disk."""

    root: Path

    def read(self, path: str) -> bytes | None:
        """Give the content of a file, ``None`` if there is none; raises ``SchemaError``."""
        try:
            return (self.root / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        except OSError as error:
            raise SchemaError(f"can't read {self.root / path}: {error.strerror}") from None


class Found(msgspec.Struct, frozen=True):
    """Where a manifest lies: the repository's root, and its path from there."""

    root: Path
    path: str


def find_root(start: Path) -> Path | None:
    """Find the repository around a folder: the nearest one above it with a ``.git``."""
    start = start.absolute()
    return next((folder for folder in (start, *start.parents) if (folder / ".git").exists()), None)


def find_manifest(start: Path) -> Found:
    """Find the manifest of the repository around a folder; outside of one, of the folder itself.

    Raises ``SchemaError`` when there is none, or more than one.
    """
    root = find_root(start) or start.absolute()
    there = [path for path in (MANIFEST, ALTERNATIVE) if (root / path).is_file()]
    if len(there) == 2:
        raise SchemaError(f'both "{MANIFEST}" and "{ALTERNATIVE}" exist in {root}: keep one of them')
    if there:
        return Found(root, there[0])
    for path in MISSPELT:
        if (root / path).is_file():
            raise SchemaError(f'"{path}" is not read: rename it to "{path.replace(".yml", ".yaml")}"')
    raise SchemaError(f'there is no "{MANIFEST}" in {root}')


def place_file(file: str) -> Found | None:
    """Tell which repository a manifest's file belongs to: one in whose root or ``.github`` it lies, else
    ``None``.
    """
    absolute = Path(file).absolute()
    for root in (absolute.parent, absolute.parent.parent):
        path = absolute.relative_to(root).as_posix()
        if path in (MANIFEST, ALTERNATIVE):
            return Found(root, path)
    return None


def read_file(file: str | Path) -> bytes:
    """Read a file that was named; raises ``SchemaError`` if that can't be done."""
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise SchemaError(f"can't read {file}: {error.strerror}") from None
