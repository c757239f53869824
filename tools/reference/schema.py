"""The published schema and its copies, as the schema package gives them."""

from __future__ import annotations

from pathlib import Path

from headgate_schema.json_schema import generated_files


def render(_: Path) -> dict[str, str]:
    """Return the files, as text."""
    return {path: content.decode("utf-8") for path, content in generated_files().items()}
