"""Many writers at once: nothing is lost, nothing is written twice, nobody starves."""

from __future__ import annotations

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from headgate_runtime.branch import Change, Snapshot, StateBranch, Written
from headgate_runtime.git import open_scratch

WRITERS = 32
EVENTS = 2
PATIENCE = 120.0
SHARED = "environments/prod/app.json"


def appended(state: Snapshot, path: str, entry: list[int]) -> bytes:
    entries = json.loads(state.read(path) or b"[]")
    return json.dumps([*entries, entry]).encode()


def write_events(origin: Any, writer: int, together: Barrier) -> list[Written]:
    """Write to a record of one's own and to one that all share, two events in each push."""
    own = f"environments/dev/app-{writer}.json"
    written = []
    with open_scratch() as git:
        branch = StateBranch(origin.url, "headgate/state", git)
        together.wait()
        for number in range(EVENTS):

            def decide(state: Snapshot, entry: list[int] = [writer, number]) -> list[Change]:  # noqa: B006
                seen = len(json.loads(state.read(SHARED) or b"[]"))
                event = {"writer": entry[0], "number": entry[1], "seen": seen}
                return [
                    Change(f"own {entry}", {**event, "to": "own"}, {own: appended(state, own, entry)}),
                    Change(f"all {entry}", {**event, "to": "all"}, {SHARED: appended(state, SHARED, entry)}),
                ]

            written.append(branch.write(decide, patience=PATIENCE, create=True))
    return written


def test_of_32_writers_nothing_is_lost_and_nothing_written_twice(origin: Any) -> None:
    together = Barrier(WRITERS)
    with ThreadPoolExecutor(WRITERS) as pool:
        writes = list(pool.map(lambda writer: write_events(origin, writer, together), range(WRITERS)))

    expected = Counter((writer, number) for writer in range(WRITERS) for number in range(EVENTS))
    # The tree is the present: every entry once, each writer's own in order.
    shared = [tuple(entry) for entry in json.loads(origin.read(SHARED))]
    assert Counter(shared) == expected
    for writer in range(WRITERS):
        own = json.loads(origin.read(f"environments/dev/app-{writer}.json"))
        assert own == [[writer, number] for number in range(EVENTS)]
    # The log is the history: every event once, in pairs, each decided on the state right before it.
    events = origin.events()
    assert len(events) == 2 * WRITERS * EVENTS
    assert [event["to"] for event in events] == ["own", "all"] * (WRITERS * EVENTS)
    told = [(event["writer"], event["number"]) for event in events if event["to"] == "all"]
    assert told == shared
    assert [event["seen"] for event in events if event["to"] == "all"] == list(range(len(shared)))
    # One line of history with one root, and what each writer was told is on it.
    assert len(origin.git("rev-list", "--max-parents=0", "headgate/state").split()) == 1
    assert origin.git("rev-list", "--merges", "headgate/state") == ""
    history = set(origin.git("rev-list", "headgate/state").split())
    commits = [written.commit for each in writes for written in each]
    assert len(set(commits)) == WRITERS * EVENTS
    assert set(commits) <= history
