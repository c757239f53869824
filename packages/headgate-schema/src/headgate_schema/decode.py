"""Plain data → model. Fast when it fits; when it does not, every structural misfit with its exact path.

msgspec decides (2 ms for 2,000 lines) but stops at its first error, so only then the published schema is
loaded to list them all. Both accept the same documents; the tests look for one on which they differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from headgate_schema.gaps import NO_GAPS, Gaps
from headgate_schema.model import Manifest
from headgate_schema.model.base import EXTENSION_PREFIX
from headgate_schema.span import Part, Path
from headgate_schema.wording import suggest

OPEN_MAPS = frozenset({"inputs", "environment_inputs", "secrets", "permissions"})
"""Fields whose keys are the user's: there ``x-`` is no extension."""

MAX_GUESSED = 500
"""In a mapping with more keys than any has fields nobody guesses at what each was meant to be."""

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
    something neutral stands in for what did not fit. ``is_filled`` tells that more than keys was wrong, so
    that there is such a place; ``is_damaged`` that some of it could not be read.
    """

    manifest: Manifest | None
    misfits: tuple[Misfit, ...] = ()
    renamed: Mapping[Path, str] = {}
    gaps: Gaps = Gaps()
    is_filled: bool = False
    is_damaged: bool = False


def is_of_key(misfit: Misfit) -> bool:
    """Tell whether a key does not exist, or not yet; without it its object may well fit."""
    return misfit.kind in ("unknown_key", "reserved") and misfit.part == "key"


def find_meant(misfit: Misfit) -> str | None:
    """Give the key that an unknown one was most likely meant to be: one that is not there yet."""
    if len(misfit.value) > MAX_GUESSED:
        return None
    return suggest(misfit.path[-1], [name for name in misfit.expected if name not in misfit.value])


def decode(data: dict[str, Any], damage: Gaps = NO_GAPS) -> Decoded:
    """Decode what was read from a manifest; extensions are left out.

    ``damage`` is where reading went wrong: nothing is said about what stands there.
    """
    kept = without_extensions(data)
    damage = damage.select(lambda path: not _is_extension(path)) if damage else damage
    fallback: tuple[Misfit, ...] = ()
    try:
        manifest = msgspec.convert(kept, Manifest)
        if not damage:
            return Decoded(manifest)
    except msgspec.ValidationError as error:
        if not damage:
            fallback = (Misfit("wrong_type", (), kept, "msgspec", str(error)),)
    from headgate_schema.misfits import diagnose

    diagnosis = diagnose(kept, damage)
    misfits = diagnosis.misfits or fallback
    try:
        manifest = msgspec.convert(diagnosis.repaired, Manifest)
        return Decoded(
            manifest, misfits, diagnosis.renamed, diagnosis.gaps, diagnosis.is_filled, bool(damage)
        )
    except msgspec.ValidationError:
        return Decoded(None, misfits, is_filled=True, is_damaged=bool(damage))


def reverse_names(renamed: Mapping[Path, str]) -> dict[Path, str]:
    """Map the path of each key as it was meant to the key that is written."""
    return {(*written[:-1], meant): str(written[-1]) for written, meant in renamed.items()}


def rename_step(path: Path, renamed: Mapping[Path, str]) -> Path:
    """Follow a renamed key in a path, by the map from where it stood to what it is called now."""
    for length in range(1, len(path) + 1):
        meant = renamed.get(path[:length])
        if meant is not None:
            return (*path[: length - 1], meant, *path[length:])
    return path


def _is_extension(path: Path) -> bool:
    """Tell whether a path leads into what belongs to the user."""
    for step in path:
        if step in OPEN_MAPS:
            return False
        if isinstance(step, str) and step.startswith(EXTENSION_PREFIX):
            return True
    return False


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
