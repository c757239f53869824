"""The durable record: what is live in one (environment, deploy), what waits, and the rollout that is open,
if any.

Values only. A record changes by events (`advance`), and is kept by the state branch (`branch`). Times are
UTC seconds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from headgate_runtime.codec import Malformed, decode, encode, kept
from headgate_runtime.plan import Bake, Stages

FORMAT = 1
"""Of the branch and its events: readers ignore keys they don't know within it and refuse a higher one."""

HISTORY = 10
"""How many previous releases and ended rollouts a record remembers."""

PROMOTE, ROLLBACK = "promote", "rollback"
"""The kinds of rollout: up to a new release, back to an old one."""


@dataclass(frozen=True)
class Release:
    """One built version: `order` says which of two is newer; an adopted commit has order 0."""

    id: str
    order: int
    sha: str
    unknown: Mapping[str, Any] = kept()


@dataclass(frozen=True)
class BuiltRelease:
    """A release as `releases/<id>.json` keeps it: with the outputs of its builds, by build and name."""

    id: str
    order: int
    sha: str
    created: int
    outputs: Mapping[str, Mapping[str, str]]
    unknown: Mapping[str, Any] = kept()

    @property
    def release(self) -> Release:
        """The part that records repeat."""
        return Release(self.id, self.order, self.sha)


@dataclass(frozen=True)
class Owner:
    """The run, and the attempt of its start, that may act on the open rollout."""

    run: int
    attempt: int
    unknown: Mapping[str, Any] = kept()


@dataclass(frozen=True)
class Request:
    """What a person (or a timeout) wants of a rollout that a run owns; the next gate obeys."""

    verb: str
    at: int
    actor: str
    reason: str
    unknown: Mapping[str, Any] = kept()


@dataclass(frozen=True)
class Colors:
    """Which release each colour holds; None: nothing that can be relied on."""

    blue: str | None
    green: str | None
    unknown: Mapping[str, Any] = kept()

    def holding(self, release: str | None) -> str | None:
        """The colour that holds the release, or None."""
        return next((name for name in ("blue", "green") if release and getattr(self, name) == release), None)

    def with_release(self, color: str, release: str | None) -> Colors:
        """The same with one colour changed."""
        return replace(self, blue=release) if color == "blue" else replace(self, green=release)


@dataclass(frozen=True)
class Rollout:
    """Bringing one release of one deploy live in one environment; all that its decisions need is frozen or
    counted here. `arrived`: the callback that brings the present step, or the preview, succeeded.
    """

    id: str
    kind: str
    release: Release
    replaces: Release | None
    stages: Stages
    digest: str
    state: str
    direct: bool
    started_at: int
    actor: str
    reason: str
    step: int = 0
    arrived: bool = False
    color: str | None = None
    forced: bool = False
    held_from: str | None = None
    cause: str | None = None
    because: str = ""
    owner: Owner | None = None
    callback: str | None = None
    requests: tuple[Request, ...] = ()
    recoveries: int = 0
    named_at: int | None = None
    bake_until: int | None = None
    bake_remaining: int | None = None
    check: int = 0
    checks_failed: int = 0
    checked_at: int | None = None
    deadline: int | None = None
    waits_until: int | None = None
    approver: str | None = None
    paused_at: int | None = None
    paused_seconds: int = 0
    dispatched_at: int | None = None
    outcome: str | None = None
    ended_at: int | None = None
    url: str | None = None
    unknown: Mapping[str, Any] = kept()

    def requested(self, verb: str) -> Request | None:
        """The first request with that verb, if there is one."""
        return next((request for request in self.requests if request.verb == verb), None)

    @property
    def asks_reviewers(self) -> bool:
        """Whether its approval is given on a GitHub environment, not by the verb `approve`."""
        return self.stages.approval is not None and self.stages.approval.github_environment is not None

    @property
    def bake(self) -> Bake:
        """The bake of the present step (canary) or after cutover (blue-green)."""
        return self.stages.steps[self.step - 1].bake if self.stages.steps and self.step else self.stages.bake


