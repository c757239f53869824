"""What tests do where Node is missing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.e2e.node import NodeMissing, ensure_node_packages

REQUIRED_VARIABLE = "HEADGATE_E2E_REQUIRED"


def require_node_packages() -> Path:
    """`ensure_node_packages` for tests: skips where Node is missing, fails where HEADGATE_E2E_REQUIRED=1."""
    try:
        return ensure_node_packages()
    except NodeMissing as error:
        if os.environ.get(REQUIRED_VARIABLE) == "1":
            raise
        pytest.skip(f"the executor needs Node: {error}")
