"""What was executed, as the invariants of rollouts want it: the log of the state branch, and between its
events the calls that the fake of the traffic recorded.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from headgate_runtime.plan import Plan
from headgate_runtime.record import Record, from_file, record_path

from tests.e2e import origin
from tests.e2e.runs import Job, Run
from tests.e2e.stories.executed import ExecutedSide, Written, callbacks_of
from tests.e2e.stories.manifests import PLAN
from tests.runtime.history import Called, Ended, History, Step


def history_of(side: ExecutedSide) -> History:
    """All since the opening. Raises AssertionError for a call that began on a commit outside of the log."""
    log = side.written()
    begins = {(r.environment, r.deploy): r for _, r in _records(side, log[: side.opened])}
    history = History(side.plan, records=dict(begins), begins=begins)
    places = {written.commit: number for number, written in enumerate(log)}
    calls: dict[int, list[Step]] = {}
    for call, begun, ended in _calls(side, places):
        calls.setdefault(begun, []).append(call.call)
        calls.setdefault(ended, []).append(call)
    history.steps += calls.get(side.opened - 1, [])
    for written, record in _records(side, log[side.opened :]):
        history.say(written.event, record)
        history.steps += calls.get(places[written.commit], [])
    return history


def _records(side: ExecutedSide, log: list[Written]) -> Iterator[tuple[Written, Record]]:
    """Each event of a record, with the record that it left."""
    told = [written for written in log if written.event["deploy"]]
    names = [(w.commit, record_path(w.event["environment"], w.event["deploy"])) for w in told]
    for written, content in zip(told, origin.read_all(side.repository.git_dir, names), strict=True):
        assert content is not None, f"{written.commit} holds no record"
        yield written, from_file(Record, content)


def _calls(side: ExecutedSide, places: Mapping[str, int]) -> Iterator[tuple[Ended, int, int]]:
    """Each call, and the numbers of the events after which it began and ended; at once, if it was killed."""
    runs = {run.id: run for run in side.repository.runs()}
    names, plans = _job_names(side), _plans(side, {run.sha for run in runs.values()})
    for call in side.traffic.calls:
        if not call.action:
            continue
        assert call.begun_on in places, f"{call.action} began on {call.begun_on}, which is not in the log"
        begun, run = places[call.begun_on], runs[call.run]
        name = names[(call.deploy, call.action, call.step)]
        part = plans[run.sha].part(call.environment, call.deploy)
        told = Called(
            (call.environment, call.deploy), name, call.action, call.run, part.digest if part else ""
        )
        job = _job(run, call.attempt, name)
        ended = Ended(told, job.result or "", job.outputs.get("result", ""))
        yield ended, begun, max(begun, places.get(call.ended_on, begun))


def _plans(side: ExecutedSide, commits: set[str]) -> dict[str, Plan]:
    """The plan on each commit of trunk."""
    known = sorted(commits)
    contents = origin.read_all(side.repository.git_dir, [(commit, PLAN) for commit in known])
    return {commit: Plan.from_json(json.loads(c or b"{}")) for commit, c in zip(known, contents, strict=True)}


def _job_names(side: ExecutedSide) -> dict[tuple[str, str, int], str]:
    """The callback job for each deploy, action and step, by the first plan and by that on trunk now."""
    now = Plan.from_json(json.loads(side.repository.read(PLAN) or "{}"))
    deploys = (*side.plan.deploys, *now.deploys)
    return {(deploy.name, job.action, job.step): job.id for deploy in deploys for job in callbacks_of(deploy)}


def _job(run: Run, attempt: int, name: str) -> Job:
    jobs = run.attempts[attempt - 1].jobs
    return next(job for job in jobs if job.key == name)
