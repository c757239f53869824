"""Durations as people write them: ``10m``, ``1h30m``, ``2d``; and as machines count them: seconds."""

from __future__ import annotations

import re
from typing import Annotated

import msgspec
from msgspec import Meta

from headgate_schema.model.base import python_pattern

PATTERN = (
    "^(?:[0-9]{1,2}d(?:[0-9]{1,3}h)?(?:[0-9]{1,5}m)?(?:[0-9]{1,7}s)?"
    "|[0-9]{1,3}h(?:[0-9]{1,5}m)?(?:[0-9]{1,7}s)?"
    "|[0-9]{1,5}m(?:[0-9]{1,7}s)?"
    "|[0-9]{1,7}s)$"
)
MAX_LENGTH = 21

SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}

Duration = Annotated[
    str, Meta(pattern=python_pattern(PATTERN), max_length=MAX_LENGTH, examples=["10m", "1h30m"])
]

_WHOLE = re.compile(python_pattern(PATTERN))
_TERM = re.compile("([0-9]+)([dhms])")


class Limits(msgspec.Struct, frozen=True):
    """The shortest and longest duration of a field, in seconds, both allowed."""

    least: int
    most: int


BAKE_TIME = Limits(0, 7 * SECONDS["d"])
INTERVAL = Limits(SECONDS["m"], BAKE_TIME.most)
TIMEOUT = Limits(SECONDS["s"], 30 * SECONDS["d"])
APPROVAL_TIMEOUT = Limits(SECONDS["m"], 30 * SECONDS["d"])
LIMITS = {
    "bake_time": BAKE_TIME,
    "interval": INTERVAL,
    "approval.timeout": APPROVAL_TIMEOUT,
    "timeout": TIMEOUT,
}
"""By the end of a field's path; the first that fits."""
RUNNER_BAKE_SUM = 5 * SECONDS["h"]
PARK_BAKE_SUM = 14 * SECONDS["d"]

CANARY_BAKE_TIME = "10m"
BLUE_GREEN_BAKE_TIME = "0s"
APPROVAL_WAIT = "24h"
TIMEOUT_BESIDE_BAKES = "6h"


def find_limits(field: str) -> Limits | None:
    """Give the limits of a field like ``deploys[].canary.bake_time``."""
    return next((limits for end, limits in LIMITS.items() if f".{field}".endswith(f".{end}")), None)


def is_duration(text: str) -> bool:
    """Tell whether a text is a duration."""
    return _WHOLE.match(text) is not None


def parse_duration(text: str) -> int:
    """Give a duration's seconds; raises ``ValueError`` for anything the pattern refuses."""
    if not is_duration(text):
        raise ValueError(f"not a duration: {text!r}")
    return sum(count * SECONDS[unit] for count, unit in split_terms(text))


def split_terms(text: str) -> tuple[tuple[int, str], ...]:
    """Take a duration apart: ``1h30m`` → 1 h, 30 m."""
    return tuple((int(count), unit) for count, unit in _TERM.findall(text))


def show_duration(seconds: int) -> str:
    """Print seconds normalised, largest unit first: 5400 → ``1h30m``; 0 → ``0s``."""
    shown = ""
    for unit, size in SECONDS.items():
        count, seconds = divmod(seconds, size)
        shown += f"{count}{unit}" if count else ""
    return shown or "0s"


_WORDS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1, "ms": 0.001}
_LOOSE_TERM = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([a-z]*)")
_ISO = re.compile(r"p(?:([0-9]+)w)?(?:([0-9]+)d)?(?:t(?:([0-9]+)h)?(?:([0-9]+)m)?(?:([0-9]+)s)?)?")
_LONGEST = 99 * SECONDS["d"]


def states_units(written: object) -> bool:
    """Tell whether a refused duration can be meant in one way only: no bare number, no unit twice, nothing
    below a second.
    """
    units = [unit[0] for unit in re.findall("[a-su-z]+", str(written).strip().lower().removeprefix("p"))]
    is_finer = re.search("[0-9] *m(?:s|illi)", str(written).lower()) is not None
    return bool(units) and len(units) == len(set(units)) and not is_finer


def guess_duration(written: object) -> str | None:
    """Guess what a refused duration was meant to be, normalised; ``None`` when there is nothing to go by.

    A bare number is taken for minutes, since bakes are counted in them.
    """
    lowered = str(written).strip().lower()[:64]
    if isinstance(written, bool) or not lowered:
        return None
    iso = _ISO.fullmatch(lowered)
    if iso is not None:
        sizes = (604_800, 86_400, 3_600, 60, 1)
        return _show_guess(
            sum(int(count or 0) * size for count, size in zip(iso.groups(), sizes, strict=True))
        )
    terms = _LOOSE_TERM.findall(lowered)
    if not terms or re.sub(r"[\s,]|and", "", _LOOSE_TERM.sub("", lowered)):
        return None
    seconds = 0.0
    for count, unit in terms:
        size = _find_unit(unit)
        if size is None:
            return None
        seconds += float(count) * size
    return _show_guess(seconds)


def _find_unit(word: str) -> float | None:
    if word in _WORDS:
        return _WORDS[word]
    if word in ("", "min", "mins", "minute", "minutes"):
        return SECONDS["m"]
    if word.startswith(("milli", "msec")):
        return _WORDS["ms"]
    whole = {"week": "w", "day": "d", "hour": "h", "hr": "h", "sec": "s", "second": "s"}
    unit = whole.get(word.removesuffix("s"))
    return _WORDS[unit] if unit else None


def _show_guess(seconds: float) -> str | None:
    rounded = max(1, round(seconds)) if seconds > 0 else 0
    return show_duration(rounded) if rounded < _LONGEST else None
