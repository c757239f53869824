"""The files that `headgate generate` puts into a repository, so that its workflows can run `python3
.github/headgate <verb>`.
"""

from __future__ import annotations

from pathlib import Path

ENTRY = b'''"""Headgate's runtime: python3 .github/headgate <verb>. Readable source, standard library only."""

import sys

if sys.version_info < (3, 10):  # noqa: UP036 - the runner decides which python3 this is
    sys.exit("Headgate needs python3 >= 3.10 on the runner; this is %d.%d" % sys.version_info[:2])

from pathlib import Path

from headgate_runtime.__main__ import main

sys.exit(main(sys.argv[1:], Path(__file__).resolve().parent))
'''

_NOT_VENDORED = ("vendor.py", "py.typed")


def vendored_files() -> dict[str, bytes]:
    """Path below `.github/headgate/` → content: the entry point and a byte copy of this package."""
    package = Path(__file__).resolve().parent
    found = {"__main__.py": ENTRY}
    for path in sorted(package.rglob("*.py")):
        if path.name not in _NOT_VENDORED:
            found[f"{package.name}/{path.relative_to(package).as_posix()}"] = path.read_bytes()
    return found
