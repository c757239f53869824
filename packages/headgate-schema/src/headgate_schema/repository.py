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


def list_files(root: Path, folder: str) -> tuple[str, ...]:
    """List the files directly in a folder of a repository, with its path before them; none if there is no
    such folder.
    """
    try:
        names = sorted(path.name for path in (root / folder).iterdir() if path.is_file())
    except OSError:
        return ()
    return tuple(f"{folder}{name}" for name in names)


class Remembered:
    """A repository on disk that is read again and again: a file whose size and times are the same is not."""

    def __init__(self, root: Path) -> None:
        self._directory = Directory(root)
        self._contents: dict[str, tuple[tuple[int, int, int], bytes]] = {}

    def read(self, path: str) -> bytes | None:
        """Give the content of a file, ``None`` if there is none; raises ``SchemaError``."""
        try:
            found = (self._directory.root / path).stat()
        except OSError:
            return self._directory.read(path)
        state = (found.st_ino, found.st_size, found.st_mtime_ns)
        known = self._contents.get(path)
        if known is None or known[0] != state:
            content = self._directory.read(path)
            if content is None:
                return None
            known = self._contents[path] = (state, content)
        return known[1]


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
    for root in (absolute.parent.parent, absolute.parent):
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
