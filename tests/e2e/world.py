"""Drives the executor: a fake GitHub on loopback that runs workflows of local bare repositories.

A `World` is one server for a whole test session; each test makes its own `Repository` in it. Values that come
back are in `runs`.
"""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from tests.e2e import origin
from tests.e2e.node import FOLDER, node_program
from tests.e2e.runs import Run

SERVER = FOLDER / "executor" / "server.mjs"
PROGRAMS = FOLDER / "bin"
# A wait of the executor ends with its own, speaking error before the connection gives up.
CONNECTION_MARGIN_SECONDS = 15.0
DEFAULT_TIMEOUT_SECONDS = 60.0


class ControlRefused(Exception):
    """The executor refused a control request, or a wait ended in vain; the message is its own."""


class DispatchRefused(ControlRefused):
    """GitHub would answer 4xx to this dispatch."""


class World:
    """The running server. Use `World.start(folder)` as a context manager."""

    def __init__(self, folder: Path, port: int) -> None:
        """For `start`; folder holds the origins, the work folders and the programs of the jobs."""
        self.folder = folder
        self._port = port
        self._count = 0

    @classmethod
    @contextmanager
    def start(cls, folder: Path, *, python: str | None = None) -> Iterator[Self]:
        """Start a server that keeps everything under `folder`, and end it afterwards.

        python: what `python3` is inside of jobs; this interpreter, without its site packages, when None.
        """
        origins, work, tools = folder / "origins", folder / "work", folder / "tools"
        for path in (origins, work, tools):
            path.mkdir(parents=True)
        for program in PROGRAMS.iterdir():
            (tools / program.name).symlink_to(program)
        (tools / "python3").symlink_to(python or Path(sys.executable).resolve())
        options = ["--origins", str(origins), "--work", str(work), "--tools", str(tools)]
        command = [node_program(), str(SERVER), *options]
        server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert server.stdin is not None
        assert server.stdout is not None
        line = server.stdout.readline()
        if not line:
            raise ControlRefused(f"the executor did not start (exit code {server.wait()})")
        try:
            yield cls(folder, json.loads(line)["port"])
        finally:
            server.stdin.close()
            server.wait(timeout=10)
            server.stdout.close()

    @property
    def tools(self) -> Path:
        """The folder whose programs come first in the PATH of jobs."""
        return self.folder / "tools"

    @property
    def server_url(self) -> str:
        """What jobs get as GITHUB_SERVER_URL."""
        return f"file://{self.folder / 'origins'}"

    @property
    def api_url(self) -> str:
        """The root of the fake REST API."""
        return f"http://127.0.0.1:{self._port}"

    def create_repository(
        self,
        files: Mapping[str, str | bytes],
        *,
        name: str | None = None,
        fork: bool = False,
        default_branch: str = "main",
    ) -> Repository:
        """A new repository `acme/<name>` whose default branch holds these files."""
        self._count += 1
        full_name = f"acme/{name or f'shop-{self._count}'}"
        git_dir = self.folder / "origins" / f"{full_name}.git"
        origin.create(git_dir, default_branch)
        self.control("create", {"fullName": full_name, "fork": fork, "defaultBranch": default_branch})
        repository = Repository(self, full_name, git_dir, default_branch)
        repository.commit(files, message="Start")
        return repository

    def control(self, verb: str, body: Mapping[str, Any], timeout: float = DEFAULT_TIMEOUT_SECONDS) -> Any:
        """Ask the server something; see `executor/control.mjs` for the verbs. Raises `ControlRefused`."""
        patience = timeout + CONNECTION_MARGIN_SECONDS
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=patience)
        try:
            connection.request("POST", f"/_control/{verb}", json.dumps(body))
            response = connection.getresponse()
            answer = json.loads(response.read())
        finally:
            connection.close()
        if response.status != http.client.OK:
            kind = DispatchRefused if verb == "dispatch" else ControlRefused
            raise kind(answer["message"])
        return answer


