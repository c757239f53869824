"""Write every generated file of this repository, or say which ones are stale.

Rule: compute {path: text} from the code first, then write or compare; only this module touches the disk.
"""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tools.reference import (
    commands,
    contract,
    corpus,
    index,
    machine,
    manifest,
    rules,
    schema,
    template,
    tree,
)

ROOT = Path(__file__).resolve().parent.parent
SOURCES: tuple[Callable[[Path], Mapping[str, str]], ...] = (
    tree.render,
    template.render,
    schema.render,
    corpus.render,
    index.render,
    manifest.render,
    contract.render,
    rules.render,
    commands.render,
    machine.render,
)
OWNED = ("docs/reference", template.COPY)
"""Folders in which every file is generated: one that nobody renders any more is stale too."""


def render(root: Path) -> dict[str, str]:
    """Return what every generated file should contain, by its path relative to `root`."""
    made: dict[str, str] = {}
    for source in SOURCES:
        made.update(source(root))
    return made


def leftovers(root: Path, wanted: Mapping[str, str]) -> Iterator[Path]:
    """Yield the files in folders of ours that nothing renders any more."""
    for folder in OWNED:
        for path in sorted((root / folder).rglob("*")):
            if path.is_file() and path.relative_to(root).as_posix() not in wanted:
                yield path


def write(root: Path, wanted: Mapping[str, str]) -> int:
    """Bring the disk in line and name what changed."""
    for name, text in wanted.items():
        path = root / name
        if read(path) == text:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
        print(f"wrote {name}")
    for path in leftovers(root, wanted):
        path.unlink()
        print(f"removed {path.relative_to(root)}")
    return 0


def check(root: Path, wanted: Mapping[str, str]) -> int:
    """Print a diff for each stale file; 1 when there is one."""
    stale = False
    for name, text in wanted.items():
        found = read(root / name)
        if found == text:
            continue
        stale = True
        before, after = (found or "").splitlines(keepends=True), text.splitlines(keepends=True)
        sys.stdout.writelines(difflib.unified_diff(before, after, name, f"{name} (generated)", n=1))
    for path in leftovers(root, wanted):
        stale = True
        print(f"{path.relative_to(root)} is left over")
    print("stale: run `nox -s generate`" if stale else f"{len(wanted)} generated files are fresh")
    return int(stale)


def read(path: Path) -> str | None:
    """Return a file's text, or None without the file."""
    return path.read_text(encoding="utf-8") if path.is_file() else None


def main() -> int:
    """Parse the command line and write or check."""
    parser = argparse.ArgumentParser(description="Write every generated file of this repository.")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 and show a diff when a file is stale"
    )
    arguments = parser.parse_args()
    try:
        wanted = render(ROOT)
    except corpus.CorpusChanged as changed:
        print(changed, file=sys.stderr)
        return 1
    return check(ROOT, wanted) if arguments.check else write(ROOT, wanted)


if __name__ == "__main__":
    sys.exit(main())
