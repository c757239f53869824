"""What the first digit of a code says: the families, of this package and of the generator."""

from __future__ import annotations

from collections.abc import Mapping

FAMILIES: Mapping[str, str] = {
    "HG0": "Reading the file",
    "HG1": "Shape",
    "HG2": "References",
    "HG3": "Rollout sense",
    "HG4": "Callbacks",
    "HG5": "Security",
    "HG6": "GitHub's limits",
    "HG8": "Generated files",
}
