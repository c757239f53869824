"""``lsp``: the language server, for editors, on standard input and output."""

from __future__ import annotations

import argparse
import sys

from headgate_schema.failure import SchemaError

EPILOG = """examples:
  headgate-schema lsp              what an editor starts; it speaks the Language Server Protocol
  headgate-schema lsp --stdio      the same: some editors add this

exit codes: 0 the editor ended it, 1 the editor went away, 2 usage, or pygls is missing
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe what the command takes."""
    parser.epilog = EPILOG
    parser.add_argument("--stdio", action="store_true", help="use standard input and output (always done)")


def run(_options: argparse.Namespace) -> int:
    """Serve one editor; nothing but its messages goes to standard output."""
    try:
        import pygls.lsp.server  # noqa: F401 - whether it is there
    except ImportError:
        raise SchemaError(
            'the language server needs pygls; install it with: pip install "headgate-schema[lsp]"'
        ) from None
    from headgate_schema.cli.variables import find_docs
    from headgate_schema.lsp.server import serve

    docs = find_docs()
    reader, writer = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr
    return serve(reader, writer, docs)
