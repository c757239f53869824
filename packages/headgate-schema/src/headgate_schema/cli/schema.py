"""``schema``: the published JSON Schema."""

from __future__ import annotations

import argparse
import sys

from headgate_schema.json_schema import read_schema

EPILOG = """examples:
  headgate-schema schema > manifest.schema.json

in headgate.yaml, for editors:
  # yaml-language-server: $schema=manifest.schema.json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe what the command takes."""
    parser.epilog = EPILOG


def run(_options: argparse.Namespace) -> int:
    """Print the schema."""
    sys.stdout.write(read_schema().decode())
    return 0
