"""What is proposed at the mark ‸ of each case. With `--update` the expected output is rewritten."""

from __future__ import annotations

from pathlib import Path

import pytest
from headgate_schema.lsp.complete import Proposal, complete
from headgate_schema.lsp.knowledge import Knowledge, know

HERE = Path(__file__).parent
CASES = sorted((HERE / "completion").glob("*.yaml"))


def know_repository() -> Knowledge:
    root = HERE / "repository"
    return know({str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*.y*ml")})


def complete_at_mark(marked: str, *, has_snippets: bool = False) -> tuple[Proposal, ...]:
    before, _, after = marked.partition("‸")
    lines = before.replace("\r\n", "\n").split("\n")
    place = len(lines), len(lines[-1]) + 1
    return complete(before + after, *place, know_repository(), has_snippets=has_snippets)


def show(proposals: tuple[Proposal, ...]) -> str:
    return "".join(
        f"{each.kind:<8}{each.label}\n"
        f"        {each.span.column}-{each.span.end_column} {each.text!r}\n"
        f"        {each.detail}\n"
        for each in proposals
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_these_are_proposed(case: Path, is_updating: bool) -> None:
    text = case.read_text(encoding="utf-8")
    shown = show(complete_at_mark(text.replace("\n", "\r\n") if case.stem.startswith("crlf") else text))
    expected = case.with_suffix(".out")
    if is_updating:
        expected.write_text(shown, encoding="utf-8")
    assert shown == expected.read_text(encoding="utf-8")
