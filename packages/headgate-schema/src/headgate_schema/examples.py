"""How a field looks in a manifest: cut out of one valid manifest that uses every field."""

from __future__ import annotations

from functools import cache
from pathlib import Path as FilePath

from headgate_schema.document import Document, read_document
from headgate_schema.span import Path

NAME = "example.yaml"
MAX_LINES = 12
"""Of a value; what is longer is cut."""


@cache
def read_example() -> Document:
    """Read the manifest that uses every field."""
    return read_document((FilePath(__file__).parent / NAME).read_bytes(), NAME)


def show_example(field: str) -> str:
    """Show a field, given by its path (``deploys[].canary.percent``), with the lines that lead to it.

    Empty for a field that is not in the example, as reserved ones are.
    """
    document = read_example()
    path = _find(document.data, field.replace("[]", ".[]").split("."))
    if path is None:
        return ""
    lines = document.text.splitlines()
    leading = {_find_line(document, path[:length]) for length in range(1, len(path))}
    first, last = _find_line(document, path), document.locate(path).end_line
    end = min(last, first + MAX_LINES - 1)
    shown = [lines[number - 1] for number in sorted({*leading, *range(first, end + 1)}) if lines[number - 1]]
    indent = " " * (len(shown[-1]) - len(shown[-1].lstrip()))
    return "\n".join([*shown, f"{indent}# …"] if end < last else shown)


def _find(data: object, steps: list[str]) -> Path | None:
    """Find the first way through the data that a field's path describes."""
    if not steps:
        return ()
    step, *rest = steps
    if step == "[]":
        items = enumerate(data) if isinstance(data, list) else ()
        found = ((index, _find(item, rest)) for index, item in items)
        return next(((index, *path) for index, path in found if path is not None), None)
    if not isinstance(data, dict) or step not in data:
        return None
    path = _find(data[step], rest)
    return None if path is None else (step, *path)


def _find_line(document: Document, path: Path) -> int:
    return document.locate(path, "value" if isinstance(path[-1], int) else "key").line
