"""The fixes of findings as text edits, for outputs that other programs carry out."""

from __future__ import annotations

from collections.abc import Iterator

from headgate_schema.check import Checked
from headgate_schema.edit import FileEdit, write_fix
from headgate_schema.finding import Finding

MAX_READ = 1_000_000
"""Characters read again to verify the fixes of one manifest, a second or two at worst; a long one with
very many mistakes gets edits for the first of them only.
"""


def write_fixes(checked: Checked) -> Iterator[tuple[Finding, tuple[FileEdit, ...]]]:
    """Give each finding with the edits that fix it; none where there is no fix, or it can't be verified."""
    left = MAX_READ
    for finding in checked.findings:
        if finding.fix is None or left <= 0:
            yield finding, ()
            continue
        left -= len(checked.document.text)
        yield finding, write_fix(finding.fix, checked.find_document) or ()
