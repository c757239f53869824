"""What changed in a file, as a patch that `git apply` and `patch -p1` take. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

NO_FILE = "/dev/null"
_ODD = re.compile(r'["\\\x00-\x1f\x7f]')
"""What git writes escaped, and the name then in quotes (``core.quotePath`` in
https://git-scm.com/docs/git-config): a line break would begin a line of the patch.
"""


def write_patch(file: str, before: bytes | None, after: bytes) -> bytes:
    """Write a unified diff; ``before`` is ``None`` for a file that is created. Empty if nothing changed.

    Lines end with a line feed, as git sees it: a carriage return before one belongs to the line.
    """
    old = NO_FILE if before is None else f"a/{file}"
    lines = difflib.unified_diff(_list_lines(before or b""), _list_lines(after), n=3)
    hunks = list(lines)[2:]  # without the names, which are written below
    if not hunks:
        return b""
    written = "".join((_write_name("---", old), _write_name("+++", f"b/{file}"), *_end_lines(hunks)))
    return written.encode("utf-8", "surrogateescape")


def _write_name(mark: str, name: str) -> str:
    if _ODD.search(name):
        return f'{mark} "{_ODD.sub(_escape, name)}"\n'
    # A name with a space ends with a tab, or what follows the space could be taken for a date.
    return f"{mark} {name}\t\n" if " " in name else f"{mark} {name}\n"


def _escape(found: re.Match[str]) -> str:
    char = found.group()
    return f"\\{char}" if char in '"\\' else f"\\{ord(char):03o}"


def _list_lines(content: bytes) -> list[str]:
    text = content.decode("utf-8", "surrogateescape")
    return [f"{line}\n" for line in text.split("\n")[:-1]] + [line for line in text.split("\n")[-1:] if line]


def _end_lines(lines: list[str]) -> Iterator[str]:
    for line in lines:
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
