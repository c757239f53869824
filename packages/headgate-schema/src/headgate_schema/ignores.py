"""Which findings comments take away. Errors stay whatever a comment says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec

from headgate_schema.comments import Ignore, list_ignores
from headgate_schema.document import Document
from headgate_schema.finding import Finding, Place
from headgate_schema.span import Span


class Sorted(msgspec.Struct, frozen=True):
    """Findings that stay, findings that comments ignore, and the comments' codes that did it."""

    kept: tuple[Finding, ...]
    ignored: tuple[Finding, ...]
    used: frozenset[tuple[str, int, str]]
    ignores: tuple[Ignore, ...]


def sort_out(
    findings: Iterable[Finding],
    documents: Iterable[Document],
    find_document: Callable[[str], Document | None],
    locate: Callable[[Place], Span],
) -> Sorted:
    """Apply the comments of these documents."""
    ignores = tuple(ignore for document in documents for ignore in list_ignores(document))
    asked = {(ignore.file, ignore.line, named.code) for ignore in ignores for named in ignore.codes}
    kept: list[Finding] = []
    ignored: list[Finding] = []
    used = set()
    for finding in findings:
        hits: set[tuple[str, int, str]] = set()
        if asked and finding.severity == "warning":
            document = find_document(finding.place.file)
            lines = _list_lines(finding.place, document, locate)
            hits = {(finding.place.file, line, finding.code) for line in lines} & asked
        used |= hits
        (ignored if hits else kept).append(finding)
    return Sorted(tuple(kept), tuple(ignored), frozenset(used), ignores)


def _list_lines(place: Place, document: Document | None, locate: Callable[[Place], Span]) -> Iterator[int]:
    """Give the lines on which a finding can be ignored: its first, and that of the text's key, as inside of a
    text there can be no comment.
    """
    yield locate(place).line
    if place.fragment and document is not None:
        yield document.locate(place.path, "key").line
