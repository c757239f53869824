"""`headgate explain`: as `headgate-schema explain`, and the codes of the generator too."""

from __future__ import annotations

import argparse

from headgate_schema.cli import explain

from headgate.rules import RULES

add_arguments = explain.add_arguments


def run(arguments: argparse.Namespace) -> int:
    """Print the explanation of a code or of a field."""
    rule = next((rule for rule in RULES if rule.code == arguments.subject.upper()), None)
    if rule is None:
        return explain.run(arguments)
    print(explain.explain_rule(rule), end="")
    return 0
