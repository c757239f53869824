"""check: does a pull request alter or remove a deploy that has an open rollout? Reads the state branch,
writes nothing.
"""

from __future__ import annotations

from headgate_runtime.errors import StateMissing
from headgate_runtime.machine import HELD
from headgate_runtime.record import Record
from headgate_runtime.run import Run


def check(run: Run) -> int:
    """1 when the plan of this checkout would pull the rug from under an open rollout; a held one only
    warns.
    """
    try:
        state = run.read()
    except StateMissing:
        run.desk.say(f"no branch {run.plan.state_branch}: nothing is open")
        return 0
    bad = 0
    for record in state.records():
        why = _trouble(run, record)
        if why and record.open is not None:
            run.desk.warn(
                f"{record.environment}/{record.deploy}: {record.open.id} is {record.open.state}, and {why}"
            )
            bad += record.open.state != HELD
    run.desk.say(
        "no open rollout is altered"
        if not bad
        else f"{bad} open rollouts would be altered: let them end first"
    )
    return 1 if bad else 0


def _trouble(run: Run, record: Record) -> str:
    if record.open is None:
        return ""
    part = run.plan.part(record.environment, record.deploy)
    if part is None:
        return "this change removes it from the manifest"
    return "this change alters it" if part.digest != record.open.digest else ""
