"""Where the template is: a copy inside the package, byte for byte that of the repository's root."""

from __future__ import annotations

from pathlib import Path


def template_path() -> Path:
    """Return the folder that copier copies from: it holds `copier.yml` and `templates/`."""
    return Path(__file__).parent / "source"
