"""``compat``: is every document that is valid under one schema valid under another?"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from headgate_schema.cli.streams import read_input, write_text
from headgate_schema.compat import Comparison, Reason, compare
from headgate_schema.failure import SchemaError
from headgate_schema.json_schema import list_versions, read_version
from headgate_schema.repository import read_file
from headgate_schema.text import MAX_BYTES
from headgate_schema.wording import list_words, quote

DESCRIPTION = """\
Tell whether every manifest that is valid under the JSON Schema OLD is valid under NEW, and read alike.
"Compatible" is proved, "breaking" is shown by a document that OLD accepts and NEW refuses."""
EPILOG = """examples:
  headgate-schema compat 1.0 new.json                 may new.json become the next minor version?
  headgate-schema compat old.json - < new.json        one of them from standard input
  headgate-schema compat 1.0 new.json --format json   for programs, with whole documents

exit codes: 0 compatible, 1 breaking, 2 can't tell, usage or unreadable file
"""
EXIT_CODES = {"compatible": 0, "breaking": 1, "undecided": 2}
LONGEST_SHOWN = 400
"""Characters of a document in the text format; JSON has all of it."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe what the command takes."""
    parser.description = DESCRIPTION
    parser.epilog = EPILOG
    what = "a JSON Schema: a file, - for standard input, or a published version (1.0)"
    parser.add_argument("old", metavar="OLD", help=what)
    parser.add_argument("new", metavar="NEW", help="the one to compare with it, likewise")
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="how to print (default: text)"
    )


def run(options: argparse.Namespace) -> int:
    """Compare, print, and give the exit code: 1 for a break, 2 if nobody can tell."""
    if options.old == options.new == "-":
        raise SchemaError("only one of the two schemas can come from standard input")
    comparison = compare(_read(options.old), _read(options.new))
    text = _print_json(comparison) if options.format == "json" else _print_text(comparison)
    write_text(sys.stdout, f"{text}\n")
    return EXIT_CODES[comparison.verdict]


def _read(name: str) -> Any:
    try:
        return msgspec.json.decode(_read_bytes(name))
    except (msgspec.DecodeError, RecursionError) as error:
        raise SchemaError(f"{'<stdin>' if name == '-' else name} is not JSON: {error}") from None


def _read_bytes(name: str) -> bytes:
    versions = list_versions()
    if name in versions:
        return read_version(name)
    if re.fullmatch(r"[0-9]+[.][0-9]+", name) and not Path(name).exists():
        raise SchemaError(f"there is no published version {quote(name)}, only {list_words(versions, 'and')}")
    data = read_input() if name == "-" else read_file(name)
    if len(data) > MAX_BYTES:
        raise SchemaError(f"{name} is larger than {MAX_BYTES:,} bytes, the most that is read")
    return data


def _print_json(comparison: Comparison) -> str:
    record = {"format": 1, "verdict": comparison.verdict, "reasons": comparison.reasons}
    return msgspec.json.format(msgspec.json.encode(record), indent=2).decode()


def _print_text(comparison: Comparison) -> str:
    return "\n".join(_list_lines(comparison))


def _list_lines(comparison: Comparison) -> Iterable[str]:
    breaks = [reason for reason in comparison.reasons if reason.verdict == "breaking"]
    unclear = [reason for reason in comparison.reasons if reason.verdict == "undecided"]
    if not comparison.reasons:
        yield "compatible: every document that is valid under the older schema is valid under the newer one"
    for title, reasons in (("breaking", breaks), ("can't tell", unclear)):
        if reasons:
            yield f"{title}: {len(reasons)} reason{'s' if len(reasons) > 1 else ''}"
        for reason in reasons:
            yield from _list_reason(reason)


def _list_reason(reason: Reason) -> Iterable[str]:
    yield f"  {reason.field or 'the whole document'}: {reason.message}"
    yield f"    at #{reason.pointer}"
    if reason.witness is not msgspec.UNSET:
        shown = msgspec.json.encode(reason.witness).decode()
        cut = f"{shown[:LONGEST_SHOWN]}…" if len(shown) > LONGEST_SHOWN else shown
        yield f"    valid before, refused now: {cut}"
