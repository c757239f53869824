"""What was told of a story, by whichever side: events, calls, records and runs, as text to read and compare.

Rule: nothing in it depends on who told it. Releases are called r1, r2, … in the order of their registration,
and times, run ids and pages are left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

CONTRACT = (
    "environment",
    "sha",
    "release",
    "deploy",
    "strategy",
    "action",
    "percent",
    "step",
    "color",
    "rollout_id",
    "previous_release",
    "previous_sha",
    "reason",
)
"""The inputs of every callback, `context` aside, which repeats them."""

PERSONAL = {
    "at",
    "actor",
    "attempt",
    "bake_remaining",
    "bake_until",
    "checked_at",
    "created",
    "deadline",
    "dispatched_at",
    "ended_at",
    "named_at",
    "owner",
    "paused_at",
    "paused_seconds",
    "progression_seconds",
    "run",
    "started_at",
    "total_seconds",
    "waits_until",
}
"""Keys of records and contexts whose values differ from telling to telling."""


@dataclass(frozen=True)
class Event:
    """One event of a record."""

    name: str
    origin: str
    to: str
    step: int
    release: str
    reason: str

    def __str__(self) -> str:
        """`succeeded → baking`, or the name alone when it was no transition."""
        return f"{self.name} → {self.to}" if self.origin != self.to else self.name


@dataclass(frozen=True)
class Call:
    """One call of a callback: its inputs by the contract, what it got of the builds, and whether it ended
    well.
    """

    place: str
    inputs: Mapping[str, Any]
    context: Mapping[str, Any]
    ended_well: bool

    @property
    def action(self) -> str:
        """What it was called for."""
        return str(self.inputs["action"])

    @property
    def release(self) -> str:
        """The release of the rollout."""
        return str(self.inputs["release"])

    def __str__(self) -> str:
        """`canary: r2 10 % step 1`: what applies to the action."""
        color, percent, step = (self.inputs[name] for name in ("color", "percent", "step"))
        words = [self.action, *([self.release] if self.release else [])]
        words += [f"{percent} %"] if self.action in ("deploy", "deploy_canary", "verify", "promote") else []
        words += [f"step {step}"] if step else []
        words += [str(color)] if color else []
        return " ".join(words)


@dataclass(frozen=True)
class RunTold:
    """One run of a workflow: what it was for, and of each attempt the jobs that ran and the conclusion."""

    what: str
    attempts: tuple[tuple[tuple[str, ...], str], ...]

    def __str__(self) -> str:
        """All of it in a line."""
        told = "; then ".join(f"{' '.join(jobs)} = {conclusion}" for jobs, conclusion in self.attempts)
        return f"{self.what}: {told}"


@dataclass(frozen=True)
class Telling:
    """All that was told. Events, calls and records are by place (`dev/app`), runs in the order of their
    start.
    """

    events: Mapping[str, tuple[Event, ...]]
    calls: tuple[Call, ...]
    records: Mapping[str, Mapping[str, Any]]
    runs: tuple[RunTold, ...]

    def calls_in(self, place: str) -> tuple[Call, ...]:
        """The calls for one place."""
        return tuple(call for call in self.calls if call.place == place)

    def comparable(self) -> dict[str, Any]:
        """What both sides must agree on; between places there is no order."""
        places = sorted({*self.events, *self.records, *(call.place for call in self.calls)})
        return {
            **{f"events of {place}": [_describe(e) for e in self.events.get(place, ())] for place in places},
            **{f"calls in {place}": [_detail(c) for c in self.calls_in(place)] for place in places},
            **{f"record of {place}": self.records.get(place) for place in places},
            "runs": sorted(str(run) for run in self.runs),
        }


def _describe(event: Event) -> str:
    return f"{event.origin} | {event} | step {event.step} | {event.release} | {event.reason}"


def _detail(call: Call) -> dict[str, Any]:
    return {"inputs": dict(call.inputs), "context": dict(call.context), "ended well": call.ended_well}


@dataclass(frozen=True)
class Names:
    """The releases of one telling, in the order of their registration: (id, commit)."""

    releases: Sequence[tuple[str, str]]

    @classmethod
    def of(cls, events: Iterable[Mapping[str, Any]], files: Mapping[str, bytes]) -> Names:
        """Read them from the log and the files of a state branch."""
        names = [event["release"] for event in events if event.get("event") == "registered"]
        shas = {name: json.loads(files.get(f"releases/{name}.json", b"{}")).get("sha", "") for name in names}
        return cls([(name, shas[name]) for name in names])

    def release(self, short: str) -> str:
        """The real id of `r2`; any other text as it is."""
        number = int(short[1:]) if re.fullmatch(r"r[0-9]+", short) else 0
        return self.releases[number - 1][0] if 0 < number <= len(self.releases) else short

    def short(self, value: Any) -> Any:
        """The same value with every release, commit and run in its texts called by its short name."""
        match value:
            case str():
                return self._short_text(value)
            case dict():
                return {
                    self._short_text(key): self.short(item)
                    for key, item in value.items()
                    if key not in PERSONAL
                }
            case list() | tuple():
                return [self.short(item) for item in value]
            case _:
                return value

    def _short_text(self, text: str) -> str:
        for number, (name, sha) in enumerate(self.releases, 1):
            text = text.replace(name, f"r{number}")
            text = text.replace(sha, f"commit of r{number}") if sha else text
        return re.sub(r"\brun [0-9]+", "run N", text)


def tell_events(log: Iterable[Mapping[str, Any]], names: Names) -> dict[str, tuple[Event, ...]]:
    """The events of a log, by the place whose record they changed; those of releases are by ``."""
    found: dict[str, list[Event]] = {}
    for one in log:
        place = "/".join(part for part in (one["environment"], one["deploy"]) if part)
        told = names.short({key: one[key] for key in ("event", "from", "to", "step", "release", "reason")})
        event = Event(told["event"], told["from"], told["to"], told["step"], told["release"], told["reason"])
        found.setdefault(place, []).append(event)
    return {place: tuple(events) for place, events in found.items()}


def tell_call(inputs: Mapping[str, Any], ended_well: bool, names: Names) -> Call:
    """One call, from the inputs that the callback received."""
    received = {name: inputs.get(name, "") for name in (*CONTRACT, "image")}
    place = f"{inputs['environment']}/{inputs['deploy']}"
    return Call(place, names.short(received), names.short(json.loads(inputs["context"])), ended_well)


def tell_records(files: Mapping[str, bytes], names: Names) -> dict[str, dict[str, Any]]:
    """The records among the files of a state branch, by place."""
    return {
        path.removeprefix("environments/").removesuffix(".json"): names.short(json.loads(content))
        for path, content in files.items()
        if path.startswith("environments/") and not path.endswith("/_environment.json")
    }


def traffic_after(calls: Iterable[Call]) -> str:
    """Where the traffic of one place ended, by its calls: `r2 100 %`, `r1 90 %, r2 10 %`, `r2 on green`.

    A call that did not end well leaves it unknown, until one that does.
    """
    now = "nothing"
    for call in calls:
        now = _moved(now, call) if call.ended_well else _broken(now, call)
    return now


def _moved(before: str, call: Call) -> str:
    release, color, old = (call.inputs[name] for name in ("release", "color", "previous_release"))
    match call.action:
        case "deploy" | "promote":
            return f"{release} 100 %"
        case "deploy_canary":
            return f"{old} {100 - call.inputs['percent']} %, {release} {call.inputs['percent']} %"
        case "rollback":
            return f"{old} 100 %"
        case "cutover":
            return f"{release} on {color}"
        case "switchback":
            return f"{old} on {color}"
        case _:
            return before


def _broken(before: str, call: Call) -> str:
    moving = ("deploy", "promote", "deploy_canary", "rollback", "cutover", "switchback")
    return f"unknown since {call.action}" if call.action in moving else before
