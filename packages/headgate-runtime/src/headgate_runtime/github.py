"""The only module that knows the runner: its environment, its files and commands, and the GitHub API.

Rule: text that comes from people or callbacks stays text, in the log, in outputs and in summaries; and the
token is sent to the API and nowhere else.
"""

from __future__ import annotations

import email.utils
import json
import os
import random
import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from http.client import HTTPException
from pathlib import Path
from typing import Any, Final, TypeVar

from headgate_runtime.errors import ApiFailed, HeadgateError

SUMMARY_LIMIT: Final = 1024 * 1024
"""Bytes; GitHub drops a larger step summary whole."""

API_VERSION: Final = "2022-11-28"
REQUEST_TIMEOUT: Final = 30.0
"""Seconds for one request to the API."""

T = TypeVar("T")

_TRIES = 5
_PAGE = 100
_LONGEST_PAUSE = 60.0
_CUT = b"\n\n*The rest was left out: a summary holds at most 1 MiB.*\n"


@dataclass(frozen=True)
class Runner:
    """The workflow run that this process is part of, as the runner's environment tells it."""

    run_id: int
    attempt: int
    run_number: int
    repository: str
    server_url: str
    api_url: str
    sha: str
    ref: str
    actor: str
    event_name: str
    workflow_ref: str
    job: str
    token: str | None = field(default=None, repr=False)
    output_path: Path | None = None
    summary_path: Path | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Runner:
        """Read it once; raises HeadgateError naming everything that is missing or no number."""

        def text(name: str) -> str:
            return environment.get(f"GITHUB_{name}", "").strip()

        def path(name: str) -> Path | None:
            return Path(text(name)) if text(name) else None

        numbers = ("RUN_ID", "RUN_ATTEMPT", "RUN_NUMBER")
        wrong = [name for name in numbers if not re.fullmatch("[0-9]{1,18}", text(name))]
        wrong += [name for name in ("REPOSITORY", "SERVER_URL", "API_URL", "SHA", "REF") if not text(name)]
        if wrong:
            names = ", ".join(f"GITHUB_{name}" for name in wrong)
            raise HeadgateError(
                f"this is no workflow run: {names} missing or malformed",
                "the runtime runs inside the workflows that `headgate generate` writes",
            )
        return cls(
            run_id=int(text("RUN_ID")),
            attempt=int(text("RUN_ATTEMPT")),
            run_number=int(text("RUN_NUMBER")),
            repository=text("REPOSITORY"),
            server_url=text("SERVER_URL").rstrip("/"),
            api_url=text("API_URL").rstrip("/"),
            sha=text("SHA"),
            ref=text("REF"),
            actor=text("TRIGGERING_ACTOR") or text("ACTOR"),
            event_name=text("EVENT_NAME"),
            workflow_ref=text("WORKFLOW_REF"),
            job=text("JOB"),
            token=text("TOKEN") or None,
            output_path=path("OUTPUT"),
            summary_path=path("STEP_SUMMARY"),
        )

    @property
    def run_url(self) -> str:
        """The page of the run."""
        return f"{self.server_url}/{self.repository}/actions/runs/{self.run_id}"

    @property
    def remote(self) -> str:
        """The repository as git reaches it; carries no credentials."""
        return f"{self.server_url}/{self.repository}.git"


def set_outputs(runner: Runner, values: Mapping[str, str]) -> None:
    """Hand values to later jobs. A random delimiter keeps a value from setting outputs of its own."""
    blocks = []
    for name, value in values.items():
        delimiter = f"headgate_{os.urandom(16).hex()}"
        blocks.append(f"{name}<<{delimiter}\n{value}\n{delimiter}\n")
    _append(runner.output_path, "".join(blocks).encode("utf-8", "backslashreplace"))


def add_summary(runner: Runner, markdown: str) -> None:
    """Append to the job's summary; past 1 MiB the rest is left out, which the summary then says."""
    path = runner.summary_path
    room = SUMMARY_LIMIT - (path.stat().st_size if path and path.exists() else 0)
    content = markdown.encode("utf-8", "backslashreplace")
    if len(content) > room:
        lines_that_fit = content[: max(room - len(_CUT), 0)].rpartition(b"\n")[0]
        # Filled up with empty lines, so that nothing follows the note.
        content = (lines_that_fit + _CUT).ljust(room, b"\n") if room >= len(_CUT) else b""
    _append(path, content)


def _append(path: Path | None, content: bytes) -> None:
    if path is None:
        return
    try:
        with path.open("ab") as file:
            file.write(content)
    except OSError as error:
        raise HeadgateError(f"the runner's file can't be written: {error}") from None


