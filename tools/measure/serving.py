"""How long an editor waits for diagnostics after a key stroke: our language server and yaml-language-server.

Both are spoken to in turn, over the same files and changes. Rule: a time counts from the change that is sent
to the diagnostics of exactly that version.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path

from tests.e2e.node import NodeMissing
from tests.editors.client import Client, ServerSilent
from tests.editors.yaml_server import OFFLINE, start_yaml_server
from tools.measure.manifests import declare_inputs, lines, repository
from tools.measure.race import shown
from tools.measure.report import Section, ratio

SIZES = (100, 500, 2000)
CHANGES_PER_RUN = 8
WARM_UP = 6
OURS, THEIRS = "headgate-schema lsp", "yaml-language-server, our schema"
PAUSES = {OURS: 0.005, THEIRS: 0.2}
"""Seconds each of them waits for more key strokes before it begins; nobody can set them."""

INSTALLED = "from headgate_schema.cli import run_process; run_process()"
"""What the installed script `headgate-schema` does."""

SCHEMA = Path(__file__).resolve().parent.parent.parent / "schema/v1/manifest.schema.json"

Place = tuple[int, int, str]
"""A line, a character, and what is typed over it."""


@dataclass
class Server:
    """A started server with one open document, and how long it took for each change."""

    client: Client
    uri: str
    seconds: list[float] = field(default_factory=list)

    def type_over(self, place: Place) -> float:
        """Change one character and wait for what is said of it; returns the seconds."""
        begun = time.perf_counter()
        self.client.overwrite(self.uri, *place)
        return time.perf_counter() - begun


def measure(scratch: Path, runs: int) -> Section:
    """Type into manifests of three sizes; every other change makes a mistake, the next one takes it back."""
    rows = [row for size in SIZES for row in compare(scratch / str(size), size, runs * CHANGES_PER_RUN)]
    reading = (
        f"{runs * CHANGES_PER_RUN} changes of one character each, from the change to its diagnostics. "
        f"Both wait for more key strokes first (ours {shown(PAUSES[OURS])}, theirs {shown(PAUSES[THEIRS])}): "
        "`at work` is p95 without that."
    )
    head = ("lines", "server", "p50", "p95", "against ours", "at work", "against ours", "memory")
    return Section("Typing in an editor", reading, head, tuple(rows))


def compare(folder: Path, size: int, changes: int) -> list[tuple[str, ...]]:
    """Measure both servers on one size, change by change."""
    where = repository(folder, lines(size))
    declare_inputs(where)
    (where / ".git").mkdir()
    uri = (where / "headgate.yaml").as_uri()
    servers: dict[str, Server] = {}
    missing: dict[str, str] = {}
    with ExitStack() as stack:
        for name, start in {OURS: start_ours, THEIRS: start_theirs}.items():
            try:
                servers[name] = Server(stack.enter_context(start(where)), uri)
            except (NodeMissing, ServerSilent) as reason:
                missing[name] = "no Node" if isinstance(reason, NodeMissing) else str(reason).split("\n")[-1]
        type_in_turn(tuple(servers.values()), lines(size), changes)
        rows = [show(size, name, servers) for name in servers]
    return rows + [(f"{size:,}", name, f"not measured: {why}", *[""] * 5) for name, why in missing.items()]


def type_in_turn(servers: Sequence[Server], text: str, changes: int) -> None:
    """Make every change in each server, one after the other."""
    for server in servers:
        server.client.open(server.uri, text)
    for number, place in enumerate(islice(list_changes(text), changes + WARM_UP)):
        for server in servers:
            seconds = server.type_over(place)
            if number >= WARM_UP:
                server.seconds.append(seconds)


def list_changes(text: str) -> Iterator[Place]:
    """Spoil a duration and mend it, one after the other, round and round."""
    for line, written in cycle(list(enumerate(text.split("\n")))):
        if written.endswith("bake_time: 10m"):
            yield line, len(written) - 2, "x"
            yield line, len(written) - 2, "0"


def show(size: int, name: str, servers: Mapping[str, Server]) -> tuple[str, ...]:
    """Sum up one server's times as a row, beside ours where it is there."""
    p50, p95 = (find_percentile(servers[name].seconds, percent) for percent in (50, 95))
    at_work = p95 - PAUSES[name]
    against = ("", "")
    if OURS in servers:
        ours = find_percentile(servers[OURS].seconds, 95)
        against = (ratio(p95, ours), ratio(at_work, ours - PAUSES[OURS]))
    memory = find_memory(servers[name].client.process.pid)
    return (f"{size:,}", name, shown(p50), shown(p95), against[0], shown(at_work), against[1], memory)


def find_percentile(seconds: Sequence[float], percent: int) -> float:
    """Give the time that so many percent did not exceed."""
    ordered = sorted(seconds)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def find_memory(process: int) -> str:
    """Ask the system what a process holds in memory."""
    command = ["ps", "-o", "rss=", "-p", str(process)]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)
    return f"{int(asked.stdout) / 1024:.0f} MB" if asked.stdout.strip() else "unknown"


def start_ours(where: Path) -> Client:
    """Start our server for a repository; raises `ServerSilent` where pygls is missing."""
    return Client([sys.executable, "-c", INSTALLED, "lsp"], where)


def start_theirs(where: Path) -> Client:
    """Start yaml-language-server for a repository, and tell it our schema; raises `NodeMissing`."""
    settings = {"yaml": {**OFFLINE["yaml"], "schemas": {SCHEMA.as_uri(): ["headgate.yaml"]}}}
    return start_yaml_server(where, settings, where / "connections")
