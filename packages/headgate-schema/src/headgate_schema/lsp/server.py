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
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer

from headgate_schema import __version__
from headgate_schema.failure import SchemaError
from headgate_schema.lsp import answers
from headgate_schema.lsp.addresses import find_path
from headgate_schema.lsp.assist import TRIGGERS, Abilities, list_items, read_abilities, show_hover
from headgate_schema.lsp.changes import Form, read_form
from headgate_schema.lsp.convert import list_diagnostics
from headgate_schema.lsp.offers import KINDS, list_actions
from headgate_schema.lsp.session import OpenText, Session

NAME = "headgate"
PAUSE = 0.003
"""Seconds before a change is answered: enough to read what else is waiting, so that a queue of key strokes
is answered once, and too short to be noticed.
"""

_log = logging.getLogger(__name__)


class Server(LanguageServer):
    """A server, what its editor has open, and what it was told last."""

    def __init__(self, docs: str | None) -> None:
        super().__init__(NAME, __version__, types.TextDocumentSyncKind.Full)
        self.session = Session(docs)
        self.abilities, self.form = Abilities(), Form()
        self.has_started = self.has_shut_down = False
        self._published: dict[str, types.PublishDiagnosticsParams] = {}
        self._waiting: asyncio.TimerHandle | None = None

    def report_server_error(self, error: Exception, source: object) -> None:  # noqa: ARG002 - pygls calls it so
        """Log what went wrong; a dialog would interrupt whoever types. What was refused has its answer."""
        if isinstance(error, Refused):
            return
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
        self._waiting = asyncio.get_running_loop().call_later(PAUSE, guard(publish), self)


Handler = TypeVar("Handler", bound=Callable[..., Any])


def guard(handler: Handler) -> Handler:
    """Let a handler that fails answer nothing, say so in the log, and leave the server as it was."""

    def run(server: Server, *params: Any) -> Any:
        try:
            return handler(server, *params)
        except Refused:
            raise
        except SchemaError as error:
            server.tell(str(error))
        except Exception as error:
            server.report_server_error(error, None)
        return None

    return run  # type: ignore[return-value]


class Refused(JsonRpcException):
    """An answer that is a reason: the editor shows it to whoever asked."""

    CODE = types.LSPErrorCodes.RequestFailed.value


def build_server(docs: str | None = None) -> Server:
    """Make a server with every handler in its place; ``docs`` is the documentation's address."""
    server = Server(docs)
    handlers: dict[str, Callable[..., Any]] = {
        types.INITIALIZE: initialize,
        types.INITIALIZED: watch,
        types.SHUTDOWN: shut_down,
        types.TEXT_DOCUMENT_DID_OPEN: open_text,
        types.TEXT_DOCUMENT_DID_CHANGE: change_text,
        types.TEXT_DOCUMENT_DID_SAVE: save_text,
        types.TEXT_DOCUMENT_DID_CLOSE: close_text,
        types.WORKSPACE_DID_CHANGE_WATCHED_FILES: change_files,
        types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: change_folders,
        types.TEXT_DOCUMENT_COMPLETION: propose,
        types.TEXT_DOCUMENT_HOVER: explain,
        types.TEXT_DOCUMENT_CODE_ACTION: offer,
        types.TEXT_DOCUMENT_RENAME: rename,
    }
    handlers |= {method: _answer_with(answer) for method, answer in ANSWERS.items()}
    for method, handler in handlers.items():
        server.feature(method, OPTIONS.get(method))(_bind(server, handler))
    return server


ANSWERS: dict[str, Callable[[Session, Any], Any]] = {
    types.TEXT_DOCUMENT_DEFINITION: answers.define,
    types.TEXT_DOCUMENT_REFERENCES: answers.list_references,
    types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT: answers.highlight,
    types.TEXT_DOCUMENT_DOCUMENT_LINK: answers.link_files,
    types.TEXT_DOCUMENT_DOCUMENT_SYMBOL: answers.list_document_symbols,
    types.TEXT_DOCUMENT_PREPARE_RENAME: answers.prepare_rename,
}
"""Questions that need nothing but the session."""

