"""The protocol by hand: bytes to a server's standard input, bytes from its standard output."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from threading import Timer
from typing import Any

PATIENCE = 30.0
"""Seconds after which a server that does not answer is ended."""


class Wire:
    """A server that was just started; every byte that it writes has to be part of a message."""

    def __init__(self, folder: Path, **variables: str) -> None:
        command = [sys.executable, "-m", "headgate_schema", "lsp"]
        env, pipe = {**os.environ, **variables}, subprocess.PIPE
        self.process = subprocess.Popen(command, cwd=folder, env=env, stdin=pipe, stdout=pipe, stderr=pipe)
        self.folder = folder
        self.asked = 0
        self.watchdog = Timer(PATIENCE, self.process.kill)
        self.watchdog.start()

    def send(self, method: str, params: Any, number: int | None = None) -> None:
        message = {"jsonrpc": "2.0", "method": method, "params": params}
        self.send_bytes(json.dumps(message if number is None else {**message, "id": number}).encode())

    def send_bytes(self, body: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def read(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        length = 0
        while line := self.process.stdout.readline().strip():
            name, _, value = line.partition(b":")
            assert name in (b"Content-Length", b"Content-Type"), line
            length = int(value) if name == b"Content-Length" else length
        assert length, "the server has ended, or answered nothing for a long time"
        message = json.loads(self.process.stdout.read(length))
        assert isinstance(message, dict)
        return message

    def ask(self, method: str, params: Any) -> dict[str, Any]:
        """Send a request and give its answer; what else comes in between is dropped."""
        self.asked += 1
        self.send(method, params, self.asked)
        while True:
            message = self.read()
            if message.get("id") == self.asked and "method" not in message:
                return message

    def start(self, capabilities: Any | None = None) -> dict[str, Any]:
        params = {"processId": None, "rootUri": self.folder.as_uri(), "capabilities": capabilities or {}}
        answer = self.ask("initialize", params)
        self.send("initialized", {})
        return answer

    def identify(self) -> dict[str, str]:
        return {"uri": (self.folder / "headgate.yaml").as_uri()}

    def open(self, text: str) -> None:
        item = {**self.identify(), "languageId": "yaml", "version": 1, "text": text}
        self.send("textDocument/didOpen", {"textDocument": item})

    def type(self, text: str, version: int) -> None:
        identifier = {**self.identify(), "version": version}
        change = {"textDocument": identifier, "contentChanges": [{"text": text}]}
        self.send("textDocument/didChange", change)

    def wait(self, method: str = "textDocument/publishDiagnostics") -> Any:
        """Give the next notification of a kind."""
        while True:
            message = self.read()
            if message.get("method") == method:
                return message["params"]

    def end(self) -> tuple[int, str]:
        """Close the connection; give the exit code and what was written to standard error."""
        left, printed = self.process.communicate(timeout=20)
        assert b"\r\n\r\n" in left or left == b"", left
        return self.process.returncode, printed.decode()

    def kill(self) -> None:
        self.watchdog.cancel()
        self.process.kill()
        self.process.communicate()

    def finish(self) -> tuple[int, str]:
        """End the server as an editor does."""
        self.ask("shutdown", None)
        self.send("exit", None)
        return self.end()
