"""What a check says: values that every output, the editor and the tests share.

A finding names a place by its path in a document; the span is looked up when it is shown. Only what happened
before there were paths (a text that could not be read) carries its span itself.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from headgate_schema.span import Part, Path, Span

Severity = Literal["error", "warning"]


class Place(msgspec.Struct, frozen=True):
    """The key or the value at a path of a file, or of a value only the ``fragment``, the first such text in
    it; ``span`` only where no document could be looked into.
    """

    file: str
    path: Path = ()
    part: Part = "value"
    span: Span | None = None
    fragment: str = ""


class Related(msgspec.Struct, frozen=True):
    """Another place that belongs to a finding, and what it has to do with it."""

    place: Place
    message: str


class SetValue(msgspec.Struct, frozen=True, tag=True):
    """Let the value at a place be another one, given as plain data; where its key is missing, add it."""

    place: Place
    value: Any


class RenameKey(msgspec.Struct, frozen=True, tag=True):
    """Let the key at a place be called otherwise; its value stays."""

    place: Place
    key: str


class AddKey(msgspec.Struct, frozen=True, tag=True):
    """Add an entry to the mapping at a place, as the last or the first; its value is given as plain data."""

    place: Place
    key: str
    value: Any
    is_first: bool = False


class Remove(msgspec.Struct, frozen=True, tag=True):
    """Take out the entry of a mapping, or the item of a list, at a place."""

    place: Place


class CreateFile(msgspec.Struct, frozen=True, tag=True):
    """Write a file of the repository that is not there."""

    file: str
    text: str


Edit = SetValue | RenameKey | AddKey | Remove | CreateFile
"""One step of a fix. It says what the data should be; where that is in the text is ``edit.py``'s work."""


class Fix(msgspec.Struct, frozen=True):
    """A change that would make the finding go away.

    ``is_safe`` tells that it keeps what the manifest means: no guess, no choice. Only such a fix is made
    without being asked for by name.
    """

    title: str
    edits: tuple[Edit, ...]
    is_safe: bool = False


class Finding(msgspec.Struct, frozen=True):
    """One thing that is wrong (error) or doubtful (warning)."""

    code: str
    severity: Severity
    message: str
    place: Place
    related: tuple[Related, ...] = ()
    hint: str = ""
    fix: Fix | None = None