OPTIONS: dict[str, Any] = {
    types.TEXT_DOCUMENT_COMPLETION: types.CompletionOptions(trigger_characters=list(TRIGGERS)),
    types.TEXT_DOCUMENT_CODE_ACTION: types.CodeActionOptions(code_action_kinds=list(KINDS)),
}


def _answer_with(answer: Callable[[Session, Any], Any]) -> Callable[[Server, Any], Any]:
    def serve(server: Server, params: Any) -> Any:
        return answer(server.session, params)

    return serve


def _bind(server: Server, handler: Callable[..., Any]) -> Callable[..., Any]:
    guarded = guard(handler)

    def serve(params: Any) -> Any:
        return guarded(server, params)

    return serve


def serve(reader: BinaryIO, writer: BinaryIO, docs: str | None = None) -> int:
    """Serve one editor until it says so; 0 if it did or never began, 1 if it just went away."""
    logging.basicConfig(stream=sys.stderr, level=logging.ERROR, format="headgate: %(message)s")
    logging.getLogger("pygls.protocol.json_rpc").addFilter(_is_failure)
    server = build_server(docs)
    # A check leaves hardly any cycles behind; to look for them in the midst of one takes as long as it does.
    gc.freeze()
    gc.set_threshold(100_000)
    server.start_io(reader, writer)
    return 1 if server.has_started and not server.has_shut_down else 0


def _is_failure(record: logging.LogRecord) -> bool:
    """Tell whether something went wrong: a refusal did not."""
    return not (record.exc_info and isinstance(record.exc_info[1], Refused))


def initialize(server: Server, params: types.InitializeParams) -> None:
    """Learn how the editor counts and which folders it shows."""
    server.has_started = True
    server.form = read_form(params.capabilities)
    encoding = str(getattr(server.workspace.position_encoding, "value", server.workspace.position_encoding))
    if encoding in ("utf-8", "utf-32"):
        server.session.encoding = encoding  # type: ignore[assignment]
    server.abilities = read_abilities(params)
    uris = [folder.uri for folder in params.workspace_folders or ()]
    if not uris and params.root_uri:
        uris = [params.root_uri]
    server.session.folders = {path for uri in uris if (path := find_path(uri)) is not None}


WATCHED = ("**/headgate.yaml", "**/.github/workflows/*.yaml", "**/.github/workflows/*.yml")


def watch(server: Server, _params: types.InitializedParams) -> None:
    """Ask to be told of files that change; an editor that can't be asked tells when it saves one."""
    workspace = server.client_capabilities.workspace
    files = workspace.did_change_watched_files if workspace is not None else None
    if files is None or not files.dynamic_registration:
        return
    options = types.DidChangeWatchedFilesRegistrationOptions(
        [types.FileSystemWatcher(pattern) for pattern in WATCHED]
    )
    method = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
    server.client_register_capability(
        types.RegistrationParams([types.Registration("headgate-files", method, options)])
    )


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


def offer(server: Server, params: types.CodeActionParams) -> list[types.CodeAction]:
    """List what could be done at a place."""
    return list_actions(server.session, server.form, params)


def rename(server: Server, params: types.RenameParams) -> types.WorkspaceEdit | None:
    """Rename what stands at a place, or say why it can't be."""
    try:
        return answers.rename_at(server.session, server.form, params)
    except SchemaError as error:
        raise Refused(str(error)) from None


def publish(server: Server) -> None:
    """Tell the editor every diagnostic that is new to it, and which are gone."""
    session = server.session
    found: dict[str, list[types.Diagnostic]] = {}
    for home in session.list_homes():
        try:
            found.update(list_diagnostics(session, home))
        except SchemaError as error:
            server.tell(str(error))  # a file of this one can't be read; the others are answered all the same
    for uri in [*found, *(uri for uri in server._published if uri not in found)]:
        text = session.find_text(uri)
        params = types.PublishDiagnosticsParams(uri, found.get(uri, []), text.version if text else None)
        if params != server._published.get(uri):
            server.text_document_publish_diagnostics(params)
        server._published[uri] = params
    for uri in server._published.keys() - found.keys():
        del server._published[uri]
