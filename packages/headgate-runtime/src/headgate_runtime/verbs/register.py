"""preflight and register: a release gets its name before it is built, and its record after. Built once,
never replaced.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from headgate_runtime.advance import Moment
from headgate_runtime.branch import Change
from headgate_runtime.errors import Refused, StateMissing
from headgate_runtime.record import BuiltRelease, Event, release_path, to_file
from headgate_runtime.run import Run
from headgate_runtime.state import State
from headgate_runtime.summary import table
from headgate_runtime.verbs.sweep import sweep

OUTPUT_LIMIT, OUTPUTS_LIMIT = 64 * 1024, 256 * 1024
"""Bytes that one output, and all of a release together, may have."""

RELEASE_WORKFLOW, PROMOTE_WORKFLOW = "headgate-release.yaml", "headgate-promote.yaml"

KEPT = 50
"""How many releases are kept although nothing refers to them."""


def preflight(run: Run) -> int:
    """Check that this run may build a release, and name it: `<run number>-<7 hex>`."""
    run.require_trunk()
    try:
        sweep(run)
    except StateMissing:
        if not _is_day_one(run):
            raise
    run.desk.outputs({"release": _name(run), "attempt": str(run.facts.attempt)})
    run.desk.say(f"this release is {_name(run)}")
    return 0


def register(run: Run) -> int:
    """Write the release and promote it to an `auto` first environment; 1 when it is there with other
    outputs.
    """
    outputs = _outputs(run)
    name = run.input("RELEASE") or _name(run)
    create = run.branch.tip() is None and _is_day_one(run)
    commit, made = run.write(lambda state: _registered(run, state, name, outputs), create=create)
    run.desk.say(f"{name} is {'registered' if made else 'registered already'} (state {commit[:12]})")
    run.desk.summary(
        table(f"Release {name}", ("commit", "outputs"), [(run.facts.sha, str(len(outputs)))], commit)
    )
    first = run.plan.environments[0]
    if first.auto:
        run.dispatch(PROMOTE_WORKFLOW, environment=first.name, release=name, deploys="all", reason="")
    return 0


def _name(run: Run) -> str:
    return f"{run.facts.run_number}-{run.facts.sha[:7]}"


def _is_day_one(run: Run) -> bool:
    """A missing branch is founded only where no run that needs it ever succeeded; elsewhere it was lost.

    A run that failed for want of the branch, such as a promote before the first release, is no sign of one.
    """
    return not any(map(run.api.successful_runs, (RELEASE_WORKFLOW, PROMOTE_WORKFLOW)))


def _outputs(run: Run) -> dict[str, Mapping[str, str]]:
    """The outputs of the builds: HEADGATE_OUTPUT_<build>_<output> are numbered as in the plan."""
    found: dict[str, Mapping[str, str]] = {}
    total = 0
    for place, build in enumerate(run.plan.builds):
        values = {name: run.inputs.get(f"OUTPUT_{place}_{at}", "") for at, name in enumerate(build.outputs)}
        for name, value in values.items():
            size = len(value.encode())
            total += size
            if size > OUTPUT_LIMIT:
                raise Refused(
                    f"output {name!r} of build {build.name!r} has {size} bytes; {OUTPUT_LIMIT} are allowed"
                )
        found[build.name] = values
        if empty := [name for name, value in values.items() if not value]:
            why = "if the build sets it, GitHub dropped the output: a secret's value occurs in it"
            run.desk.warn(f"build {build.name}: no {', '.join(empty)}; {why}")
    if total > OUTPUTS_LIMIT:
        raise Refused(f"the outputs of the builds have {total} bytes together; {OUTPUTS_LIMIT} are allowed")
    return found


def _registered(
    run: Run, state: State, name: str, outputs: Mapping[str, Mapping[str, str]]
) -> tuple[Sequence[Change], bool]:
    there = state.release(name)
    if there is not None:
        if there.outputs != outputs or there.sha != run.facts.sha:
            raise Refused(
                f"release {name} is registered with other outputs",
                "a release is built once; push a new commit",
            )
        return (), False
    highest = max((item.order for item in state.releases()), default=0)
    order = run.facts.run_number if run.facts.run_number > highest else highest + 1
    moment = run.moment
    built = BuiltRelease(name, order, run.facts.sha, moment.now, outputs)
    return (registration(moment, built, _unreferenced(state)),), True


def registration(moment: Moment, built: BuiltRelease, pruned: Sequence[str] = ()) -> Change:
    """The change that writes a release, and removes others in passing."""
    files: dict[str, bytes | None] = {release_path(built.id): to_file(built)}
    files |= {release_path(old): None for old in pruned}
    event = Event(
        1,
        moment.now,
        "registered",
        release=built.id,
        actor=moment.actor,
        run=moment.run,
        attempt=moment.attempt,
    )
    return Change(event.subject, event.to_json(), files)


def _unreferenced(state: State) -> list[str]:
    """Releases past the newest that no record refers to; none while there is a record that can't be read."""
    used: set[str] = set()
    records, corrupt = state.readable_records()
    if corrupt:
        return []
    for record in records:
        open_ones = [record.open.release, record.open.replaces] if record.open else []
        queued = [record.queued.release] if record.queued else []
        used |= {item.id for item in (record.live, *record.previous, *open_ones, *queued) if item}
    return [item.id for item in state.releases()[KEPT - 1 :] if item.id not in used]
