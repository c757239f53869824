"""What a check says: values that every output, the editor and the tests share.

A finding names a place by its path in a document; the span is looked up when it is shown. Only what happened
before there were paths (a text that could not be read) carries its span itself.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from headgate_schema.span import Part, Path, Span

Severity = Literal["error", "warning"]


class Place(msgspec.Struct, frozen=True):
    """The key or the value at a path of a file; ``span`` only where no document could be looked into."""

    file: str
    path: Path = ()
    part: Part = "value"
    span: Span | None = None


class Related(msgspec.Struct, frozen=True):
    """Another place that belongs to a finding, and what it has to do with it."""

    place: Place
    message: str


class Edit(msgspec.Struct, frozen=True):
    """Replace the text at one place."""

    place: Place
    text: str


class Fix(msgspec.Struct, frozen=True):
    """A change that would make the finding go away."""

    title: str
    edits: tuple[Edit, ...]


class Finding(msgspec.Struct, frozen=True):
    """One thing that is wrong (error) or doubtful (warning)."""

    code: str
    severity: Severity
    message: str
    place: Place
    related: tuple[Related, ...] = ()
    hint: str = ""
    fix: Fix | None = None
