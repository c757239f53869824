"""``completion``: the script with which a shell completes commands, options and their values."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Mapping

from headgate_schema.failure import SchemaError

SHELLS = ("bash", "zsh", "fish", "tcsh")

EPILOG = """needs the extra: pip install "headgate-schema[completion]"

examples:
  headgate-schema completion bash > headgate-schema.bash     then: source it in ~/.bashrc
  headgate-schema completion zsh > _headgate-schema          then: into a folder of $fpath
  headgate-schema completion fish > headgate-schema.fish     then: into ~/.config/fish/completions
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe what the command takes."""
    parser.epilog = EPILOG
    parser.add_argument("shell", choices=SHELLS, help="the shell that is to complete")


def run(options: argparse.Namespace) -> int:
    """Print the script."""
    from headgate_schema.cli import COMMANDS, build_parser
    from headgate_schema.rules import RULES

    return print_completion(build_parser(COMMANDS), options.shell, (rule.code for rule in RULES))


def print_completion(parser: argparse.ArgumentParser, shell: str, codes: Iterable[str]) -> int:
    """Print the script for a program with these codes; raises ``SchemaError`` without shtab."""
    try:
        import shtab
    except ImportError:
        wanted = f'"{parser.prog}[completion]"'
        raise SchemaError(f"shell completion needs shtab; install it with: pip install {wanted}") from None
    values = _list_values(tuple(codes))
    for action in _list_actions(parser):
        if action.metavar == "FILE":
            action.complete = shtab.FILE  # type: ignore[attr-defined]
        elif isinstance(action.metavar, str) and action.metavar in values:
            action.choices = values[action.metavar]
    sys.stdout.write(shtab.complete(parser, shell=shell))
    return 0


def _list_values(codes: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
    """Give the words that can be offered, by what stands for them in the help."""
    from headgate_schema.cli.explain import SUBJECT
    from headgate_schema.reference import list_fields

    families = tuple(dict.fromkeys(code[:3] for code in codes))
    fields = tuple(field.path.replace("[]", "") for field in list_fields() if not field.reserved)
    return {"CODES": (*families, *codes), SUBJECT: (*families, *codes, *fields)}


def _list_actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for child in action.choices.values():
                yield from _list_actions(child)
