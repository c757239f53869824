"""What people read on the run's page: where the rollout stands, what happened, what comes next and who brings
it on. Text from people stays text. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone

from headgate_runtime.advance import BAKING
from headgate_runtime.decide import Call, Park, Wait, due
from headgate_runtime.jobs import APPROVE
from headgate_runtime.machine import EVENTS, HELD, PAUSED, TERMINAL, table_of, takes
from headgate_runtime.plan import BLUE_GREEN, CANARY, Stages
from headgate_runtime.record import Event, Record, Rollout
from headgate_runtime.runner import escape_markdown

CONTROL_PAGE = "actions/workflows/headgate-control.yaml"
_SHA = re.compile(r"[0-9a-f]{7,40}")
_RUNS = "/actions/runs/"


@dataclass(frozen=True)
class Told:
    """What a summary is about: the record after this job, the rollout's id, what this job wrote, when (UTC
    seconds), the page of the run and that of the environment, the state commit.
    """

    record: Record
    rollout: str
    commit: str
    now: int
    events: Sequence[Event] = ()
    note: str = ""
    page: str = ""
    url: str = ""


def summarize(told: Told) -> str:
    """The summary of a gate, start or finish."""
    record = told.record
    shown = record.ended(told.rollout) or record.open
    blocks = [f"### {escape_markdown(record.deploy)} → {escape_markdown(record.environment)}"]
    if shown is not None:
        blocks += [_headline(shown), *filter(None, [_stage_line(shown)])]
        blocks.append("\n".join(f"- {line}" for line in (*_next(shown, told.now), *_details(told, shown))))
    if told.note:
        blocks.append(escape_markdown(told.note))
    if told.events:
        blocks.append("\n".join(_timeline(told.events)))
    if record.queued is not None:
        waiting = "; it waits for a person" if record.queued.waits_for_person else ""
        blocks.append(f"Queued: {escape_markdown(record.queued.release.id)}{waiting}")
    blocks.append(" · ".join((f"State: `{told.commit}`", *_links(told, shown))))
    return "\n\n".join(blocks) + "\n"


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
    cause = f", because of {(rollout.cause or '').replace('_', ' ')}" if rollout.state == HELD else ""
    return f"**{escape_markdown(rollout.release.id)}** is **{state}**{cause}"


def _stage_line(rollout: Rollout) -> str:
    """The way up, with the present stage in bold; nothing for a rollout on its way back."""
    way = list(_way_up(rollout))
    if rollout.state == "promoted":
        return " → ".join(f"{label} ✔" for label, *_ in way)
    place = _place(rollout)
    here = next((at for at, (_, *stage) in enumerate(way) if tuple(stage) == place), None)
    if here is None:
        return ""
    shown = [f"{label} ✔" for label, *_ in way[:here]] + [f"**{way[here][0]}**"]
    return " → ".join([*shown, *(label for label, *_ in way[here + 1 :])])


def _place(rollout: Rollout) -> tuple[str, int]:
    """The state that the rollout is in, or was when it was paused or held, and the canary's step."""
    paused = "live_baking" if rollout.stages.strategy == BLUE_GREEN else "baking"
    state = paused if rollout.state == PAUSED else rollout.held_from or rollout.state
    return state, rollout.step if state in ("deploying_canary", "baking") else 0


def _way_up(rollout: Rollout) -> Iterator[tuple[str, str, int]]:
    """What comes in turn: a word for it, the state, the step."""
    stages, table_name = rollout.stages, table_of(rollout)
    if table_name == CANARY:
        for number, step in enumerate(stages.steps, 1):
            yield f"{step.percent} %", "deploying_canary", number
            yield f"bake {span(step.bake.seconds)}", "baking", number
        yield from _approval(stages)
        yield "promote", "promoting", 0
    elif table_name == BLUE_GREEN:
        yield "preview", "deploying_preview", 0
        if not rollout.direct:
            yield from [("verify", "verifying_preview", 0)] if stages.verifies_preview else []
            yield from _approval(stages)
        yield "cut over", "cutting_over", 0
        if not rollout.direct:
            yield f"bake {span(stages.bake.seconds)}", "live_baking", 0
        yield from [("retire", "retiring", 0)] if stages.retires else []
    else:
        yield "deploy", "deploying", 0


