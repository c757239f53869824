"""Findings of the manifest and of the generator on the terminal, all in the look of `headgate check`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

import msgspec
from headgate_schema.check import Checked
from headgate_schema.cli.variables import find_docs, wants_color
from headgate_schema.finding import Finding
from headgate_schema.report import Format, render


def print_findings(findings: Iterable[Finding], checked: Checked) -> None:
    """Print findings to standard error, for standard output is for what a command makes.

    Errors are shown in full; warnings, which `headgate check` shows in full, take one line each.
    """
    listed = tuple(findings)
    _print("concise", [finding for finding in listed if finding.severity == "warning"], checked)
    print_errors(listed, checked)


def print_errors(findings: Iterable[Finding], checked: Checked) -> None:
    """Print only what keeps a command from its work."""
    _print("full", [finding for finding in findings if finding.severity == "error"], checked)


def _print(form: Format, findings: Sequence[Finding], checked: Checked) -> None:
    if findings:
        shown = msgspec.structs.replace(checked, findings=tuple(findings))
        has_color = wants_color(sys.stderr)
        text = render(form, [shown], has_color=has_color, docs=find_docs(), program="headgate")
        print(text, end="", file=sys.stderr)


def print_lines(findings: Iterable[Finding]) -> None:
    """Print findings about files that no check has read, one line each."""
    for finding in findings:
        print(f"{finding.place.file}: {finding.code} {finding.message}", file=sys.stderr)
