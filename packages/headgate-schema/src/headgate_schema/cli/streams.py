"""Standard input and output: what commands read, no further than a limit, and print, whatever the terminal
can show.
"""

from __future__ import annotations

import sys
from typing import TextIO

from headgate_schema.failure import SchemaError
from headgate_schema.text import MAX_BYTES


def read_input() -> bytes:
    """Read standard input, a byte more than may be in it at most; raises ``SchemaError`` if it is closed."""
    if sys.stdin is None:
        raise SchemaError("can't read standard input: it is closed")
    return sys.stdin.buffer.read(MAX_BYTES + 1)


def write_text(stream: TextIO, text: str) -> None:
    """Write UTF-8 whatever the stream's encoding; what it can't show is escaped there."""
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
