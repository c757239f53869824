"""The template inside `headgate-template`, so that it works from an installed package too.

A copy, because a source distribution can't reach above its own folder; the original is at the root.
"""

from __future__ import annotations

from pathlib import Path

COPY = "packages/headgate-template/src/headgate_template/source"


def render(root: Path) -> dict[str, str]:
    """Return the copy's files, byte for byte those at the root."""
    originals = [
        root / "copier.yml",
        *sorted(path for path in (root / "templates").rglob("*") if path.is_file()),
    ]
    return {
        f"{COPY}/{path.relative_to(root).as_posix()}": path.read_text(encoding="utf-8") for path in originals
    }
