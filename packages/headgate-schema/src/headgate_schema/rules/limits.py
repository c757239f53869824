"""HG6xx: limits of GitHub that a manifest runs into through what its callbacks call.

The figures, for github.com and for GitHub Enterprise Server:
https://docs.github.com/actions/reference/workflows-and-actions/reusing-workflow-configurations
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from headgate_schema.circles import find_circles
from headgate_schema.contract import Call
from headgate_schema.finding import Place, Related
from headgate_schema.jobs import Job
from headgate_schema.reach import find_called
from headgate_schema.resolved import ResolvedBuild, ResolvedDeploy
from headgate_schema.rules.rule import Problem, rule
from headgate_schema.rules.subjects import Calling
from headgate_schema.wording import quote

MOST_CALLED, MOST_CALLED_ON_SERVER = 50, 20
"""Different workflows that one run calls, those that its callbacks call included."""

MOST_LEVELS, MOST_LEVELS_ON_SERVER = 10, 4
"""Workflows that call each other in a row, the generated one included."""


@rule("HG604", "too many called workflows")
def many_calls(calling: Calling) -> Iterator[Problem]:
    """One run may call at most 50 different workflows, those that callbacks call in turn included; GitHub
    refuses it otherwise. The release run calls all builds, a deploy's run all callbacks of the deploy.

    Let several builds or actions share a callback, or call fewer workflows from it.
    """
    for run, place, called in _list_runs(calling):
        if len(called) > MOST_CALLED:
            yield Problem(
                f"{run} calls {len(called)} workflows, GitHub takes {MOST_CALLED} in one run", place
            )


@rule("HG605", "more called workflows than GitHub Enterprise Server takes", "warning")
def many_calls_on_server(calling: Calling) -> Iterator[Problem]:
    """GitHub Enterprise Server takes at most 20 different called workflows in one run, those that callbacks
    call in turn included; github.com takes 50.

    Nothing to do on github.com. Elsewhere, let several builds or actions share a callback.
    """
    for run, place, called in _list_runs(calling):
        if MOST_CALLED_ON_SERVER < len(called) <= MOST_CALLED:
            yield Problem(
                f"{run} calls {len(called)} workflows: fine on github.com, but GitHub Enterprise Server "
                f"takes {MOST_CALLED_ON_SERVER}",
                place,
            )


def _list_runs(calling: Calling) -> Iterator[tuple[str, Place, set[str]]]:
    """Give each generated workflow that calls callbacks, its place in the manifest, and all that it calls."""
    runs: dict[tuple[str, Place], list[str]] = {}
    for call in calling.calls:
        runs.setdefault(_name_run(calling, call), []).append(call.callback)
    for (run, place), files in runs.items():
        called, waiting = set(files), list(files)
        while waiting:
            callback = calling.reached.find(waiting.pop())
            for job in callback.jobs if callback is not None else ():
                file = find_called(job.calls) or job.calls
                if file and file not in called:
                    called.add(file)
                    waiting.append(file)
        yield run, place, called


def _name_run(calling: Calling, call: Call) -> tuple[str, Place]:
    file = calling.document.name
    match call.owner:
        case ResolvedBuild():
            return "the release run", Place(file, ("builds",), "key")
        case ResolvedDeploy():
            return f"the run of {quote(call.owner.name)}", Place(file, (*call.owner.path, "name"))
        case _:
            return "the notification", Place(file, call.owner.path, "key")


@rule("HG607", "nested too deeply")
def many_levels(calling: Calling) -> Iterator[Problem]:
    """Workflows may call each other ten levels deep, the generated one included; GitHub refuses the run
    otherwise.

    Let the callback call the last workflows of the row itself.
    """
    for call, chain in _list_chains(calling):
        if len(chain) + 1 > MOST_LEVELS:
            yield _say_levels(calling, call, chain, f"GitHub takes {MOST_LEVELS}")


@rule("HG608", "nested more deeply than GitHub Enterprise Server takes", "warning")
def many_levels_on_server(calling: Calling) -> Iterator[Problem]:
    """On GitHub Enterprise Server workflows may call each other four levels deep, the generated one included;
    on github.com ten.

    Nothing to do on github.com. Elsewhere, let the callback call the last workflows of the row itself.
    """
    for call, chain in _list_chains(calling):
        if MOST_LEVELS_ON_SERVER < len(chain) + 1 <= MOST_LEVELS:
            yield _say_levels(
                calling,
                call,
                chain,
                f"fine on github.com, but GitHub Enterprise Server takes {MOST_LEVELS_ON_SERVER}",
            )


def _say_levels(calling: Calling, call: Call, chain: tuple[str, ...], limit: str) -> Problem:
    return Problem(
        f"{quote(call.callback)} makes a row of {len(chain) + 1} levels with the generated workflow: {limit}",
        calling.place_call(call),
        tuple(_relate_link(calling, caller, called) for caller, called in pairwise(chain)),
    )


def _relate_link(calling: Calling, caller: str, called: str) -> Related:
    job = next(job for job, file in _list_called(calling, caller) if file == called)
    return Related(Place(caller, (*job.path, "uses")), f"calls {quote(called)}")


def _list_called(calling: Calling, file: str) -> Iterator[tuple[Job, str]]:
    """Give what a file calls: those of other repositories, which may call more, end a row."""
    callback = calling.reached.find(file)
    for job in callback.jobs if callback is not None else ():
        if job.calls:
            yield job, find_called(job.calls) or job.calls


def _list_chains(calling: Calling) -> Iterator[tuple[Call, tuple[str, ...]]]:
    """Give the first call of each callback with a longest row of files that starts there, one level past the
    limit at most; none that runs in a circle.
    """
    circular = {file for circle in find_circles(_draw_graph(calling)) for file in circle}
    for call, callback in calling.select_once():
        rows: dict[str, tuple[str, ...]] = {callback.file: (callback.file,)}
        while True:
            longer = {
                called: (*row, called)
                for file, row in rows.items()
                for _, called in _list_called(calling, file)
                if called not in circular
            }
            if not longer or len(next(iter(rows.values()))) >= MOST_LEVELS:
                break
            rows = longer
        if callback.file not in circular:
            yield call, next(iter(rows.values()))


def _draw_graph(calling: Calling) -> dict[str, tuple[str, ...]]:
    return {
        callback.file: tuple(called for _, called in _list_called(calling, callback.file))
        for callback in calling.reached.list_files()
    }


@rule("HG609", "workflows that call each other in a circle")
def call_circle(calling: Calling) -> Iterator[Problem]:
    """A callback calls itself, directly or through the workflows that it calls; GitHub refuses the run.

    Take one of the calls out of the circle that the message shows.
    """
    for circle in find_circles(_draw_graph(calling)):
        *_, last, first = circle
        visit = next((visit for visit in calling.visit() if visit.callback.file in circle), None)
        closing = next(job for job, file in _list_called(calling, last) if file == first)
        yield Problem(
            f"the workflows call each other in a circle: {' → '.join(circle)}",
            Place(last, (*closing.path, "uses")),
            (calling.relate_call(visit.call),) if visit is not None else (),
        )


LIMITS = (
    many_calls,
    many_calls_on_server,
    many_levels,
    many_levels_on_server,
    call_circle,
)
