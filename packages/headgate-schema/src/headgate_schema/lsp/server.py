"""The wiring: the protocol's messages → the session and the pure modules → the protocol's messages.

No handler lets an exception out: what goes wrong is one line in the editor's log, with the traceback on
standard error, and the next message is served.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
from collections.abc import Callable
from typing import Any, BinaryIO, TypeVar

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from headgate_schema import __version__
from headgate_schema.failure import SchemaError
from headgate_schema.lsp.addresses import find_path
from headgate_schema.lsp.assist import TRIGGERS, Abilities, list_items, read_abilities, show_hover
from headgate_schema.lsp.convert import list_diagnostics
from headgate_schema.lsp.session import OpenText, Session

NAME = "headgate"
PAUSE = 0.005
"""Seconds before a change is answered: enough to read what else is waiting, so that a queue of key strokes
is answered once, and too short to be noticed.
"""

_log = logging.getLogger(__name__)


class Server(LanguageServer):
    """A server, what its editor has open, and what it was told last."""

    def __init__(self) -> None:
        super().__init__(NAME, __version__, types.TextDocumentSyncKind.Full)
        self.session = Session()
        self.abilities = Abilities()
        self.has_shut_down = False
        self._published: dict[str, types.PublishDiagnosticsParams] = {}
        self._waiting: asyncio.TimerHandle | None = None

    def report_server_error(self, error: Exception, source: object) -> None:  # noqa: ARG002 - pygls calls it so
        """Log what went wrong outside of a request; a dialog would interrupt whoever types."""
        _log.error("%s", error, exc_info=error)
        self.tell(f"{type(error).__name__}: {error}")

    def tell(self, message: str) -> None:
        """Write one line into the editor's log."""
        line = f"headgate: {message.splitlines()[0] if message else 'failed'}"
        self.window_log_message(types.LogMessageParams(types.MessageType.Error, line))

    def schedule(self) -> None:
        """Publish once nothing more is waiting to be read."""
        if self._waiting is not None:
            self._waiting.cancel()
        self._waiting = asyncio.get_running_loop().call_later(PAUSE, _guard(publish), self)


Handler = TypeVar("Handler", bound=Callable[..., Any])


def _guard(handler: Handler) -> Handler:
    """Let a handler that fails answer nothing, say so in the log, and leave the server as it was."""

    def run(server: Server, *params: Any) -> Any:
        try:
            return handler(server, *params)
        except SchemaError as error:
            server.tell(str(error))
        except Exception as error:
            server.report_server_error(error, None)
        return None

    return run  # type: ignore[return-value]


def build_server() -> Server:
    """Make a server with every handler in its place."""
    server = Server()
    handlers: dict[str, Callable[..., Any]] = {
        types.INITIALIZE: initialize,
        types.SHUTDOWN: shut_down,
        types.TEXT_DOCUMENT_DID_OPEN: open_text,
        types.TEXT_DOCUMENT_DID_CHANGE: change_text,
        types.TEXT_DOCUMENT_DID_SAVE: save_text,
        types.TEXT_DOCUMENT_DID_CLOSE: close_text,
        types.WORKSPACE_DID_CHANGE_WATCHED_FILES: change_files,
        types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: change_folders,
        types.TEXT_DOCUMENT_COMPLETION: propose,
        types.TEXT_DOCUMENT_HOVER: explain,
    }
    options = {types.TEXT_DOCUMENT_COMPLETION: types.CompletionOptions(trigger_characters=list(TRIGGERS))}
    for method, handler in handlers.items():
        server.feature(method, options.get(method))(_bind(server, handler))
    return server


def _bind(server: Server, handler: Callable[..., Any]) -> Callable[..., Any]:
    guarded = _guard(handler)

    def serve(params: Any) -> Any:
        return guarded(server, params)

    return serve


def serve(reader: BinaryIO, writer: BinaryIO) -> int:
    """Serve one editor until it says so; 0 if it did, 1 if it just went away."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="headgate: %(message)s")
    server = build_server()
    # A check leaves hardly any cycles behind; to look for them in the midst of one takes as long as it does.
    gc.freeze()
    gc.set_threshold(100_000)
    server.start_io(reader, writer)
    return 0 if server.has_shut_down else 1


def initialize(server: Server, params: types.InitializeParams) -> None:
    """Learn how the editor counts and which folders it shows."""
    encoding = str(getattr(server.workspace.position_encoding, "value", server.workspace.position_encoding))
    if encoding in ("utf-8", "utf-32"):
        server.session.encoding = encoding  # type: ignore[assignment]
    server.abilities = read_abilities(params)
    uris = [folder.uri for folder in params.workspace_folders or ()]
    if not uris and params.root_uri:
        uris = [params.root_uri]
    server.session.folders = {path for uri in uris if (path := find_path(uri)) is not None}


def shut_down(server: Server, _params: None) -> None:
    """Note that the editor ends the server as it should."""
    server.has_shut_down = True


def open_text(server: Server, params: types.DidOpenTextDocumentParams) -> None:
    """Take a text that was opened."""
    item = params.text_document
    server.session.open_text(OpenText(item.uri, item.version, item.text))
    server.schedule()


def change_text(server: Server, params: types.DidChangeTextDocumentParams) -> None:
    """Take a text that was changed."""
    uri, version = params.text_document.uri, params.text_document.version
    source = server.workspace.get_text_document(uri).source
    server.session.open_text(OpenText(uri, version, source))
    server.schedule()


def save_text(server: Server, params: types.DidSaveTextDocumentParams) -> None:
    """Look at the files again: an editor that does not watch them tells nothing else about them."""
    server.session.forget((params.text_document.uri,))
    server.schedule()


def close_text(server: Server, params: types.DidCloseTextDocumentParams) -> None:
    """Let the file on disk count again."""
    server.session.close_text(params.text_document.uri)
    server.schedule()


def change_files(server: Server, params: types.DidChangeWatchedFilesParams) -> None:
    """Check anew what files belong to that were written, renamed or removed."""
    server.session.forget(tuple(change.uri for change in params.changes))
    server.schedule()


def change_folders(server: Server, params: types.DidChangeWorkspaceFoldersParams) -> None:
    """Take the folders that the editor shows now."""
    for folder in params.event.removed:
        server.session.folders -= {find_path(folder.uri)}
    for folder in params.event.added:
        path = find_path(folder.uri)
        server.session.folders |= {path} if path is not None else set()
    server.schedule()


def propose(server: Server, params: types.CompletionParams) -> list[types.CompletionItem]:
    """List what could be typed at a place."""
    return list_items(server.session, server.abilities, params)


def explain(server: Server, params: types.HoverParams) -> types.Hover | None:
    """Tell what there is to know about a place."""
    return show_hover(server.session, server.abilities, params)


def publish(server: Server) -> None:
    """Tell the editor every diagnostic that is new to it, and which are gone."""
    session = server.session
    found: dict[str, list[types.Diagnostic]] = {}
    for home in session.list_homes():
        found.update(list_diagnostics(session, home))
    for uri in [*found, *(uri for uri in server._published if uri not in found)]:
        text = session.find_text(uri)
        params = types.PublishDiagnosticsParams(uri, found.get(uri, []), text.version if text else None)
        if params != server._published.get(uri):
            server.text_document_publish_diagnostics(params)
        server._published[uri] = params
    for uri in server._published.keys() - found.keys():
        del server._published[uri]
