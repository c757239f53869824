"""``schema``: the published JSON Schemas."""

from __future__ import annotations

import argparse
import sys

from headgate_schema.json_schema import SUBJECTS, read_schema

EPILOG = """examples:
  headgate-schema schema > manifest.schema.json
  headgate-schema schema findings                  of what check --format json prints

in headgate.yaml, for editors:
  # yaml-language-server: $schema=manifest.schema.json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe what the command takes."""
    parser.epilog = EPILOG
    parser.add_argument(
        "subject",
        nargs="?",
        choices=SUBJECTS,
        default="manifest",
        help="of headgate.yaml, or of the findings as JSON (default: manifest)",
    )


def run(options: argparse.Namespace) -> int:
    """Print the schema."""
    sys.stdout.write(read_schema(options.subject).decode())
    return 0
