"""The command `headgate-template`: exit 0 done, 2 usage or failure."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from headgate_template.new import TemplateError, create

EXAMPLES = """examples:
  headgate-template new my-service
  headgate-template new my-service --defaults --answer name=my-service --answer environments=dev,prod
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    arguments = parser().parse_args(argv)
    try:
        answers = dict(pair(text) for text in arguments.answer)
        create(arguments.destination, answers, ask=not arguments.defaults)
    except TemplateError as error:
        print(f"headgate-template: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("headgate-template: stopped", file=sys.stderr)
        return 2
    print(f"{arguments.destination} is there; next: cd {arguments.destination} && headgate generate")
    return 0


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    top = argparse.ArgumentParser(
        prog="headgate-template",
        description="Scaffold repositories that use Headgate.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    new = commands.add_parser("new", help="make a new repository", description="Make a new repository.")
    new.add_argument("destination", type=Path, metavar="DEST", help="a folder that is new or empty")
    new.add_argument("--answer", action="append", default=[], metavar="NAME=VALUE", help="answer a question")
    new.add_argument("--defaults", action="store_true", help="ask nothing: defaults for what isn't answered")
    return top


def pair(text: str) -> tuple[str, str]:
    """Split `name=value`; raises TemplateError without the sign."""
    name, sign, value = text.partition("=")
    if not (sign and name):
        raise TemplateError(f'"{text}" is no answer; write NAME=VALUE')
    return name, value


if __name__ == "__main__":
    sys.exit(main())
