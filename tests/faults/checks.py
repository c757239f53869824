"""What must hold after every cell: on the state branch, on the fake of the traffic, and between the two."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.e2e.stories.executed import ExecutedSide
from tests.e2e.stories.history import history_of
from tests.e2e.stories.invariants import UNKNOWN_AT_THE_END, check_execution
from tests.e2e.stories.telling import traffic_after
from tests.runtime.invariants import CHECKS, i10_nothing_waits_for_ever, violations

OF_THE_RUN = ("run", "attempt")
"""The keys of `context` in which a repeated call may differ."""


def check(side: ExecutedSide) -> None:
    """Raise AssertionError for what does not hold."""
    check_execution(side)
    found = violations(history_of(side), (*CHECKS, i10_nothing_waits_for_ever))
    assert not found, "\n".join(found)
    _check_repeats(side)
    _check_agreement(side)


def _check_repeats(side: ExecutedSide) -> None:
    """A callback that is called again is told what it was told before."""
    told: dict[tuple[str, str, int], Mapping[str, Any]] = {}
    for call in side.traffic.calls:
        if not call.action:
            continue
        context = json.loads(call.inputs["context"])
        inputs = {
            **call.inputs,
            "context": {key: value for key, value in context.items() if key not in OF_THE_RUN},
        }
        first = told.setdefault((call.rollout_id, call.action, call.step), inputs)
        wrong = [f"{key}: {first[key]!r}, then {inputs[key]!r}" for key in first if first[key] != inputs[key]]
        assert not wrong, f"{call.action} of {call.rollout_id} was called again with other inputs: {wrong}"


def _check_agreement(side: ExecutedSide) -> None:
    """What the record calls live is where the traffic is."""
    told = side.telling()
    for place, record in told.records.items():
        ended = record["last"][0] if record["last"] else None
        if record["open"] or ended is None or ended["outcome"] == "resolved":
            continue
        traffic, live = traffic_after(told.calls_in(place)), record["live"]["id"]
        if traffic != "nothing" and ended["state"] not in UNKNOWN_AT_THE_END:
            assert traffic.split()[0] == live, f"{place}: {live} is live, the traffic is {traffic}"
