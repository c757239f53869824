"""`headgate generate`: manifest → files, written all or none; or what differs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

from headgate_schema.finding import Finding

from headgate.attributes import mark_generated
from headgate.cli.findings import print_findings
from headgate.drift import find_newer, list_drift, list_obstacles, show_diff
from headgate.files import ATTRIBUTES, Survey, read, read_generator, survey, write
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
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line of this command."""
    how = parser.add_mutually_exclusive_group()
    how.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 and show a diff if a file is stale"
    )
    how.add_argument("--diff", action="store_true", help="write nothing; show what would change")


def run(arguments: argparse.Namespace) -> int:
    """Carry the command out and give the exit code."""
    project = load_project(Path.cwd())
    print_findings(project.findings, project.checked)
    newer = tuple(find_newer.apply(read_generator(project.root)))
    print_findings(newer, project.checked)
    if project.compiled is None or has_errors((*project.findings, *newer)):
        return _refuse(project, (*project.findings, *newer))
    attributes = mark_generated(read(project.root, ATTRIBUTES))
    found = survey(project.root, {**project.compiled.files, ATTRIBUTES: attributes})
    obstacles = list_obstacles(found)
    print_findings(obstacles, project.checked)
    if has_errors(obstacles):
        return _refuse(project, obstacles)
    if arguments.check:
        return _check(found, project)
    if arguments.diff:
        return _diff(found)
    return _write(found, project)


def _refuse(project: Project, findings: Iterable[Finding]) -> int:
    errors = sum(finding.severity == "error" for finding in findings)
    print(f"nothing was written: {errors} error{'s' * (errors != 1)} in {project.manifest}", file=sys.stderr)
    return 1


def _check(found: Survey, project: Project) -> int:
    drift = list_drift(found)
    if not drift:
        print("every generated file is fresh")
        return 0
    print_findings(drift, project.checked)
    return max(1, _diff(found))


def _diff(found: Survey) -> int:
    for line in show_diff(found.changes):
        print(line)
    return 0


def _write(found: Survey, project: Project) -> int:
    write(project.root, found.changes)
    for change in found.changes:
        done = "created" if change.before is None else "removed" if change.after is None else "updated"
        print(f"{done} {change.path}")
    if not found.changes:
        print("every generated file is fresh")
    return 0
