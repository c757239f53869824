"""The language server as its editors drive it: started as a program, spoken to in the protocol."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
import pytest_asyncio
from lsprotocol import types
from pytest_lsp import LanguageClient, client_capabilities
from pytest_lsp.client import DEFAULT_CLIENT_FEATURES, default_converter, register_lsp_features

HELIX = types.ClientCapabilities(
    general=types.GeneralClientCapabilities(
        position_encodings=[
            types.PositionEncodingKind.Utf8,
            types.PositionEncodingKind.Utf32,
            types.PositionEncodingKind.Utf16,
        ]
    ),
    workspace=types.WorkspaceClientCapabilities(
        apply_edit=True,
        workspace_edit=types.WorkspaceEditClientCapabilities(
            document_changes=True,
            resource_operations=[
                types.ResourceOperationKind.Create,
                types.ResourceOperationKind.Rename,
                types.ResourceOperationKind.Delete,
            ],
        ),
        did_change_watched_files=types.DidChangeWatchedFilesClientCapabilities(dynamic_registration=True),
    ),
    text_document=types.TextDocumentClientCapabilities(
        completion=types.CompletionClientCapabilities(
            completion_item=types.ClientCompletionItemOptions(snippet_support=True)
        ),
        code_action=types.CodeActionClientCapabilities(
            code_action_literal_support=types.ClientCodeActionLiteralOptions(
                types.ClientCodeActionKindOptions([kind.value for kind in types.CodeActionKind])
            )
        ),
        rename=types.RenameClientCapabilities(prepare_support=True),
    ),
)  # fmt: skip
"""What matters here of what Helix says of itself:
https://github.com/helix-editor/helix/blob/master/helix-lsp/src/client.rs
"""

CLIENTS = {
    "vs-code": (client_capabilities("visual-studio-code"), "utf-16"),
    "neovim": (client_capabilities("neovim"), "utf-8"),
    "helix": (HELIX, "utf-8"),
}

PATIENCE = 20.0
"""Seconds after which an answer that did not come is a failure."""


class Editor:
    """One editor with one folder open."""

    def __init__(self, root: Path, encoding: str) -> None:
        self.root = root
        self.encoding = encoding
        self.versions: dict[str, int] = {}
        self.told: asyncio.Queue[types.PublishDiagnosticsParams] = asyncio.Queue()
        self.client = LanguageClient(converter_factory=default_converter)

        def keep(_client: LanguageClient, params: types.PublishDiagnosticsParams) -> None:
            self.told.put_nowait(params)

        features = {**DEFAULT_CLIENT_FEATURES, types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS: keep}
        register_lsp_features(self.client, features)

    def uri(self, file: str = "headgate.yaml") -> str:
        return (self.root / file).as_uri()

    def position(self, text: str, marked: str, offset: int = 0) -> types.Position:
        """The place of a piece of text, as this editor counts."""
        index = text.index(marked) + offset
        line = text.count("\n", 0, index)
        before = text[text.rfind("\n", 0, index) + 1 : index]
        return types.Position(line, self.measure(before))

    def measure(self, text: str) -> int:
        """Count the units of a text."""
        return len(text.encode(self.codec)) // self.width

    @property
    def codec(self) -> str:
        return "utf-16-le" if self.encoding == "utf-16" else "utf-8"

    @property
    def width(self) -> int:
        return 2 if self.encoding == "utf-16" else 1

    def cut(self, text: str, found: types.Range) -> str:
        """What stands in a range of one line, as this editor counts."""
        counted = text.splitlines()[found.start.line].encode(self.codec)
        return counted[found.start.character * self.width : found.end.character * self.width].decode(
            self.codec
        )

    async def show(self, text: str, file: str = "headgate.yaml") -> list[types.Diagnostic]:
        """Open a text, or change it, and give what the server says about it."""
        uri = self.uri(file)
        version = self.versions[uri] = self.versions.get(uri, 0) + 1
        if version == 1:
            item = types.TextDocumentItem(uri, "yaml", version, text)
            self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        else:
            change = types.TextDocumentContentChangeWholeDocument(text)
            identifier = types.VersionedTextDocumentIdentifier(version, uri)
            self.client.text_document_did_change(types.DidChangeTextDocumentParams(identifier, [change]))
        return await self.wait(uri, version)

    async def wait(self, uri: str, version: int | None = None) -> list[types.Diagnostic]:
        """Wait for the next diagnostics of a file; for those of a version, where one is given."""
        while True:
            told = await asyncio.wait_for(self.told.get(), PATIENCE)
            if told.uri == uri and version in (None, told.version):
                return list(told.diagnostics)


@pytest_asyncio.fixture(params=CLIENTS)
async def editor(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Editor]:
    """An editor of each kind, with an empty repository open."""
    (tmp_path / ".git").mkdir()
    (tmp_path / ".github/workflows").mkdir(parents=True)
    capabilities, encoding = CLIENTS[request.param]
    found = Editor(tmp_path, encoding)
    await found.client.start_io(sys.executable, "-m", "headgate_schema", "lsp")
    answered = await found.client.initialize_session(
        types.InitializeParams(capabilities=capabilities, root_uri=tmp_path.as_uri())
    )
    assert answered.capabilities.position_encoding == encoding
    yield found
    await found.client.shutdown_session()
    await found.client.stop()


def write_files(root: Path, files: Mapping[str, str]) -> None:
    """Lay files out in a repository."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(text.encode())
