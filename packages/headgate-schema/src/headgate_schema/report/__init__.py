"""One finding, many outputs: each a pure function from what was checked to text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, assert_never

from headgate_schema.check import Checked

Format = Literal["full", "concise", "json", "github", "sarif"]
FORMATS: tuple[Format, ...] = ("full", "concise", "json", "github", "sarif")
FROM_ROOT: tuple[Format, ...] = ("github", "sarif")
"""Formats that GitHub reads: it takes files by their path from the repository's root, wherever a job ran."""


def render(
    form: Format,
    checked: Sequence[Checked],
    *,
    has_color: bool = False,
    docs: str | None = None,
    program: str = "headgate-schema",
) -> str:
    """Print the findings of one or more manifests, with a final newline unless there is nothing to say.

    ``docs`` is the address of the documentation site, if it is known; ``program`` the one to ask for more.
    """
    match form:
        case "full":
            from headgate_schema.report.full import render_full

            return render_full(checked, has_color=has_color, docs=docs, program=program)
        case "concise":
            from headgate_schema.report.concise import render_concise

            return render_concise(checked)
        case "json":
            from headgate_schema.report.records import render_json

            return render_json(checked, docs=docs)
        case "github":
            from headgate_schema.report.github import render_github

            return render_github(checked, docs=docs)
        case "sarif":
            from headgate_schema.report.sarif import render_sarif

            return render_sarif(checked, docs=docs)
        case _:
            assert_never(form)
