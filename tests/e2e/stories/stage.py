"""The stage on which stories play: what may happen in a story, and what can be asked of it afterwards.

A `Side` makes things happen: `simulated.py` on the simulation engine, `executed.py` with the generated
workflows. A story is written for a `Stage`, which looks the same whoever is behind it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from headgate.simulate.story import FaultKind, Outcome
from headgate_runtime.plan import ALL_AT_ONCE, Deploy

from tests.e2e.stories.telling import Names, Telling, traffic_after

FAIL = Outcome("failure")
SKIPPED = Outcome("skipped")
PASS = Outcome()


def says(verdict: str, reason: str = "") -> Outcome:
    """A callback whose job is fine and whose output `result` is this word."""
    return Outcome(verdict=verdict, reason=reason)


class Side(Protocol):
    """Whoever makes the story happen. Everything that starts runs returns when nothing runs any more."""

    def push(self) -> None:
        """A change on trunk."""

    def dispatch(self, *started: tuple[str, Mapping[str, str]]) -> None:
        """Somebody dispatches workflows (file, inputs), all at once."""

    def rerun(self, workflow: str, *, failed: bool, which: int) -> None:
        """ "Re-run failed jobs", or "Re-run all jobs", of one of the story's runs of a workflow."""

    def answer(self, deploy: str, job: str, outcomes: Sequence[Outcome]) -> None:
        """What a callback answers, call by call; afterwards it succeeds."""

    def pass_time(self, seconds: int) -> None:
        """Nothing happens for a while."""

    def befall(self, deploy: str, job: str, kind: FaultKind, nth: int, after: str) -> None:
        """A misfortune; `after` is the job before, for those between two."""

    def unprotect(self, environment: str) -> None:
        """A GitHub environment loses its required reviewers."""

    def telling(self) -> Telling:
        """All that has happened since the opening."""

    def names(self) -> Names:
        """The releases."""

    def unused(self) -> list[str]:
        """Misfortunes and answers that never came about."""


