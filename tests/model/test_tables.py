"""Every (state, event, answer of the guards) of the machine's tables."""

from __future__ import annotations

import pytest
from headgate_runtime.machine import TABLES

from tests.model.tables import faults


@pytest.mark.parametrize("strategy", TABLES)
def test_no_row_is_dead_no_state_is_lost_and_refusals_are_meant(strategy: str) -> None:
    assert faults(strategy, TABLES[strategy]) == []
