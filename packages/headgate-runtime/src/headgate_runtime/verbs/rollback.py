"""rollback: back to a release that was live before, all chosen deploys at once; an open rollout is aborted
instead.

Nothing is built, queued or put in the way: approvals, order, quarantine and freeze don't apply.
"""

from __future__ import annotations

from headgate_runtime.entry import rollback_target
from headgate_runtime.errors import HeadgateError, Refused
from headgate_runtime.plan import Deploy
from headgate_runtime.record import ROLLBACK, Release
from headgate_runtime.run import Run
from headgate_runtime.state import State
from headgate_runtime.summary import table
from headgate_runtime.verbs.control import abort
from headgate_runtime.verbs.sweep import sweep


def rollback(run: Run) -> int:
    """Dispatch a rollback run per deploy, in the reverse order of their needs; 1 when one of them is
    refused.
    """
    run.require_trunk()
    environment = run.require_environment().name
    deploys = run.require_deploys(environment)
    reason = run.require_reason()
    sweep(run)
    done = [(deploy.name, *_attempt(run, environment, deploy, reason)) for deploy in reversed(deploys)]
    for name, what, _ in done:
        run.desk.say(f"{environment}/{name}: {what}")
    rows = [(name, what) for name, what, _ in done]
    run.desk.summary(table(f"Roll back {environment}", ("deploy", "what"), rows, ""))
    return max(code for _, _, code in done)


def _attempt(run: Run, environment: str, deploy: Deploy, reason: str) -> tuple[str, int]:
    """One deploy that can't go back keeps none of the others from it."""
    try:
        return _roll_back(run, environment, deploy, reason), 0
    except HeadgateError as error:
        return f"refused: {error}", error.exit_code


def _roll_back(run: Run, environment: str, deploy: Deploy, reason: str) -> str:
    state = run.read()
    record, name = state.record(environment, deploy.name), run.input("TO")
    wanted = _known(state, environment, deploy.name, name)
    if record.open is not None:
        frozen = record.open.replaces
        if wanted is not None and wanted != frozen:
            raise Refused(f"{record.open.id} is {record.open.state}", "abort it first")
        return abort(run, environment, deploy.name, reason)
    target = rollback_target(record, wanted)
    if target is None:
        raise Refused("no release to go back to")
    run.dispatch_deploy(environment, deploy.name, target.id, ROLLBACK, reason)
    return f"goes back to {target.id}"


def _known(state: State, environment: str, deploy: str, name: str) -> Release | None:
    """The release that `to` names: one that was live here (adopted commits too), or a registered one."""
    if not name:
        return None
    record, built = state.record(environment, deploy), state.release(name)
    live_once = [item for item in (record.live, *record.previous) if item and item.id == name]
    if not live_once and built is None:
        raise Refused(f"no release {name!r}")
    return live_once[0] if live_once else built.release if built else None