# What Markdown, HTML, GitHub's mentions and bare links start with.
_MARKUP = re.compile(r"[\\`*_{}\[\]<>&|~!$\"'^]|[@#]|:(?=//)|(?i:(?<=www))\.|^[-+=]|(?<=^[0-9])[.)]")
_BREAK = "&#8203;"


def escape_markdown(text: str) -> str:
    """Return `text` as one line that GitHub shows as it was written, wherever in a summary it stands."""

    def escape(found: re.Match[str]) -> str:
        character = found[0]
        # Looked for after entities are resolved: an invisible character keeps these apart from what follows.
        return f"&#{ord(character)};{_BREAK if character in '@#:.' else ''}"

    line = "".join(character if character.isprintable() else " " for character in text)
    return _MARKUP.sub(escape, " ".join(line.split()))


def say(text: str) -> None:
    """Print lines that the runner never takes for a command (`::` first in a line, `##[` anywhere)."""
    for line in text.splitlines() or [""]:
        harmless = line.replace("##[", "## [")
        if harmless.lstrip().startswith("::"):
            harmless = harmless.replace("::", ": :", 1)
        _print(harmless)


def notice(message: str, title: str = "") -> None:
    """Annotate the run with something worth knowing."""
    _annotate("notice", message, title)


def warning(message: str, title: str = "") -> None:
    """Annotate the run with something that should be looked at."""
    _annotate("warning", message, title)


def error(message: str, title: str = "") -> None:
    """Annotate the run with what went wrong."""
    _annotate("error", message, title)


def _annotate(kind: str, message: str, title: str) -> None:
    # https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
    text = message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    name = title.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    name = name.replace(":", "%3A").replace(",", "%2C")
    _print(f"::{kind} title={name}::{text}" if name else f"::{kind}::{text}")


def _print(line: str) -> None:
    encoding = sys.stdout.encoding or "utf-8"
    print(line.encode(encoding, "backslashreplace").decode(encoding), flush=True)


@dataclass(frozen=True)
class RunStatus:
    """How an attempt of a run stands; `conclusion` is empty until it is completed."""

    completed: bool
    conclusion: str
    attempt: int


@dataclass(frozen=True)
class JobStatus:
    """How a job of an attempt stands; `conclusion` is empty until its status is `completed`."""

    name: str
    status: str
    conclusion: str


