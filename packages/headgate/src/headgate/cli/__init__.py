"""The command line: `headgate <command>`.

Rule: only the module of the command that runs is imported, for start-up is a feature; a failure becomes one
line and an exit code here and nowhere else. Exit codes: 0 fine; 1 findings, drift, or
refused by the rules; 2 usage or failure.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import Protocol, cast

from headgate.remote.verbs import TABLE, VERBS

COMMANDS = {
    "check": "find every mistake in the manifest and its callbacks",
    "generate": "write the workflows and the runtime; or say what is stale",
    "plan": "show what the manifest compiles to, everything derived spelled out",
    "simulate": "play a release on a virtual clock: what would happen",
    **{verb.name: verb.summary for verb in TABLE},
    "doctor": "ask GitHub whether the repository is set up as Headgate needs it",
    "schema": "print the JSON Schema of the manifest, or of the findings",
    "compat": "tell whether a newer JSON Schema accepts every document that an older one does",
    "migrate": "turn an older or a foreign manifest into the newest version",
    "explain": "explain a code (HG101) or a manifest field (canary.bake_time)",
    "lsp": "serve editors: diagnostics, completion, hover, fixes, names",
    "completion": "print the completion script of a shell",
}
OF_SCHEMA = frozenset({"check", "schema", "compat", "migrate", "lsp"})
"""Commands that the schema package brings as they are."""

EXAMPLES = """\
examples:
  headgate check                  every finding, with line, column and hint
  headgate generate               write .github/workflows/headgate-*.yaml and .github/headgate/
  headgate generate --check       exit 1 when a generated file is stale (for CI)
  headgate plan --deploy app      the stages of one deploy
  headgate simulate --environment prod --deploy app --fail verify_1
  headgate abort --environment prod --deploy app --reason "wrong version" --watch

exit codes: 0 fine; 1 findings, drift, or refused by the rules; 2 usage or failure
"""


class Command(Protocol):
    """What a command is: a module under this package; or, for the verbs, an entry of their table."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Describe the command line."""

    def run(self, arguments: argparse.Namespace) -> int:
        """Carry the command out and give the exit code."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = build_parser([word for word in given if word in COMMANDS][:1])
    parsed = parser.parse_args(given)
    if parsed.command is None:
        parser.print_help()
        return 2
    if sys.stdout is None:
        return _fail("standard output is closed")
    try:
        code: int = parsed.run(parsed)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return _fail("interrupted")
    except BrokenPipeError:
        _drop_output()
        return 0  # whoever read our output has seen enough
    except Exception as error:
        return _fail_with(error)
    return code


def _fail_with(error: Exception) -> int:
    """Say a known failure in one line; anything else is a defect of ours and keeps its traceback."""
    code = getattr(error, "exit_code", None)
    if isinstance(code, int):
        return _fail(str(error), code)
    if isinstance(error, OSError):
        _drop_output()
        return _fail(f"{error.filename or 'input or output'}: {error.strerror or error}")
    raise error


def _fail(message: str, code: int = 2) -> int:
    if sys.stderr is not None:
        sys.stderr.write(f"headgate: {message}\n")
    return code


def _drop_output() -> None:
    """Keep Python from complaining at its end about what could not be written."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def build_parser(asked: Collection[str]) -> argparse.ArgumentParser:
    """Build the parser; only commands that are asked for get their arguments, which needs their modules."""
    parser = argparse.ArgumentParser(
        prog="headgate",
        description="Progressive delivery for GitHub Actions, compiled from one manifest.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"headgate {_version()}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for name, summary in COMMANDS.items():
        module = load(name) if name in asked else None
        child = commands.add_parser(
            name,
            help=summary,
            description=getattr(module, "DESCRIPTION", summary),
            epilog=getattr(module, "EXAMPLES", None),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if module is not None:
            module.add_arguments(child)
            child.epilog = (child.epilog or "").replace("headgate-schema", "headgate")
            child.set_defaults(run=module.run)
    return parser


def load(command: str) -> Command:
    """Import what a command needs, and nothing else."""
    if command in VERBS:
        from headgate.cli.verbs import VerbCommand

        return VerbCommand(command)
    package = "headgate_schema.cli" if command in OF_SCHEMA else "headgate.cli"
    return cast(Command, importlib.import_module(f"{package}.{command}"))


def _version() -> str:
    from headgate import VERSION

    return VERSION
