"""`headgate plan`: what the manifest compiles to."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from headgate.cli.findings import print_errors
from headgate.plan.selection import select
from headgate.plan.text import show_plan
from headgate.project import has_errors, load_project

DESCRIPTION = "Show what the manifest compiles to: per deploy and environment the strategy and its stages."

EXAMPLES = """\
examples:
  headgate plan                                   everything
  headgate plan --environment prod --deploy app   one deploy in one environment
  headgate plan --format json                     the content of .github/headgate/plan.json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line of this command."""
    parser.add_argument("--environment", metavar="NAME", help="only this environment")
    parser.add_argument("--deploy", metavar="NAME", help="only this deploy")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")


def run(arguments: argparse.Namespace) -> int:
    """Carry the command out and give the exit code."""
    project = load_project(Path.cwd())
    print_errors(project.findings, project.checked)
    if project.compiled is None or has_errors(project.checked.findings):
        return 1
    plan = select(project.compiled.plan, environment=arguments.environment, deploy=arguments.deploy)
    if arguments.format == "json":
        json.dump(plan.to_json(), sys.stdout, indent=2, ensure_ascii=False)
        print()
    else:
        print(show_plan(plan), end="")
    return 0
