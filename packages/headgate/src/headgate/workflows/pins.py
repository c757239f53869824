"""The actions that generated workflows use, each pinned to a commit: the only place that names one.

Versions and commits: https://github.com/actions/checkout/releases
"""

from __future__ import annotations

import msgspec


class Pin(msgspec.Struct, frozen=True):
    """An action at a commit, and the version that this commit is."""

    action: str
    commit: str
    version: str

    @property
    def uses(self) -> str:
        """What stands behind `uses:`."""
        return f"{self.action}@{self.commit}"


CHECKOUT = Pin("actions/checkout", "3d3c42e5aac5ba805825da76410c181273ba90b1", "v7.0.1")
PINS = (CHECKOUT,)
