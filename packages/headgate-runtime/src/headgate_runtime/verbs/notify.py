"""notify: tell people what became of a rollout, through a workflow of its own: whether anybody hears it never
changes how the rollout's run ends.
"""

from __future__ import annotations

import json

from headgate_runtime.errors import ApiFailed
from headgate_runtime.jobs import APPROVE
from headgate_runtime.machine import HELD, TERMINAL
from headgate_runtime.record import Record, Rollout
from headgate_runtime.run import Run

NOTIFY_WORKFLOW = "headgate-notify.yaml"
FORMAT = 1
"""The format of `context`: keys may be added within it."""


def notify(run: Run, record: Record, rollout: Rollout) -> None:
    """Dispatch the notification, if the manifest has one and the rollout ended or needs a person."""
    if run.plan.notify is None or not (rollout.state in TERMINAL or needs_person(rollout)):
        return
    context = json.dumps(tell(record, rollout, run.facts.page), ensure_ascii=False, separators=(",", ":"))
    try:
        run.api.dispatch(NOTIFY_WORKFLOW, run.plan.trunk, {"context": context})
    except ApiFailed as error:
        run.desk.warn(f"nobody could be notified: {error}")


def needs_person(rollout: Rollout) -> bool:
    """Whether the rollout goes on only when somebody says how, and can say it now."""
    if rollout.state == "awaiting_approval":
        return not rollout.asks_reviewers or rollout.callback == APPROVE
    return rollout.state == HELD


def tell(record: Record, rollout: Rollout, page: str) -> dict[str, object]:
    """All that a notification says; times are UTC seconds, `page` is that of the run which says it."""
    before = rollout.replaces
    total = (rollout.ended_at or record.at) - rollout.started_at
    return {
        "format": FORMAT,
        "action": "notify",
        "environment": record.environment,
        "deploy": record.deploy,
        "reason": _sentence(rollout),
        "state": rollout.state,
        "cause": rollout.cause or "",
        "outcome": rollout.outcome or "",
        "kind": rollout.kind,
        "strategy": rollout.stages.strategy,
        "rollout_id": rollout.id,
        "release": rollout.release.id,
        "sha": rollout.release.sha,
        "previous_release": before.id if before else "",
        "previous_sha": before.sha if before else "",
        "live": record.live.id if record.live else "",
        "actor": rollout.actor,
        "approver": rollout.approver or "",
        "waits_until": rollout.waits_until if rollout.state == "awaiting_approval" else None,
        "total_seconds": total,
        "progression_seconds": total - rollout.paused_seconds,
        "paused_seconds": rollout.paused_seconds,
        "url": rollout.url or "",
        "run": page,
    }


def _sentence(rollout: Rollout) -> str:
    """`held (inconclusive): the check could not tell`: the state, its cause, and what is known of it."""
    cause = f" ({rollout.cause.replace('_', ' ')})" if rollout.cause else ""
    why = f": {rollout.because}" if rollout.because else ""
    return f"{rollout.state.replace('_', ' ')}{cause}{why}"
