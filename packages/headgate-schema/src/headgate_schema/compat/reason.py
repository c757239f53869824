"""What a comparison says: a verdict, and why."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

Verdict = Literal["compatible", "breaking", "undecided"]


class Reason(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that breaks documents, or that can't be decided.

    ``field`` is the path of fields that people know (``deploys[].canary.percent``), ``pointer`` the place in
    the newer schema that refuses (in the older one for a keyword that is not understood there). ``witness``
    is a document that the older schema accepts and the newer one does not; a changed default has none, for
    its documents stay valid and mean something else.
    """

    verdict: Verdict
    field: str
    pointer: str
    message: str
    witness: Any | UnsetType = UNSET


class Doubt(msgspec.Struct, frozen=True):
    """Where the proof does not go through, seen from some value inside of a document: ``field`` leads from
    there, ``witness`` is such a value that the older schema accepts and the newer one most likely does not.
    """

    pointer: str
    message: str
    witness: Any | UnsetType = UNSET
    field: str = ""


class Comparison(msgspec.Struct, frozen=True):
    """All reasons against calling a newer schema compatible."""

    reasons: tuple[Reason, ...]

    @property
    def verdict(self) -> Verdict:
        """Give the verdict: one break is enough, and only without any doubt it is compatible."""
        verdicts = {reason.verdict for reason in self.reasons}
        return "breaking" if "breaking" in verdicts else "undecided" if verdicts else "compatible"
