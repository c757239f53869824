"""What changes with an event besides the state: pointer, colours, quarantine, clocks, requests."""

from __future__ import annotations

from dataclasses import replace

import pytest
from headgate_runtime.advance import Course, Moment, idle_color, quarantined_by, with_live
from headgate_runtime.record import HISTORY, Colors, Owner, Queued, Record, Release

from tests.runtime.rollouts import NEW, NOW, OLD, course, record, requests, rollout

OLDER = Release("0-0000000", 0, "0" * 40)


def test_the_pointer_moves_with_a_promotion_and_the_old_release_becomes_the_first_of_the_previous() -> None:
    done = course(rollout("canary", "promoting"), previous=(OLDER,)).take("succeeded").record
    assert (done.live, done.previous) == (NEW, (OLD, OLDER))
    assert done.was_promoted(NEW.id)
    assert done.open is None


def test_the_pointer_moves_with_the_cutover_and_back_with_the_switch() -> None:
    walk = course(rollout("blue_green", "cutting_over"), previous=(OLDER,)).take("succeeded")
    assert (walk.record.live, walk.record.previous) == (NEW, (OLD, OLDER))
    assert not walk.record.was_promoted(NEW.id)
    back = walk.take("check_failed").take("succeeded").record
    assert (back.live, back.previous) == (OLD, (OLDER,))


def test_a_rollback_that_is_switched_back_leaves_its_target_among_the_previous() -> None:
    found = rollout("blue_green", "cutting_over", kind="rollback", release=OLDER, replaces=OLD, direct=True)
    there = course(replace(found, requests=requests("abort")), previous=(OLDER,)).take("succeeded")
    back = there.take("succeeded").record
    assert (back.live, back.previous) == (OLD, (OLDER,))
    assert back.quarantine == (OLD.id,)


def test_the_previous_releases_are_ten_at_most_and_each_stands_there_once() -> None:
    found = record()
    for number in range(2, 20):
        found = with_live(found, Release(f"{number}-x", number, "a" * 40))
    again = with_live(found, found.previous[3])
    assert len(found.previous) == len(again.previous) == HISTORY
    assert again.live not in again.previous
    assert with_live(found, found.live) is found


@pytest.mark.parametrize(
    ("state", "event", "bad"),
    [("promoting", "succeeded", None), ("rolling_back", "succeeded", NEW.id)],
)
def test_what_was_taken_back_is_in_quarantine(state: str, event: str, bad: str | None) -> None:
    done = course(rollout("canary", state)).take(event)
    assert done.record.quarantine == ((bad,) if bad else ())
    assert [entry.event.event for entry in done.entries] == [event, *(["quarantined"] if bad else [])]


@pytest.mark.parametrize("end", ["promoted", "failed", "rolled_back"])
def test_a_rollback_puts_in_quarantine_what_it_replaces_and_never_its_target(end: str) -> None:
    back = rollout("all_at_once", end, kind="rollback", release=OLD, replaces=NEW)
    assert quarantined_by(back) == NEW.id
    assert quarantined_by(replace(back, replaces=OLD)) is None
    assert quarantined_by(replace(back, replaces=None)) is None


def test_colours_follow_the_traffic() -> None:
    walk = course(rollout("blue_green", "deploying_preview"), colors=Colors(OLD.id, None)).take("succeeded")
    assert walk.record.colors == Colors(OLD.id, NEW.id)
    gone = walk.take("check_failed").take("succeeded").record
    assert gone.colors == Colors(OLD.id, None)
    live = walk.take("check_passed").take("succeeded").take("bake_over")
    assert live.take("succeeded").record.colors == Colors(None, NEW.id)
    assert live.take("passed_through").record.colors == Colors(None, NEW.id)
    kept = course(rollout("blue_green", "retiring", retires=False), colors=Colors(OLD.id, NEW.id))
    assert kept.take("passed_through").record.colors == Colors(OLD.id, NEW.id)


def test_a_colour_that_may_be_half_retired_is_not_relied_on() -> None:
    held = rollout("blue_green", "held", held_from="retiring", cause="plan_changed")
    done = course(held, colors=Colors(OLD.id, NEW.id)).take("resolved_promoted").record
    assert done.colors == Colors(None, NEW.id)


def test_the_idle_colour_is_never_the_live_one() -> None:
    assert idle_color(Record("dev", "app")) == "blue"
    assert idle_color(record()) == "green"
    assert idle_color(record(colors=Colors(OLD.id, None))) == "green"
    assert idle_color(record(colors=Colors(NEW.id, OLD.id))) == "blue"


def test_a_bake_starts_stops_and_goes_on_with_what_was_left() -> None:
    walk = course(rollout("canary", "deploying_canary", checks_failed=3, check=2)).take("succeeded")
    found = walk.rollout
    assert (found.bake_until, found.check, found.checks_failed, found.checked_at) == (NOW + 600, 0, 0, None)
    paused = replace(walk, moment=Moment(NOW + 100, "x")).take("paused")
    assert (paused.rollout.bake_remaining, paused.rollout.owner) == (500, None)
    resumed = replace(paused, moment=Moment(NOW + 1000, "x")).take("resumed")
    assert (resumed.rollout.bake_until, resumed.rollout.paused_seconds) == (NOW + 1500, 900)


