"""The only module that touches the disk: where the manifest lies, the files beside it, what fixes write."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from headgate_schema.failure import SchemaError
from headgate_schema.text import MAX_BYTES, show_name

MANIFEST = "headgate.yaml"
ALTERNATIVE = ".github/headgate.yaml"
MISSPELT = ("headgate.yml", ".github/headgate.yml")


class Directory(msgspec.Struct, frozen=True):
    """A repository on disk."""

    root: Path

    def read(self, path: str) -> bytes | None:
        """Give the content of a file, ``None`` if there is none; raises ``SchemaError``, also for a pipe or a
        device: nobody may be writing to it.
        """
        file = self.root / path
        try:
            mode = file.stat().st_mode
            if stat.S_ISDIR(mode):
                return None
            if not stat.S_ISREG(mode):
                raise SchemaError(f"can't read {show_name(str(file))}: not a regular file")
            return _read_start(file)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:
                return None  # no file can have this name
            raise _fail(file, error) from None

    def place(self, path: str) -> Path:
        """Tell where a file really lies, links followed; raises ``SchemaError`` for one that is not there and
        would be made elsewhere.
        """
        named, real = self.root / path, (self.root / path).resolve()
        is_inside = real.is_relative_to(self.root.resolve())
        if not real.exists() and (named.is_symlink() or not is_inside):
            raise SchemaError(f"nothing was written: {named} leads elsewhere, to {real}")
        return real


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
        self._paths: dict[str, Path] = {}

    def read(self, path: str) -> bytes | None:
        """Give the content of a file, ``None`` if there is none; raises ``SchemaError``."""
        file = self._paths.get(path)
        if file is None:
            file = self._paths[path] = self._directory.root / path
        try:
            found = file.stat()
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
    """Read a file that was named, one byte more than may be in it at most: it may be endless. Raises
    ``SchemaError`` if that can't be done.
    """
    try:
        return _read_start(Path(file))
    except (OSError, ValueError) as error:
        raise _fail(file, error) from None


def _read_start(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(MAX_BYTES + 1)


def _fail(file: str | Path, error: Exception) -> SchemaError:
    reason = error.strerror if isinstance(error, OSError) else str(error)  # a name with a NUL in it
    return SchemaError(f"can't read {show_name(str(file))}: {reason}")


class Draft(msgspec.Struct, frozen=True):
    """What a file shall hold, and what it held when it was read; ``None`` where there was none."""

    path: Path
    before: bytes | None
    after: bytes


def write_files(drafts: Sequence[Draft]) -> None:
    """Write files: each whole, and all of them or none; raises ``SchemaError``.

    New contents go to files beside their places first, then take them. A link is followed, a mode is kept,
    and nothing is written over what somebody else wrote in the meantime.
    """
    for draft in drafts:
        _refuse(draft)
    made: list[Path] = []
    done: list[Draft] = []
    try:
        for draft in drafts:
            _stage(draft, made)
        for draft in drafts:
            _refuse(draft)
            done.append(draft)
            _name_staged(draft.path).replace(draft.path)
    except BaseException as error:
        _undo(done, made)
        if isinstance(error, OSError):
            name = error.filename or "a file"
            raise SchemaError(f"nothing was written: {name}: {error.strerror}") from None
        raise


def _refuse(draft: Draft) -> None:
    """Refuse a file that is not as it was read, or that its owner does not want to be written."""
    path = draft.path
    if _read_if_there(path) != draft.before:
        raise SchemaError(f"nothing was written: {path} has changed since it was read")
    if draft.before is not None and (not path.stat().st_mode & 0o222 or not os.access(path, os.W_OK)):
        raise SchemaError(f"nothing was written: {path} is read-only")


def _read_if_there(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise SchemaError(f"nothing was written: can't read {path}: {error.strerror}") from None


def _name_staged(path: Path) -> Path:
    return path.with_name(f".{path.name}.headgate-{os.getpid()}")


def _stage(draft: Draft, made: list[Path]) -> None:
    for folder in reversed([parent for parent in draft.path.parents if not parent.exists()]):
        folder.mkdir()
        made.append(folder)
    staged = _name_staged(draft.path)
    made.append(staged)
    with staged.open("xb") as file:
        file.write(draft.after)
        file.flush()
        os.fsync(file.fileno())
    if draft.before is not None:
        found = draft.path.stat()
        staged.chmod(stat.S_IMODE(found.st_mode))
        if (found.st_uid, found.st_gid) != (os.geteuid(), os.getegid()):
            with suppress(OSError):
                os.chown(staged, found.st_uid, found.st_gid)


def _undo(done: Sequence[Draft], made: Sequence[Path]) -> None:
    """Put back what was there; what fails here can't be helped any more."""
    for draft in done:
        with suppress(OSError):
            if draft.before is None:
                draft.path.unlink()
            else:
                _stage(Draft(draft.path, draft.after, draft.before), [])
                _name_staged(draft.path).replace(draft.path)
    for path in reversed(made):
        with suppress(OSError):
            path.rmdir() if path.is_dir() else path.unlink()
