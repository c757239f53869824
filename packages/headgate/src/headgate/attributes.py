"""Our lines in .gitattributes, between two marks; the rest of that file is the user's and stays. Pure."""

from __future__ import annotations

import re

BEGIN = b"# headgate: begin (kept by `headgate generate`)"
END = b"# headgate: end"
LINES = (
    b".github/workflows/headgate-*.yaml linguist-generated text eol=lf",
    b".github/headgate/** linguist-generated text eol=lf",
)
"""`eol=lf`, because the sums are those of these bytes."""

_BLOCK = re.compile(
    rb"^# headgate: begin[^\n]*\n.*?^# headgate: end[^\n]*(?:\n|\Z)", re.MULTILINE | re.DOTALL
)


def mark_generated(existing: bytes | None) -> bytes:
    """Give the content of .gitattributes with our block in its place, or at the end."""
    text = existing or b""
    newline = b"\r\n" if b"\r\n" in text else b"\n"
    block = newline.join((BEGIN, *LINES, END)) + newline
    if _BLOCK.search(text):
        return _BLOCK.sub(lambda _: block, text, count=1)
    if text and not text.endswith(b"\n"):
        text += newline
    return text + (newline if text else b"") + block