@dataclass(frozen=True)
class Queued:
    """The newest release waiting for its turn. `waits_for_person`: after a rollback it does not start by
    itself. `by_itself`: nobody asked for it, its environment is `auto`.
    """

    release: Release
    actor: str
    reason: str
    at: int
    skip_strategy: bool = False
    force: bool = False
    by_itself: bool = False
    waits_for_person: bool = False
    dispatched_at: int | None = None
    unknown: Mapping[str, Any] = kept()


@dataclass(frozen=True)
class Record:
    """The file `environments/<environment>/<deploy>.json`."""

    environment: str
    deploy: str
    seq: int = 0
    at: int = 0
    live: Release | None = None
    previous: tuple[Release, ...] = ()
    colors: Colors | None = None
    open: Rollout | None = None
    queued: Queued | None = None
    quarantine: tuple[str, ...] = ()
    promoted: tuple[str, ...] = ()
    last: tuple[Rollout, ...] = ()
    unknown: Mapping[str, Any] = kept()

    @property
    def path(self) -> str:
        """Where the state branch keeps it."""
        return record_path(self.environment, self.deploy)

    def ended(self, rollout: str) -> Rollout | None:
        """The ended rollout of that id, if it is among those remembered."""
        return next((ended for ended in self.last if ended.id == rollout), None)

    def was_promoted(self, release: str) -> bool:
        """Whether the release was brought live here and its bake is over (it may be live no more)."""
        return release in self.promoted


@dataclass(frozen=True)
class EnvironmentState:
    """The file `environments/<environment>/_environment.json`."""

    environment: str
    seq: int = 0
    frozen: bool = False
    unknown: Mapping[str, Any] = kept()

    @property
    def path(self) -> str:
        """Where the state branch keeps it."""
        return f"environments/{self.environment}/_environment.json"


@dataclass(frozen=True)
class Event:
    """One change: what the log of the state branch says of it. `from == to` for changes that are no
    transition.
    """

    seq: int
    at: int
    event: str
    environment: str = ""
    deploy: str = ""
    rollout: str = ""
    kind: str = ""
    release: str = ""
    step: int = 0
    origin: str = ""
    to: str = ""
    actor: str = ""
    run: int = 0
    attempt: int = 0
    reason: str = ""

    def to_json(self) -> dict[str, Any]:
        """The event's JSON line; the field names are those of the format."""
        content = {"format": FORMAT, **encode(self)}
        return {("from" if key == "origin" else key): value for key, value in content.items()}

    @property
    def subject(self) -> str:
        """One line for people: `prod/app: baking → promoting (bake over)`."""
        place = "/".join(part for part in (self.environment, self.deploy) if part) or "releases"
        words = self.event.replace("_", " ")
        if self.event == "called":
            return f"{place}: calls {self.reason}"
        if self.origin != self.to:
            return f"{place}: {self.origin or 'nothing'} → {self.to} ({words})"
        return f"{place}: {words}{f' {self.release}' if self.release and not self.rollout else ''}"


def record_path(environment: str, deploy: str) -> str:
    """The file of one (environment, deploy) on the state branch."""
    return f"environments/{environment}/{deploy}.json"


def release_path(release: str) -> str:
    """The file of one release on the state branch."""
    return f"releases/{release}.json"


def to_file(value: Record | EnvironmentState | BuiltRelease) -> bytes:
    """The bytes of a state file: indented, so that people can read and diff it."""
    text = json.dumps(encode(value), indent=2, ensure_ascii=False)
    return f"{text}\n".encode("utf-8", "backslashreplace")  # a lone surrogate becomes its JSON escape


def from_file(kind: Any, content: bytes) -> Any:
    """Read a state file; raises Malformed (with the place inside) when it isn't one."""
    try:
        return decode(kind, json.loads(content))
    except (ValueError, RecursionError) as error:
        raise error if isinstance(error, Malformed) else Malformed(f"not JSON: {error}") from error