def _approval(stages: Stages) -> Iterator[tuple[str, str, int]]:
    if stages.approval is not None:
        yield "approval", "awaiting_approval", 0


def _next(rollout: Rollout, now: int) -> Iterator[str]:
    """What comes next and when, and who has to do something for it."""
    if rollout.state in TERMINAL:
        total = (rollout.ended_at or now) - rollout.started_at
        paused = f", {span(rollout.paused_seconds)} of it paused" if rollout.paused_seconds else ""
        yield f"took {span(total)}{paused}"
    elif rollout.state == HELD:
        verbs = [verb for verb, event in EVENTS.items() if takes(rollout, event)]
        yield f"**a person must act**: {', '.join(f'`{verb}`' for verb in (*verbs, 'resolve'))}"
    elif rollout.callback == APPROVE:
        yield f"reviewers are asked on GitHub, until {_time(rollout.waits_until or now)}"
    elif rollout.callback:
        yield f"next: {escape_markdown(rollout.callback)}"
    else:
        yield from _waiting(rollout, now)


def _waiting(rollout: Rollout, now: int) -> Iterator[str]:
    match due(rollout, now):
        case Park(until=until) if rollout.state == "awaiting_approval":
            approval = rollout.stages.approval
            then = "held" if approval and approval.on_timeout == "hold" else "taken back"
            yield f"**a person must act**: `approve` or `reject`, until {_time(until)}; then it is {then}"
        case Park(until=until) if rollout.state == PAUSED:
            yield f"`resume`, `promote-now` or `abort`, until {_time(until)}; then it is taken back"
        case Park(until=until):
            yield f"parked until {_time(until)}, in {span(until - now)}: no run waits for it"
            yield "the first run of Headgate's after that goes on with it; headgate-cron looks every hour"
        case Wait(until=until):
            yield f"bakes until {_time(rollout.bake_until or until)}; looks again at {_time(until)}"
        case Call(callback=callback):
            yield f"next: {escape_markdown(callback)}"


def _details(told: Told, rollout: Rollout) -> Iterator[str]:
    strategy = rollout.stages.strategy.replace("_", "-")
    yield f"rollout {escape_markdown(rollout.id)} ({rollout.kind}, {strategy})"
    if rollout.direct and rollout.stages.strategy != "all_at_once":
        why = "first release here" if rollout.replaces is None else "direct"
        yield f"**{why}: {strategy} skipped, 100 %**"
    if rollout.state in BAKING and rollout.bake.checks:
        counted = f"{rollout.check} of {len(rollout.bake.checks)}"
        yield f"checks: {counted}; {rollout.checks_failed} failed, {rollout.stages.failure_limit} tolerated"
    if rollout.because:
        yield f"why: {escape_markdown(rollout.because)}"
    if rollout.reason:
        yield f"reason: {escape_markdown(rollout.reason)}"
    if rollout.approver:
        yield f"approved by {escape_markdown(rollout.approver)}"
    if told.record.live:
        yield f"live: {escape_markdown(told.record.live.id)}"
    yield from (f"see {escape_markdown(url)}" for url in (rollout.url, told.url) if url)


def _timeline(events: Sequence[Event]) -> Iterator[str]:
    yield "| when | what | why |"
    yield "| --- | --- | --- |"
    for event in events:
        _, _, what = event.subject.partition(": ")
        yield f"| {_time(event.at)} | {escape_markdown(what)} | {escape_markdown(event.reason)} |"


def _links(told: Told, rollout: Rollout | None) -> Iterator[str]:
    """To the state as it is now, the commit of the release, and the page where people step in."""
    repository, found, _ = told.page.partition(_RUNS)
    if not found:
        return
    yield f"[look at it]({repository}/tree/{told.commit})"
    if rollout is not None:
        if _SHA.fullmatch(rollout.release.sha):
            yield f"[commit]({repository}/commit/{rollout.release.sha})"
        if rollout.state not in TERMINAL:
            yield f"[step in]({repository}/{CONTROL_PAGE})"


def span(seconds: int) -> str:
    """A time span as people say it, to the minute once it is longer than that: `2d12h`, `45s`."""
    left = seconds if seconds < 60 else seconds // 60 * 60
    parts = []
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)):
        count, left = divmod(left, size)
        parts += [f"{count}{unit}"] if count else []
    return "".join(parts) or "0s"


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")
