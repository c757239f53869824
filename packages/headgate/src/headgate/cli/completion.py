"""`headgate completion`: as `headgate-schema completion`, for this program's commands."""

from __future__ import annotations

import argparse

from headgate_schema.cli import completion
from headgate_schema.rules import RULES as SCHEMA_RULES

from headgate.cli import COMMANDS, build_parser
from headgate.rules import RULES

add_arguments = completion.add_arguments


def run(arguments: argparse.Namespace) -> int:
    """Print the script with which a shell completes commands, options and their values."""
    codes = sorted(rule.code for rule in (*SCHEMA_RULES, *RULES))
    return completion.print_completion(build_parser(COMMANDS), arguments.shell, codes)