class Stage:
    """A repository, its people, and what can be asked of it; of the manifest's first deploy, unless said."""

    def __init__(self, side: Side, deploys: Sequence[Deploy]) -> None:
        """For one story."""
        self.side = side
        self.deploys = deploys
        self.main = deploys[0].name

    # What people do.

    def push(self) -> None:
        """A change on trunk: it is built, registered, and goes where it goes by itself."""
        self.side.push()

    def promote(self, environment: str = "dev", release: str = "", **more: str) -> None:
        """Somebody runs headgate-promote."""
        self.side.dispatch(self.promotion(environment, release, **more))

    def promotion(
        self, environment: str = "dev", release: str = "", **more: str
    ) -> tuple[str, dict[str, str]]:
        """A run of headgate-promote, to be dispatched."""
        inputs = {"environment": environment, "release": self.side.names().release(release), **more}
        return "headgate-promote.yaml", {"deploys": "all", **inputs}

    def dispatch(self, *started: tuple[str, Mapping[str, str]]) -> None:
        """Somebody dispatches workflows, all at once."""
        self.side.dispatch(*started)

    def rollback(
        self, environment: str = "dev", reason: str = "it is slow", to: str = "", **more: str
    ) -> None:
        """Somebody runs headgate-rollback."""
        inputs = {"environment": environment, "reason": reason, "to": self.side.names().release(to)}
        self.side.dispatch(("headgate-rollback.yaml", {"deploys": "all", **inputs, **more}))

    def control(self, verb: str, **more: str) -> None:
        """Somebody runs headgate-control."""
        self.side.dispatch(self.order(verb, **more))

    def order(self, verb: str, **more: str) -> tuple[str, dict[str, str]]:
        """A run of headgate-control, to be dispatched."""
        inputs = {"verb": verb, "environment": "dev", "deploy": self.main, "reason": f"{verb} it"}
        return "headgate-control.yaml", {**inputs, **more}

    def sweep(self) -> None:
        """The hourly run of headgate-cron."""
        self.side.dispatch(("headgate-cron.yaml", {}))

    def pass_minutes(self, minutes: int) -> None:
        """Nothing happens for a while."""
        self.side.pass_time(minutes * 60)

    def rerun_failed_jobs(self, which: int = -1) -> None:
        """The button on a run of the deploy; the latest one, unless said."""
        self.side.rerun(f"headgate-deploy-{self.main}.yaml", failed=True, which=which)

    def rerun_all_jobs(self, which: int = -1) -> None:
        """The button on a run of the deploy; the latest one, unless said."""
        self.side.rerun(f"headgate-deploy-{self.main}.yaml", failed=False, which=which)

    # What befalls them.

    def answer(self, job: str, *outcomes: Outcome) -> None:
        """What a callback (`verify_1` or `api/verify_1`) answers, call by call.

        `approve` stands for the reviewers of a GitHub environment: a failure is a rejection, with its reason
        as the comment; skipped: nobody answers until it is too late.
        """
        self.side.answer(*self._place(job), outcomes)

    def meanwhile(
        self, job: str, *dispatched: tuple[str, Mapping[str, str]], result: str = "success"
    ) -> None:
        """What people start while a callback runs or a gate bakes."""
        self.side.answer(*self._place(job), [Outcome(result, meanwhile=dispatched)])

    def cancel_in(self, job: str) -> None:
        """Somebody cancels the run while a callback runs or a gate bakes."""
        self.side.befall(*self._place(job), "cancel", 1, "")

    def cancel_between(self, before: str, job: str) -> None:
        """Somebody cancels the run when `before` is over and `job` has not begun."""
        self.side.befall(*self._place(job), "cancel_before", 1, before)

    def unprotect(self, environment: str) -> None:
        """Somebody takes the required reviewers off a GitHub environment."""
        self.side.unprotect(environment)

    def kill(self, job: str, kind: FaultKind, nth: int = 1) -> None:
        """The runner of a gate is lost."""
        self.side.befall(*self._place(job), kind, nth, "")

    # What is asked of it.

    def history(self, place: str = "") -> list[str]:
        """The events of a place (`dev/app`), as text."""
        return [str(event) for event in self.side.telling().events.get(place or self._first, ())]

    def reasons(self, place: str = "") -> list[str]:
        """The reasons of those events that have one."""
        events = self.side.telling().events.get(place or self._first, ())
        return [f"{event.name}: {event.reason}" for event in events if event.reason]

    def calls(self, place: str = "") -> list[str]:
        """The calls for a place, as text."""
        return [str(call) for call in self.side.telling().calls_in(place or self._first)]

    def inputs(self, action: str, place: str = "") -> dict[str, Any]:
        """The inputs of the last call for an action."""
        calls = self.side.telling().calls_in(place or self._first)
        return dict(next(call.inputs for call in reversed(calls) if call.action == action))

    def jobs(self, deploy: str = "") -> list[str]:
        """The jobs that ran in each attempt of each run of a deploy, in order."""
        return [" ".join(jobs) for jobs, _ in self._attempts(deploy or self.main)]

    def conclusions(self, deploy: str = "") -> list[str]:
        """How each attempt of each run of a deploy ended."""
        return [conclusion for _, conclusion in self._attempts(deploy or self.main)]

    def conclusion_of(self, workflow: str) -> str:
        """How the latest run of another workflow ended."""
        runs = [run for run in self.side.telling().runs if run.what.split()[0] == workflow]
        return runs[-1].attempts[-1][1]

    def record(self, place: str = "") -> Mapping[str, Any]:
        """The record of a place."""
        return self.side.telling().records[place or self._first]

    def live(self, place: str = "") -> str | None:
        """The release that the record calls live."""
        found = self.record(place)["live"]
        return None if found is None else str(found["id"])

    def open_state(self, place: str = "") -> str | None:
        """The state of the open rollout, with the cause if it is held."""
        found = self.record(place)["open"]
        if found is None:
            return None
        return f"held: {found['cause']}" if found["state"] == "held" else str(found["state"])

    def ended(self, place: str = "") -> str:
        """How the last rollout ended."""
        return str(self.record(place)["last"][0]["state"])

    def quarantine(self, place: str = "") -> list[str]:
        """The releases in quarantine."""
        return list(self.record(place)["quarantine"])

    def traffic(self, place: str = "") -> str:
        """Where the traffic went, by the calls of this story."""
        return traffic_after(self.side.telling().calls_in(place or self._first))

    @property
    def _first(self) -> str:
        return f"dev/{self.main}"

    def _attempts(self, deploy: str) -> list[tuple[tuple[str, ...], str]]:
        told = f"deploy-{deploy}"
        runs = [run for run in self.side.telling().runs if run.what.split()[0] == told]
        return [attempt for run in runs for attempt in run.attempts]

    def _place(self, job: str) -> tuple[str, str]:
        deploy, _, name = job.rpartition("/")
        return deploy or self.main, name


def has_strategy(deploy: Deploy) -> bool:
    """Whether a deploy is more than all at once somewhere."""
    return any(part.stages.strategy != ALL_AT_ONCE for part in deploy.parts.values())
