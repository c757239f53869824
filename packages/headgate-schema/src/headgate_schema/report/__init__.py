"""One finding, many outputs: each a pure function from what was checked to text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from headgate_schema.check import Checked

Format = Literal["full", "concise", "json"]
FORMATS: tuple[Format, ...] = ("full", "concise", "json")


def render(form: Format, checked: Sequence[Checked], *, has_color: bool = False) -> str:
    """Print the findings of one or more manifests, with a final newline unless there is nothing to say."""
    match form:
        case "full":
            from headgate_schema.report.full import render_full

            return render_full(checked, has_color=has_color)
        case "concise":
            from headgate_schema.report.concise import render_concise

            return render_concise(checked)
        case "json":
            from headgate_schema.report.records import render_json

            return render_json(checked)
