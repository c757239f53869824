"""A place in a text that may be half typed → what is being typed there: a key of which mapping, a value of
what, and how it has to be indented.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from headgate_schema.lsp.block import read_outline
from headgate_schema.lsp.outline import Collection, Outline, Piece, Scalar, Slot
from headgate_schema.span import Path, Span

STEP = 2
"""Columns by which most people indent, where a text does not show how it is done there."""


class Cursor(msgspec.Struct, frozen=True):
    """What is being typed.

    ``path`` is that of the mapping a key is typed in, or of the value. ``span`` is what a proposal replaces,
    ``prefix`` what of it is before the cursor, and ``lead`` what has to come before a proposal: a space, or
    the indentation and the dash. ``siblings`` are the other keys, or the other texts of the list, above and
    below. ``indent`` is how many columns stand before a key here. ``can_open`` tells that a mapping or list
    may begin here as well, ``has_colon`` that the key has its colon already, ``is_text`` that nobody can
    know what is typed (several rows, a block scalar).
    """

    role: Literal["key", "value"]
    path: Path
    prefix: str
    span: Span
    siblings: tuple[str, ...] = ()
    indent: int = 0
    lead: str = ""
    can_open: bool = False
    has_colon: bool = False
    is_flow: bool = False
    is_text: bool = False


def find_cursors(text: str, line: int, column: int) -> tuple[Cursor, ...]:
    """Tell what is being typed at a place, both counted from 1; nothing in a comment or behind a value.

    Two answers where a key and a list's item could begin alike, below a list that is not indented.
    """
    outline = read_outline(text, line)
    row = outline.row
    if not 0 <= row < len(outline.lines):
        return ()
    column = min(max(column - 1, 0), len(outline.lines[row]))
    piece = _find_piece(outline.pieces, column)
    if piece is not None:
        cursor = _read_piece(outline, row, column, piece)
        return (cursor,) if cursor is not None else ()
    if outline.lines[row].strip():
        return ()
    return _read_empty(outline, row, column)


def _find_piece(pieces: list[Piece], column: int) -> Piece | None:
    """Give the piece at a column; of two that touch, the one that is not a gap."""
    touched = [piece for piece in pieces if piece.start <= column <= piece.end]
    return min(touched, key=lambda piece: (piece.is_gap, piece.end == column), default=None)


# -- on a row with something on it


def _read_piece(outline: Outline, row: int, column: int, piece: Piece) -> Cursor | None:
    holder = piece.holder
    if piece.is_gap:
        return _read_gap(outline, row, column, piece)
    start, end = piece.start, piece.end
    if piece.quote and start < column and (piece.is_open or column < end):
        start, end = start + 1, end - (not piece.is_open)
    line = outline.lines[row]
    is_key = piece.role == "key"
    has_dash = piece.slot is None or piece.slot.is_whole or is_key
    return Cursor(
        role="key" if is_key else "value",
        path=holder.path if is_key else (*holder.path, piece.step),
        prefix=line[start:column],
        span=_span(row, start, end),
        siblings=_list_siblings(holder, piece.slot),
        indent=holder.column if is_key and not holder.is_flow else piece.start + (0 if has_dash else STEP),
        lead="" if has_dash else "- ",
        can_open=piece.starts_row or (holder.kind == "sequence" and not holder.is_flow),
        has_colon=is_key and piece.slot is not None and piece.slot.is_whole,
        is_flow=holder.is_flow,
        is_text=piece.role == "text" or piece.is_part,
    )


def _read_gap(outline: Outline, row: int, column: int, piece: Piece) -> Cursor | None:
    holder, slot = piece.holder, piece.slot
    if slot is not None and slot.value is not None:
        return None  # the value stands further below
    before = outline.lines[row][column - 1 : column]
    lead = " " if before in (":", "-") else ""
    is_key = piece.role == "key"
    return Cursor(
        role="key" if is_key else "value",
        path=holder.path if is_key else (*holder.path, piece.step),
        prefix="",
        span=_span(row, column, column),
        siblings=_list_siblings(holder, slot),
        indent=column + len(lead),
        lead=lead,
        can_open=piece.starts_row,
        is_flow=holder.is_flow,
    )


def _list_siblings(holder: Collection, own: Slot | None) -> tuple[str, ...]:
    others = [slot for slot in holder.slots if slot is not own and slot.is_whole]
    if holder.kind == "mapping":
        return tuple(str(slot.step) for slot in others)
    return tuple(slot.value.text for slot in others if isinstance(slot.value, Scalar))


def _span(row: int, start: int, end: int) -> Span:
    return Span(row + 1, start + 1, row + 1, end + 1)


# -- on an empty row


def _read_empty(outline: Outline, row: int, column: int) -> tuple[Cursor, ...]:
    """Let the indentation tell the parent; but never cut apart what goes on below."""
    stack = outline.stack
    inner = stack[-1]
    slot = next((each for each in reversed(inner.slots) if each.row < row), None)
    if slot is not None and isinstance(slot.value, Collection) and slot.value.row > row:
        return (_begin(row, column, slot.value),)
    if slot is not None and slot.value is None and slot.is_whole:
        if column > inner.column:
            return (_open(row, column, (*inner.path, slot.step)),)
        if column == inner.column and inner.kind == "mapping" and outline.find_style().list_step == 0:
            flat = Collection("sequence", (*inner.path, slot.step), row, column, row)
            return _begin(row, column, inner), _begin(row, column, flat)
    floor = max((at for at, each in enumerate(stack) if each.last_row > row), default=0)
    at = len(stack) - 1
    while at > floor and column <= stack[at - 1].column:
        at -= 1
    first = _begin(row, column, stack[at])
    beside = stack[at + 1] if at + 1 < len(stack) else None
    if beside is not None and beside.kind == "sequence" and beside.column == stack[at].column == column:
        return first, _begin(row, column, beside)
    return (first,)


def _open(row: int, column: int, path: Path) -> Cursor:
    """Begin the value of an entry or item that has none yet, below it."""
    return Cursor("value", path, "", _span(row, column, column), indent=column, can_open=True)


def _begin(row: int, column: int, inner: Collection) -> Cursor:
    """Begin a key or an item in a collection, indented as the others are. An item counts as the last one,
    for nothing is known of it yet.
    """
    is_key = inner.kind == "mapping"
    is_aligned = column == inner.column
    lead = "" if is_aligned else " " * inner.column
    return Cursor(
        role="key" if is_key else "value",
        path=inner.path if is_key else (*inner.path, len(inner.slots)),
        prefix="",
        span=_span(row, column if is_aligned else 0, column),
        siblings=_list_siblings(inner, None),
        indent=inner.column + (0 if is_key else STEP),
        lead=lead if is_key else f"{lead}- ",
        can_open=not is_key,
    )
