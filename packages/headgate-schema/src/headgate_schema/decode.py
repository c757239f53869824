"""Plain data → model. Fast when it fits; when it does not, every structural misfit with its exact path.

msgspec decides (2 ms for 2,000 lines) but stops at its first error, so only then the published schema is
loaded to list them all. Both accept the same documents; the tests look for one on which they differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from headgate_schema.gaps import Gaps
from headgate_schema.model import Manifest
from headgate_schema.model.base import EXTENSION_PREFIX
from headgate_schema.span import Part, Path

OPEN_MAPS = frozenset({"inputs", "environment_inputs", "secrets", "permissions"})
"""Fields whose keys are the user's: there ``x-`` is no extension."""

MisfitKind = Literal[
    "unknown_key",
    "missing_key",
    "reserved",
    "wrong_type",
    "wrong_value",
    "wrong_form",
    "out_of_bounds",
    "missing_block",
    "stray_block",
    "stray_alternative",
    "missing_alternative",
]


class Misfit(msgspec.Struct, frozen=True):
    """One place that does not fit the schema.

    ``path`` leads to the offending key or value (for something missing, to where it would be), ``value`` is
    what stands there (for something missing, the object that lacks it), ``expected`` what the schema wants by
    ``keyword``.
    """

    kind: MisfitKind
    path: Path
    value: Any
    keyword: str
    expected: Any = None
    part: Part = "value"


class Decoded(msgspec.Struct, frozen=True):
    """A manifest and what did not fit.

    With misfits the manifest is what was most likely meant, so that the other rules can speak too:
    ``renamed`` maps the path of a misspelt key to the key it was taken for, and at each of the ``gaps``
    something neutral stands in for what did not fit.
    """

    manifest: Manifest | None
    misfits: tuple[Misfit, ...] = ()
    renamed: Mapping[Path, str] = {}
    gaps: Gaps = Gaps()

    @property
    def is_filled(self) -> bool:
        """Tell whether more than keys was wrong, so that something stands in for it."""
        return not all(is_of_key(misfit) for misfit in self.misfits)


def is_of_key(misfit: Misfit) -> bool:
    """Tell whether a key does not exist, or not yet; without it its object may well fit."""
    return misfit.kind in ("unknown_key", "reserved") and misfit.part == "key"


def decode(data: dict[str, Any]) -> Decoded:
    """Decode what was read from a manifest; extensions are left out."""
    kept = without_extensions(data)
    try:
        return Decoded(msgspec.convert(kept, Manifest))
    except msgspec.ValidationError as error:
        from headgate_schema.misfits import diagnose

        diagnosis = diagnose(kept)
        misfits = diagnosis.misfits or (Misfit("wrong_type", (), kept, "msgspec", str(error)),)
    try:
        manifest = msgspec.convert(diagnosis.repaired, Manifest)
        return Decoded(manifest, misfits, diagnosis.renamed, diagnosis.gaps)
    except msgspec.ValidationError:
        return Decoded(None, misfits)


def find_written(path: Path, renamed: Mapping[Path, str]) -> Path:
    """Turn a path of a repaired manifest into the one that is really written."""
    for written, meant in renamed.items():
        if path[: len(written)] == (*written[:-1], meant):
            path = (*written, *path[len(written) :])
    return path


def without_extensions(value: Any) -> Any:
    """Copy data without the keys that belong to the user in every object with fixed keys."""
    if isinstance(value, list):
        return [without_extensions(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: item if key in OPEN_MAPS else without_extensions(item)
        for key, item in value.items()
        if not key.startswith(EXTENSION_PREFIX)
    }
