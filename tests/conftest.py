"""What all tests share: the option that rewrites expected files."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

OF_ASYNCIO = ("asyncio_mode", "asyncio_default_fixture_loop_scope", "asyncio_default_test_loop_scope")
"""Settings that pytest does not know where the plugin is missing, as in `nox -s runtime`."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--update`."""
    parser.addoption("--update", action="store_true", help="rewrite the expected files instead of comparing")
    if find_spec("pytest_asyncio") is None:
        for name in OF_ASYNCIO:
            parser.addini(name, "read by pytest-asyncio, where it is installed")


@pytest.fixture
def is_updating(request: pytest.FixtureRequest) -> bool:
    """Whether expected files are to be rewritten."""
    return bool(request.config.getoption("--update"))
