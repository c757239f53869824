"""Stories of a blue-green deploy: which colour is live, what each callback is told, and how it goes back."""

from __future__ import annotations

import pytest
from headgate.simulate.engine import Called

from tests.simulate.world import BLUE_GREEN, PLAIN_BLUE_GREEN, Fault, Outcome, World, plan, world

FAILURE = Outcome("failure")


def colors(it: World) -> tuple[str | None, str | None]:
    found = it.record().colors
    return (found.blue, found.green) if found else (None, None)


def told(it: World, job: str) -> dict[str, str | int]:
    """What the last call of that callback was told."""
    calls = [step for step in it.engine.trace if isinstance(step, Called) and step.job == job]
    return dict(calls[-1].inputs)


def test_the_first_release_goes_to_blue_without_verification_and_bake() -> None:
    it = world(plan(app=BLUE_GREEN), releases=0)
    release = it.push()
    assert it.calls() == ["preview", "cutover"]
    assert told(it, "preview")["color"] == "blue"
    assert it.events()[1:] == [
        "started → deploying_preview", "succeeded → cutting_over", "succeeded → retiring",
        "passed_through → promoted",
    ]  # fmt: skip
    assert colors(it) == (release, None)
    it.check()


def test_a_healthy_release_is_previewed_verified_cut_over_watched_and_the_old_colour_retired() -> None:
    it = world(plan(app=BLUE_GREEN))
    release = it.push()
    assert it.calls() == ["preview", "verify_preview", "cutover", "verify_live", "retire"]
    assert it.events()[1:] == [
        "started → deploying_preview", "succeeded → verifying_preview", "check_passed → cutting_over",
        "succeeded → live_baking", "called", "check_passed", "bake_over → retiring", "succeeded → promoted",
    ]  # fmt: skip
    assert told(it, "verify_live")["color"] == "green"
    assert told(it, "retire")["color"] == "blue"
    assert colors(it) == (None, release)
    assert it.live == release
    it.check()


def test_without_optional_callbacks_both_colours_stay_warm() -> None:
    it = world(plan(app=PLAIN_BLUE_GREEN))
    second = it.push()
    assert it.calls() == ["preview", "cutover"]
    assert colors(it) == ("1-1111111", second)
    third = it.push()
    assert told(it, "preview")["color"] == "blue"
    assert colors(it) == (third, second)
    it.check()


@pytest.mark.parametrize("job", ["preview", "verify_preview"])
def test_what_fails_before_cutover_is_discarded(job: str) -> None:
    it = world(plan(app=BLUE_GREEN))
    bad = it.push(**{job: FAILURE})
    assert it.calls()[-1] == "discard"
    assert it.last == "aborted"
    assert (it.live, it.record().quarantine) == ("1-1111111", (bad,))
    assert colors(it) == ("1-1111111", None)
    assert it.conclusions()[-1] == "failure"
    it.check()


def test_a_failed_discard_is_noted_and_ends_the_rollout() -> None:
    it = world(plan(app=BLUE_GREEN))
    it.push(preview=FAILURE, discard=FAILURE)
    assert it.last == "aborted"
    it.check()


def test_a_failed_retire_is_noted_and_the_run_is_red() -> None:
    it = world(plan(app=BLUE_GREEN))
    release = it.push(retire=FAILURE)
    assert (it.last, it.live) == ("promoted", release)
    assert colors(it) == (None, release)
    assert it.conclusions()[-1] == "failure"
    it.check()


def test_a_failed_cutover_switches_back() -> None:
    it = world(plan(app=BLUE_GREEN))
    it.push(cutover=FAILURE)
    assert it.calls() == ["preview", "verify_preview", "cutover failure", "switchback"]
    assert told(it, "switchback")["color"] == "blue"
    assert told(it, "switchback")["reason"] == "cutover failed"
    assert (it.last, it.live) == ("rolled_back", "1-1111111")
    assert colors(it) == ("1-1111111", None)
    it.check()


def test_a_failed_live_check_switches_back_and_the_pointer_with_it() -> None:
    it = world(plan(app=BLUE_GREEN))
    bad = it.push(verify_live=FAILURE)
    assert it.calls()[-2:] == ["verify_live failure", "switchback"]
    assert (it.last, it.live) == ("rolled_back", "1-1111111")
    assert bad not in [release.id for release in it.record().previous]
    it.check()


