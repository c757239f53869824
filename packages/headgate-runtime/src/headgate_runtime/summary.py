"""What people read on the run's page: what happened, what comes next, and where it is written. Text from
people stays text.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone

from headgate_runtime.machine import HELD
from headgate_runtime.record import Record, Rollout
from headgate_runtime.runner import escape_markdown


def summarize(record: Record, rollout: str, note: str, commit: str) -> str:
    """The summary of a gate, start or finish: the rollout it was about, as the record says now."""
    shown = record.ended(rollout) or record.open
    lines = [f"### {escape_markdown(record.deploy)} → {escape_markdown(record.environment)}", ""]
    if shown is not None:
        lines += [_headline(shown), "", *_details(record, shown)]
    if note:
        lines += ["", escape_markdown(note)]
    if record.queued is not None:
        waiting = "; it waits for a person" if record.queued.waits_for_person else ""
        lines += ["", f"Queued: {escape_markdown(record.queued.release.id)}{waiting}"]
    lines += ["", f"State: `{commit}`", ""]
    return "\n".join(lines)


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]], commit: str) -> str:
    """A heading and a table of free text."""
    body = ["| " + " | ".join(escape_markdown(cell) for cell in row) + " |" for row in rows]
    lines = [
        f"### {escape_markdown(title)}",
        "",
        "| " + " | ".join(head) + " |",
        "| --- " * len(head) + "|",
        *body,
        "",
    ]
    return "\n".join([*lines, *([f"State: `{commit}`", ""] if commit else [])])


def _headline(rollout: Rollout) -> str:
    state = rollout.state.replace("_", " ")
    cause = (
        f", because of {(rollout.cause or '').replace('_', ' ')}: a person must act"
        if rollout.state == HELD
        else ""
    )
    return f"**{escape_markdown(rollout.release.id)}** is **{state}**{cause}"


def _details(record: Record, rollout: Rollout) -> list[str]:
    strategy = rollout.stages.strategy.replace("_", "-")
    rows = [f"- rollout {escape_markdown(rollout.id)} ({rollout.kind}, {strategy})"]
    if rollout.direct and rollout.stages.strategy != "all_at_once":
        why = "first release here" if rollout.replaces is None else "direct"
        rows.append(f"- {why}: {strategy} skipped, 100 %")
    if rollout.because:
        rows.append(f"- why: {escape_markdown(rollout.because)}")
    if rollout.callback:
        rows.append(f"- next: {escape_markdown(rollout.callback)}")
    if rollout.state in ("baking", "live_baking") and rollout.bake_until:
        rows.append(f"- bakes until {_time(rollout.bake_until)}")
    if rollout.reason:
        rows.append(f"- reason: {escape_markdown(rollout.reason)}")
    if record.live:
        rows.append(f"- live: {escape_markdown(record.live.id)}")
    if rollout.url:
        rows.append(f"- see {escape_markdown(rollout.url)}")
    return rows


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")
