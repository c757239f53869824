"""A language client without an editor: one server process, spoken to over its standard input and output.

It waits for what it asked and answers what servers ask clients; every wait ends after `PATIENCE_SECONDS`.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

PATIENCE_SECONDS = 60.0

Message = dict[str, Any]
Settings = Mapping[str, Any]
"""What `workspace/configuration` answers, by section."""


class ServerSilent(Exception):
    """The server ended, or did not answer in time; the message has what it wrote to standard error."""


class Client:
    """A started and initialized server; a context, at whose end it is asked to end."""

    def __init__(
        self,
        argv: Sequence[str],
        root: Path,
        settings: Settings | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Start the server for a folder; the settings are what a client's user would have configured."""
        self.settings = settings or {}
        self._last_request = 0
        self._unread = bytearray()
        self._published: dict[str, list[Message]] = {}
        self._texts: dict[str, str] = {}
        self._versions: dict[str, int] = {}
        self.process = subprocess.Popen(
            argv, cwd=root, env=os.environ | dict(environment or {}),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        folder = {"uri": root.as_uri(), "name": root.name}
        started = {
            "processId": os.getpid(),
            "rootUri": folder["uri"],
            "workspaceFolders": [folder],
            "capabilities": CAPABILITIES,
        }
        self.capabilities: Message = self.request("initialize", started)["capabilities"]
        sync = self.capabilities["textDocumentSync"]
        self._takes_pieces = (sync["change"] if isinstance(sync, dict) else sync) == INCREMENTAL
        self.notify("initialized", {})

    def __enter__(self) -> Client:
        """Give itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Ask the server to end; kill one that does not."""
        try:
            self.request("shutdown", None)
            self.notify("exit", None)
            self.process.wait(timeout=5)
        except (ServerSilent, OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert pipe is not None
            pipe.close()

    def open(self, uri: str, text: str) -> list[Message]:
        """Open a document and give its first diagnostics."""
        return self.open_all({uri: text})[uri]

    def open_all(self, texts: Mapping[str, str]) -> dict[str, list[Message]]:
        """Open documents together: a server that waits until nobody types does so only once."""
        for uri, text in texts.items():
            self._texts[uri], self._versions[uri] = text, 1
            document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
            self.notify("textDocument/didOpen", {"textDocument": document})
        return {uri: self.wait_for_diagnostics(uri) for uri in texts}

    def overwrite(self, uri: str, line: int, character: int, text: str) -> list[Message]:
        """Type over what stands at a place of a line, and give the diagnostics of exactly that version."""
        lines = self._texts[uri].split("\n")
        end = character + len(text)
        lines[line] = lines[line][:character] + text + lines[line][end:]
        self._texts[uri], self._versions[uri] = "\n".join(lines), self._versions[uri] + 1
        change: Message = {"text": self._texts[uri]}
        if self._takes_pieces:
            start = {"line": line, "character": character}
            change = {"range": {"start": start, "end": {"line": line, "character": end}}, "text": text}
        document = {"uri": uri, "version": self._versions[uri]}
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})
        return self.wait_for_diagnostics(uri)

    def close(self, uri: str) -> None:
        """Close a document."""
        self.notify("textDocument/didClose", {"textDocument": {"uri": uri}})

    def wait_for_diagnostics(self, uri: str) -> list[Message]:
        """Give the diagnostics of a document's present version; those of an older one are passed over.

        A server that does not say versions must not be sent a change before it answered the last one.
        """
        while True:
            waiting = self._published.setdefault(uri, [])
            while waiting:
                said = waiting.pop(0)
                if said.get("version") in (None, self._versions[uri]):
                    diagnostics: list[Message] = said["diagnostics"]
                    return diagnostics
            self._handle(self._receive())

    def hover(self, uri: str, line: int, character: int) -> str:
        """Give what is shown at a position, as Markdown; "" for nothing."""
        place = {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}}
        shown = self.request("textDocument/hover", place)
        return str(shown["contents"]["value"]) if shown else ""

    def complete(self, uri: str, line: int, character: int) -> list[Message]:
        """Give what is offered at a position."""
        place = {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}}
        offered = self.request("textDocument/completion", place)
        return list(offered["items"] if isinstance(offered, dict) else offered or [])

    def request(self, method: str, params: Any) -> Any:
        """Ask, and give the result; raises `ServerSilent`, also for an error."""
        self._last_request += 1
        asked = self._last_request
        self._send({"id": asked, "method": method, "params": params})
        while True:
            message = self._receive()
            if message.get("id") == asked and "method" not in message:
                if "error" in message:
                    raise ServerSilent(f"{method}: {message['error']}")
                return message.get("result")
            self._handle(message)

    def notify(self, method: str, params: Any) -> None:
        """Tell."""
        self._send({"method": method, "params": params})

    def _handle(self, message: Message) -> None:
        """Keep diagnostics, answer questions, pass over the rest."""
        method = message.get("method")
        if method == "textDocument/publishDiagnostics":
            params = message["params"]
            self._published.setdefault(params["uri"], []).append(params)
        elif "id" in message and method == "workspace/configuration":
            asked = [self.settings.get(item.get("section")) for item in message["params"]["items"]]
            self._send({"id": message["id"], "result": asked})
        elif "id" in message and method:
            self._send({"id": message["id"], "result": None})

    def _send(self, message: Message) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def _receive(self) -> Message:
        until = time.monotonic() + PATIENCE_SECONDS
        while (end := self._unread.find(b"\r\n\r\n")) < 0:
            self._read_some(until)
        header = bytes(self._unread[:end]).decode().lower()
        length = int(header.partition("content-length:")[2].partition("\r\n")[0])
        body = end + 4
        while len(self._unread) < body + length:
            self._read_some(until)
        message: Message = json.loads(self._unread[body : body + length])
        del self._unread[: body + length]
        return message

    def _read_some(self, until: float) -> None:
        assert self.process.stdout is not None and self.process.stderr is not None
        pipe = self.process.stdout.fileno()
        is_ready, _, _ = select.select([pipe], [], [], max(0.0, until - time.monotonic()))
        read = os.read(pipe, 1 << 16) if is_ready else b""
        if not read:
            self.process.kill()
            why = self.process.stderr.read().decode(errors="replace")
            raise ServerSilent(f"{self.process.args!r} is silent:\n{why}")
        self._unread += read


INCREMENTAL = 2
"""The kind of synchronisation in which a client sends what was changed, and not the whole text."""

CAPABILITIES: Message = {
    "general": {"positionEncodings": ["utf-16"]},
    "workspace": {"configuration": True, "workspaceFolders": True},
    "textDocument": {
        "publishDiagnostics": {"versionSupport": True, "relatedInformation": True},
        "hover": {"contentFormat": ["markdown", "plaintext"]},
        "completion": {"completionItem": {"snippetSupport": True, "documentationFormat": ["markdown"]}},
    },
}
"""What an ordinary editor can do."""
