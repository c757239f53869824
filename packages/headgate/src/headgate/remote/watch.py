"""Follow a run, and the runs of deploys that it leads to, until all of them are over.

Rule: looking gives pictures; what is new between two pictures of a run is a pure function of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from headgate_runtime.github import JobStatus

from headgate.remote.hub import SUCCESS, Run

INTERVAL = 5.0
"""Seconds between two looks. One takes two requests for each open run, of the 5,000 allowed in an hour:
https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

GRACE = 15.0
"""Seconds for which a run that another one started may take to show up."""

Belongs = Callable[[Run], bool]
"""Whether a run may be one that was led to."""


class Runs(Protocol):
    """What GitHub is asked."""

    def run(self, run: int) -> Run:
        """How a run stands."""

    def runs(self, file: str = "") -> tuple[Run, ...]:
        """The newest runs."""

    def jobs(self, run: Run) -> tuple[JobStatus, ...]:
        """The jobs of a run."""


class Screen(Protocol):
    """Where it is told."""

    def line(self, text: str) -> None:
        """Something happened."""

    def status(self, text: str) -> None:
        """What is going on; only a terminal shows it."""


@dataclass(frozen=True)
class Picture:
    """A run and its jobs at one moment."""

    run: Run
    jobs: tuple[JobStatus, ...]


def watch(
    hub: Runs,
    started: int,
    belongs: Belongs | None,
    screen: Screen,
    *,
    sleep: Callable[[float], None] = time.sleep,
    monotonic: Callable[[], float] = time.monotonic,
) -> bool:
    """Follow until nothing is open any more; whether every run that was followed ended in success.

    `belongs` tells the runs to be followed once the first is over; None: only that one is.
    """
    pictures: dict[int, Picture] = {}
    followed = [started]
    quiet_since: float | None = None
    while True:
        for run in followed:
            before = pictures.get(run)
            if before is None or not before.run.is_over:
                pictures[run] = look(hub, run)
                for news in tell(before, pictures[run]):
                    screen.line(news)
        first = pictures[started].run
        found = led_to(first, hub.runs(), belongs) if belongs and first.is_over else []
        more = [run for run in found if run not in followed]
        followed += more
        if any(not picture.run.is_over for picture in pictures.values()):
            quiet_since = None
        elif not more:
            quiet_since = monotonic() if quiet_since is None else quiet_since
            if belongs is None or monotonic() - quiet_since >= GRACE:
                return all(picture.run.conclusion == SUCCESS for picture in pictures.values())
        if not more:
            screen.status(describe(pictures.values()))
            sleep(INTERVAL)


def look(hub: Runs, run: int) -> Picture:
    """Take a picture. The run first: what it says of its end is then never ahead of its jobs."""
    found = hub.run(run)
    return Picture(found, hub.jobs(found))


def led_to(first: Run, recent: tuple[Run, ...], belongs: Belongs) -> list[int]:
    """The runs that a run led to, the oldest first: those started after it and, unless it was refused, those
    that are at it already, which obey what it noted.
    """
    was_accepted = first.conclusion == SUCCESS
    return sorted(
        run.id for run in recent if belongs(run) and (run.id > first.id or (was_accepted and not run.is_over))
    )


def tell(before: Picture | None, after: Picture) -> Iterator[str]:
    """What happened to a run between two pictures, a line each."""
    run = after.run
    name = run.display_title or run.file or f"run {run.id}"
    if before is None:
        yield f"{name}: {run.html_url}"
    known = {job.name: job for job in before.jobs} if before and _same_attempt(before, after) else {}
    if before and not _same_attempt(before, after):
        yield f"{name}: attempt {run.run_attempt}"
    for job in after.jobs:
        news = _tell_job(known.get(job.name), job)
        if news:
            yield f"  {job.name}: {news}"
    if run.is_over and (before is None or not before.run.is_over):
        yield f"{name}: {run.conclusion or 'over'}"


def _same_attempt(before: Picture, after: Picture) -> bool:
    return before.run.run_attempt == after.run.run_attempt


def _tell_job(before: JobStatus | None, job: JobStatus) -> str:
    if before is not None and before.status == job.status:
        return ""
    match job.status:
        case "completed":
            # Most jobs of a deploy are for another way: they are skipped, and that is no news.
            return "" if job.conclusion == "skipped" else job.conclusion
        case "in_progress":
            return "started"
        case "waiting":
            return "waits for a reviewer on GitHub"
        case _:
            return ""


def describe(pictures: Iterable[Picture]) -> str:
    """What is going on, in one line."""
    going = [
        f"{picture.run.display_title}: {', '.join(_going(picture)) or picture.run.status.replace('_', ' ')}"
        for picture in pictures
        if not picture.run.is_over
    ]
    return " | ".join(going) or "looking for runs that follow"


def _going(picture: Picture) -> list[str]:
    return [job.name for job in picture.jobs if job.status == "in_progress"]
