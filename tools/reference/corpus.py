"""The locks of the corpus: each document's hash and codes, and what each valid one compiles to.

Append-only: entries are added for new files, and no option changes one that is there. That is the promise of
v1 (docs/explain/versions.md) as files: a document is judged as it was, and means what it meant. The places of
findings are not locked, for pointing better breaks nobody.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from itertools import takewhile
from pathlib import Path
from typing import Any

import msgspec
from headgate.plan.build import build_plan
from headgate_schema.callback import read_callback
from headgate_schema.check import check
from headgate_schema.resolved import ResolvedManifest

FOLDER = "schema/v1/corpus"
DOCUMENTS = f"{FOLDER}/documents.lock"
PLANS = f"{FOLDER}/plans.json"

BUILD_CALLBACK = b"""\
on:
  workflow_call:
    outputs:
      image: {value: "${{ jobs.work.outputs.image }}"}
jobs:
  work: {runs-on: ubuntu-latest, steps: [{run: make}]}
"""
"""Stands in for every callback of a build: a plan names the outputs that it declares."""

MAPS = frozenset({"inputs", "environment_inputs", "secrets", "permissions", "parts", "callbacks"})
"""Keys whose values are maps of the manifest's own names; in every other object a key may be added later."""

Meaning = dict[str, Any]

Expected = tuple[str, int, int]
"""Code, line and column of a finding."""

_FINDING = re.compile(rb"# (HG[0-9]{3}) ([0-9]+):([0-9]+)\r?\n")


class CorpusChanged(Exception):
    """An entry that is locked would change or go."""


def render(root: Path) -> dict[str, str]:
    """Return both locks with entries for what is new; raises ``CorpusChanged``."""
    documents = {name: (root / FOLDER / name).read_bytes() for name in _list_names(root)}
    meanings = {name: compile_meaning(content) for name, content in documents.items() if _is_valid(name)}
    return {
        DOCUMENTS: lock_documents(_read(root / DOCUMENTS), documents),
        PLANS: lock_meanings(_read(root / PLANS), meanings),
    }


def split_findings(content: bytes) -> tuple[tuple[Expected, ...], bytes]:
    """Take a document apart: the findings that its first lines name, and the rest."""
    lines = content.splitlines(keepends=True)
    found = list(takewhile(bool, (_FINDING.fullmatch(line) for line in lines)))
    expected = tuple((each[1].decode(), int(each[2]), int(each[3])) for each in found if each is not None)
    return expected, b"".join(lines[len(expected) :])


def lock_documents(locked: str, documents: Mapping[str, bytes]) -> str:
    """Return a line for each document, the old ones first; raises ``CorpusChanged``."""
    kept = {line.split("  ")[1]: line for line in locked.splitlines()}
    found = {name: _print_document(name, content) for name, content in documents.items()}
    for name, line in kept.items():
        if found.get(name) != line:
            what = "differs from" if name in found else "is missing but stands in"
            raise CorpusChanged(f"{FOLDER}/{name} {what} {DOCUMENTS}: a document of the corpus never changes")
    return locked + "".join(f"{found[name]}\n" for name in sorted(found.keys() - kept.keys()))


def _print_document(name: str, content: bytes) -> str:
    expected, document = split_findings(content)
    codes = " ".join(sorted(code for code, _, _ in expected)) or "-"
    return f"{hashlib.sha256(document).hexdigest()}  {name}  {codes}"


def lock_meanings(locked: str, meanings: Mapping[str, Meaning]) -> str:
    """Return the meanings as JSON, one line each, the old ones first; raises ``CorpusChanged``."""
    kept: dict[str, Meaning] = json.loads(locked) if locked else {}
    for name, meaning in kept.items():
        if name not in meanings:
            raise CorpusChanged(f"{FOLDER}/{name} is missing but stands in {PLANS}")
        if not holds(meaning, meanings[name]):
            difference = show_difference(name, meaning, meanings[name])
            raise CorpusChanged(f"{FOLDER}/{name} no longer means what it meant:\n{difference}")
    entries = kept | {name: meanings[name] for name in sorted(meanings.keys() - kept.keys())}
    lines = (f"{json.dumps(name)}: {_print_line(meaning)}" for name, meaning in entries.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def compile_meaning(content: bytes) -> Meaning:
    """Compile a document without errors: the plan, and what else of the manifest the workflows are made from.

    Not what says nothing about the document: Headgate's version, digests, places.
    """
    resolved = check(content, "headgate.yaml").resolved
    if resolved is None:
        raise ValueError("only a document without errors has a meaning")
    builds = {build.callback: read_callback(BUILD_CALLBACK, build.callback) for build in resolved.builds}
    plan = build_plan(resolved, builds, "").to_json()
    for deploy in plan["deploys"]:
        for part in deploy["parts"].values():
            del part["digest"]
    del plan["format"], plan["generator"]
    meaning: Meaning = json.loads(json.dumps({"plan": plan, "jobs": _list_jobs(resolved)}))
    return meaning


def holds(locked: Any, found: Any, key: str = "") -> bool:
    """Tell whether all that was locked is still so; keys that came later are set aside."""
    if isinstance(locked, dict) and isinstance(found, dict):
        is_same = locked.keys() == found.keys() if key in MAPS else locked.keys() <= found.keys()
        return is_same and all(holds(value, found[name], name) for name, value in locked.items())
    if isinstance(locked, list) and isinstance(found, list):
        return len(locked) == len(found) and all(map(holds, locked, found))
    return type(locked) is type(found) and bool(locked == found)


def show_difference(name: str, locked: Meaning, found: Meaning) -> str:
    """Return a diff that people can read, of two meanings of one document."""
    before, after = (json.dumps(each, indent=1, ensure_ascii=False).splitlines() for each in (locked, found))
    return "\n".join(difflib.unified_diff(before, after, f"{name} (locked)", name, lineterm="", n=4))


def _list_jobs(resolved: ResolvedManifest) -> Meaning:
    """List what the jobs of the workflows are given, beside the plan."""
    owned = ("callback", "inputs", "secrets", "permissions")
    notify = resolved.notify
    return {
        "runner": msgspec.to_builtins(resolved.runner),
        "builds": [_pick(build, "needs", *owned) for build in resolved.builds],
        "deploys": [_pick(deploy, "secrets", "permissions") for deploy in resolved.deploys],
        "notify": _pick(notify, *owned) if notify is not None else None,
    }


def _pick(value: Any, *names: str) -> Meaning:
    return {name: msgspec.to_builtins(getattr(value, name)) for name in names}


def _list_names(root: Path) -> Iterator[str]:
    for path in sorted((root / FOLDER).glob("*/*.yaml")):
        yield path.relative_to(root / FOLDER).as_posix()


def _is_valid(name: str) -> bool:
    return name.startswith("valid/")


def _print_line(meaning: Meaning) -> str:
    return json.dumps(meaning, ensure_ascii=False, separators=(",", ":"))


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""
