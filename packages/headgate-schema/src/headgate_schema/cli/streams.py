"""What commands print, whatever the terminal can show."""

from __future__ import annotations

from typing import TextIO


def write_text(stream: TextIO, text: str) -> None:
    """Write UTF-8 whatever the stream's encoding; what it can't show is escaped there."""
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
