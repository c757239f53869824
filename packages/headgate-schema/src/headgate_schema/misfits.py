"""The schema's errors → misfits: one per place, the misleading ones left out."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from copy import deepcopy
from typing import Any

import msgspec

from headgate_schema.decode import Misfit, MisfitKind, find_meant, is_of_key, rename_step, reverse_names
from headgate_schema.gaps import NO_GAPS, Gaps, surround
from headgate_schema.model import duration, fields
from headgate_schema.model.base import EXTENSION_PREFIX
from headgate_schema.model.reserved import RESERVED_FORMS, RESERVED_KEYS, RESERVED_STRATEGIES
from headgate_schema.span import Path
from headgate_schema.stand_ins import fill
from headgate_schema.validator import Violation, list_errors

_KINDS: dict[str, MisfitKind] = {
    "required": "missing_key",
    "false": "reserved",
    "type": "wrong_type",
    "enum": "wrong_value",
    "const": "wrong_value",
    "pattern": "wrong_form",
}
_CONDITIONAL: dict[tuple[str, str], MisfitKind] = {
    ("then", "required"): "missing_block",
    ("else", "false"): "stray_block",
    ("then", "false"): "stray_alternative",
    ("else", "required"): "missing_alternative",
}

_OTHER_REPOSITORY = re.compile(r"[^/@\s]+/[^/@\s]+/.+@.+|https?://.+")


class Diagnosis(msgspec.Struct, frozen=True):
    """Why data does not fit, and the data as it was most likely meant, with stand-ins for the rest;
    ``renamed``, ``gaps`` and ``is_filled`` as in ``Decoded``.
    """

    misfits: tuple[Misfit, ...]
    repaired: dict[str, Any]
    renamed: Mapping[Path, str]
    gaps: Gaps
    is_filled: bool


def diagnose(data: dict[str, Any], damage: Gaps = NO_GAPS) -> Diagnosis:
    """List every way in which plain data does not fit the schema, also below keys that are only misspelt;
    nothing about what reading has damaged.
    """
    misfits = list_misfits(data)
    repaired, renamed = _repair_keys(data, misfits)
    keys = [misfit for misfit in misfits if is_of_key(misfit)]
    remaining = list_misfits(repaired) if keys else misfits
    taken = {(*path[:-1], meant) for path, meant in renamed.items()}
    if renamed:
        # That a misspelt key also does not belong here can wait until it is spelt right.
        written = reverse_names(renamed)
        below = (
            msgspec.structs.replace(misfit, path=rename_step(misfit.path, written))
            for misfit in remaining
            if misfit.part == "value" or misfit.path not in taken
        )
        misfits = (*keys, *below)
    damaged = {rename_step(path, renamed) for path in damage.paths}
    filled, gaps, absent = _fill(repaired, remaining, damaged)
    absent |= {path for misfit in keys if misfit.path not in renamed for path in _list_absent(misfit)}
    partial = {
        rename_step(path, renamed): keys.union(renamed.get((*path, key), key) for key in keys)
        for path, keys in damage.partial.items()
    }
    shown = tuple(misfit for misfit in misfits if not _is_about(damage, misfit)) if damage else misfits
    return Diagnosis(
        misfits=shown,
        repaired=filled,
        renamed=renamed,
        gaps=surround(gaps | absent - taken, partial),
        is_filled=bool(gaps or damage),
    )


def _is_about(damage: Gaps, misfit: Misfit) -> bool:
    """Tell whether a misfit speaks about what could not be read, or rests on it."""
    if misfit.kind in ("missing_block", "stray_block") and damage.contain((*misfit.path[:-1], "strategy")):
        return True
    return damage.contain(misfit.path[:-1] if misfit.part == "key" else misfit.path)


def _fill(
    data: dict[str, Any], misfits: Iterable[Misfit], damaged: Collection[Path]
) -> tuple[dict[str, Any], frozenset[Path], frozenset[Path]]:
    """Fill what does not fit, and give where that was; below a misspelt key there may be more of them, which
    are left out, and what they may have been meant to be is given too.
    """
    keys = [misfit for misfit in misfits if is_of_key(misfit)]
    if not keys:
        return *fill(data, misfits, damaged), frozenset()
    bare, _ = _repair_keys(data, keys, is_renaming=False)
    absent = frozenset(path for misfit in keys for path in _list_absent(misfit))
    return *fill(bare, list_misfits(bare), damaged), absent


def _list_absent(misfit: Misfit) -> Iterator[Path]:
    """Name every field that an unknown key may have been meant to be."""
    if misfit.kind == "unknown_key":
        for name in misfit.expected:
            if name not in misfit.value:
                yield (*misfit.path[:-1], name)


def list_misfits(data: dict[str, Any]) -> tuple[Misfit, ...]:
    """List every way in which plain data does not fit the schema, as it is written."""
    found = [misfit for error in list_errors(data) for misfit in _explain(error)]
    return tuple(_drop_echoes(found))


def _explain(error: Violation) -> Iterator[Misfit]:
    if error.keyword == "additionalProperties":
        properties = error.schema["properties"]
        allowed = tuple(key for key, subschema in properties.items() if subschema is not False)
        for key in error.value:
            if key not in properties and not key.startswith(EXTENSION_PREFIX):
                yield Misfit("unknown_key", (*error.path, key), error.value, "key", allowed, "key")
        return
    struct = "Manifest" if len(error.path) == 1 else str(error.schema.get("title"))
    yield _recognise_reserved(_translate(error), struct)


def _translate(error: Violation) -> Misfit:
    keyword = error.keyword
    kind = _CONDITIONAL[error.branch, keyword] if error.branch else _KINDS.get(keyword, "out_of_bounds")
    if keyword == "type" and error.schema.get("pattern") == duration.PATTERN:
        return Misfit("wrong_form", error.path, error.value, "pattern", duration.PATTERN)
    is_key = kind in ("reserved", "stray_block", "stray_alternative") or error.is_name
    return Misfit(kind, error.path, error.value, keyword, error.expected, "key" if is_key else "value")


def _recognise_reserved(misfit: Misfit, struct: str) -> Misfit:
    use: str | None = None
    match misfit.kind:
        case "reserved":
            use = RESERVED_KEYS[struct][str(misfit.path[-1])]
        case "wrong_value" if misfit.path[-1] == "strategy":
            use = RESERVED_STRATEGIES.get(str(misfit.value))
        case "wrong_form" if misfit.expected == fields.CALLBACK and _OTHER_REPOSITORY.fullmatch(misfit.value):
            use = RESERVED_FORMS["callback"]
        case "wrong_form" if misfit.expected == duration.PATTERN and str(misfit.value).startswith(("P", "p")):
            use = RESERVED_FORMS["duration"]
    if use is None:
        return misfit
    return Misfit("reserved", misfit.path, misfit.value, misfit.keyword, use, misfit.part)


def _drop_echoes(found: Iterable[Misfit]) -> Iterator[Misfit]:
    """Leave out what only repeats another misfit: too long, so ill-formed; missing, because misspelt; of the
    wrong type for a field, and so for the struct that the field holds.
    """
    listed = list(found)
    broken = {
        (misfit.path, misfit.part) for misfit in listed if misfit.kind not in ("wrong_form", "stray_block")
    }
    misspelt = {(*misfit.path[:-1], find_meant(misfit)) for misfit in listed if misfit.kind == "unknown_key"}
    mistyped: set[Path] = set()
    for misfit in listed:
        if misfit.kind == "wrong_type":
            if misfit.path in mistyped:
                continue
            mistyped.add(misfit.path)
        if misfit.kind in ("missing_key", "missing_block", "missing_alternative") and misfit.path in misspelt:
            continue
        if misfit.kind == "wrong_form" and (misfit.path, misfit.part) in broken:
            continue
        if misfit.kind == "stray_block" and ((*misfit.path[:-1], "strategy"), "value") in broken:
            continue
        yield misfit


def _repair_keys(
    data: dict[str, Any], misfits: Iterable[Misfit], *, is_renaming: bool = True
) -> tuple[dict[str, Any], dict[Path, str]]:
    """Give the data with every misspelt key as it was most likely meant and the other wrong keys left out."""
    repaired = deepcopy(data)
    renamed: dict[Path, str] = {}
    for misfit in misfits:
        if not is_of_key(misfit):
            continue
        holder: Any = repaired
        for step in misfit.path[:-1]:
            holder = holder[step]
        key = str(misfit.path[-1])
        value = holder.pop(key)
        meant = find_meant(misfit) if is_renaming and misfit.kind == "unknown_key" else None
        if meant is not None and meant not in holder:
            holder[meant] = value
            renamed[misfit.path] = meant
    return repaired, renamed
