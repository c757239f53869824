"""``check --fix`` and ``--diff``: fix manifest after manifest in memory, then write everything or show it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from headgate_schema.check import Checked
from headgate_schema.cli.check import find_exit_code, show_findings
from headgate_schema.cli.targets import Target
from headgate_schema.failure import SchemaError
from headgate_schema.finding import Finding
from headgate_schema.mend import Select, Source, mend
from headgate_schema.patch import write_patch
from headgate_schema.report.fixes import write_fixes
from headgate_schema.repository import Directory, Draft, write_files
from headgate_schema.wording import count

FOR_PROGRAMS = ("json", "sarif")
MAX_NAMES = 5
"""Files that are named when it is said what was fixed."""


class _Desk:
    """The files of one run, by where they really lie: as they were read, and as they shall be."""

    def __init__(self) -> None:
        self.before: dict[Path, bytes | None] = {}
        self.after: dict[Path, bytes] = {}

    def read(self, directory: Directory, file: str) -> bytes | None:
        path = (directory.root / file).resolve()
        if path not in self.before:
            self.before[path] = directory.read(file)
        return self.after.get(path, self.before[path])

    def open(self, path: Path, data: bytes) -> bytes:
        """Give a manifest that was read, as an earlier one may have left it."""
        path = path.resolve()
        self.before.setdefault(path, data)
        return self.after.get(path, data)

    def list_drafts(self) -> list[Draft]:
        return [Draft(path, self.before[path], after) for path, after in self.after.items()]


class _Shelf(msgspec.Struct, frozen=True):
    """A repository as it lies on the desk: every file is read once, and what a check saw is written over."""

    desk: _Desk
    directory: Directory

    def read(self, path: str) -> bytes | None:
        return self.desk.read(self.directory, path)


class _Done(msgspec.Struct, frozen=True):
    """What became of one manifest: its bytes, what is left to say, and how its files changed."""

    target: Target
    data: bytes
    checked: Checked
    fixed: tuple[Finding, ...]
    files: tuple[str, ...]
    patch: bytes


def mend_targets(options: argparse.Namespace, targets: Sequence[Target | SchemaError], select: Select) -> int:
    """Fix the selected findings of manifests and show what is left, or show the changes; give the exit code.

    Raises ``SchemaError``, and then nothing was written.
    """
    desk = _Desk()
    done = [
        _mend(target, desk, select, is_guessing=options.unsafe) for target in [_get(each) for each in targets]
    ]
    checked = [one.checked for one in done]
    if options.diff:
        _write_bytes(*(one.patch for one in done))
        sys.stderr.write(_say(done, options))
        return 1 if any(one.files for one in done) else find_exit_code(options, checked)
    write_files(desk.list_drafts())
    texts = [one.data for one in done if one.target.path is None]
    _write_bytes(*texts)
    show_findings(options, checked, sys.stderr if texts else sys.stdout)
    if not (texts and options.format in FOR_PROGRAMS):
        sys.stdout.flush()
        sys.stderr.write(_say(done, options))
    return find_exit_code(options, checked)


def _get(target: Target | SchemaError) -> Target:
    if isinstance(target, SchemaError):
        raise target
    return target


def _mend(target: Target, desk: _Desk, select: Select, *, is_guessing: bool) -> _Done:
    data = desk.open(target.path, target.data) if target.path is not None else target.data
    shelf = _Shelf(desk, target.repository) if target.repository is not None else None
    source = Source(data, target.name, shelf)
    mended = mend(source, is_guessing=is_guessing, select=select)
    checked = select(target.show(mended.checked))
    patches, files = [], []
    for file, after in mended.files.items():
        before, shown = source.read(file), checked.show_file(file)
        patches.append(write_patch(shown, before, after))
        files.append(f"{shown} (new)" if before is None else shown)
    for file, after in mended.files.items():
        if target.repository is not None:
            desk.after[target.repository.place(file)] = after
        elif target.path is not None:
            desk.after[target.path.resolve()] = after
    return _Done(
        target=target,
        data=mended.files.get(target.name, data),
        checked=checked,
        fixed=mended.fixed,
        files=tuple(files),
        patch=b"".join(patches),
    )


def _write_bytes(*texts: bytes) -> None:
    for text in texts:
        sys.stdout.buffer.write(text)
    sys.stdout.buffer.flush()


def _say(done: Sequence[_Done], options: argparse.Namespace) -> str:
    """Say in one line what was fixed and what more could be; nothing where there is nothing to say."""
    files = list(dict.fromkeys(file for one in done for file in one.files))
    named = ", ".join(files[:MAX_NAMES]) + (f" and {len(files) - MAX_NAMES} more" * (len(files) > MAX_NAMES))
    verb = "would fix" if options.diff else "fixed"
    number = sum(len(one.fixed) for one in done)
    said = f"{verb} {count(number, 'finding')} in {named}" if number else "nothing to fix"
    more = 0 if options.unsafe else sum(_count_guesses(one.checked) for one in done)
    if more:
        said += f"; {more} more with --unsafe"
    return f"{said}\n" if number or more or any(one.checked.findings for one in done) else ""


def _count_guesses(checked: Checked) -> int:
    return sum(
        bool(edits) for finding, edits in write_fixes(checked) if finding.fix and not finding.fix.is_safe
    )
