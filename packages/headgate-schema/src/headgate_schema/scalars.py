"""Plain scalars of YAML 1.2's core schema → Python values (https://yaml.org/spec/1.2.2/#103-core-schema)."""

from __future__ import annotations

import re

Scalar = str | int | float | bool | None

_WORDS: dict[str, bool | None] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_STARTS_NUMBER = frozenset("+-.0123456789")
_INTEGER = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")

MAX_DIGITS = 400


class NotFinite(ValueError):
    """An infinity, a not-a-number, or a number too long to be meant."""


def read_plain(text: str) -> Scalar:
    """Give the value of an unquoted scalar. Integral floats become integers, as JSON Schema counts them.

    Raises ``NotFinite`` for numbers that JSON could not carry.
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _STARTS_NUMBER:
        return text
    if len(text) > MAX_DIGITS and (_FLOAT.fullmatch(text) or _BASED.fullmatch(text)):
        raise NotFinite(text)
    if _INTEGER.fullmatch(text):
        return int(text)
    if _BASED.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        return _read_float(text)
    if _NOT_FINITE.fullmatch(text):
        raise NotFinite(text)
    return text


def _read_float(text: str) -> int | float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise NotFinite(text)
    return int(value) if value.is_integer() else value
