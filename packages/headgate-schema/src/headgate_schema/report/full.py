"""Findings for people: the line it is about, a caret under the place, the other half, a hint."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from headgate_schema.check import Checked
from headgate_schema.finding import Finding, Fix, Place, Severity
from headgate_schema.pages import find_page
from headgate_schema.span import Span
from headgate_schema.text import replace_odd, split_lines
from headgate_schema.wording import count

_BOLD, _DIM, _RED, _YELLOW, _BLUE, _OFF = "\033[1m", "\033[2m", "\033[31m", "\033[33m", "\033[34m", "\033[0m"
_COLORS: dict[Severity, str] = {"error": _RED, "warning": _YELLOW}
MAX_WIDTH = 160
"""Longer lines are cut around the caret."""
MAX_SHOWN = 1_000
"""So many findings of one manifest are shown, the rest counted: the other outputs list all."""


class Paint(msgspec.Struct, frozen=True):
    """Adds colours, or leaves text as it is."""

    has_color: bool

    def __call__(self, text: str, *styles: str) -> str:
        """Wrap text in styles."""
        return f"{''.join(styles)}{text}{_OFF}" if self.has_color else text


def render_full(
    checked: Sequence[Checked],
    *,
    has_color: bool = False,
    docs: str | None = None,
    program: str = "headgate-schema",
) -> str:
    """Print every finding with its code frame, and a closing line for each manifest."""
    paint = Paint(has_color)
    blocks = []
    for one in checked:
        shown = msgspec.structs.replace(one, findings=one.findings[:MAX_SHOWN])
        fixes = _list_fixes(shown)
        blocks += [
            _render_finding(one, finding, fix, paint)
            for finding, fix in zip(shown.findings, fixes, strict=True)
        ]
        more = len(one.findings) - MAX_SHOWN
        if more > 0:
            blocks.append(f"{count(more, 'finding')} more: --format concise lists all\n")
        blocks.append(
            _render_summary(one, paint) + _count_fixes(fixes) + _point_on(one, paint, docs, program)
        )
    return "\n".join(blocks)


def _list_fixes(checked: Checked) -> list[Fix | None]:
    """Give the fix of each finding, if it has one that can be made."""
    if all(finding.fix is None for finding in checked.findings):
        return [None] * len(checked.findings)
    from headgate_schema.report.fixes import write_fixes

    return [finding.fix if edits else None for finding, edits in write_fixes(checked)]


def _render_finding(checked: Checked, finding: Finding, fix: Fix | None, paint: Paint) -> str:
    span = checked.locate(finding.place)
    color = _COLORS[finding.severity]
    head = f"{checked.show_file(finding.place.file)}:{span.line}:{span.column}: "
    label = paint(f"{finding.severity} {finding.code}", _BOLD, color)
    lines = [f"{paint(head, _BOLD)}{label}: {finding.message}"]
    margin = " " * len(str(span.line))
    lines += _render_frame(checked, finding.place, span, margin, paint, color)
    for item in finding.related:
        other = checked.locate(item.place)
        where = f"{checked.show_file(item.place.file)}:{other.line}:{other.column}"
        lines.append(f"{margin} {paint('=', _BLUE)} {item.message}: {paint(where, _BOLD)}")
    if finding.hint and (fix is None or fix.title != finding.hint):
        lines.append(f"{margin} {paint('=', _BLUE)} {paint('hint:', _BOLD)} {finding.hint}")
    if fix is not None:
        how = paint("(--fix)" if fix.is_safe else "(--fix --unsafe)", _DIM)
        lines.append(f"{margin} {paint('=', _BLUE)} {paint('fix:', _BOLD)} {fix.title} {how}")
    return "".join(f"{line}\n" for line in lines)


def _render_frame(
    checked: Checked, place: Place, span: Span, margin: str, paint: Paint, color: str
) -> list[str]:
    document = checked.find_document(place.file)
    lines = split_lines(document.text) if document is not None else ()
    if span.line > len(lines) or not lines[span.line - 1].strip():
        return []
    line = lines[span.line - 1]
    end = span.end_column if span.end_line == span.line else len(line) + 1
    shown, before, marked = _cut(line, span.column - 1, max(end - 1, span.column))
    bar = paint("|", _BLUE)
    wide = _measure(replace_odd(before)), max(1, _measure(replace_odd(marked)))
    caret = " " * wide[0] + paint("^" * wide[1], _BOLD, color)
    return [
        f"{margin} {bar}",
        # What a terminal would obey or leave out is shown as something that takes a place.
        f"{paint(str(span.line), _BLUE)} {bar} {replace_odd(shown.expandtabs(1))}",
        f"{margin} {bar} {caret}",
    ]


def _cut(line: str, start: int, end: int) -> tuple[str, str, str]:
    """Give what to show of a line, the part of that before the mark, and the marked part."""
    if len(line) <= MAX_WIDTH:
        return line, line[:start], line[start:end]
    first = max(0, start - MAX_WIDTH // 2)
    last = min(len(line), first + MAX_WIDTH)
    head, tail = "…" if first else "", "…" if last < len(line) else ""
    return f"{head}{line[first:last]}{tail}", f"{head}{line[first:start]}", line[start : min(end, last)]


def _measure(text: str) -> int:
    """Count the columns of a terminal that a text takes."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(char) else 1 + (east_asian_width(char) in "WF") for char in text)


def _render_summary(checked: Checked, paint: Paint) -> str:
    errors = sum(finding.severity == "error" for finding in checked.findings)
    warnings = len(checked.findings) - errors
    counts = [count(errors, "error")] if errors else []
    counts += [count(warnings, "warning")] if warnings else []
    said = paint(" and ".join(counts), _BOLD) if counts else "no findings"
    if checked.ignored:
        said += f", {count(len(checked.ignored), 'warning')} ignored"
    skipped = f" ({', '.join(checked.skipped)} not checked: {checked.why_skipped})" if checked.skipped else ""
    return f"{checked.show_file(checked.document.name)}: {said}{skipped}\n"


def _count_fixes(fixes: Sequence[Fix | None]) -> str:
    safe = sum(fix is not None and fix.is_safe for fix in fixes)
    guesses = sum(fix is not None and not fix.is_safe for fix in fixes)
    if safe and guesses:
        return f"{safe} can be fixed with --fix, {guesses} more with --fix --unsafe\n"
    if safe or guesses:
        return f"{safe or guesses} can be fixed with {'--fix' if safe else '--fix --unsafe'}\n"
    return ""


def _point_on(checked: Checked, paint: Paint, docs: str | None, program: str) -> str:
    if not checked.findings:
        return ""
    code = checked.findings[0].code
    page = f": {find_page(code, docs)}" if docs else ""
    return paint(f"{program} explain {code} says more{page}", _DIM) + "\n"
