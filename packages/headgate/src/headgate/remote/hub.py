"""The repository on GitHub, by a person's token: requests, typed answers, failures in words for people.

Rule: only this module speaks to the API, and nothing is sent twice that starts something.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import quote

import msgspec
from headgate_runtime.errors import ApiFailed
from headgate_runtime.github import Api, JobStatus

from headgate.failure import GitHubFailed, Refused
from headgate.remote.repository import Site
from headgate.remote.token import Token

T = TypeVar("T")

COMPLETED = "completed"
SUCCESS = "success"
RECENT = 50
"""How many of the newest runs are looked at for those that another run led to."""


class Run(msgspec.Struct, frozen=True):
    """A run of a workflow, in its latest attempt; `conclusion` is None until it is completed.

    https://docs.github.com/rest/actions/workflow-runs
    """

    id: int
    html_url: str
    status: str
    conclusion: str | None
    run_attempt: int
    path: str = ""
    display_title: str = ""

    @property
    def is_over(self) -> bool:
        """Whether it is completed."""
        return self.status == COMPLETED

    @property
    def file(self) -> str:
        """The name of its workflow file."""
        return self.path.partition("@")[0].rpartition("/")[2]


class _Runs(msgspec.Struct, frozen=True):
    workflow_runs: tuple[Run, ...]


class _Dispatched(msgspec.Struct, frozen=True):
    workflow_run_id: int


class _Repository(msgspec.Struct, frozen=True):
    default_branch: str


@dataclass(frozen=True)
class Access:
    """What the runtime's client needs to know."""

    repository: str
    api_url: str
    token: str | None = field(default=None, repr=False)


class Hub:
    """One repository. Everything raises GitHubFailed, or Refused where GitHub refuses what was asked for."""

    def __init__(self, site: Site, token: Token, *, sleep: Callable[[float], None] = time.sleep) -> None:
        """For a person with a token."""
        self.site = site
        self.token = token
        self._api = Api(Access(site.name, site.api_url, token.value), sleep=sleep)

    def default_branch(self) -> str:
        """The branch whose workflows can be dispatched."""
        return self.ask("", _Repository).default_branch

    def dispatch(self, file: str, ref: str, inputs: Mapping[str, str]) -> int | None:
        """Start a workflow; the id of its run, None from a server that does not tell it.

        `return_run_details` came in February 2026 (https://docs.github.com/rest/actions/workflows); a server
        that does not know it answers 400, and has started nothing.
        """
        path = f"/actions/workflows/{quote(file, safe='')}/dispatches"
        body: dict[str, object] = {"ref": ref, "inputs": dict(inputs)}
        try:
            answer = self._once("POST", path, {**body, "return_run_details": True})
        except GitHubFailed as failed:
            if failed.status != 400:
                raise
            answer = self._once("POST", path, body)
        return _decode(answer, _Dispatched, path).workflow_run_id if answer else None

    def run(self, run: int) -> Run:
        """How a run stands."""
        return self.ask(f"/actions/runs/{run}", Run)

    def runs(self, file: str = "") -> tuple[Run, ...]:
        """The newest runs, of one workflow or of all, the newest first."""
        workflow = f"/workflows/{quote(file, safe='')}" if file else ""
        return self.ask(f"/actions{workflow}/runs?per_page={RECENT}", _Runs).workflow_runs

    def jobs(self, run: Run) -> tuple[JobStatus, ...]:
        """The jobs of a run's latest attempt."""
        try:
            return self._api.attempt_jobs(run.id, run.run_attempt)
        except ApiFailed as failed:
            raise self._explain(failed) from None

    def successful_runs(self, file: str) -> int:
        """How many runs of a workflow succeeded; 0 for one that GitHub doesn't know."""
        try:
            return self._api.successful_runs(file)
        except ApiFailed as failed:
            raise self._explain(failed) from None

    def ask(self, path: str, kind: type[T]) -> T:
        """One answer, of the type that is expected."""
        try:
            return _decode(self._api.request("GET", path), kind, path)
        except ApiFailed as failed:
            raise self._explain(failed) from None

    def _once(self, method: str, path: str, body: Mapping[str, object]) -> bytes:
        """What starts something is asked for once: an answer that was lost may have started it."""
        try:
            return self._api.request(method, path, body, tries=1)
        except ApiFailed as failed:
            explained = self._explain(failed)
            if failed.status == 0 or failed.status >= 500:
                look = f"it may have started all the same: look at {self.site.url}/actions"
                explained = GitHubFailed(f"{explained}; {look}", failed.status)
            raise explained from None

    def _explain(self, failed: ApiFailed) -> GitHubFailed | Refused:
        """The failure with what a person can do about it."""
        token = f"the token from {self.token.source}"
        match failed.status:
            case 0:
                return GitHubFailed(f"GitHub can't be reached: {failed}", 0)
            case 401:
                return GitHubFailed(f"GitHub does not accept {token}: {failed}", 401)
            case 403:
                needs = "`actions: write` on this repository (a classic one: the scope `repo`)"
                return GitHubFailed(f"{token} may not do that, it needs {needs}: {failed}", 403)
            case 404:
                return GitHubFailed(f"not there, or {token} may not see it: {failed}", 404)
            case 422:
                return Refused(f"GitHub refuses it: {failed}")
            case status:
                return GitHubFailed(str(failed), status)


def _decode(answer: bytes, kind: type[T], path: str) -> T:
    try:
        return msgspec.json.decode(answer, type=kind)
    except msgspec.DecodeError as error:
        said = f"Headgate does not understand GitHub's answer to {path or '/'}: {error}"
        raise GitHubFailed(said, 200) from None
