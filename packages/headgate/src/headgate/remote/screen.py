"""Where progress is shown: lines for a log; on a terminal a last line, too, that is kept up to date."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from typing import TextIO

from headgate_schema.model.duration import show_duration

ERASE = "\r\x1b[K"


class Screen:
    """Prints to a stream. What GitHub says is shown, never obeyed: control characters become spaces."""

    def __init__(self, stream: TextIO, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        """The time that the status shows begins now."""
        self._stream = stream
        self._is_terminal = stream.isatty() and os.environ.get("TERM") != "dumb"
        self._monotonic = monotonic
        self._began = monotonic()
        self._is_dirty = False

    def line(self, text: str) -> None:
        """Print a line, above the status."""
        self.clear()
        self._write(f"{printable(text)}\n")

    def status(self, text: str) -> None:
        """Replace the status; without a terminal there is none."""
        if self._is_terminal:
            self.clear()
            shown = f"{show_duration(int(self._monotonic() - self._began))}  {printable(text)}"
            self._write(shown[: shutil.get_terminal_size().columns - 1])
            self._is_dirty = True

    def clear(self) -> None:
        """Take the status away."""
        if self._is_dirty:
            self._write(ERASE)
            self._is_dirty = False

    def _write(self, text: str) -> None:
        encoding = self._stream.encoding or "utf-8"
        self._stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        self._stream.flush()


def printable(text: str) -> str:
    """One line without anything that a terminal would obey."""
    return "".join(character if character.isprintable() else " " for character in text)