def test_a_failed_switchback_is_held_and_can_be_retried() -> None:
    it = world(plan(app=BLUE_GREEN))
    it.push(cutover=FAILURE, switchback=FAILURE)
    rollout = it.record().open
    assert rollout is not None and rollout.cause == "rollback_failed"
    assert it.control("retry") == "success"
    assert it.last == "rolled_back"
    it.check()


def test_a_lost_cutover_is_held_and_an_abort_switches_back() -> None:
    it = world(plan(app=BLUE_GREEN))
    it.push(faults=(Fault("cutover", "cancel"),))
    rollout = it.record().open
    assert rollout is not None and rollout.cause == "cutover_lost"
    assert it.control("abort") == "success"
    assert it.calls()[-1] == "switchback"
    assert it.last == "rolled_back"
    it.check()


def test_a_first_cutover_that_fails_ends_failed_and_the_next_release_is_not_blocked() -> None:
    it = world(plan(app=BLUE_GREEN), releases=0)
    it.push(cutover=FAILURE)
    assert (it.last, it.live) == ("failed", "")
    assert colors(it) == (None, None)
    it.push()
    assert it.last == "promoted"
    it.check()


@pytest.mark.parametrize(
    ("job", "end"),
    [("preview", "aborted"), ("verify_preview", "aborted"), ("verify_live", "rolled_back")],
)
def test_a_cancel_inside_a_callback_is_an_abort(job: str, end: str) -> None:
    it = world(plan(app=BLUE_GREEN))
    it.push(faults=(Fault(job, "cancel"),))
    assert it.last == end
    it.check()


def test_a_cancel_in_retire_retires_again() -> None:
    it = world(plan(app=BLUE_GREEN))
    it.push(faults=(Fault("retire", "cancel"),))
    assert it.calls()[-2:] == ["retire cancelled", "retire"]
    assert it.last == "promoted"
    it.check()


def test_a_cancel_in_discard_or_switchback_repeats_it() -> None:
    for failing, back, end in (("preview", "discard", "aborted"), ("cutover", "switchback", "rolled_back")):
        it = world(plan(app=BLUE_GREEN))
        it.push(faults=(Fault(back, "cancel"),), **{failing: FAILURE})
        assert it.calls()[-2:] == [f"{back} cancelled", back]
        assert it.last == end
        it.check()


def test_a_rollback_to_the_warm_colour_is_a_cutover_alone() -> None:
    it = world(plan(app=PLAIN_BLUE_GREEN), releases=2)
    assert it.rollback() == "success"
    assert it.calls() == ["cutover"]
    assert told(it, "cutover")["color"] == "blue"
    assert (it.live, it.record().quarantine) == ("1-1111111", ("2-2222222",))
    assert colors(it) == ("1-1111111", "2-2222222")
    it.check()


def test_a_rollback_to_a_release_that_is_gone_deploys_it_again_without_building() -> None:
    it = world(plan(app=BLUE_GREEN), releases=2)
    assert it.rollback() == "success"
    assert it.calls() == ["preview", "cutover", "retire"]
    assert told(it, "preview")["tag"] == "v1"
    assert it.live == "1-1111111"
    it.check()


def test_a_rollback_that_fails_returns_and_keeps_its_target_for_another_try() -> None:
    it = world(plan(app=PLAIN_BLUE_GREEN), releases=2)
    it.expect(cutover=FAILURE)
    it.rollback()
    assert (it.last, it.live) == ("rolled_back", "2-2222222")
    assert it.record().quarantine == ("2-2222222",)
    assert it.rollback() == "success"
    it.check()


def test_the_live_release_deployed_again_is_not_taken_for_the_idle_colour() -> None:
    it = world(plan(app=PLAIN_BLUE_GREEN), releases=2)
    it.rollback(to="2-2222222")
    assert colors(it) == ("2-2222222", None)
    third = it.push()
    assert told(it, "preview")["color"] == "green"
    assert colors(it) == ("2-2222222", third)
    it.check()
