"""`headgate generate`: manifest → files, written all or none; or what differs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from headgate_schema.finding import Finding

from headgate.attributes import mark_generated
from headgate.cli.findings import print_findings, print_lines
from headgate.drift import RUN_GENERATE, find_newer, list_drift, list_obstacles, show_diff
from headgate.files import ATTRIBUTES, Survey, is_vendored, read, read_generator, survey, write
from headgate.project import Project, has_errors, load_project

DESCRIPTION = """\
Compile the manifest and write .github/workflows/headgate-*.yaml and .github/headgate/: every file, or,
when anything is wrong, none. Files that Headgate wrote earlier and no longer wants are removed; no other
file is touched."""

EXAMPLES = """\
examples:
  headgate generate            write the files
  headgate generate --diff     show what would change, write nothing
  headgate generate --check    the same, and exit 1 when anything would (for CI)
  headgate generate --fail-on-change    write the files, and exit 1 when one changed (for hooks)
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line of this command."""
    how = parser.add_mutually_exclusive_group()
    how.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 and show a diff if a file is stale"
    )
    how.add_argument("--diff", action="store_true", help="write nothing; show what would change")
    how.add_argument(
        "--fail-on-change", action="store_true", help="write, and exit 1 if that changed a file (for hooks)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Carry the command out and give the exit code."""
    project = load_project(Path.cwd())
    newer = tuple(find_newer.apply(read_generator(project.root)))
    findings = (*project.findings, *newer)
    if project.compiled is None or has_errors(findings):
        return _refuse(findings, project)
    attributes = mark_generated(read(project.root, ATTRIBUTES))
    found = survey(project.root, {**project.compiled.files, ATTRIBUTES: attributes})
    findings = (*findings, *list_obstacles(found))
    if has_errors(findings):
        return _refuse(findings, project)
    print_findings(findings, project.checked)
    if arguments.check:
        return _check(found)
    if arguments.diff:
        return _print_lines(show_diff(found.changes))
    write(project.root, found.changes)
    _print_lines(_tell(found))
    return int(arguments.fail_on_change and bool(found.changes))


def _refuse(findings: Sequence[Finding], project: Project) -> int:
    print_findings(findings, project.checked)
    print("nothing was written", file=sys.stderr)
    return 1


def _check(found: Survey) -> int:
    drift = list_drift(found)
    if not drift:
        return _print_lines(["every generated file is fresh"])
    # What a release of Headgate brings along is long, and nobody's to review line by line.
    _print_lines(show_diff(change for change in found.changes if not is_vendored(change.path)))
    print_lines(drift)
    print(f"{len(drift)} of the generated files differ: {RUN_GENERATE}", file=sys.stderr)
    return 1


def _tell(found: Survey) -> Iterator[str]:
    for change in found.changes:
        done = "created" if change.before is None else "removed" if change.after is None else "updated"
        yield f"{done} {change.path}"
    if not found.changes:
        yield "every generated file is fresh"


def _print_lines(lines: Iterable[str]) -> int:
    for line in lines:
        print(line)
    return 0
