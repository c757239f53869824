"""What is due for a rollout now, and what a callback's result means. Pure: (rollout, time) → decision."""

from __future__ import annotations

from dataclasses import dataclass, replace

from headgate_runtime.advance import BAKING, Course, obey
from headgate_runtime.jobs import APPROVE, Callback, callbacks, canary_id, verify_id
from headgate_runtime.machine import HELD, PAUSED, TERMINAL, takes
from headgate_runtime.record import Rollout

PAUSE_SECONDS = 24 * 3600
"""How long a pause may last before the release is taken back."""

REASON_LENGTH = 300

FALLBACK_REASONS = {
    "failed": "failed",
    "check_failed": "the verification failed",
    "check_inconclusive": "the verification was inconclusive",
}


@dataclass(frozen=True)
class Call:
    """A callback, or for APPROVE reviewers, are to be called; `check` counts the checks of a bake from 1."""

    callback: str
    check: int = 0


@dataclass(frozen=True)
class Wait:
    """Nothing to do before that time (UTC seconds)."""

    until: int


@dataclass(frozen=True)
class Park:
    """Nothing to do before that time, or before a person speaks; no run waits for it."""

    until: int


@dataclass(frozen=True)
class Fire:
    """An event is due by itself."""

    event: str
    reason: str


@dataclass(frozen=True)
class Rest:
    """Nothing that a run could do: the rollout is over, or waits for a person."""


Due = Call | Wait | Park | Fire | Rest

_CALLBACKS = {
    "deploying": "deploy",
    "promoting": "promote",
    "rolling_back": "rollback",
    "deploying_preview": "preview",
    "verifying_preview": "verify_preview",
    "cutting_over": "cutover",
    "retiring": "retire",
    "switching_back": "switchback",
    "discarding": "discard",
}


@dataclass(frozen=True)
class Result:
    """How a callback's job ended, as the run saw it.

    `verdict`, `reason` and `url` are the callback's outputs. `delivered`: the gate that named it got its
    output out, so a skipped job was skipped by the callback itself. `run_cancelled`: the run was cancelled,
    not just the callback by its own timeout.
    """

    result: str
    verdict: str = ""
    reason: str = ""
    url: str = ""
    delivered: bool = True
    run_cancelled: bool = False


def due(rollout: Rollout, now: int) -> Due:
    """What is to be done for the open rollout at this time, when no callback is running."""
    if rollout.state == HELD or rollout.state in TERMINAL:
        return Rest()
    if expired := expiry(rollout, now):
        return expired
    if rollout.state == PAUSED:
        return Park((rollout.paused_at or now) + PAUSE_SECONDS)
    if rollout.state == "awaiting_approval":
        return Call(APPROVE) if rollout.asks_reviewers else Park(rollout.waits_until or now)
    if rollout.state in BAKING:
        return _due_in_bake(rollout, now)
    if rollout.state in ("retiring", "discarding") and not _cleans_up(rollout):
        return Fire("passed_through", "nothing to clean up")
    if rollout.state == "deploying_canary":
        return Call(canary_id(rollout.step))
    return Call(_CALLBACKS[rollout.state])


def expiry(rollout: Rollout, now: int) -> Fire | None:
    """The event by which the rollout's own time is over, or that of its pause or approval; None before it."""
    if rollout.state == PAUSED:
        over = now >= (rollout.paused_at or now) + PAUSE_SECONDS
        return Fire("pause_expired", "the pause lasted 24 hours") if over else None
    if rollout.state == "awaiting_approval":
        over = rollout.waits_until is not None and now >= rollout.waits_until
        return Fire("approval_expired", "nobody approved in time") if over else None
    over = rollout.deadline is not None and now >= rollout.deadline and takes(rollout, "timed_out")
    return Fire("timed_out", "the rollout took longer than its timeout") if over else None


def _cleans_up(rollout: Rollout) -> bool:
    first = rollout.state == "retiring" and rollout.replaces is None
    return rollout.stages.retires and not first


