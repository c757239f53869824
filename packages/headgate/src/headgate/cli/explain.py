"""`headgate explain`: as `headgate-schema explain`, and the codes of the generator too."""

from __future__ import annotations

import argparse

from headgate_schema.cli import explain
from headgate_schema.rules import RULES as SCHEMA_RULES

from headgate.rules import RULES

add_arguments = explain.add_arguments


def run(arguments: argparse.Namespace) -> int:
    """Print the explanation of a code or of a field."""
    return explain.explain(arguments, sorted((*SCHEMA_RULES, *RULES), key=lambda rule: rule.code))
