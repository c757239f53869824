"""How long a framework job takes from process start to pushed state: each verb of a healthy canary.

The vendored runtime runs as in a job, on a bare origin here; a server on loopback stands in for the API.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from tools.measure.generating import HEADGATE
from tools.measure.manifests import CANARY, HEAD, repository
from tools.measure.race import Command, run, shown
from tools.measure.report import Section

VERIFY = "      verify:\n        callback: .github/workflows/canary-verify.yaml\n"
MANIFEST = HEAD + CANARY.format(name="app").replace("bake_time: 10m", "bake_time: 0s").replace(VERIFY, "")
ANSWER = (
    b'{"total_count": 0, "workflow_runs": [], "status": "completed", "conclusion": "success", "jobs": []}'
)
SHA = "1" * 40
WARM_UP = 2
"""Rollouts that don't count: the first release, which goes direct, and the first canary."""

HERE = {"HEADGATE_ENVIRONMENT": "dev", "HEADGATE_DEPLOY": "app", "HEADGATE_DEFAULT_BRANCH": "main"}
DONE = {
    "HEADGATE_RESULT_canary_1": "success",
    "HEADGATE_RESULT_promote": "success",
    "HEADGATE_NEXT_start": "success canary_1",
    "HEADGATE_NEXT_bake_1": "success promote",
}


class Api(BaseHTTPRequestHandler):
    """Answers every request alike, with the Date that the runtime reads the time from."""

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(200)
        self.send_header("Content-Length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER)

    def do_POST(self) -> None:
        """Take the body first; a dispatch starts nothing here."""
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Stay silent."""


@contextmanager
def api() -> Iterator[str]:
    """Serve on loopback; the address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def measure(scratch: Path, runs: int) -> Section:
    """Take release after release through one environment and time every verb of it."""
    where = repository(scratch / "shop", MANIFEST)
    run(Command((HEADGATE, "generate"), cwd=where))
    origin = scratch / "origins/acme/shop.git"
    subprocess.run(["git", "init", "-q", "--bare", str(origin)], check=True)
    taken: dict[str, list[float]] = {}
    with api() as address:
        for number in range(1, WARM_UP + runs + 1):
            for verb, seconds in rollout(where, scratch, address, number):
                if number > WARM_UP:
                    taken.setdefault(verb, []).append(seconds)
    rows = tuple((verb, shown(statistics.median(seconds))) for verb, seconds in taken.items())
    reading = (
        "From process start to pushed state; git's own work is most of it, the network would come on top."
    )
    return Section("One framework job", reading, ("verb", "median"), rows)


def rollout(where: Path, scratch: Path, address: str, number: int) -> Iterator[tuple[str, float]]:
    """Take one release through the first environment; the first one needs no gate."""
    job = Job(where, scratch, address, number)
    yield "register", job.verb("register", {})
    yield "promote", job.verb("promote", {"HEADGATE_DEPLOYS": "all"})
    yield "start", job.verb("start", {"HEADGATE_KIND": "promote"})
    rolled = {"HEADGATE_ROLLOUT": job.outputs["rollout"]}
    if number > 1:
        yield (
            "gate",
            job.verb("gate", {"HEADGATE_GATE": "bake_1", "HEADGATE_RESULT_canary_1": "success", **rolled}),
        )
        yield "finish", job.verb("finish", {**DONE, **rolled, "HEADGATE_ATTEMPT": "1"})
    else:
        direct = {"HEADGATE_NEXT_start": "success deploy", "HEADGATE_RESULT_deploy": "success"}
        job.verb("finish", {**direct, **rolled, "HEADGATE_ATTEMPT": "1"})


class Job:
    """The surroundings of the jobs of one run."""

    def __init__(self, where: Path, scratch: Path, address: str, number: int) -> None:
        """Number the run; each has its own release."""
        self.where = where
        self.output = scratch / f"output-{number}"
        self.environment = {
            "GITHUB_RUN_ID": str(number),
            "GITHUB_RUN_NUMBER": str(number),
            "GITHUB_RUN_ATTEMPT": "1",
            "GITHUB_REPOSITORY": "acme/shop",
            "GITHUB_SERVER_URL": f"file://{scratch}/origins",
            "GITHUB_API_URL": address,
            "GITHUB_SHA": SHA,
            "GITHUB_REF": "refs/heads/main",
            "GITHUB_ACTOR": "octocat",
            "GITHUB_OUTPUT": str(self.output),
            "HEADGATE_RELEASE": f"{number}-{SHA[:7]}",
            **HERE,
        }

    def verb(self, name: str, inputs: Mapping[str, str]) -> float:
        """Run one verb as a process and return its wall time; raises SystemExit when it fails."""
        begun = time.perf_counter()
        ended = subprocess.run(
            [sys.executable, ".github/headgate", name],
            cwd=self.where,
            env={**os.environ, **self.environment, **inputs},
            capture_output=True,
            text=True,
            check=False,
        )
        taken = time.perf_counter() - begun
        if ended.returncode:
            raise SystemExit(f"{name} exited with {ended.returncode}:\n{ended.stdout}{ended.stderr}")
        return taken

    @property
    def outputs(self) -> dict[str, str]:
        """What the verbs of this run handed on, as GitHub would read it."""
        lines = iter(self.output.read_text(encoding="utf-8").splitlines())
        return {line.partition("<<")[0]: next(lines) for line in lines if "<<" in line}
