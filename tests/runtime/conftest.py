"""Real git in temporary folders: an origin as GitHub would hold it, and ways to break it."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from headgate_runtime.branch import StateBranch
from headgate_runtime.git import Git, clean_environment, open_scratch
from headgate_runtime.runner import Runner

BRANCH = "headgate/state"
REF = f"refs/heads/{BRANCH}"
PERSON = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.invalid")
REAL_GIT = shutil.which("git") or "git"
ENVIRONMENT = {
    "GITHUB_RUN_ID": "4711",
    "GITHUB_RUN_ATTEMPT": "2",
    "GITHUB_RUN_NUMBER": "128",
    "GITHUB_REPOSITORY": "acme/shop",
    "GITHUB_SERVER_URL": "https://github.example/",
    "GITHUB_API_URL": "https://api.github.example",
    "GITHUB_SHA": "1a2b3c4" + "0" * 33,
    "GITHUB_REF": "refs/heads/main",
    "GITHUB_ACTOR": "ann",
    "GITHUB_TRIGGERING_ACTOR": "bob",
    "GITHUB_EVENT_NAME": "workflow_dispatch",
    "GITHUB_WORKFLOW_REF": "acme/shop/.github/workflows/headgate-deploy-app.yaml@refs/heads/main",
    "GITHUB_JOB": "start",
    "GITHUB_TOKEN": "ghs_secret",
}

HOSTILE = [
    "::error::no",
    "  \t::set-output name=x::y",
    "\u00a0::warning::after a space of another kind",
    "a\n::error::b",
    "a\r::error::b",
    "a\u2028::error::b",
    "a\x85::error::b",
    "a\x0b::error::b",
    "##[error]old style",
    "before ##[add-path]/evil",
    "::stop-commands::x",
    "::::::",
    "plain: text :: within",
    "🚀 büro \udcff",
    "",
]


class Origin:
    """A bare repository, looked at and changed behind Headgate's back."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.url = path.as_uri()
        subprocess.run([REAL_GIT, "init", "--quiet", "--bare", str(path)], check=True)

    def git(self, *arguments: str, stdin: bytes | None = None) -> str:
        done = subprocess.run(
            [REAL_GIT, *PERSON, "-C", str(self.path), *arguments],
            env=clean_environment(os.environ, {}), input=stdin or b"", capture_output=True, check=True,
        )  # fmt: skip
        return done.stdout.decode()

    def tip(self) -> str:
        return self.git("rev-parse", REF).strip()

    def move(self, commit: str | None) -> None:
        """Put the branch on a commit, or delete it."""
        self.git("update-ref", *([REF, commit] if commit else ["-d", REF]))

    def commit(self, files: Mapping[str, bytes], *, orphan: bool = False) -> str:
        """Commit files on top of the branch, as a person might, and move it there."""
        lines = self.git("ls-tree", "-r", REF).splitlines() if not orphan else []
        tree = {line.split("\t")[1]: line.split()[2] for line in lines}
        for path, content in files.items():
            tree[path] = self.git("hash-object", "-w", "--stdin", stdin=content).strip()
        index = {"GIT_INDEX_FILE": str(self.path / "index.tmp")}
        environment = {**clean_environment(os.environ, {}), **index}
        entries = "".join(f"100644 {blob}\t{path}\n" for path, blob in tree.items()).encode()
        run = [REAL_GIT, "-C", str(self.path)]
        subprocess.run([*run, "read-tree", "--empty"], env=environment, check=True)
        subprocess.run([*run, "update-index", "--index-info"], env=environment, input=entries, check=True)
        done = subprocess.run([*run, "write-tree"], env=environment, capture_output=True, check=True)
        parents = () if orphan else ("-p", self.tip())
        commit = self.git("commit-tree", *parents, "-m", "by hand", done.stdout.decode().strip()).strip()
        self.move(commit)
        return commit

    def grow(self, commits: int) -> None:
        """Make the history longer."""
        one = b"commit %s\ncommitter S <s@example.invalid> now\ndata 1\nx\n" % REF.encode()
        stream = one + b"from %s^0\n" % REF.encode() + one * (commits - 1)
        self.git("fast-import", "--quiet", "--date-format=now", stdin=stream)

    def read(self, path: str) -> str:
        return self.git("show", f"{REF}:{path}")

    def messages(self) -> list[str]:
        """The messages of all commits, oldest first."""
        return self.git("log", "-z", "--reverse", "--format=%B", REF).rstrip("\0").split("\0")

    def events(self) -> list[dict[str, Any]]:
        """The events of all commits that carry one, oldest first."""
        bodies = [message.strip().partition("\n\n")[2] for message in self.messages()]
        return [json.loads(body) for body in bodies if body]

    def hook(self, name: str, script: str) -> None:
        """Install a server-side hook."""
        _executable(self.path / "hooks" / name, script)


