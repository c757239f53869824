"""What the result of a callback's job means: only success is success; a check without a verdict is none."""

from __future__ import annotations

import pytest
from headgate_runtime.decide import Result, _event_of

CALLBACK, CHECK = False, True


@pytest.mark.parametrize(
    ("kind", "seen", "event"),
    [
        (CALLBACK, Result("success"), "succeeded"),
        (CALLBACK, Result("success", "success"), "succeeded"),
        (CALLBACK, Result("success", "failure"), "failed"),
        (CALLBACK, Result("success", "inconclusive"), "failed"),
        (CALLBACK, Result("success", "SUCCESS"), "failed"),
        (CALLBACK, Result("failure"), "failed"),
        (CALLBACK, Result("cancelled"), "failed"),
        (CALLBACK, Result("cancelled", run_cancelled=True), "cancelled"),
        (CALLBACK, Result("skipped"), "never_started"),
        (CALLBACK, Result(""), "never_started"),
        (CALLBACK, Result("neutral"), "never_started"),
        (CHECK, Result("success"), "check_passed"),
        (CHECK, Result("success", "success"), "check_passed"),
        (CHECK, Result("success", "failure"), "check_failed"),
        (CHECK, Result("success", "inconclusive"), "check_inconclusive"),
        (CHECK, Result("success", "green"), "check_inconclusive"),
        (CHECK, Result("failure"), "check_failed"),
        (CHECK, Result("failure", "success"), "check_failed"),
        (CHECK, Result("cancelled"), "check_inconclusive"),
        (CHECK, Result("cancelled", run_cancelled=True), "cancelled"),
        (CHECK, Result("skipped"), "check_inconclusive"),
        (CHECK, Result("skipped", delivered=False), "never_started"),
        (CHECK, Result("skipped", run_cancelled=True), "never_started"),
    ],
)
def test_a_result_becomes_exactly_this_event(kind: bool, seen: Result, event: str) -> None:
    assert _event_of(kind, seen) == event
