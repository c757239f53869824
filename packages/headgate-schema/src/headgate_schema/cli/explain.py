"""``explain``: what a rule means, or what a field of the manifest is."""

from __future__ import annotations

import argparse
import sys
from textwrap import fill

from headgate_schema.failure import SchemaError
from headgate_schema.reference import Field, find_fields, list_fields
from headgate_schema.rules import RULES, Rule
from headgate_schema.wording import suggest

EPILOG = """examples:
  headgate-schema explain HG101
  headgate-schema explain canary.bake_time
  headgate-schema explain deploys[].needs
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe what the command takes."""
    parser.epilog = EPILOG
    parser.add_argument("subject", metavar="CODE|FIELD", help="a code, or a field's path or the end of it")


def run(options: argparse.Namespace) -> int:
    """Print the explanation."""
    subject: str = options.subject
    rule = next((rule for rule in RULES if rule.code == subject.upper()), None)
    if rule is not None:
        sys.stdout.write(explain_rule(rule))
        return 0
    fields = find_fields(subject)
    if not fields:
        raise SchemaError(_say_unknown(subject))
    sys.stdout.write("\n".join(explain_field(field) for field in fields))
    return 0


def explain_rule(rule: Rule[object]) -> str:
    """Print a rule's title, severity and explanation."""
    from inspect import cleandoc

    return f"{rule.code} ({rule.severity}): {rule.title}\n\n{cleandoc(rule.explanation)}\n"


def explain_field(field: Field) -> str:
    """Print a field's path, type, default, bounds and meaning."""
    if field.reserved:
        return f"{field.path}\n  reserved: see headgate-schema explain HG190\n"
    facts = [field.type, field.bounds]
    facts.append(
        "required" if field.is_required else f"default {field.default}" if field.default else "optional"
    )
    described = fill(field.description, 90, initial_indent="  ", subsequent_indent="  ")
    return f"{field.path}\n  {'; '.join(fact for fact in facts if fact)}\n{described}\n"


def _say_unknown(subject: str) -> str:
    names = [rule.code for rule in RULES] + [field.path.rpartition(".")[2] for field in list_fields()]
    meant = suggest(subject.rpartition(".")[2], names)
    return f'there is no rule or field "{subject}"' + (f'; did you mean "{meant}"?' if meant else "")