class Wrapper:
    """A program named git, first on the PATH, that runs a script around the real one."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self._monkeypatch = monkeypatch

    def install(self, script: str) -> None:
        """`$real` is the real git; `first` is true the first time it is asked."""
        head = f'real={REAL_GIT}; folder={self.folder}\nfirst() {{ mkdir "$folder/once" 2>/dev/null; }}\n'
        _executable(self.folder / "git", head + script + '\nexec "$real" "$@"\n')
        self._monkeypatch.setenv("PATH", f"{self.folder}{os.pathsep}{os.environ['PATH']}")


@dataclass(frozen=True)
class Request:
    """What a server was asked."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


Answer = Callable[[Request], tuple[int, object] | tuple[int, object, Mapping[str, str]]]


class Server:
    """Answers on loopback with (status, JSON) or (status, JSON, headers), and remembers what it was asked."""

    def __init__(self, answer: Answer) -> None:
        self.requests: list[Request] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            date = ""

            def respond(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                asked = {name.title(): value for name, value in self.headers.items()}
                request = Request(self.command, self.path, asked, self.rfile.read(length))
                server.requests.append(request)
                status, content, *more = answer(request)
                body = content if isinstance(content, bytes) else json.dumps(content).encode()
                headers = dict(more[0]) if more else {}
                self.date = headers.pop("Date", "")
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = respond  # noqa: N815

            def date_time_string(self, timestamp: float | None = None) -> str:
                return self.date or super().date_time_string(timestamp)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _executable(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.fixture(autouse=True)
def no_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The home of whoever runs the tests is out of reach."""
    monkeypatch.setenv("HOME", str(tmp_path / "no-such-home"))


@pytest.fixture
def origin(tmp_path: Path) -> Origin:
    """An empty origin."""
    return Origin(tmp_path / "origin.git")


@pytest.fixture
def wrapper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Wrapper:
    """Lets a test stand between Headgate and git."""
    return Wrapper(tmp_path / "wrapper", monkeypatch)


@pytest.fixture
def scratch() -> Iterator[Git]:
    """A scratch repository."""
    with open_scratch() as git:
        yield git


@pytest.fixture
def open_branch(origin: Origin) -> Iterator[Callable[..., StateBranch]]:
    """Opens the state branch of the origin, each time as another process would."""
    with ExitStack() as stack:

        def opened(**options: Any) -> StateBranch:
            return StateBranch(origin.url, BRANCH, stack.enter_context(open_scratch()), **options)

        yield opened


@pytest.fixture
def serve() -> Iterator[Callable[[Answer], Server]]:
    """Starts servers that live as long as the test."""
    with ExitStack() as stack:

        def started(answer: Answer) -> Server:
            server = Server(answer)
            stack.callback(server.stop)
            return server

        yield started


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    files = {"GITHUB_OUTPUT": str(tmp_path / "output"), "GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}
    return Runner.from_environment({**ENVIRONMENT, **files})
