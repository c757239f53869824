"""One fake GitHub for the whole session; one fresh repository per test."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.e2e.prerequisites import require_node_packages
from tests.e2e.traffic import Traffic
from tests.e2e.world import Repository, World


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The running executor; skips where there is no Node."""
    require_node_packages()
    with World.start(tmp_path_factory.mktemp("world")) as started:
        yield started


@pytest.fixture
def create_repository(world: World) -> Iterator[Callable[..., Repository]]:
    """Makes repositories that are stopped when the test ends."""
    made: list[Repository] = []

    def create(files: Mapping[str, str | bytes], **options: object) -> Repository:
        made.append(world.create_repository(files, **options))  # type: ignore[arg-type]
        return made[-1]

    yield create
    for repository in made:
        repository.stop()


@pytest.fixture
def traffic(tmp_path: Path) -> Traffic:
    """A recording fake of the traffic; `traffic.attach(repository)` connects it."""
    return Traffic(tmp_path / "traffic")
