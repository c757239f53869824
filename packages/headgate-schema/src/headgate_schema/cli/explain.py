"""``explain``: what a rule means, or what a field of the manifest is."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from typing import Any

import msgspec

from headgate_schema.cli.variables import find_docs
from headgate_schema.explanation import (
    ExplainedField,
    ExplainedRule,
    explain_field,
    explain_rule,
    print_field,
    print_list,
    print_rule,
)
from headgate_schema.failure import SchemaError
from headgate_schema.reference import find_fields, list_fields
from headgate_schema.rules import RULES, Rule
from headgate_schema.wording import quote, suggest

EPILOG = """examples:
  headgate-schema explain                          all codes, by family
  headgate-schema explain HG101
  headgate-schema explain HG3                      the codes of one family
  headgate-schema explain canary.bake_time
  headgate-schema explain deploys[].needs
  headgate-schema explain HG101 --format json      for programs
"""
SUBJECT = "CODE|FIELD"

_START_OF_CODES = re.compile("HG[0-9]{0,2}X*")
_CODE = re.compile("HG[0-9]{3}")


class Explained(msgspec.Struct, frozen=True):
    """What was asked about: rules, or fields."""

    rules: tuple[ExplainedRule, ...] = ()
    fields: tuple[ExplainedField, ...] = ()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe what the command takes."""
    parser.epilog = EPILOG
    parser.add_argument(
        "subject",
        nargs="?",
        metavar=SUBJECT,
        help="a code, the start of one, or a field's path or the end of it (default: all codes)",
    )
    parser.add_argument("--list", action="store_true", help="list the codes instead of explaining them")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")


def run(options: argparse.Namespace) -> int:
    """Print the explanation."""
    return explain(options, RULES)


def explain(options: argparse.Namespace, rules: Sequence[Rule[Any]]) -> int:
    """Explain what was asked about, among these rules and the fields; raises ``SchemaError``."""
    subject: str = options.subject or "HG"
    explained = _find(subject, rules, find_docs())
    if options.format == "json":
        document = {"format": "explain-v1", **msgspec.structs.asdict(explained)}
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n")
    elif options.list or not _CODE.fullmatch(subject.upper()):
        sys.stdout.write(print_list(explained.rules) + "\n".join(map(print_field, explained.fields)))
    else:
        sys.stdout.write("\n".join(map(print_rule, explained.rules)))
    return 0


def _find(subject: str, rules: Sequence[Rule[Any]], docs: str | None) -> Explained:
    written = subject.upper()
    code = written.rstrip("X") if _START_OF_CODES.fullmatch(written) else written
    found = tuple(explain_rule(rule, docs) for rule in rules if rule.code.startswith(code))
    if found:
        return Explained(rules=found)
    fields = tuple(explain_field(field, rules) for field in find_fields(subject))
    if not fields:
        raise SchemaError(_say_unknown(subject))
    return Explained(fields=fields)


def _say_unknown(subject: str) -> str:
    meant = suggest(subject.rpartition(".")[2], {field.path.rpartition(".")[2] for field in list_fields()})
    more = f"did you mean {quote(meant)}?" if meant else "without an argument, all codes are listed"
    return f"there is no rule or field {quote(subject)}; {more}"
