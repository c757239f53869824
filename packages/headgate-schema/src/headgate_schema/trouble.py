"""What can keep a text from being read: plain values, put into words by ``rules/reading.py``."""

from __future__ import annotations

from typing import Literal

import msgspec

from headgate_schema.span import Span

TroubleKind = Literal[
    "syntax",
    "encoding",
    "character",
    "too_large",
    "too_deep",
    "too_many_values",
    "duplicate_key",
    "odd_key",
    "tag",
    "merge_key",
    "many_documents",
    "number",
    "empty",
    "not_mapping",
]


class Trouble(msgspec.Struct, frozen=True):
    """One reason; ``detail`` is the offending piece of text, ``earlier`` the other place if there is one."""

    kind: TroubleKind
    span: Span
    detail: str = ""
    earlier: Span | None = None


class Unreadable(Exception):
    """Ends the reading at once; never leaves ``read_document``."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.kind)
        self.trouble = trouble
