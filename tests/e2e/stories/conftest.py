"""The theatre of all stories: one for a session, so that openings are executed once."""

from __future__ import annotations

import pytest

from tests.e2e.stories.story import Theatre
from tests.e2e.world import World


@pytest.fixture(scope="session")
def theatre(world: World, tmp_path_factory: pytest.TempPathFactory) -> Theatre:
    """Where stories play; skips where there is no Node."""
    return Theatre(world, tmp_path_factory.mktemp("theatre"))
