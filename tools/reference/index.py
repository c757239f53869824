"""The entrance to the generated pages."""

from __future__ import annotations

from pathlib import Path

from tools.reference.markdown import page, table

PAGES = (
    ("manifest.md", "The manifest", "every field of `headgate.yaml`"),
    ("commands.md", "Commands", "what `headgate` and `headgate-schema` take"),
    ("rules/index.md", "Rules", "what each code means, and what to do about it"),
    ("contract.md", "The callback contract", "what Headgate passes to your workflows"),
    ("machine.md", "The machine", "every state of a rollout and every way out of it"),
)


def render(_: Path) -> dict[str, str]:
    """Return the page."""
    rows = ((f"[{title}]({name})", about) for name, title, about in PAGES)
    said = "These pages are written from the code: what they say is what it does."
    return {"docs/reference/index.md": page("Reference", said, table(("page", "says"), rows))}
