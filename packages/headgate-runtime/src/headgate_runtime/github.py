"""The only module that knows the GitHub API. Rule: the token is sent to the API and nowhere else."""

from __future__ import annotations

import email.utils
import json
import random
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPException
from typing import Any, Final, Protocol, TypeVar

from headgate_runtime.errors import ApiFailed

API_VERSION: Final = "2022-11-28"
REQUEST_TIMEOUT: Final = 30.0
"""Seconds for one request to the API."""

T = TypeVar("T")

_TRIES = 5
_PAGE = 100
_LONGEST_PAUSE = 60.0


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


SOMEBODY = "somebody"
"""Who reviewed, where GitHub no longer knows the account."""


@dataclass(frozen=True)
class Review:
    """What a reviewer said of a GitHub environment that a run waited for; `approved` or rejected."""

    environment: str
    approved: bool
    actor: str
    comment: str


class Access(Protocol):
    """What every request needs: a `Runner` has it, and so has a person's command line."""

    @property
    def repository(self) -> str:
        """Its owner and name."""

    @property
    def api_url(self) -> str:
        """The root of the API."""

    @property
    def token(self) -> str | None:
        """Who asks."""


def _review(said: Any, environment: str) -> Review:
    who = (said.get("user") or {}).get("login") or SOMEBODY
    return Review(environment, said["state"] == "approved", who, said["comment"] or "")


class Api:
    """The few requests to the GitHub API that Headgate needs, each with a timeout and bounded retries.

    Everything raises ApiFailed if GitHub says no, or can't be reached after five tries.
    """

    def __init__(
        self,
        access: Access,
        *,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self._access = access
        self._repository = f"/repos/{access.repository}"
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

    def has_reviewers(self, environment: str) -> bool:
        """Return whether a GitHub environment exists and lets nobody pass without a required reviewer.

        https://docs.github.com/rest/deployments/environments#get-an-environment
        """

        def read(answer: Any) -> bool:
            rules = answer.get("protection_rules") or ()
            return any(rule.get("type") == "required_reviewers" and rule.get("reviewers") for rule in rules)

        return self._find(f"/environments/{urllib.parse.quote(environment, safe='')}", read, False)

    def run_reviews(self, run_id: int) -> tuple[Review, ...]:
        """Return what reviewers said in a run, all attempts together, in GitHub's order; none if it is gone.

        https://docs.github.com/rest/actions/workflow-runs#get-the-review-history-for-a-workflow-run
        """

        def read(answer: Any) -> tuple[Review, ...]:
            return tuple(
                _review(said, place["name"])
                for said in answer
                if said["state"] in ("approved", "rejected")
                for place in said["environments"]
            )

        return self._find(f"/actions/runs/{run_id}/approvals", read, ())

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

    def request(
        self, method: str, path: str, body: Mapping[str, object] | None = None, tries: int = _TRIES
    ) -> bytes:
        """Send any other request about the repository; the JSON that came back, empty where there is none."""
        return self._send(method, self._repository + path, body, tries)

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
        url = self._access.api_url + path
        request = urllib.request.Request(url, data=content, method=method)  # noqa: S310 - as the runner says
        request.add_header("Accept", "application/vnd.github+json")
        request.add_header("X-GitHub-Api-Version", API_VERSION)
        request.add_header("User-Agent", "headgate")
        if self._access.token:
            # Not repeated after a redirect, which may lead to another host.
            request.add_unredirected_header("Authorization", f"Bearer {self._access.token}")
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
