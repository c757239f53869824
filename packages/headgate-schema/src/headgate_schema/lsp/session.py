"""What an editor has open, and what there is to say about it.

A text that is open in the editor counts instead of the file on disk, of manifests and of callbacks alike.
Checks are made when somebody asks and kept until something changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

import msgspec

from headgate_schema.callback import Callback, read_callback
from headgate_schema.check import Checked, check
from headgate_schema.convention import FOLDER
from headgate_schema.document import Document
from headgate_schema.lsp.addresses import find_name, find_path
from headgate_schema.lsp.knowledge import is_workflow
from headgate_schema.lsp.lines import Encoding, Lines, cut_lines
from headgate_schema.mend import Source
from headgate_schema.repository import (
    ALTERNATIVE,
    MANIFEST,
    Remembered,
    find_root,
    list_files,
    place_file,
)
from headgate_schema.resolved import ResolvedManifest

_WORKFLOWS = (".github", "workflows")


class OpenText(msgspec.Struct, frozen=True):
    """A text as the editor shows it."""

    uri: str
    version: int
    text: str

    @property
    def data(self) -> bytes:
        """Give what a file with this text would hold; halves of pairs stay, for the reader to refuse."""
        return self.text.encode("utf-8", "surrogatepass")


class Home(msgspec.Struct, frozen=True):
    """Where a manifest lives: its repository's root (``None``: it has none), its file there, its address."""

    root: Path | None
    file: str
    uri: str

    def find_uri(self, file: str) -> str:
        """Give the address of a file of the repository."""
        return self.uri if self.root is None or file == self.file else _write_uri(self.root, file)


@lru_cache(maxsize=4096)
def _write_uri(root: Path, file: str) -> str:
    return (root / file).as_uri()


