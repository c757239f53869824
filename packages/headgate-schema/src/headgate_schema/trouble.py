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
    "conflict",
]

Mistake = Literal[
    "",
    "tab",
    "start",
    "alias",
    "anchor",
    "dash_value",
    "block_header",
    "escape",
    "open_quote",
    "open_bracket",
    "wrong_close",
    "stray_close",
    "empty_entry",
    "expression",
    "flow_colon",
    "no_comma",
    "behind_quote",
    "behind_bracket",
    "fancy_quote",
    "colon_value",
    "below_value",
    "no_space",
    "equals",
    "dash_space",
    "no_colon",
    "indentation",
    "item_indentation",
    "item_below",
    "stray_dash",
]
"""What a person did to a text that is not YAML; empty where nobody can tell."""


class Trouble(msgspec.Struct, frozen=True):
    """One reason; ``detail`` is the offending piece of text, ``earlier`` the other place if there is one.

    A broken syntax has a ``mistake``, and ``advice`` is what would be right there, where that is known.
    """

    kind: TroubleKind
    span: Span
    detail: str = ""
    earlier: Span | None = None
    mistake: Mistake = ""
    advice: str = ""


class Unreadable(Exception):
    """Ends the reading at once; never leaves ``read_document``."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.kind)
        self.trouble = trouble
