"""May a release enter an environment? And which releases can a rollback go to? Pure rules over state and
plan.
"""

from __future__ import annotations

from dataclasses import dataclass

from headgate_runtime.plan import Deploy, Plan
from headgate_runtime.record import Record, Release
from headgate_runtime.state import State

ENTER, WAIT, HERE, SUPERSEDED, REFUSED = "enter", "wait", "here", "superseded", "refused"


@dataclass(frozen=True)
class Verdict:
    """Whether the release may enter, and why (not), for people."""

    word: str
    reason: str = ""


def may_enter(
    plan: Plan, state: State, environment: str, deploy: Deploy, release: Release, *, force: bool
) -> Verdict:
    """Judge one deploy: what is there already, order, quarantine, the environment before, and what it needs
    here.
    """
    record = state.record(environment, deploy.name)
    if record.live is not None and record.live.id == release.id:
        return Verdict(HERE, "live already")
    if record.open is not None and record.open.release.id == release.id:
        return Verdict(HERE, f"in progress: {record.open.state}")
    if not force:
        verdict = _ordered(record, release) or _proven(plan, state, environment, deploy, release)
        if verdict:
            return verdict
    missing = unmet_needs(plan, state, environment, deploy, release)
    return Verdict(WAIT, f"needs {', '.join(missing)} first") if missing else Verdict(ENTER)


def _ordered(record: Record, release: Release) -> Verdict | None:
    """A deploy never goes down by itself, and what failed here is not brought back by itself."""
    if release.id in record.quarantine:
        return Verdict(
            REFUSED, f"{release.id} is in quarantine here: it was taken back; promote it with force"
        )
    newer = [
        item
        for item in (record.live, record.queued and record.queued.release)
        if item and item.order > release.order
    ]
    return Verdict(SUPERSEDED, f"{newer[0].id} is newer") if newer else None


def _proven(plan: Plan, state: State, environment: str, deploy: Deploy, release: Release) -> Verdict | None:
    """A release must have been promoted in the environment before, and not be in quarantine there."""
    before = plan.environment_before(environment, deploy)
    if before is None:
        return None
    earlier = state.record(before, deploy.name)
    if not earlier.was_promoted(release.id):
        return Verdict(REFUSED, f"{release.id} was not promoted in {before} yet")
    if release.id in earlier.quarantine:
        return Verdict(REFUSED, f"{release.id} is in quarantine in {before}")
    return None


def unmet_needs(
    plan: Plan, state: State, environment: str, deploy: Deploy, release: Release
) -> tuple[str, ...]:
    """The needed deploys that are not yet promoted here at this release or a newer one."""

    def met(name: str) -> bool:
        live = state.record(environment, name).live
        return (
            live is not None
            and live.order >= release.order
            and state.record(environment, name).was_promoted(live.id)
        )

    return tuple(name for name in plan.needs_in(environment, deploy) if not met(name))


def newest_for(plan: Plan, state: State, environment: str, deploys: tuple[Deploy, ...]) -> Release | None:
    """The newest release that every one of the deploys may take or has; what `release: (empty)` means."""
    for built in state.releases():
        words = [
            may_enter(plan, state, environment, deploy, built.release, force=False).word for deploy in deploys
        ]
        if all(word in (ENTER, WAIT, HERE) for word in words):
            return built.release
    return None


def rollback_target(record: Record, wanted: Release | None) -> Release | None:
    """Where a rollback goes: the release asked for; else, if the last rollout failed, the live one again;
    else the one before.
    """
    if wanted is not None:
        return wanted
    if record.live is not None and record.last and record.last[0].state == "failed":
        return record.live
    order = record.live.order if record.live else 0
    lower = [item for item in record.previous if item.order < order and item.id not in record.quarantine]
    return max(lower, key=lambda item: item.order, default=None)