def _due_in_bake(rollout: Rollout, now: int) -> Due:
    bake, until = rollout.bake, rollout.bake_until or now
    if now >= until:
        last = len(bake.checks)
        if not last or (rollout.checked_at is not None and rollout.checked_at >= until):
            return Fire("bake_over", "bake over")
        return Call(verify_id(rollout.stages.strategy, rollout.step, bake, last), last)
    times = [(until - bake.seconds + offset, check) for check, offset in enumerate(bake.checks, 1)]
    overdue = [check for at, check in times if at <= now and check > rollout.check]
    if overdue:
        return Call(verify_id(rollout.stages.strategy, rollout.step, bake, overdue[-1]), overdue[-1])
    ahead = [at for at, check in times if at > now and check > rollout.check]
    deadline = [rollout.deadline] if rollout.deadline and rollout.deadline > now else []
    next_time = min([until, *ahead, *deadline])
    return Park(next_time) if rollout.stages.parks else Wait(next_time)


def settle(course: Course) -> tuple[Course, Due]:
    """Obey what was asked for and let everything that is due by itself happen; then say what comes next.

    Where that is for a later run, nobody owns the rollout any more.
    """
    while course.record.open is not None:
        obeyed = obey(course)
        if obeyed is not course:
            course = obeyed
            continue
        what = due(course.rollout, course.now)
        if isinstance(what, Park) and course.rollout.owner is not None:
            course = course.amend("parked", owner=None, callback=None, dispatched_at=None)
        if not isinstance(what, Fire):
            return course, what
        course = course.take(what.event, what.reason)
    return course, Rest()


def must_run(what: Due) -> bool:
    """Whether a run has to go on with the rollout now."""
    return not isinstance(what, (Park, Rest))


def callback_of(rollout: Rollout, name: str) -> Callback | None:
    """The callback job of that id among those of the rollout's stages."""
    known = callbacks(rollout.stages, with_all_at_once=True)
    return next((callback for callback in known if callback.id == name), None)


def record_result(course: Course, result: Result) -> Course:
    """Record how the named callback ended, and free the name; only literal successes count as success."""
    callback = callback_of(course.rollout, course.rollout.callback or "")
    event = _event_of(callback is not None and callback.action.startswith("verify"), result)
    changed = course if not _is_url(result.url) else _with_url(course, result.url)
    reason = one_line(result.reason) or _fallback(event, course.rollout)
    return changed.take(event, reason)


def one_line(text: str) -> str:
    """Free text of callbacks and reviewers as records keep it: one printable line, at most REASON_LENGTH
    characters.
    """
    printable = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(printable.split())[:REASON_LENGTH]


def _with_url(course: Course, url: str) -> Course:
    return replace(course, record=replace(course.record, open=replace(course.rollout, url=url)))


def _is_url(text: str) -> bool:
    return (
        text.startswith(("https://", "http://"))
        and len(text) <= 2048
        and text.isprintable()
        and " " not in text
    )


def _fallback(event: str, rollout: Rollout) -> str:
    return f"{rollout.callback} failed" if event == "failed" else FALLBACK_REASONS.get(event, "")


def _event_of(verification: bool, seen: Result) -> str:
    if seen.result == "success":
        return _verdict(verification, seen.verdict)
    if seen.result == "cancelled" and seen.run_cancelled:
        return "cancelled"
    if seen.result == "failure":
        return "check_failed" if verification else "failed"
    if seen.result == "cancelled":  # by its own timeout, since the run goes on: for a check, no verdict
        return "check_inconclusive" if verification else "failed"
    if verification and seen.delivered and not seen.run_cancelled:
        return "check_inconclusive"
    return "never_started"


def _verdict(verification: bool, verdict: str) -> str:
    if not verification:
        return "succeeded" if verdict in ("", "success") else "failed"
    if verdict in ("", "success"):
        return "check_passed"
    return "check_failed" if verdict == "failure" else "check_inconclusive"
