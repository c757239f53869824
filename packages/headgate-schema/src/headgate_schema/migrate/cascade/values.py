"""Values that mean the same in both manifests, written otherwise: workflow paths and durations.

Both give ``None`` where that is not certain; nothing is guessed.
"""

from __future__ import annotations

import re

from headgate_schema.convention import FOLDER
from headgate_schema.model.base import python_pattern
from headgate_schema.model.duration import is_duration, show_duration, split_terms
from headgate_schema.model.fields import CALLBACK

_CALLBACK = re.compile(python_pattern(CALLBACK))
_OTHER_REPOSITORY = re.compile(r"[^./@][^/@]*/[^/@]+/[^@]+@[^@]+\Z")

# Go takes both of Unicode's micros.
_TERM = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)")
_NANOSECONDS = {"ns": 1, "us": 10**3, "µs": 10**3, "μs": 10**3, "ms": 10**6, "s": 10**9}
_NANOSECONDS |= {"m": 60 * 10**9, "h": 3_600 * 10**9}
_LONGEST = 100
"""Characters of a duration that are looked at; no honest one is longer."""

NOT_LOCAL = "callbacks of other repositories are not called: write a workflow here that calls it"
NOT_IN_FOLDER = "a callback lies directly in .github/workflows/ and ends in .yaml or .yml"


def convert_callback(workflow: object) -> str | None:
    """Give the path of a workflow of this repository: cascade also takes a bare file name, and ``./`` before
    the folder (``validate_local_callback_test.go``, November 2026).
    """
    if not isinstance(workflow, str):
        return None
    path = workflow.removeprefix("./") if workflow.startswith(f"./{FOLDER}") else workflow
    full = path if "/" in path else f"{FOLDER}{path}"
    return full if _CALLBACK.match(full) else None


def explain_callback(workflow: object) -> str:
    """Say why a workflow can't be a callback."""
    is_elsewhere = isinstance(workflow, str) and _OTHER_REPOSITORY.match(workflow)
    return NOT_LOCAL if is_elsewhere else NOT_IN_FOLDER


def convert_duration(text: object) -> str | None:
    """Give a duration of Go's as one of ours, if it is a whole number of seconds.

    The form is that of https://pkg.go.dev/time#ParseDuration: terms in any order and number, fractions.
    """
    if not isinstance(text, str) or len(text) > _LONGEST:
        return None
    if is_duration(text) and all(count for count, _ in split_terms(text)):
        return text
    if text in ("0", "+0", "-0"):
        return "0s"
    terms = _TERM.findall(text.removeprefix("+"))
    if not terms or "".join(f"{count}{unit}" for count, unit in terms) != text.removeprefix("+"):
        return None
    from fractions import Fraction

    total = sum((Fraction(f"0{count}") * _NANOSECONDS[unit] for count, unit in terms), Fraction()) / 10**9
    shown = show_duration(int(total))
    return shown if total.denominator == 1 and is_duration(shown) else None
