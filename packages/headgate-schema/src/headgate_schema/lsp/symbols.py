"""The outline of a manifest: environments, builds and deploys, with what each is made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from headgate_schema.document import Document
from headgate_schema.span import Path, Span

SymbolKind = Literal["list", "environment", "build", "deploy", "strategy", "step", "callback", "field"]


class Symbol(msgspec.Struct, frozen=True):
    """Something with a name: all of it at ``span``, its name at ``name_span``, which is inside."""

    name: str
    kind: SymbolKind
    span: Span
    name_span: Span
    detail: str = ""
    children: tuple[Symbol, ...] = ()


def list_symbols(document: Document) -> tuple[Symbol, ...]:
    """List a manifest's symbols in the order of the text."""
    data = document.data or {}
    return tuple(symbol for key in data for symbol in _list_field(document, key, data[key]))


_ITEMS: dict[str, SymbolKind] = {"environments": "environment", "builds": "build", "deploys": "deploy"}


def _list_field(document: Document, key: str, value: Any) -> Iterator[Symbol]:
    if key in _ITEMS and isinstance(value, list):
        children = (_show_item(document, (key, index), item) for index, item in enumerate(value))
        yield _show_entry(document, (key,), "list", children=tuple(child for child in children if child))
    elif key == "notify" and isinstance(value, dict):
        yield _show_entry(document, (key,), "field", children=tuple(_list_parts(document, (key,), value)))
    elif isinstance(value, str | int) and not key.startswith("x-"):
        yield _show_entry(document, (key,), "field", str(value))


def _show_item(document: Document, path: Path, item: Any) -> Symbol | None:
    kind = _ITEMS[str(path[0])]
    span = document.locate(path)
    if isinstance(item, str):
        return Symbol(item, kind, span, span)
    if not isinstance(item, dict) or not isinstance(name := item.get("name"), str):
        return None
    detail = item.get("strategy", "all_at_once") if kind == "deploy" else item.get("promotion", "")
    children = tuple(_list_parts(document, path, item))
    name_span = document.locate((*path, "name"))
    return Symbol(name, kind, span, name_span, detail if isinstance(detail, str) else "", children)


def _list_parts(document: Document, path: Path, fields: dict[str, Any]) -> Iterator[Symbol]:
    for key, value in fields.items():
        inner = (*path, key)
        if key in ("canary", "blue_green") and isinstance(value, dict):
            yield _show_entry(
                document, inner, "strategy", children=tuple(_list_parts(document, inner, value))
            )
        elif key == "steps" and isinstance(value, list):
            steps = (_show_step(document, (*inner, index), step) for index, step in enumerate(value))
            yield _show_entry(document, inner, "list", children=tuple(step for step in steps if step))
        elif key.startswith("verify") and isinstance(value, dict):
            yield _show_entry(document, inner, "field", _write(value.get("callback")))
        elif (key == "callback" or key.endswith("_callback")) and isinstance(value, str):
            yield _show_entry(document, inner, "callback", value)


def _show_step(document: Document, path: Path, step: Any) -> Symbol | None:
    if not isinstance(step, dict):
        return None
    span = document.locate(path)
    name_span = document.locate((*path, "percent")) if "percent" in step else span
    return Symbol(f"{_write(step.get('percent'))} %", "step", span, name_span, _write(step.get("bake_time")))


def _show_entry(
    document: Document, path: Path, kind: SymbolKind, detail: str = "", children: tuple[Symbol, ...] = ()
) -> Symbol:
    key, value = document.locate(path, "key"), document.locate(path)
    start, end = (key.line, key.column), (value.end_line, value.end_column)
    if end < (key.end_line, key.end_column):
        end = key.end_line, key.end_column  # an alias: its value stands earlier
    return Symbol(str(path[-1]), kind, Span(*start, *end), key, detail, children)


def _write(value: object) -> str:
    return "" if value is None else str(value)