def test_a_lost_runner_does_not_shorten_a_bake() -> None:
    walk = course(rollout("canary", "baking", bake_until=NOW + 600))
    lost = replace(walk, moment=Moment(NOW + 50, "x")).take("lost")
    assert lost.rollout.bake_until == NOW + 600


@pytest.mark.parametrize("event", ["resumed", "retried"])
def test_the_clock_of_the_rollout_is_off_once_a_person_went_on(event: str) -> None:
    causes = {"resumed": "inconclusive", "retried": "recoveries"}
    held = rollout("canary", "held", held_from="baking", cause=causes[event], deadline=NOW - 1)
    assert course(held).take(event).rollout.deadline is None


def test_time_never_goes_back_within_a_record() -> None:
    early = course(rollout("canary"), now=NOW - 500).take("succeeded")
    assert early.record.at == NOW
    assert early.rollout.bake_until == NOW + 600


def test_a_request_that_came_too_late_is_said_to_be_ignored() -> None:
    done = course(rollout("canary", "promoting", requests=requests("abort"))).take("succeeded")
    assert [entry.event.event for entry in done.entries] == ["succeeded", "request_ignored"]
    assert done.record.last[0].requests == ()


@pytest.mark.parametrize(
    ("event", "ignored"), [("check_failed", True), ("check_inconclusive", True), ("check_passed", False)]
)
def test_a_request_that_an_end_of_the_bake_overtook_is_said_to_be_ignored(event: str, ignored: bool) -> None:
    found = rollout("canary", "baking", bake_until=NOW, named_at=NOW, requests=requests("promote-now"))
    names = [entry.event.event for entry in course(found).take(event).entries]
    assert ("request_ignored" in names) == ignored


def test_an_abort_gives_its_own_reason_to_the_rollback() -> None:
    found = rollout("canary", requests=requests("abort"))
    assert course(found).take("succeeded", "all pods up").rollout.because == "abort it"


@pytest.mark.parametrize(
    ("state", "event", "waits"),
    [("rolling_back", "succeeded", True), ("promoting", "succeeded", False)],
)
def test_after_a_rollback_a_queued_release_waits_for_a_person(state: str, event: str, waits: bool) -> None:
    queued = Queued(Release("3-ccccccc", 3, "c" * 40), "somebody", "promote", NOW)
    done = course(rollout("canary", state), queued=queued).take(event).record
    assert done.queued is not None and done.queued.waits_for_person == waits


def test_an_end_frees_the_record_and_is_remembered_ten_times() -> None:
    found = course(rollout("canary", "promoting", callback="promote"))
    done = found.take("succeeded").record
    assert (done.last[0].state, done.last[0].outcome, done.last[0].ended_at) == ("promoted", "promoted", NOW)
    assert (done.last[0].owner, done.last[0].callback) == (None, None)
    many = replace(found.record, last=tuple(done.last[0] for _ in range(HISTORY)))
    assert len(replace(found, record=many).take("succeeded").record.last) == HISTORY


def test_held_gives_up_the_owner_and_keeps_where_it_came_from() -> None:
    held = course(rollout("canary", "promoting", callback="promote", dispatched_at=NOW)).take("failed")
    found = held.rollout
    assert (found.owner, found.callback, found.held_from, found.cause) == (
        None, None, "promoting", "promote_failed",
    )  # fmt: skip
    assert found.dispatched_at is None


def test_amending_changes_the_last_event_of_the_push_and_else_is_one_of_its_own() -> None:
    walk = course(rollout("canary")).take("succeeded").amend("called", callback="verify_1")
    assert len(walk.entries) == 1
    assert walk.entries[0].record.open == walk.rollout
    alone = course(rollout("canary")).amend("taken_over", owner=Owner(9, 1))
    assert [entry.event.event for entry in alone.entries] == ["taken_over"]


def test_every_event_is_numbered_and_a_course_without_a_rollout_takes_none() -> None:
    walk: Course = course(rollout("canary")).take("failed", "x").take("succeeded")
    assert [entry.event.seq for entry in walk.entries] == [2, 3, 4]
    assert walk.record.seq == 4
    with pytest.raises(LookupError):
        walk.take("succeeded")


def test_opening_a_blue_green_rollout_empties_the_idle_colour_and_opening_a_warm_one_does_not() -> None:
    empty = course(colors=Colors(OLD.id, OLDER.id)).open(rollout("blue_green"))
    assert empty.record.colors == Colors(OLD.id, None)
    warm = course(colors=Colors(OLD.id, OLDER.id)).open(rollout("blue_green", "cutting_over", release=OLDER))
    assert warm.record.colors == Colors(OLD.id, OLDER.id)
