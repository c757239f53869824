"""What people read on a run's page: the state, why, what is next; and free text stays text."""

from __future__ import annotations

from dataclasses import replace

from headgate_runtime.record import Queued, Record
from headgate_runtime.summary import Told, span, table
from headgate_runtime.summary import summarize as summarize_told

from tests.runtime.rollouts import APPROVAL, NEW, NOW, course, record, rollout

COMMIT = "c" * 40
PAGE = "https://github.example/acme/shop/actions/runs/7"


def summarize(found: Record, rollout_id: str, note: str, commit: str) -> str:
    return summarize_told(Told(found, rollout_id, commit, NOW, note=note, page=PAGE))


def test_a_held_rollout_says_why_and_that_a_person_must_act() -> None:
    held = rollout("canary", "held", cause="promote_failed", held_from="promoting", because="no quota")
    text = summarize(record(held), held.id, "", COMMIT)
    assert "**2-bbbbbbb** is **held**, because of promote failed" in text
    assert "**a person must act**: `abort`, `retry`, `resolve`" in text
    assert "10 % ✔ → bake 10m ✔ → 50 % ✔ → bake 1m ✔ → **promote**" in text
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


def test_a_parked_rollout_says_who_wakes_it() -> None:
    parked = rollout("canary", "baking", parks=True, bake_until=NOW + 600, owner=None, check=0)
    text = summarize(record(parked), parked.id, "", COMMIT)
    assert "10 % ✔ → **bake 10m** → 50 % → bake 1m → promote" in text
    assert "parked until 1970-01-12 13:56:40 UTC, in 10m: no run waits for it" in text
    assert "headgate-cron looks every hour" in text
    paused = replace(parked, state="paused", paused_at=NOW)
    assert "`resume`, `promote-now` or `abort`, until 1970-01-13 13:46:40 UTC" in summarize(
        record(paused), paused.id, "", COMMIT
    )


def test_an_approval_says_who_is_asked_and_what_happens_without_an_answer() -> None:
    waiting = rollout("canary", "awaiting_approval", approval=APPROVAL, waits_until=NOW + 60, owner=None)
    text = summarize(record(waiting), waiting.id, "", COMMIT)
    assert "`approve` or `reject`, until 1970-01-12 13:47:40 UTC; then it is taken back" in text
    assert f"[step in]({PAGE.partition('/actions')[0]}/actions/workflows/headgate-control.yaml)" in text
    asked = replace(waiting, callback="approve")
    assert "reviewers are asked on GitHub" in summarize(record(asked), asked.id, "", COMMIT)


def test_what_this_job_wrote_stands_in_a_table_with_its_reasons() -> None:
    walk = course(rollout("canary")).take("succeeded").take("aborted", "wrong | version")
    told = Told(walk.record, walk.rollout.id, COMMIT, NOW, walk.events)
    lines = summarize_told(told).splitlines()
    assert [line for line in lines if line.startswith("| 19")] == [
        "| 1970-01-12 13:46:40 UTC | deploying&#95;canary → baking (succeeded) |  |",
        "| 1970-01-12 13:46:40 UTC | baking → rolling&#95;back (aborted) | wrong &#124; version |",
    ]


def test_spans_are_said_as_people_do() -> None:
    spans = {0: "0s", 59: "59s", 61: "1m", 3_600: "1h", 216_000: "2d12h", 90_061: "1d1h1m"}
    assert {seconds: span(seconds) for seconds in spans} == spans


def test_free_text_stays_text() -> None:
    hostile = "<img src=x> | [x](javascript:y) `z`\n::error::no @everyone"
    shown = replace(rollout("canary", "rolling_back"), because=hostile, reason=hostile, url=hostile)
    for text in (
        summarize(record(shown), shown.id, hostile, COMMIT),
        table(hostile, ("what",), [(hostile,)], COMMIT),
    ):
        assert not any(line.startswith("::") for line in text.splitlines())
        assert "<img" not in text and "](javascript" not in text and "@everyone" not in text
