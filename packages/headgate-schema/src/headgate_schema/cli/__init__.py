"""The command line ``headgate-schema``: one file per command, imported when it is used (start-up is a
feature).
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Collection, Sequence
from contextlib import suppress
from importlib import import_module

from headgate_schema import __version__
from headgate_schema.failure import SchemaError

COMMANDS = {
    "check": "list all findings of a manifest",
    "schema": "print the JSON Schema of the manifest, or of the findings",
    "compat": "tell whether a newer JSON Schema accepts every document that an older one does",
    "migrate": "turn an older or a foreign manifest into the newest version",
    "explain": "explain a rule or a field",
    "lsp": "serve editors: diagnostics, completion, hover, fixes, names",
    "completion": "print the completion script of a shell",
}

EPILOG = """examples:
  headgate-schema check                      check the manifest of this repository
  headgate-schema check --format concise a.yaml b.yaml
  headgate-schema explain HG101
  headgate-schema explain canary.bake_time
  headgate-schema schema > manifest.schema.json

exit codes: 0 fine, 1 findings, 2 usage or unreadable file
"""


def run_process() -> None:
    """Be the whole process: run the program, then end at once.

    To look for garbage while modules are loaded, and to tidy up on the way out, takes as long as most checks.
    mypy does the same, for the same reason (``hard_exit`` in
    https://github.com/python/mypy/blob/master/mypy/util.py).
    """
    gc.set_threshold(100_000)
    os._exit(main())


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program and give its exit code."""
    try:
        arguments = list(sys.argv[1:] if argv is None else argv)
        options = build_parser(arguments).parse_args(arguments)
        if sys.stdout is None:
            raise SchemaError("standard output is closed")
        command = import_module(f"headgate_schema.cli.{options.command}")
        code: int = command.run(options)
        sys.stdout.flush()
    except SchemaError as error:
        return _fail(str(error), error.exit_code)
    except KeyboardInterrupt:
        return _fail("interrupted")
    except BrokenPipeError:
        _drop_output()
        return 0  # the reader has seen enough
    except OSError as error:
        _drop_output()
        return _fail(f"{error.filename or 'input or output'}: {error.strerror or error}")
    return code


def _fail(message: str, code: int = 2) -> int:
    if sys.stderr is not None:
        sys.stderr.write(f"headgate-schema: {message}\n")
    return code


def _drop_output() -> None:
    """Keep Python from complaining at its end about what could not be written."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _make_formatter(prog: str) -> argparse.HelpFormatter:
    """Find the width as argparse does, but without shutil, which it imports whenever an argument is added."""
    told = os.environ.get("COLUMNS", "")
    try:
        columns = int(told) if told.isdecimal() else os.get_terminal_size().columns
    except OSError:
        columns = 80
    return argparse.RawDescriptionHelpFormatter(prog, width=columns - 2)


def build_parser(asked: Collection[str]) -> argparse.ArgumentParser:
    """Build the parser; only commands that are asked for get their arguments, which needs their modules."""
    parser = argparse.ArgumentParser(
        prog="headgate-schema",
        description="Check headgate.yaml against its contract.",
        epilog=EPILOG,
        formatter_class=_make_formatter,
    )
    parser.add_argument("--version", action="version", version=f"headgate-schema {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, title in COMMANDS.items():
        command = commands.add_parser(
            name,
            help=title,
            description=f"{title[0].upper()}{title[1:]}.",
            formatter_class=_make_formatter,
        )
        if name in asked:
            import_module(f"headgate_schema.cli.{name}").add_arguments(command)
    return parser
