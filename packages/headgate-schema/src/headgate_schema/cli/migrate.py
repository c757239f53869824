"""``migrate``: an older or a foreign manifest becomes one of the newest version; the disk is here only."""

from __future__ import annotations

import argparse
import sys
from codecs import BOM_UTF8
from collections.abc import Iterator
from pathlib import Path

import msgspec

from headgate_schema.check import Checked, check
from headgate_schema.cli.streams import read_input, write_text
from headgate_schema.document import read_document
from headgate_schema.failure import SchemaError
from headgate_schema.migrate import REGISTRY, Migration, migrate
from headgate_schema.migrate.item import LABELS, locate_item
from headgate_schema.report import render
from headgate_schema.repository import ALTERNATIVE, MANIFEST, Draft, find_root, read_file, write_files
from headgate_schema.text import show_name

DESCRIPTION = """\
Turn an older manifest of Headgate, or one of cascade, into the newest version. What can't be carried over is
listed with its place and the reason, at the top of the result and on standard error."""
EPILOG = """examples:
  headgate-schema migrate .github/manifest.yaml          print what it becomes
  headgate-schema migrate .github/manifest.yaml --diff   the change that --write would make
  headgate-schema migrate headgate.yaml --write          to the newest version, in place
  headgate-schema migrate --from cascade - < .github/manifest.yaml

exit codes: 0 done, or nothing to do; 1 something in it can't be migrated: nothing is written;
2 usage or failure, also a kind or version that has no way here
"""
STDIN = "<stdin>"


class Target(msgspec.Struct, frozen=True):
    """The file that a migration writes, how it is shown, and what is there now."""

    path: Path
    shown: str
    before: bytes | None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe what the command takes."""
    parser.description = DESCRIPTION
    parser.epilog = EPILOG
    parser.add_argument("file", metavar="FILE", help="the manifest; - is standard input")
    names = [kind.name for kind in REGISTRY.foreign]
    parser.add_argument(
        "--from", dest="origin", choices=names, help="what kind it is (default: told by its content)"
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--diff", action="store_true", help="show the change instead of the result")
    how.add_argument(
        "--write",
        action="store_true",
        help=f"write it; a foreign manifest becomes {MANIFEST} at the root of its repository",
    )


def run(options: argparse.Namespace) -> int:
    """Migrate, print or write, and give the exit code: 1 if it can't be done."""
    is_stdin = options.file == "-"
    if is_stdin and options.write:
        raise SchemaError("--write needs a file, not standard input")
    data = read_input() if is_stdin else read_file(options.file)
    name = STDIN if is_stdin else show_name(options.file)
    document = read_document(data, name)
    if document.data is None or document.troubles:
        write_text(sys.stderr, _say_troubles(check(data, name)) + _refuse(name))
        return 1
    migration = migrate(document, REGISTRY, options.origin)
    write_text(sys.stderr, "".join(_list_lines(migration)))
    if migration.text is None:
        write_text(sys.stderr, _refuse(name))
        return 1
    if options.write or options.diff:
        target = _find_target(options.file, migration)
        (_write if options.write else _show_difference)(target, migration)
    else:
        write_text(sys.stdout, migration.text)
    return 0


def _say_troubles(checked: Checked) -> str:
    """Print what is wrong with the text itself: its shape is no concern of ours, it may be a foreign one."""
    reading = (finding for finding in checked.findings if finding.place.span is not None)
    errors = tuple(finding for finding in reading if finding.severity == "error")
    return render("concise", [msgspec.structs.replace(checked, findings=errors)])


def _refuse(name: str) -> str:
    return f"{name} can't be migrated; nothing was written\n"


def _list_lines(migration: Migration) -> Iterator[str]:
    """Give the items, one line each, and what there is to say about all of it."""
    name = migration.document.name
    for item in migration.items:
        span = locate_item(migration.document, item)
        yield f"{name}:{span.line}:{span.column}: {LABELS[item.kind]}: {item.text}\n"
    if migration.origin == REGISTRY.newest:
        yield f"{name}: nothing to do: this is version {REGISTRY.newest}, the newest\n"


def _find_target(file: str, migration: Migration) -> Target:
    """Find what is written: the file itself, or the manifest at the root of its repository.

    Raises ``SchemaError`` where another manifest is in the way.
    """
    if file == "-":
        return Target(Path(MANIFEST), MANIFEST, None)
    path = Path(file).absolute()
    if migration.is_in_place:
        return Target(path, migration.document.name, read_file(path))
    folder = path.parent.parent if path.parent.name == ".github" else path.parent
    root = find_root(path.parent) or folder
    if (root / ALTERNATIVE).exists():
        raise SchemaError(f'there is already a "{ALTERNATIVE}" in {root}')
    target = root / MANIFEST
    there = target.exists() or target.is_symlink()
    shown = str(target.relative_to(Path.cwd())) if target.is_relative_to(Path.cwd()) else str(target)
    return Target(target, shown, read_file(target) if there else None)


def _write(target: Target, migration: Migration) -> None:
    content = _encode(target, migration)
    if target.before == content:
        write_text(sys.stdout, f"{show_name(target.shown)} is as it should be\n")
    elif migration.is_in_place or target.before is None:
        _put(target, content)
    else:
        raise SchemaError(
            f"{show_name(target.shown)} is there already and says something else: move it away, or see --diff"
        )
    _print_next(migration)


def _encode(target: Target, migration: Migration) -> bytes:
    """Give what is written; a file that began with a byte order mark still does."""
    content = (migration.text or "").encode()
    has_mark = migration.is_in_place and (target.before or b"").startswith(BOM_UTF8)
    return BOM_UTF8 + content if has_mark else content


def _put(target: Target, content: bytes) -> None:
    write_files([Draft(target.path, target.before, content)])
    write_text(sys.stdout, f"wrote {show_name(target.shown)}\n")


def _print_next(migration: Migration) -> None:
    if migration.is_in_place:
        return
    name = migration.document.name
    said = f"{name} stays as it is: remove it, and what was generated from it, in the end\n"
    if migration.commands:
        said += "when Headgate's workflows are on the trunk, before its first release, say what is live:\n"
        said += "".join(f"  {command}\n" for command in migration.commands)
    write_text(sys.stdout, said)


def _show_difference(target: Target, migration: Migration) -> None:
    from headgate_schema.patch import write_patch

    sys.stdout.flush()
    sys.stdout.buffer.write(write_patch(target.shown, target.before, _encode(target, migration)))
    sys.stdout.buffer.flush()
