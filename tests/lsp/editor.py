"""An editor for tests: it holds a repository on disk and a connection to the real server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from pathlib import Path

from headgate_schema.lsp.lines import Encoding
from lsprotocol import types
from pytest_lsp import LanguageClient
from pytest_lsp.client import DEFAULT_CLIENT_FEATURES, default_converter, register_lsp_features

PATIENCE = 20.0
"""Seconds after which an answer that did not come is a failure."""
MANIFEST = "headgate.yaml"
CODECS: dict[Encoding, tuple[str, int]] = {
    "utf-8": ("utf-8", 1),
    "utf-16": ("utf-16-le", 2),
    "utf-32": ("utf-32-le", 4),
}


class Connection(LanguageClient):
    """A client that keeps the version for which diagnostics came, and what was registered."""

    def __init__(self) -> None:
        super().__init__(converter_factory=default_converter)
        self.versions: dict[str, int | None] = {}
        self.registered: list[types.Registration] = []
        self.news = asyncio.Event()
        features = {
            **DEFAULT_CLIENT_FEATURES,
            types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS: keep_diagnostics,
            types.CLIENT_REGISTER_CAPABILITY: keep_registrations,
        }
        register_lsp_features(self, features)


def keep_diagnostics(client: Connection, params: types.PublishDiagnosticsParams) -> None:
    client.diagnostics[params.uri] = params.diagnostics
    client.versions[params.uri] = params.version
    client.news.set()


def keep_registrations(client: Connection, params: types.RegistrationParams) -> None:
    client.registered += params.registrations


class Editor:
    """One repository, the files that are open in it, and what the server said about them."""

    def __init__(self, client: Connection, profile: str, encoding: Encoding, root: Path) -> None:
        self.client, self.profile, self.encoding, self.root = client, profile, encoding, root
        self.texts: dict[str, tuple[int, str]] = {}

    def uri(self, file: str = MANIFEST) -> str:
        return file if file.startswith("untitled:") else (self.root / file).as_uri()

    def identify(self, file: str = MANIFEST) -> types.TextDocumentIdentifier:
        return types.TextDocumentIdentifier(self.uri(file))

    def text(self, file: str = MANIFEST) -> str:
        return self.texts[file][1]

    # -- what somebody does

    def open(self, text: str, file: str = MANIFEST) -> None:
        self.texts[file] = (1, text)
        item = types.TextDocumentItem(self.uri(file), "yaml", 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def type(self, text: str, file: str = MANIFEST) -> None:
        """Let a file's text be another one, as after some key strokes."""
        version = self.texts[file][0] + 1
        self.texts[file] = (version, text)
        identifier = types.VersionedTextDocumentIdentifier(version, self.uri(file))
        change = types.TextDocumentContentChangeWholeDocument(text)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(identifier, [change]))

    def close(self, file: str) -> None:
        del self.texts[file]
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(self.identify(file)))

    def save(self, file: str) -> None:
        write_files(self.root, {file: self.text(file)})
        self.client.text_document_did_save(types.DidSaveTextDocumentParams(self.identify(file)))

    def watch(self, file: str, kind: types.FileChangeType = types.FileChangeType.Changed) -> None:
        """Tell the server that a file on disk is new, other, or gone."""
        event = types.FileEvent(self.uri(file), kind)
        self.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))

    async def show(self, text: str, file: str = MANIFEST) -> list[types.Diagnostic]:
        """Open a text, or change it, and give what the server says about it."""
        (self.type if file in self.texts else self.open)(text, file)
        uri, version = self.uri(file), self.texts[file][0]
        async with asyncio.timeout(PATIENCE):
            while self.client.versions.get(uri) != version:
                await self.hear()
        return list(self.client.diagnostics[uri])

    async def expect(self, *codes: str, file: str = MANIFEST) -> list[types.Diagnostic]:
        """Wait until exactly these codes are shown in a file."""
        uri = self.uri(file)
        try:
            async with asyncio.timeout(PATIENCE):
                while uri not in self.client.diagnostics or self.codes(file) != sorted(codes):
                    await self.hear()
        except TimeoutError:
            raise AssertionError(f"{file} shows {self.codes(file)} and not {sorted(codes)}") from None
        return list(self.client.diagnostics[uri])

    async def hear(self) -> None:
        self.client.news.clear()
        await self.client.news.wait()

    def codes(self, file: str = MANIFEST) -> list[str]:
        return sorted(str(shown.code) for shown in self.client.diagnostics.get(self.uri(file), ()))

    # -- places, counted as this editor counts

    @property
    def codec(self) -> str:
        return CODECS[self.encoding][0]

    @property
    def width(self) -> int:
        """Bytes of a unit."""
        return CODECS[self.encoding][1]

    def measure(self, text: str) -> int:
        """Count the units of a text."""
        return len(text.encode(self.codec)) // self.width

    def position(self, text: str, marked: str, offset: int = 0, *, nth: int = 0) -> types.Position:
        """The place of a piece of text."""
        index = -1
        for _ in range(nth + 1):
            index = text.index(marked, index + 1)
        return count(text, index + offset, self.encoding)

    def cut(self, text: str, found: types.Range) -> str:
        """What stands in a range."""
        start, end = (find_index(text, place, self.encoding) for place in (found.start, found.end))
        return text[start:end]

    def apply(self, text: str, edits: Iterable[types.TextEdit]) -> str:
        """Apply edits as an editor does: all of them to the text as it was."""
        for edit in sorted(edits, key=lambda edit: (edit.range.start.line, edit.range.start.character))[::-1]:
            start, end = (
                find_index(text, place, self.encoding) for place in (edit.range.start, edit.range.end)
            )
            text = text[:start] + edit.new_text + text[end:]
        return text


def count(text: str, index: int, encoding: Encoding) -> types.Position:
    """Count a place by encoding what stands before it: not as the server does it."""
    before = text[:index].replace("\r\n", "\n").replace("\r", "\n").split("\n")
    codec, width = CODECS[encoding]
    return types.Position(len(before) - 1, len(before[-1].encode(codec)) // width)


def find_index(text: str, place: types.Position, encoding: Encoding) -> int:
    """Find the character of a place; a place that is none fails."""
    start = 0
    for _ in range(place.line):
        breaks = [at for mark in ("\n", "\r") if (at := text.find(mark, start)) >= 0]
        start = min(breaks) + (2 if text.startswith("\r\n", min(breaks)) else 1)
    found = [end for end in range(start, len(text) + 1) if count(text, end, encoding) == place]
    assert found, f"{place} is no place of the text"
    return found[0]


def write_files(root: Path, files: Mapping[str, str]) -> None:
    """Lay files out in a repository."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(text.encode())
