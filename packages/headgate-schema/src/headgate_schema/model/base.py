"""What all structs of the manifest share: frozen, keyword-only, closed; and presence rules as data.

Patterns are written as they are published (``$``); for Python they end in ``\\Z``, because Python's ``$``
also accepts a trailing newline. No lookaround and no ``\\d \\w \\s``: the patterns must mean the same in
JavaScript, Go and Rust.
"""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec
from msgspec import UNSET

EXTENSION_PREFIX = "x-"
"""Keys that start so are allowed in every object with fixed keys; they are kept and never read."""


class Block(msgspec.Struct, frozen=True):
    """``block`` is required when ``field`` is ``value``, and refused otherwise."""

    field: str
    value: str
    block: str


class Alternative(msgspec.Struct, frozen=True):
    """Either ``instead`` alone, or ``needed`` with, if wanted, ``others``."""

    instead: str
    needed: str
    others: tuple[str, ...] = ()


Presence = Block | Alternative


class Model(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The base of every struct of the manifest."""

    presence: ClassVar[tuple[Presence, ...]] = ()

    def __post_init__(self) -> None:
        """Refuse a combination of fields that the presence rules do not allow."""
        for rule in self.presence:
            if not _holds(rule, self):
                raise ValueError(f"presence rule {rule!r} does not hold")


def _holds(rule: Presence, model: Model) -> bool:
    match rule:
        case Block():
            is_chosen: bool = getattr(model, rule.field) == rule.value
            return is_given(model, rule.block) == is_chosen
        case Alternative():
            others = any(is_given(model, name) for name in (rule.needed, *rule.others))
            return is_given(model, rule.needed) if not is_given(model, rule.instead) else not others


def is_given(model: Model, field: str) -> bool:
    """Tell whether an optional field stands in the manifest."""
    return getattr(model, field) is not UNSET


def python_pattern(published: str) -> str:
    """Turn a published pattern into one that Python checks as strictly as JavaScript does."""
    return published.removesuffix("$") + r"\Z"


def text(pattern: str, max_length: int, description: str = "", **more: Any) -> msgspec.Meta:
    """Describe a string by its published pattern and greatest length in code points."""
    return msgspec.Meta(
        pattern=python_pattern(pattern), max_length=max_length, description=description or None, **more
    )
