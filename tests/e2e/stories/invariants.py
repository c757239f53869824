"""What must hold after every executed story, whatever it was about."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.e2e.stories.executed import ExecutedSide
from tests.e2e.stories.telling import CONTRACT, traffic_after

UNKNOWN_AT_THE_END = ("failed",)
"""How a rollout may end without anybody knowing where the traffic is."""


def check_execution(side: ExecutedSide) -> None:
    """Raise AssertionError for the first invariant that does not hold."""
    _check_runs(side)
    _check_log(side)
    _check_contexts(side)
    _check_one_callback_at_a_time(side)
    _check_traffic(side)


def _check_runs(side: ExecutedSide) -> None:
    """GitHub could start every run."""
    for run in side.repository.runs():
        for attempt in run.attempts:
            assert not attempt.errors, f"{run.title}: {attempt.errors}"


def _check_log(side: ExecutedSide) -> None:
    """One event is one commit, one line of JSON; each record counts its events, and time never goes back."""
    branch = side.plan.state_branch
    last: dict[tuple[str, str], tuple[int, int]] = {}
    for commit in side.repository.log(branch)[1:]:
        assert "\n" not in commit.body, f"{commit.subject}: its body has several lines"
        event = json.loads(commit.body)
        if not event["deploy"]:
            continue
        place = (event["environment"], event["deploy"])
        seq, at = last.get(place, (0, 0))
        assert event["seq"] == seq + 1, f"{place}: event {event['seq']} follows {seq}"
        assert event["at"] >= at, f"{place}: event {event['seq']} is before {seq}"
        last[place] = (event["seq"], event["at"])


def _check_contexts(side: ExecutedSide) -> None:
    """`context` repeats the other inputs."""
    for call in side.traffic.calls:
        if call.action not in ("", "notify"):
            context = json.loads(call.inputs["context"])
            told = {name: context[name] for name in CONTRACT}
            assert told == {name: call.inputs[name] for name in CONTRACT}


def _check_one_callback_at_a_time(side: ExecutedSide) -> None:
    """No callback of a place begins before the one before it has ended (one that was killed never ends)."""
    running: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for record in side.traffic.records:
        inputs = record["inputs"]
        if inputs.get("action") == "notify":
            continue
        place = (inputs.get("environment", ""), inputs.get("deploy", ""))
        begun = running.setdefault(place, [])
        if record["event"] == "begin":
            begun.append(record)
        elif record["inputs"].get("action"):
            assert begun[-1]["process"] == record["process"], (
                f"{place}: {inputs['action']} ran beside another"
            )


def _check_traffic(side: ExecutedSide) -> None:
    """No rollout is over while some of the traffic is who knows where."""
    told = side.telling()
    for place, record in told.records.items():
        if record["open"] is None and record["last"] and record["last"][0]["state"] not in UNKNOWN_AT_THE_END:
            traffic = traffic_after(told.calls_in(place))
            resolved = record["last"][0]["outcome"] == "resolved"
            known = "unknown" not in traffic and "," not in traffic
            assert known or resolved, f"{place} is {record['last'][0]['state']}, its traffic is {traffic}"
