"""Findings of the manifest and of the generator on the terminal, all in the look of `headgate check`."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from headgate_schema.check import Checked
from headgate_schema.finding import Finding


def print_findings(findings: Iterable[Finding], checked: Checked) -> None:
    """Print findings to standard error: standard output is for what a command makes."""
    for finding in findings:
        span = checked.locate(finding.place)
        place = f"{finding.place.file}:{span.line}:{span.column}"
        print(f"{place}: {finding.code} {finding.message}", file=sys.stderr)
