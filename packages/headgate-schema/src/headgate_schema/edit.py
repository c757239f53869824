"""A fix says what the data should be; here it becomes text, with every comment and the layout kept.

What the parser's marks suggest is never trusted: the changed text is read again, its data compared with the
data that was wanted, its comments with those that were there. Whatever differs is not done at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from typing import Any, assert_never

import msgspec

from headgate_schema.claims import Claims, DataEdit
from headgate_schema.document import Document, read_document
from headgate_schema.finding import AddKey, CreateFile, Edit, Fix, Place, Remove, RenameKey, SetValue
from headgate_schema.span import START, Path, Span
from headgate_schema.splices import Change, Impossible, apply_change, plan_change
from headgate_schema.syntax import Syntax, read_syntax
from headgate_schema.text import find_span

FindDocument = Callable[[str], Document | None]
"""Gives the document of a file, ``None`` for a file that is not there."""


class TextEdit(msgspec.Struct, frozen=True):
    """Text in place of what stands at a span; several never overlap and are in the order of the text."""

    span: Span
    text: str


class FileEdit(msgspec.Struct, frozen=True):
    """One file as it was and as it will be; ``before`` is ``None`` for a file that is created."""

    file: str
    before: str | None
    after: str
    edits: tuple[TextEdit, ...]


def write_fix(fix: Fix, find_document: FindDocument) -> tuple[FileEdit, ...] | None:
    """Turn a fix into text, file by file; ``None`` if that can't be done verifiably.

    All paths lead into the documents as they are. Several edits are made together; of two that are about the
    same thing, or one about what another one removes, nothing is done.
    """
    files: dict[str, list[Edit]] = {}
    for edit in fix.edits:
        files.setdefault(edit.file if isinstance(edit, CreateFile) else edit.place.file, []).append(edit)
    try:
        return tuple(_write_file(file, edits, find_document(file)) for file, edits in files.items())
    except Impossible:
        return None


def _write_file(file: str, edits: Sequence[Edit], document: Document | None) -> FileEdit:
    created = [edit for edit in edits if isinstance(edit, CreateFile)]
    if created:
        if document is not None or len(edits) > 1:
            raise Impossible("the file is there, or created twice")
        return FileEdit(file, None, created[0].text, (TextEdit(START, created[0].text),))
    if document is None or document.data is None or document.troubles:
        raise Impossible("the file can't be read")
    changes = [settle_edit(edit, document) for edit in edits if not isinstance(edit, CreateFile)]
    expected = edit_data(document.data, changes)
    syntax = read_syntax(document.text)
    change = plan_change(syntax, changes)
    after = apply_change(document.text, change)
    _verify(after, expected, syntax, change)
    spans = (find_span(document.text, splice.start, splice.end) for splice in change.splices)
    written = zip(spans, change.splices, strict=True)
    return FileEdit(
        file, document.text, after, tuple(TextEdit(span, splice.text) for span, splice in written)
    )


def settle_edit(edit: DataEdit, document: Document) -> DataEdit:
    """Let a value whose key is missing be an addition."""
    path = edit.place.path
    if not isinstance(edit, SetValue) or not path or document.has(path):
        return edit
    return AddKey(Place(edit.place.file, path[:-1]), str(path[-1]), edit.value)


def _verify(after: str, expected: Any, syntax: Syntax, change: Change) -> None:
    """Refuse a text that does not say what is wanted, or that has lost a comment."""
    read = read_document(after.encode("utf-8", "surrogatepass"), "", are_scalar_keys_text=True)
    if read.troubles or _normalise(read.data) != _normalise(expected):
        raise Impossible("the text would say something else")
    kept = Counter(_list_kept_comments(syntax, change))
    if kept - Counter(comment for _, comment in read_syntax(after).list_comments()):
        raise Impossible("a comment would be lost")


def _list_kept_comments(syntax: Syntax, change: Change) -> Iterator[str]:
    """List the comments outside of the ranges that go."""
    gone = sorted(change.lost)
    done, end = 0, 0
    for index, comment in syntax.list_comments():
        while done < len(gone) and gone[done][0] <= index:
            end = max(end, gone[done][1])
            done += 1
        if index >= end:
            yield comment


def _normalise(data: Any) -> bytes:
    """Give bytes that are the same for the same data: ``1`` is not ``true``, the order of keys is nothing."""
    return msgspec.json.encode(data, order="sorted")


def edit_data(data: dict[str, Any], edits: Sequence[DataEdit]) -> dict[str, Any]:
    """Give the data as edits want it; all paths lead into it as it is. Raises ``Impossible`` for edits that
    contradict each other or lead nowhere.
    """
    _refuse_conflicts(edits)
    wanted = deepcopy(data)
    # What moves other places comes last, and of that the hindmost first.
    for edit in sorted(edits, key=_order, reverse=True):
        try:
            _edit_place(wanted, edit)
        except (KeyError, IndexError, TypeError):
            raise Impossible("there is no such place") from None
    return wanted


def _refuse_conflicts(edits: Sequence[DataEdit]) -> None:
    claims = Claims()
    for edit in edits:
        if claims.clash(edit):
            raise Impossible("two edits of one thing, or one inside of what another replaces")
        claims.take(edit)


def _order(edit: DataEdit) -> tuple[bool, tuple[tuple[int, str], ...]]:
    stays = isinstance(edit, SetValue | AddKey)
    steps = ((step, "") if isinstance(step, int) else (0, step) for step in edit.place.path)
    return stays, tuple(steps)


def _edit_place(data: dict[str, Any], edit: DataEdit) -> None:
    path = edit.place.path
    match edit:
        case AddKey():
            holder = _find(data, path[:-1])
            if path and holder[path[-1]] is None:
                holder[path[-1]] = {}
            target = _find(data, path)
            if edit.key in target:
                raise Impossible("the key is there already")
            target[edit.key] = edit.value
        case SetValue():
            _set(_find(data, path[:-1]), path[-1], edit.value)
        case Remove():
            del _find(data, path[:-1])[path[-1]]
        case RenameKey():
            _rename(_find(data, path[:-1]), path[-1], edit.key)
        case _:
            assert_never(edit)


def _find(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data


def _set(holder: Any, step: str | int, value: Any) -> None:
    if isinstance(holder, dict) != isinstance(step, str):
        raise Impossible("no such place")
    holder[step] = value


def _rename(holder: Any, old: str | int, new: str) -> None:
    if not isinstance(holder, dict) or new in holder or old not in holder:
        raise Impossible("the key is there already, or the old one is not")
    entries = [(new if key == old else key, value) for key, value in holder.items()]
    holder.clear()
    holder.update(entries)
