"""The corpus is append-only: no document changes or goes, and none comes to mean something else."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from tests.schema.corpus import ROOT
from tools.reference import corpus
from tools.reference.corpus import DOCUMENTS, FOLDER, PLANS, CorpusChanged, compile_meaning, holds, render

CANARY = "valid/same-canary-left-out.yaml"
FROZEN = {
    DOCUMENTS: (866, "a35a96abd4e9c0ba10c1cc9c5cf295f036fd1c4046daab0791916be7ec6ff980"),
    PLANS: (265, "400b428f7f718ad88a96e9a60a0952f10ec8d21501a9ee65f42aa033a67b56b3"),
}
"""By lock: how many of its first lines are those of 1.0, and their hash. Whoever changes a document together
with its line is told here. Raise it with the next minor version.
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of the corpus, alone."""
    shutil.copytree(ROOT / FOLDER, tmp_path / FOLDER)
    return tmp_path


@pytest.fixture
def document(root: Path) -> Path:
    """One of its documents."""
    return root / FOLDER / CANARY


def split(lock: str) -> list[str]:
    """A lock's lines, without what only ties them together."""
    return [line.removesuffix(",") for line in lock.split("\n")]


@pytest.mark.parametrize("lock", [DOCUMENTS, PLANS])
def test_every_document_is_locked(lock: str) -> None:
    assert (ROOT / lock).read_text(encoding="utf-8") == render(ROOT)[lock]


@pytest.mark.parametrize("lock", FROZEN)
def test_the_entries_of_1_0_are_what_they_were(lock: str) -> None:
    count, digest = FROZEN[lock]
    first = split((ROOT / lock).read_text(encoding="utf-8"))[:count]
    assert hashlib.sha256("\n".join(first).encode()).hexdigest() == digest


def test_a_document_that_changes_is_refused_by_name(root: Path, document: Path) -> None:
    document.write_bytes(document.read_bytes() + b"# harmless\n")
    with pytest.raises(CorpusChanged, match=f"{CANARY} differs from"):
        render(root)


def test_a_code_that_changes_is_refused_and_a_place_that_does_is_not(root: Path) -> None:
    document = root / FOLDER / "invalid/reserved-duration-iso.yaml"
    document.write_bytes(document.read_bytes().replace(b"# HG190 9:18", b"# HG190 9:7"))
    assert render(root) == render(ROOT)
    document.write_bytes(document.read_bytes().replace(b"# HG190 9:7", b"# HG107 9:7"))
    with pytest.raises(CorpusChanged, match=r"reserved-duration-iso\.yaml differs from"):
        render(root)


@pytest.mark.parametrize("name", [CANARY, "invalid/reserved-duration-iso.yaml"])
def test_a_document_that_goes_is_refused_by_name(root: Path, name: str) -> None:
    (root / FOLDER / name).unlink()
    with pytest.raises(CorpusChanged, match=f"{name} is missing"):
        render(root)


def test_a_new_document_is_added_behind_the_others(root: Path, document: Path) -> None:
    before = {lock: split((root / lock).read_text(encoding="utf-8")) for lock in (DOCUMENTS, PLANS)}
    (document.parent / "a-new-one.yaml").write_bytes(document.read_bytes().replace(b"10", b"11"))
    after = {lock: split(text) for lock, text in render(root).items()}
    for lock, new in ((DOCUMENTS, "  valid/a-new-one.yaml  -"), (PLANS, '"valid/a-new-one.yaml": {')):
        added = [line for line in after[lock] if line not in before[lock]]
        assert len(added) == 1 and new in added[0]
        assert [line for line in after[lock] if line != added[0]] == before[lock]
        assert not any("valid/" in line for line in after[lock][after[lock].index(added[0]) + 1 :])


def test_another_meaning_is_refused_with_a_difference_that_people_can_read(root: Path) -> None:
    lock = root / PLANS
    locked = json.loads(lock.read_text(encoding="utf-8"))
    locked[CANARY]["plan"]["deploys"][0]["parts"]["prod"]["stages"]["steps"][0]["bake"]["seconds"] = 300
    lock.write_text(json.dumps(locked), encoding="utf-8")
    with pytest.raises(CorpusChanged) as refused:
        render(root)
    lines = str(refused.value).splitlines()
    assert f"{CANARY} no longer means" in lines[0]
    assert [line.split() for line in lines if line[:1] in "-+" and line[1:2] not in "-+"] == [
        ["-", '"seconds":', "300,"],
        ["+", '"seconds":', "600,"],
    ]


@pytest.mark.parametrize(
    ("locked", "found", "is_same"),
    [
        ({"a": 1}, {"a": 1, "later": None}, True),
        ({"a": 1, "b": 2}, {"a": 1}, False),
        ({"a": 1}, {"a": True}, False),
        ({"inputs": {"a": 1}}, {"inputs": {"a": 1, "b": 2}}, False),
        ({"parts": {"dev": {"a": 1}}}, {"parts": {"dev": {"a": 1, "later": 2}}}, True),
        ({"parts": {"dev": {}}}, {"parts": {"dev": {}, "prod": {}}}, False),
        ({"a": [1]}, {"a": [1, 2]}, False),
        ({"a": None}, {"a": {}}, False),
    ],
)
def test_only_keys_that_came_later_are_set_aside(locked: object, found: object, is_same: bool) -> None:
    assert holds(locked, found) == is_same


def test_the_meaning_holds_what_the_plan_alone_does_not() -> None:
    text = b"version: 1\nenvironments: [prod]\nrunner: [big]\ndeploys:\n  - {name: app, secrets: inherit}\n"
    meaning = compile_meaning(text)
    assert meaning["jobs"]["runner"] == {"labels": ["big"], "group": None}
    assert meaning["jobs"]["deploys"] == [{"secrets": "inherit", "permissions": None}]
    assert "generator" not in meaning["plan"]


def test_a_document_with_errors_has_no_meaning() -> None:
    with pytest.raises(ValueError, match="only a document without errors"):
        corpus.compile_meaning(b"version: 2\n")
