"""``check``: all findings of one or more manifests."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from headgate_schema.check import Checked, check
from headgate_schema.cli.selection import read_selection
from headgate_schema.cli.variables import find_docs, wants_color
from headgate_schema.report import FORMATS, FROM_ROOT, render
from headgate_schema.repository import Directory, Found, find_manifest, find_root, place_file, read_file

EPILOG = """examples:
  headgate-schema check                            the manifest of this repository, and its callbacks
  headgate-schema check services/api/headgate.yaml
  headgate-schema check - < headgate.yaml          from standard input: callbacks are not checked
  headgate-schema check --format json --strict     for programs; warnings count too
  headgate-schema check --format github            in a workflow: findings appear in the change
  headgate-schema check --ignore HG309,HG5         without one warning, and without a family of them
  headgate-schema check --select HG4,HG5           only what is said about callbacks and security

exit codes: 0 no errors, 1 errors (with --strict warnings too), 2 usage or unreadable file
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe what the command takes."""
    parser.epilog = EPILOG
    parser.set_defaults(program=parser.prog.partition(" ")[0])
    parser.add_argument(
        "files", nargs="*", metavar="FILE", help="manifests; - is standard input (default: this repository's)"
    )
    parser.add_argument("--format", choices=FORMATS, default="full", help="how to print (default: full)")
    parser.add_argument("--select", metavar="CODES", help="show only these codes or families: HG201,HG4")
    parser.add_argument("--ignore", metavar="CODES", help="leave out these warnings; errors can't be ignored")
    parser.add_argument("--strict", action="store_true", help="exit 1 for warnings too")


def run(options: argparse.Namespace) -> int:
    """Check, print, and give the exit code: 1 for errors, and for warnings too if ``--strict``."""
    selection = read_selection(options.select, options.ignore)
    docs = find_docs()
    start = (find_root(Path.cwd()) if options.format in FROM_ROOT else None) or Path.cwd()
    checked = [selection.apply(one) for one in _check_all(options.files, start)]
    has_color = wants_color(sys.stdout)
    _write(render(options.format, checked, has_color=has_color, docs=docs, program=options.program))
    is_counted = {"error", "warning"} if options.strict else {"error"}
    return int(any(finding.severity in is_counted for one in checked for finding in one.findings))


def _check_all(files: Sequence[str], start: Path) -> list[Checked]:
    if files:
        return [_check_file(file, start) for file in files]
    return [_check_found(find_manifest(Path.cwd()), start)]


def _check_file(file: str, start: Path) -> Checked:
    if file == "-":
        return check(sys.stdin.buffer.read(), "<stdin>")
    found = place_file(file)
    if found is not None:
        return _check_found(found, start)
    shown = file if start == Path.cwd() else os.path.relpath(file, start)
    # A file's name may hold bytes that are no text.
    return check(read_file(file), shown.encode("utf-8", "backslashreplace").decode())


def _check_found(found: Found, start: Path) -> Checked:
    checked = check(read_file(found.root / found.path), found.path, Directory(found.root))
    folder = os.path.relpath(found.root, start).encode("utf-8", "backslashreplace").decode()
    return msgspec.structs.replace(checked, folder="" if folder == "." else f"{Path(folder).as_posix()}/")


def _write(text: str) -> None:
    """Write UTF-8 whatever the terminal's encoding; what it can't show is escaped there."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
