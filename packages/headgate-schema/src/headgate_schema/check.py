"""The pipeline: text, and the repository if there is one → everything there is to say about a manifest.

Pure: the repository is a value that maps a path to bytes. Each stage runs as far as what came before allows,
so one check tells everything that can be told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Protocol

import msgspec

from headgate_schema.callback import Callback, read_callback
from headgate_schema.contract import list_calls
from headgate_schema.decode import Decoded, decode, find_written
from headgate_schema.document import Document, read_document
from headgate_schema.finding import Finding, Place, Related
from headgate_schema.model import Manifest
from headgate_schema.resolve import resolve
from headgate_schema.resolved import ResolvedManifest
from headgate_schema.rules import ACTIONS, CALLBACKS, READING, REFERENCES, ROLLOUT, SHAPE, Rule
from headgate_schema.rules.subjects import Calling, Sense, Shape
from headgate_schema.span import Path, Span


class Repository(Protocol):
    """The files beside a manifest."""

    def read(self, path: str) -> bytes | None:
        """Give the content of a file, ``None`` if there is none; the path is relative, with ``/``."""
        ...


class Checked(msgspec.Struct, frozen=True):
    """A manifest, if it has a valid shape, and all findings in the order of their places.

    ``callbacks`` holds every callback file that could be read; ``skipped`` names the families of rules that
    did not run, ``why_skipped`` says why; ``folder`` is what stands before the files' paths when they are
    shown.
    """

    document: Document
    manifest: Manifest | None
    resolved: ResolvedManifest | None
    callbacks: Mapping[str, Callback]
    findings: tuple[Finding, ...]
    skipped: tuple[str, ...] = ()
    why_skipped: str = ""
    folder: str = ""

    @property
    def has_errors(self) -> bool:
        """Tell whether a finding is an error."""
        return any(finding.severity == "error" for finding in self.findings)

    def show_file(self, file: str) -> str:
        """Give a file's path as seen from where the check was started."""
        return f"{self.folder}{file}"

    def find_document(self, file: str) -> Document | None:
        """Give the document of the manifest or of a callback."""
        if file == self.document.name:
            return self.document
        callback = self.callbacks.get(file)
        return callback.document if callback is not None else None

    def locate(self, place: Place) -> Span:
        """Look up the span of a place."""
        document = self.find_document(place.file)
        if place.span is not None or document is None:
            return place.span or Span(1, 1, 1, 1)
        return document.locate(place.path, place.part)


ReadCallback = Callable[[bytes, str], Callback]
"""``read_callback``, or what remembers its answers."""


def check(
    data: bytes,
    name: str,
    repository: Repository | None = None,
    read_callback: ReadCallback = read_callback,
) -> Checked:
    """Check a manifest; without a repository the rules about callbacks are skipped."""
    document = read_document(data, name)
    findings = list(_apply(READING, document))
    decoded = decode(document.data) if document.data is not None else Decoded(None)
    callbacks: dict[str, Callback | None] = {}
    findings += _apply(SHAPE, Shape(name, decoded.misfits))
    resolved = resolve(decoded.manifest) if decoded.manifest is not None else None
    skipped, why_skipped = _list_skipped(document, decoded, repository)
    if decoded.manifest is not None and resolved is not None:
        sense = Sense(name, decoded.manifest, resolved, decoded.gaps)
        later = [*_apply_beside_gaps(REFERENCES, sense), *_apply_beside_gaps(ROLLOUT, sense)]
        if repository is not None and not skipped:
            callbacks = _read_callbacks(resolved, repository, read_callback)
            calling = Calling(document, resolved, list_calls(resolved), callbacks)
            later += [*_apply(CALLBACKS, calling), *_apply(ACTIONS, calling)]
            later += _check_reading(callbacks)
        findings += _rename_back(later, name, decoded.renamed)
    is_whole = not decoded.misfits
    checked = Checked(
        document=document,
        manifest=decoded.manifest if is_whole else None,
        resolved=resolved if is_whole else None,
        callbacks={file: callback for file, callback in callbacks.items() if callback is not None},
        findings=(),
        skipped=skipped,
        why_skipped=why_skipped,
    )
    return msgspec.structs.replace(checked, findings=_sort(checked, findings))


def _apply(rules: Iterable[Rule[Any]], subject: object) -> Iterator[Finding]:
    for rule in rules:
        yield from rule.apply(subject)


def _apply_beside_gaps(rules: Iterable[Rule[Any]], sense: Sense) -> Iterator[Finding]:
    for finding in _apply(rules, sense):
        places = (finding.place, *(item.place for item in finding.related))
        if not any(sense.gaps.contain(place.path) for place in places):
            yield finding


def _list_skipped(
    document: Document, decoded: Decoded, repository: Repository | None
) -> tuple[tuple[str, ...], str]:
    """Give the families of rules that can't run, and why."""
    if document.data is None:
        return ("HG1xx", "HG2xx", "HG3xx", "HG4xx"), "the text can't be read"
    if decoded.manifest is None:
        return ("HG2xx", "HG3xx", "HG4xx"), "the shape is wrong"
    if repository is None:
        return ("HG4xx",), "no repository beside it"
    return (("HG4xx",), "the shape is wrong") if decoded.is_filled else ((), "")


def _read_callbacks(
    resolved: ResolvedManifest, repository: Repository, read_callback: ReadCallback
) -> dict[str, Callback | None]:
    callbacks: dict[str, Callback | None] = {}
    for call in list_calls(resolved):
        if call.callback not in callbacks:
            data = repository.read(call.callback)
            callbacks[call.callback] = read_callback(data, call.callback) if data is not None else None
    return callbacks


def _check_reading(callbacks: Mapping[str, Callback | None]) -> Iterator[Finding]:
    for callback in callbacks.values():
        if callback is not None and callback.document.troubles:
            yield from _apply(READING, callback.document)


def _sort(checked: Checked, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    def order(finding: Finding) -> tuple[bool, str, int, int, str, str]:
        place, span = finding.place, checked.locate(finding.place)
        is_elsewhere = place.file != checked.document.name
        return is_elsewhere, place.file, span.line, span.column, finding.code, finding.message

    return tuple(sorted(findings, key=order))


def _rename_back(findings: Iterable[Finding], file: str, renamed: Mapping[Path, str]) -> Iterator[Finding]:
    """Let findings about a manifest that was repaired name the keys that are really written."""
    if not renamed:
        yield from findings
        return
    for finding in findings:
        related = tuple(Related(_rename(item.place, file, renamed), item.message) for item in finding.related)
        place = _rename(finding.place, file, renamed)
        yield msgspec.structs.replace(finding, place=place, related=related)


def _rename(place: Place, file: str, renamed: Mapping[Path, str]) -> Place:
    path = find_written(place.path, renamed) if place.file == file else place.path
    return msgspec.structs.replace(place, path=path)