class Session:
    """One editor's open texts, and the checks of the manifests that they belong to.

    ``docs`` is the address of the documentation, where it is known.
    """

    def __init__(self, docs: str | None = None) -> None:
        self.docs = docs
        self.encoding: Encoding = "utf-16"
        self.folders: set[Path] = set()
        self._texts: dict[str, OpenText] = {}
        self._by_path: dict[Path, OpenText] = {}
        self._disks: dict[Path, Remembered] = {}
        self._checks: dict[Home, Checked] = {}
        self._readable: dict[Home, Document] = {}
        self._resolved: dict[Home, ResolvedManifest] = {}
        self._read_callback = lru_cache(maxsize=1024)(read_callback)

    # -- what happens in the editor

    def open_text(self, text: OpenText) -> None:
        """Take a text that was opened or changed."""
        self._texts[text.uri] = text
        path = find_path(text.uri)
        if path is not None:
            self._by_path[path] = text
        self.forget((text.uri,))

    def close_text(self, uri: str) -> None:
        """Let the file on disk count again."""
        self._texts.pop(uri, None)
        path = find_path(uri)
        if path is not None:
            self._by_path.pop(path, None)
        self.forget((uri,))

    def forget(self, uris: Iterable[str]) -> None:
        """Check anew what belongs to the same repositories as these files."""
        paths = [path for path in map(find_path, uris) if path is not None]
        for home in list(self._checks):
            is_near = home.root is None or any(path.is_relative_to(home.root) for path in paths)
            if is_near or home.uri in uris:
                del self._checks[home]

    # -- what is known

    def find_text(self, uri: str) -> OpenText | None:
        """Give an open text."""
        return self._texts.get(uri)

    def find_home(self, uri: str) -> Home | None:
        """Tell which manifest a text is, or is a callback of; ``None`` for all else."""
        path = find_path(uri)
        if path is None:
            return Home(None, MANIFEST, uri) if find_name(uri) == MANIFEST else None
        found = place_file(str(path))
        if found is not None:
            is_inside = self._is_in_folder(found.root) or find_root(found.root) is not None
            return Home(found.root if is_inside else None, found.path, self._find_uri(path))
        if path.parent.parts[-2:] == _WORKFLOWS and path.suffix in (".yaml", ".yml"):
            root = path.parent.parent.parent
            for file in (MANIFEST, ALTERNATIVE):
                if root / file in self._by_path or (root / file).is_file():
                    return Home(root, file, self._find_uri(root / file))
        return None

    def list_homes(self) -> tuple[Home, ...]:
        """List the manifests that open texts belong to."""
        homes = (self.find_home(uri) for uri in self._texts)
        return tuple(dict.fromkeys(home for home in homes if home is not None))

    def find_file(self, home: Home, uri: str) -> str:
        """Give a text's path in its repository."""
        path = find_path(uri)
        return home.file if path is None or home.root is None else path.relative_to(home.root).as_posix()

    def check(self, home: Home) -> Checked:
        """Check a manifest, unless nothing has changed; raises ``SchemaError``."""
        checked = self._checks.get(home)
        if checked is None:
            data = self._read_manifest(home)
            repository = self._overlay(home.root) if home.root is not None else None
            checked = self._checks[home] = check(data, home.file, repository, self._read_callback)
            if checked.document.data is not None:
                self._readable[home] = checked.document
            if checked.resolved is not None:
                self._resolved[home] = checked.resolved
        return checked

    def find_readable(self, home: Home) -> Document | None:
        """Give the manifest as it was when it could last be read."""
        self.check(home)
        return self._readable.get(home)

    def find_resolved(self, home: Home) -> ResolvedManifest | None:
        """Give the manifest with its defaults as it was when it last had a valid shape."""
        self.check(home)
        return self._resolved.get(home)

    def list_workflows(self, home: Home) -> tuple[str, ...]:
        """List the workflow files that may be callbacks, those too that are only in the editor yet."""
        root = home.root
        if root is None:
            return ()
        files = list_files(root, FOLDER)
        typed = (path.relative_to(root).as_posix() for path in self._by_path if path.is_relative_to(root))
        return tuple(filter(is_workflow, dict.fromkeys((*files, *typed))))

    def find_source(self, home: Home) -> Source:
        """Give a manifest and its repository as the editor shows them."""
        repository = self._overlay(home.root) if home.root is not None else None
        return Source(self._read_manifest(home), home.file, repository)

    def find_callback(self, home: Home, file: str) -> Callback | None:
        """Give a callback file, whether the manifest is in a state to be checked with it or not."""
        # What a half-typed manifest names is any file at all, and none of those is to be read.
        data = self.read(home.root, file) if home.root is not None and is_workflow(file) else None
        return self._read_callback(data, file) if data is not None else None

    def find_lines(self, home: Home, file: str) -> Lines | None:
        """Give a file's text as the editor counts it; ``None`` if there is no such file."""
        text = self._texts.get(home.find_uri(file)) or self._find_open(home, file)
        if text is not None:
            return cut_lines(text.text, self.encoding)
        document = self.check(home).find_document(file)
        if document is None:
            callback = self.find_callback(home, file)
            document = callback.document if callback is not None else None
        return cut_lines(document.text, self.encoding) if document is not None else None

    def read(self, root: Path, file: str) -> bytes | None:
        """Give what the editor shows of a file, else what is on disk; raises ``SchemaError``."""
        return self._overlay(root).read(file)

    def _overlay(self, root: Path) -> _Overlaid:
        texts = {
            path.relative_to(root).as_posix(): text
            for path, text in self._by_path.items()
            if path.is_relative_to(root)
        }
        return _Overlaid(texts, self._disks.setdefault(root, Remembered(root)))

    def _read_manifest(self, home: Home) -> bytes:
        text = self._texts.get(home.uri)
        if text is not None:
            return text.data
        return (self.read(home.root, home.file) or b"") if home.root is not None else b""

    def _find_open(self, home: Home, file: str) -> OpenText | None:
        return self._by_path.get(home.root / file) if home.root is not None else None

    def _find_uri(self, path: Path) -> str:
        """Give an address as the editor wrote it, where it did."""
        text = self._by_path.get(path)
        return text.uri if text is not None else path.as_uri()

    def _is_in_folder(self, path: Path) -> bool:
        return any(path.is_relative_to(folder) for folder in self.folders)

    def list_files(self, home: Home) -> tuple[str, ...]:
        """List the files about which a check of a manifest speaks: itself, those with findings, and what is
        open beside it.
        """
        near = {finding.place.file for finding in self.check(home).findings}
        near |= {self.find_file(home, uri) for uri in self._texts if self.find_home(uri) == home}
        return (home.file, *sorted(near - {home.file}))


class _Overlaid(msgspec.Struct, frozen=True):
    """A repository as the editor shows it: the open texts, and the files on disk below them."""

    texts: Mapping[str, OpenText]
    disk: Remembered

    def read(self, path: str) -> bytes | None:
        text = self.texts.get(path)
        return text.data if text is not None else self.disk.read(path)