class Api:
    """The few requests to the GitHub API that Headgate needs, each with a timeout and bounded retries.

    Everything raises ApiFailed if GitHub says no, or can't be reached after five tries.
    """

    def __init__(
        self,
        runner: Runner,
        *,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self._runner = runner
        self._repository = f"/repos/{runner.repository}"
        self._sleep = sleep
        self._monotonic = monotonic
        self._wall_clock = wall_clock
        self._offset: float | None = None

    def now(self) -> int:
        """Return seconds since 1970 (UTC) by GitHub's clock; by the runner's only without an answer."""
        if self._offset is None:
            self.refresh_clock()
        return int(self._monotonic() + self._offset) if self._offset is not None else int(self._wall_clock())

    def refresh_clock(self) -> None:
        """Set the clock by a fresh answer; without one it goes on as before."""
        try:
            self._send("GET", "/rate_limit", tries=1)
        except ApiFailed:
            return

    def run_attempt(self, run_id: int, attempt: int) -> RunStatus | None:
        """Return how an attempt stands, None if GitHub no longer knows it."""

        def read(answer: Any) -> RunStatus:
            return RunStatus(answer["status"] == "completed", answer["conclusion"] or "", attempt)

        return self._find(f"/actions/runs/{run_id}/attempts/{attempt}", read, None)

    def attempt_jobs(self, run_id: int, attempt: int) -> tuple[JobStatus, ...]:
        """Return the jobs of an attempt, in GitHub's order; none if GitHub no longer knows it."""

        def read(answer: Any) -> list[JobStatus]:
            return [JobStatus(job["name"], job["status"], job["conclusion"] or "") for job in answer["jobs"]]

        path = f"/actions/runs/{run_id}/attempts/{attempt}/jobs?per_page={_PAGE}"
        jobs: list[JobStatus] = []
        while True:
            page: list[JobStatus] = self._find(f"{path}&page={len(jobs) // _PAGE + 1}", read, [])
            jobs += page
            if len(page) < _PAGE:
                return tuple(jobs)

    def dispatch(self, workflow_file: str, ref: str, inputs: Mapping[str, str]) -> None:
        """Start a workflow by its file name; an answer that got lost can start it twice."""
        self._post(f"{_workflow(workflow_file)}/dispatches", {"ref": ref, "inputs": dict(inputs)})

    def cancel_run(self, run_id: int) -> None:
        """Cancel a run as its button would; one that is already over is left alone."""
        try:
            self._post(f"/actions/runs/{run_id}/cancel", {})
        except ApiFailed as failed:
            if failed.status != 409:
                raise

    def rerun_failed_jobs(self, run_id: int) -> None:
        """Start the failed jobs of a run again, as its next attempt."""
        self._post(f"/actions/runs/{run_id}/rerun-failed-jobs", {})

    def successful_runs(self, workflow_file: str) -> int:
        """Return how many runs of a workflow succeeded; 0 if GitHub doesn't know it."""
        path = f"{_workflow(workflow_file)}/runs?status=success&per_page=1"
        return self._find(path, lambda answer: int(answer["total_count"]), 0)

    def default_branch(self) -> str:
        """Return the name of the repository's default branch."""
        return self._get("", lambda answer: str(answer["default_branch"]))

    def _find(self, path: str, read: Callable[[Any], T], missing: T) -> T:
        try:
            return self._get(path, read)
        except ApiFailed as failed:
            if failed.status == 404:
                return missing
            raise

    def _get(self, path: str, read: Callable[[Any], T]) -> T:
        answer = self._send("GET", self._repository + path)
        try:
            return read(json.loads(answer))
        except (ValueError, LookupError, TypeError):
            raise ApiFailed(
                f"GET {self._repository}{path}: Headgate does not understand the answer", 200
            ) from None

    def _post(self, path: str, body: Mapping[str, object]) -> None:
        self._send("POST", self._repository + path, body)

    def _send(
        self, method: str, path: str, body: Mapping[str, object] | None = None, tries: int = _TRIES
    ) -> bytes:
        for number in range(1, tries + 1):
            try:
                return self._send_once(method, path, body)
            except urllib.error.HTTPError as answer:
                failed, pause = _understand(answer, method, path), _pause(answer, number)
            except (OSError, HTTPException) as problem:
                failed, pause = ApiFailed(f"{method} {path}: {problem}", 0), _backoff(number)
            if pause is None or number == tries:
                break
            self._sleep(pause)
        raise failed

    def _send_once(self, method: str, path: str, body: Mapping[str, object] | None) -> bytes:
        content = None if body is None else json.dumps(body).encode()
        url = self._runner.api_url + path
        request = urllib.request.Request(url, data=content, method=method)  # noqa: S310 - as the runner says
        request.add_header("Accept", "application/vnd.github+json")
        request.add_header("X-GitHub-Api-Version", API_VERSION)
        request.add_header("User-Agent", "headgate")
        if self._runner.token:
            # Not repeated after a redirect, which may lead to another host.
            request.add_unredirected_header("Authorization", f"Bearer {self._runner.token}")
        try:
            with urllib.request.urlopen(request, timeout=REQUEST_TIMEOUT) as answer:  # noqa: S310
                self._set_clock(answer.headers)
                received: bytes = answer.read()
                return received
        except urllib.error.HTTPError as refusal:
            self._set_clock(refusal.headers)
            raise

    def _set_clock(self, headers: Message) -> None:
        try:
            told = email.utils.parsedate_to_datetime(headers.get("Date", ""))
        except (TypeError, ValueError):
            return
        self._offset = told.timestamp() - self._monotonic()


def _workflow(file: str) -> str:
    return f"/actions/workflows/{urllib.parse.quote(file, safe='')}"


def _understand(answer: urllib.error.HTTPError, method: str, path: str) -> ApiFailed:
    try:
        said = str(json.loads(answer.read(10_000))["message"])
    except (ValueError, KeyError, TypeError, OSError, HTTPException):
        said = str(answer.reason)
    forbidden = answer.code in (401, 403)
    hint = (
        f"the job needs `permissions: actions: {'read' if method == 'GET' else 'write'}`" if forbidden else ""
    )
    return ApiFailed(f"{method} {path}: {answer.code} {said}", answer.code, hint)


def _pause(answer: urllib.error.HTTPError, number: int) -> float | None:
    """Seconds until another try makes sense; None if it doesn't."""
    # A limit of requests per time comes as 429, or as 403 that says when to come back:
    # https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
    told = answer.headers.get("Retry-After", "")
    if answer.code < 500 and answer.code != 429 and not (answer.code == 403 and told):
        return None
    return min(float(told), _LONGEST_PAUSE) if told.isdecimal() else _backoff(number)


def _backoff(number: int) -> float:
    return 2.0 ** (number - 1) * (0.5 + random.random())  # noqa: S311 - spreads retries, no secret
