"""The pipeline: text, and the repository if there is one → everything there is to say about a manifest.

Pure: the repository is a value that maps a path to bytes. Each stage runs as far as what came before allows,
so one check tells everything that can be told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from headgate_schema.callback import Callback, read_callback
from headgate_schema.contract import list_calls
from headgate_schema.decode import Decoded, decode, rename_step, reverse_names
from headgate_schema.document import Document, read_document
from headgate_schema.finding import CreateFile, Finding, Place, Related
from headgate_schema.ignores import sort_out
from headgate_schema.model import Manifest
from headgate_schema.reach import Reached, ReadCallback, Repository, read_reached
from headgate_schema.resolve import resolve
from headgate_schema.resolved import ResolvedManifest
from headgate_schema.rules import (
    IGNORING,
    OF_CALLBACKS,
    READING,
    REFERENCES,
    ROLLOUT,
    SEVERITIES,
    SHAPE,
    Rule,
)
from headgate_schema.rules.subjects import Calling, Ignoring, Sense, Shape
from headgate_schema.span import Path, Span

__all__ = ["Checked", "Repository", "check"]


class Checked(msgspec.Struct, frozen=True):
    """A manifest, if it has a valid shape, and all findings in the order of their places.

    ``callbacks`` holds every callback file that could be read, ``nested`` those that only callbacks call;
    ``ignored`` the warnings that comments take away; ``skipped`` names the families of rules that did not
    run, ``why_skipped`` says why; ``folder`` is what stands before the files' paths when they are shown.
    """

    document: Document
    manifest: Manifest | None
    resolved: ResolvedManifest | None
    callbacks: Mapping[str, Callback]
    findings: tuple[Finding, ...]
    nested: Mapping[str, Callback] = {}
    ignored: tuple[Finding, ...] = ()
    skipped: tuple[str, ...] = ()
    why_skipped: str = ""
    folder: str = ""

    @property
    def has_errors(self) -> bool:
        """Tell whether a finding is an error."""
        return any(finding.severity == "error" for finding in self.findings)

    @property
    def is_at_fault(self) -> bool:
        """Tell whether rules did not run because of the manifest itself, not for want of a repository."""
        return bool(self.skipped) and self.resolved is None

    def show_file(self, file: str) -> str:
        """Give a file's path as seen from where the check was started."""
        return f"{self.folder}{file}"

    def find_document(self, file: str) -> Document | None:
        """Give the document of the manifest, of a callback, or of what that calls."""
        if file == self.document.name:
            return self.document
        callback = self.callbacks.get(file) or self.nested.get(file)
        return callback.document if callback is not None else None

    def locate(self, place: Place) -> Span:
        """Look up the span of a place; for a value of several lines that of its key, so that not half a file
        is marked.
        """
        document = self.find_document(place.file)
        if place.span is not None or document is None:
            return place.span or Span(1, 1, 1, 1)
        span = document.locate(place.path, place.part, place.fragment)
        return span if span.line == span.end_line else document.locate(place.path, "key")


def check(
    data: bytes,
    name: str,
    repository: Repository | None = None,
    read_callback: ReadCallback = read_callback,
) -> Checked:
    """Check a manifest; without a repository the rules about callbacks are skipped."""
    document = read_document(data, name)
    findings = list(_apply(READING, document))
    decoded = decode(document.data, document.gaps) if document.data is not None else Decoded(None)
    reached = Reached()
    findings += _apply(SHAPE, Shape(name, decoded.misfits))
    resolved = resolve(decoded.manifest) if decoded.manifest is not None else None
    skipped, why_skipped = _list_skipped(document, decoded, repository)
    if decoded.manifest is not None and resolved is not None:
        sense = Sense(name, decoded.manifest, resolved, decoded.gaps)
        later = [*_apply_beside_gaps(REFERENCES, sense), *_apply_beside_gaps(ROLLOUT, sense)]
        if repository is not None and not skipped:
            calls = list_calls(resolved)
            reached = read_reached(calls, repository, read_callback)
            later += _apply(OF_CALLBACKS, Calling(document, resolved, calls, reached))
            later += _check_reading(reached)
        findings += _rename_back(later, name, decoded.renamed)
    is_whole = not decoded.misfits and not document.troubles
    checked = Checked(
        document=document,
        manifest=decoded.manifest if is_whole else None,
        resolved=resolved if is_whole else None,
        callbacks={file: callback for file, callback in reached.callbacks.items() if callback is not None},
        findings=tuple(findings),
        nested={file: callback for file, callback in reached.nested.items() if callback is not None},
        skipped=skipped,
        why_skipped=why_skipped,
    )
    return _ignore(checked)


def _ignore(checked: Checked) -> Checked:
    """Take out what comments ignore, add what there is to say about the comments, and sort everything."""
    files = (*checked.callbacks.values(), *checked.nested.values())
    documents = (checked.document, *(callback.document for callback in files))
    done = sort_out(_withhold(checked, checked.findings), documents, checked.find_document, checked.locate)
    ignoring = Ignoring(done.ignores, SEVERITIES, done.used, checked.skipped, not checked.has_errors)
    return msgspec.structs.replace(
        checked,
        findings=_sort(checked, (*done.kept, *_apply(IGNORING, ignoring))),
        ignored=_sort(checked, done.ignored),
    )


def _withhold(checked: Checked, findings: Iterable[Finding]) -> Iterator[Finding]:
    """Offer no fix in a file of which a part can't be read: what it does there could not be verified."""
    for finding in findings:
        edits = finding.fix.edits if finding.fix is not None else ()
        files = {edit.place.file for edit in edits if not isinstance(edit, CreateFile)}
        documents = [document for file in files if (document := checked.find_document(file)) is not None]
        is_sound = not any(document.troubles for document in documents)
        yield finding if is_sound else msgspec.structs.replace(finding, fix=None)


def _apply(rules: Iterable[Rule[Any]], subject: object) -> Iterator[Finding]:
    for rule in rules:
        yield from rule.apply(subject)


def _apply_beside_gaps(rules: Iterable[Rule[Any]], sense: Sense) -> Iterator[Finding]:
    for finding in _apply(rules, sense):
        places = (finding.place, *(item.place for item in finding.related))
        if not any(sense.gaps.contain(place.path) for place in places):
            yield finding


_OF_CALLBACKS = ("HG4xx", "HG5xx", "HG6xx")


def _list_skipped(
    document: Document, decoded: Decoded, repository: Repository | None
) -> tuple[tuple[str, ...], str]:
    """Give the families of rules that can't run, and why."""
    if document.data is None:
        return ("HG1xx", "HG2xx", "HG3xx", *_OF_CALLBACKS), "the text can't be read"
    if decoded.manifest is None:
        return ("HG2xx", "HG3xx", *_OF_CALLBACKS), "the shape is wrong"
    if repository is None:
        return _OF_CALLBACKS, "only headgate.yaml has callbacks"
    if not decoded.is_filled:
        return (), ""
    return _OF_CALLBACKS, "not all of it can be read" if decoded.is_damaged else "the shape is wrong"


def _check_reading(reached: Reached) -> Iterator[Finding]:
    for callback in reached.list_files():
        if callback.document.troubles:
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
    written = reverse_names(renamed)
    for finding in findings:
        related = tuple(Related(_rename(item.place, file, written), item.message) for item in finding.related)
        place = _rename(finding.place, file, written)
        yield msgspec.structs.replace(finding, place=place, related=related)


def _rename(place: Place, file: str, written: Mapping[Path, str]) -> Place:
    path = rename_step(place.path, written) if place.file == file else place.path
    return msgspec.structs.replace(place, path=path)
