"""What people read on a run's page: the state, why, what is next; and free text stays text."""

from __future__ import annotations

from dataclasses import replace

from headgate_runtime.record import Queued
from headgate_runtime.summary import summarize, table

from tests.runtime.rollouts import NEW, NOW, record, rollout

COMMIT = "c" * 40


def test_a_held_rollout_says_why_and_that_a_person_must_act() -> None:
    held = rollout("canary", "held", cause="promote_failed", held_from="promoting", because="no quota")
    text = summarize(record(held), held.id, "", COMMIT)
    assert "**2-bbbbbbb** is **held**, because of promote failed: a person must act" in text
    assert "no quota" in text
    assert f"State: `{COMMIT}`" in text


def test_a_first_release_says_loudly_that_the_strategy_was_skipped() -> None:
    first = rollout("canary", "deploying", direct=True, replaces=None, callback="deploy")
    text = summarize(record(first), first.id, "", COMMIT)
    assert "first release here: canary skipped, 100 %" in text
    assert "next: deploy" in text


def test_a_bake_says_until_when_and_what_is_queued_behind_it() -> None:
    baking = rollout("canary", "baking", bake_until=1_767_225_600)
    queued = Queued(NEW, "somebody", "promote", NOW, waits_for_person=True)
    text = summarize(record(baking, queued=queued), baking.id, "", COMMIT)
    assert "bakes until 2026-01-01 00:00:00 UTC" in text
    assert "Queued: 2-bbbbbbb; it waits for a person" in text


def test_an_ended_rollout_is_found_by_its_id_and_nothing_open_is_no_error() -> None:
    done = rollout("canary", "rolled_back", ended_at=NOW)
    text = summarize(record(last=(done,)), done.id, "superseded by 3", COMMIT)
    assert "is **rolled back**" in text and "superseded by 3" in text
    assert "State:" in summarize(record(), "", "", COMMIT)


def test_free_text_stays_text() -> None:
    hostile = "<img src=x> | [x](javascript:y) `z`\n::error::no @everyone"
    shown = replace(rollout("canary", "rolling_back"), because=hostile, reason=hostile, url=hostile)
    for text in (
        summarize(record(shown), shown.id, hostile, COMMIT),
        table(hostile, ("what",), [(hostile,)], COMMIT),
    ):
        assert not any(line.startswith("::") for line in text.splitlines())
        assert "<img" not in text and "](javascript" not in text and "@everyone" not in text
