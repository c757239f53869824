"""The theatre of all stories: openings are executed once in a test run, by whichever process needs them."""

from __future__ import annotations

import os

import pytest

from tests.e2e.stories.story import Theatre
from tests.e2e.world import World


@pytest.fixture(scope="session")
def theatre(world: World, tmp_path_factory: pytest.TempPathFactory) -> Theatre:
    """Where stories play; skips where there is no Node."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    return Theatre(world, tmp_path_factory.mktemp("theatre"), shared / "openings")
