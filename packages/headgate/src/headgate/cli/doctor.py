"""`headgate doctor`: is the repository on GitHub set up as Headgate needs it?"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from headgate.doctor.ask import ask
from headgate.doctor.checks import diagnose
from headgate.doctor.report import has_problem, show_json, show_text
from headgate.failure import GeneratorError
from headgate.remote.hub import Hub
from headgate.remote.repository import find_site, read_origin
from headgate.remote.screen import Screen
from headgate.remote.token import explain_places, find_token

DESCRIPTION = """\
Ask GitHub whether the repository is set up as Headgate needs it: trunk, Actions, the generated workflows, the
state branch and what guards it, the environments of approvals, versions. It only reads; what takes an
administrator to see is "can't tell" for others. Exit code: 0 without a problem, 1 with one, 2 when GitHub
can't be asked."""

EXAMPLES = """\
examples:
  headgate doctor                          the repository of the remote `origin`, and the files here
  headgate doctor --repository acme/shop   another one, without the files here
  headgate doctor --format json            for programs
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line of this command."""
    parser.add_argument(
        "--repository", metavar="OWNER/NAME", help="which one (default: that of the remote `origin`)"
    )
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")


def run(arguments: argparse.Namespace) -> int:
    """Carry the command out and give the exit code."""
    here = Path.cwd()
    site = find_site(arguments.repository, read_origin(here), os.environ)
    token = find_token(site, os.environ)
    if token is None:
        raise GeneratorError(f"GitHub can't be asked: {explain_places(site)}")
    found = diagnose(ask(Hub(site, token), None if arguments.repository else here))
    screen = Screen(sys.stdout)
    if arguments.format == "json":
        print(show_json(site.name, found))
    else:
        for line in show_text(found):
            screen.line(line)
    return 1 if has_problem(found) else 0
