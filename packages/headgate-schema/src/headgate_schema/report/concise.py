"""One line per finding, as editors and grep like it: ``file:line:column: code message``."""

from __future__ import annotations

from collections.abc import Sequence

from headgate_schema.check import Checked


def render_concise(checked: Sequence[Checked]) -> str:
    """Print one line per finding; nothing when there is none."""
    lines = []
    for one in checked:
        for finding in one.findings:
            span = one.locate(finding.place)
            where = f"{one.show_file(finding.place.file)}:{span.line}:{span.column}"
            lines.append(f"{where}: {finding.code} {finding.message}\n")
    return "".join(lines)
