"""``check``: all findings of one or more manifests."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from headgate_schema.check import Checked
from headgate_schema.cli.selection import read_selection
from headgate_schema.cli.streams import write_text
from headgate_schema.cli.targets import Target, read_targets
from headgate_schema.cli.variables import find_docs, wants_color
from headgate_schema.failure import SchemaError
from headgate_schema.report import FORMATS, FROM_ROOT, render
from headgate_schema.repository import find_root

EPILOG = """examples:
  headgate-schema check                            the manifest of this repository, and its callbacks
  headgate-schema check services/api/headgate.yaml
  headgate-schema check - < headgate.yaml          from standard input: callbacks are not checked
  headgate-schema check --format json --strict     for programs; warnings count too
  headgate-schema check --format github            in a workflow: findings appear in the change
  headgate-schema check --ignore HG309,HG5         without one warning, and without a family of them
  headgate-schema check --select HG4,HG5           only what is said about callbacks and security
  headgate-schema check --fix                      fix what can only be meant in one way
  headgate-schema check --diff --unsafe            show what guesses would change too

exit codes: 0 no errors, 1 errors (with --strict warnings too; --diff: something to change), 2 usage or
unreadable file
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
    parser.add_argument("--fix", action="store_true", help="fix what can only be meant in one way")
    parser.add_argument(
        "--unsafe", action="store_true", help="with --fix or --diff: guesses and files made from stubs too"
    )
    parser.add_argument("--diff", action="store_true", help="print what --fix would change, change nothing")


def run(options: argparse.Namespace) -> int:
    """Check, print, and give the exit code: 1 for errors, and for warnings too if ``--strict``."""
    if options.unsafe and not (options.fix or options.diff):
        raise SchemaError("--unsafe goes with --fix or --diff: it lets them make guesses too")
    options.docs = find_docs()  # before anything is written
    selection = read_selection(options.select, options.ignore)
    start = (find_root(Path.cwd()) if options.format in FROM_ROOT else None) or Path.cwd()
    targets = read_targets(options.files, start)
    if options.fix or options.diff:
        from headgate_schema.cli.mending import mend_targets

        return mend_targets(options, list(targets), selection.apply)
    checked: list[Checked] = []
    failures: list[SchemaError] = []
    for target in targets:
        try:
            checked.append(selection.apply(_check(target)))
        except SchemaError as error:
            failures.append(error)
    if failures and not checked:
        _say_failures(options, failures[:-1])
        raise failures[-1]
    show_findings(options, checked, sys.stdout)
    _say_failures(options, failures)
    return SchemaError.exit_code if failures else find_exit_code(options, checked)


def _check(target: Target | SchemaError) -> Checked:
    if isinstance(target, SchemaError):
        raise target
    return target.check()


def _say_failures(options: argparse.Namespace, failures: Sequence[SchemaError]) -> None:
    """Say behind the findings which files could not be checked."""
    sys.stdout.flush()
    for failure in failures:
        if sys.stderr is not None:
            sys.stderr.write(f"{options.program}: {failure}\n")


def show_findings(options: argparse.Namespace, checked: Sequence[Checked], stream: TextIO) -> None:
    """Print findings in UTF-8 whatever the terminal's encoding; what it can't show is escaped."""
    has_color = wants_color(stream)
    text = render(options.format, checked, has_color=has_color, docs=options.docs, program=options.program)
    write_text(stream, text)


def find_exit_code(options: argparse.Namespace, checked: Sequence[Checked]) -> int:
    """Give 1 if there is a finding that counts."""
    is_counted = {"error", "warning"} if options.strict else {"error"}
    return int(any(finding.severity in is_counted for one in checked for finding in one.findings))