class Repository:
    """One repository of the world: its bare origin, its runs, and what a test may do to it."""

    def __init__(self, world: World, full_name: str, git_dir: Path, default_branch: str) -> None:
        """For `World.create_repository`."""
        self.world = world
        self.full_name = full_name
        self.git_dir = git_dir
        self.default_branch = default_branch

    # The origin.

    def commit(
        self,
        files: Mapping[str, str | bytes],
        *,
        message: str = "Change",
        branch: str | None = None,
        remove: Sequence[str] = (),
    ) -> str:
        """Commit files on top of a branch (made if missing); returns the commit. Starts nothing."""
        return origin.commit(
            self.git_dir, branch or self.default_branch, files, message=message, remove=remove
        )

    def tip(self, branch: str | None = None) -> str | None:
        """The commit at the tip of a branch, or None."""
        return origin.tip(self.git_dir, branch or self.default_branch)

    def read(self, path: str, branch: str | None = None) -> str | None:
        """The text of a file at the tip of a branch, or None."""
        return origin.read(self.git_dir, branch or self.default_branch, path)

    def files(self, branch: str | None = None) -> list[str]:
        """The paths at the tip of a branch, sorted."""
        return origin.files(self.git_dir, branch or self.default_branch)

    def log(self, branch: str | None = None) -> list[origin.Commit]:
        """The commits of a branch, oldest first."""
        return origin.log(self.git_dir, branch or self.default_branch)

    def point(self, branch: str, commit: str | None) -> None:
        """Move a branch by force, or delete it."""
        origin.point(self.git_dir, branch, commit)

    # Starting runs.

    def dispatch(
        self,
        workflow: str,
        inputs: Mapping[str, Any] | None = None,
        *,
        actor: str = "octocat",
        ref: str | None = None,
    ) -> Run:
        """Dispatch a file (its bare name) on the default branch or `ref`; raises `DispatchRefused`."""
        place = {} if ref is None else {"ref": ref}
        return self._started("dispatch", file=workflow, inputs=dict(inputs or {}), actor=actor, **place)[0]

    def push(
        self,
        files: Mapping[str, str | bytes] | None = None,
        *,
        message: str = "Change",
        branch: str | None = None,
        remove: Sequence[str] = (),
    ) -> list[Run]:
        """Commit, if there is anything, and start what listens to the push."""
        branch = branch or self.default_branch
        before = self.tip(branch)
        if files or remove:
            self.commit(files or {}, message=message, branch=branch, remove=remove)
        known = {} if before is None or not (files or remove) else {"before": before}
        return self._started("push", branch=branch, **known)

    def pull_request(self, sha: str, **details: Any) -> list[Run]:
        """Start what listens to a pull request with this commit; details: base, head, number, action."""
        return self._started("pull_request", sha=sha, **details)

    def merge_group(self, sha: str, **details: Any) -> list[Run]:
        """Start what listens to a merge group with this commit."""
        return self._started("merge_group", sha=sha, **details)

    def schedule(self, workflow: str | None = None) -> list[Run]:
        """Start the scheduled workflows, or this one."""
        return self._started("schedule", **({} if workflow is None else {"file": workflow}))

    # Looking at runs.

    def runs(self, workflow: str | None = None) -> list[Run]:
        """All runs, oldest first, or those of one workflow file."""
        found = [Run.read(one) for one in self._control("runs")]
        return [run for run in found if workflow is None or run.file == workflow]

    def run(self, run: Run | int) -> Run:
        """The present picture of a run."""
        return Run.read(self._control("run", run=_id(run)))

    def wait(self, run: Run | int | None = None, timeout: float = DEFAULT_TIMEOUT_SECONDS) -> Run | None:
        """Wait until this run is completed, or all runs are, also those that were started meanwhile.

        Raises `ControlRefused` with a list of what is still going on.
        """
        if run is None:
            self._wait("idle", timeout)
            return None
        self._wait("run", timeout, run=_id(run))
        return self.run(run)

    def finish(self, workflow: str, inputs: Mapping[str, Any] | None = None, **options: Any) -> Run:
        """Dispatch, wait until everything is over, and return the run that was dispatched."""
        started = self.dispatch(workflow, inputs, **options)
        self.wait()
        return self.run(started)

    def wait_job(self, run: Run, job: str, status: str, timeout: float = DEFAULT_TIMEOUT_SECONDS) -> None:
        """Wait until a job of the run has this status (`in_progress`, `waiting`, `completed`, …)."""
        self._wait("job", timeout, run=run.id, job=job, status=status)

    def wait_log(self, run: Run, job: str, text: str, timeout: float = DEFAULT_TIMEOUT_SECONDS) -> None:
        """Wait until a job of the run has printed this text."""
        self._wait("log", timeout, run=run.id, job=job, text=text)

    # Interfering.

    def cancel(self, run: Run, *, force: bool = False) -> None:
        """The cancel button."""
        self._control("force_cancel" if force else "cancel", run=run.id)

    def lose(self, run: Run, job: str) -> None:
        """The runner of a job that is at work is lost, now."""
        self._control("lose", run=run.id, job=job)

    def time_out(self, run: Run, job: str) -> None:
        """The `timeout-minutes` of a job that is at work are over, now."""
        self._control("time_out", run=run.id, job=job)

    def rerun(self, run: Run, *, failed: bool = False) -> Run:
        """ "Re-run all jobs", or "Re-run failed jobs"; does not wait."""
        return Run.read(self._control("rerun", run=run.id, failed=failed))

    def approve(self, run: Run, environment: str, *, user: str = "octocat", comment: str = "") -> None:
        """A reviewer lets the jobs of an environment go on."""
        self._control(
            "review", run=run.id, environment=environment, state="approved", user=user, comment=comment
        )

    def reject(self, run: Run, environment: str, *, user: str = "octocat", comment: str = "") -> None:
        """A reviewer refuses."""
        self._control(
            "review", run=run.id, environment=environment, state="rejected", user=user, comment=comment
        )

    def fault(self, kind: str, workflow: str, job: str, **details: Any) -> Fault:
        """Plan a misfortune; the kinds are in `executor/faults.mjs`.

        details: attempt, run (an id), nth, times (0: always), lost, text.
        """
        answer = self._control("fault", kind=kind, workflow=workflow, job=job, **details)
        return Fault(self, answer["id"])

    def break_api(self, path: str, *, mode: str = "status", **details: Any) -> None:
        """Let API requests whose path matches this expression fail: mode `status`, `hang` or `drop`.

        details: status (503), method, times (0: until `restore_api`). The path follows /repos/owner/name;
        `/rate_limit` has none before it.
        """
        self._control("api_failure", path=path, mode=mode, **details)

    def restore_api(self) -> None:
        """End all planned failures of the API."""
        self._control("api_restore")

    def issue_token(self, **permissions: str) -> str:
        """A token for the API that no job's end takes away; permissions such as `actions="write"`."""
        return str(self._control("token", permissions=permissions)["token"])

    def api_calls(self) -> list[dict[str, Any]]:
        """Every request that the API got: at, method, path, body, run, job, status."""
        return list(self._control("api_log"))

    def set_clock(self, *, offset_seconds: float | None = None, rate: float | None = None) -> None:
        """Move the repository's time relative to real time, or let it pass faster."""
        values = {"offsetSeconds": offset_seconds, "rate": rate}
        self._control("clock", **{key: value for key, value in values.items() if value is not None})

    def configure(self, **settings: Any) -> None:
        """Set secrets, variables, environments, stepEnvironment, options, … (see the README)."""
        self._control("configure", **settings)

    def stop(self) -> None:
        """End all that still runs."""
        self._control("stop")

    def _started(self, verb: str, **body: Any) -> list[Run]:
        return [Run.read(one) for one in self._control(verb, **body)]

    def _wait(self, what: str, timeout: float, **body: Any) -> None:
        self.world.control(
            f"wait_{what}", {"repository": self.full_name, "timeout": timeout, **body}, timeout
        )

    def _control(self, verb: str, **body: Any) -> Any:
        return self.world.control(verb, {"repository": self.full_name, **body})


@dataclass(frozen=True)
class Fault:
    """A planned misfortune."""

    repository: Repository
    id: int

    @property
    def fired(self) -> int:
        """How often it has happened."""
        faults = self.repository._control("faults")
        return int(next(one["fired"] for one in faults if one["id"] == self.id))

    def wait_held(self, timeout: float = DEFAULT_TIMEOUT_SECONDS) -> None:
        """Wait until something is held here (kinds `hold_…`)."""
        self.repository._wait("held", timeout, fault=self.id)

    def release(self) -> None:
        """Let what is held go on."""
        self.repository._control("release", fault=self.id)


def _id(run: Run | int) -> int:
    return run if isinstance(run, int) else run.id
