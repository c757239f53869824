"""The trees in ARCHITECTURE.md: what each module is for, in the words of its own docstring.

Rule: a region between `<!-- tree: X -->` and `<!-- end -->` is replaced; the prose around it stays.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

PAGE = "ARCHITECTURE.md"
REGION = re.compile(r"(<!-- tree: (?P<folder>\S+) -->\n).*?(<!-- end -->)", re.DOTALL)
INDENT = "  "


def render(root: Path) -> dict[str, str]:
    """Return ARCHITECTURE.md with each of its trees drawn anew."""
    page = (root / PAGE).read_text(encoding="utf-8")

    def redraw(match: re.Match[str]) -> str:
        return f"{match[1]}\n```text\n{draw(root / match['folder'])}\n```\n\n{match[3]}"

    return {PAGE: REGION.sub(redraw, page)}


def draw(folder: Path) -> str:
    """Draw the Python modules under a folder, one line each: name and the first sentence of its docstring."""
    rows = [(f"{folder.name}/", first_sentence(folder / "__init__.py")), *rows_of(folder, INDENT)]
    width = max(len(name) for name, _ in rows) + 2
    return "\n".join(f"{name:<{width}}{said}".rstrip() for name, said in rows)


def rows_of(folder: Path, indent: str) -> Iterator[tuple[str, str]]:
    """Yield (indented name, sentence) for the modules and then the folders in a folder."""
    for module in sorted(folder.glob("*.py")):
        if module.name != "__init__.py":
            yield f"{indent}{module.name}", first_sentence(module)
    for child in sorted(path for path in folder.iterdir() if path.is_dir() and any(path.glob("*.py"))):
        yield f"{indent}{child.name}/", first_sentence(child / "__init__.py")
        yield from rows_of(child, indent + INDENT)


def first_sentence(module: Path) -> str:
    """Return the first sentence of a module's docstring, empty when it has none."""
    if not module.is_file():
        return ""
    said = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8"))) or ""
    first = " ".join(said.partition("\n\n")[0].split()).replace("``", "`")
    return re.split(r"(?<=[.;]) ", first)[0].rstrip(".;")
