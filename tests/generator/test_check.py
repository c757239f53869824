"""The check workflow's own script, on the merge commit of a pull request as GitHub checks it out."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from headgate.workflows.check import LOOK

GIT = ["git", "-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "init.defaultBranch=main"]


def git(root: Path, *arguments: str) -> None:
    subprocess.run([*GIT, *arguments], cwd=root, check=True, capture_output=True)


def merge_commit(root: Path, changed: str) -> Path:
    """A clone of depth 2 whose only branch is the merge of a change of one file."""
    origin, clone = root / "origin", root / "clone"
    origin.mkdir()
    git(origin, "init")
    for path in ("headgate.yaml", "README.md"):
        (origin / path).write_text("before\n")
    git(origin, "add", "-A")
    git(origin, "commit", "-m", "first")
    git(origin, "checkout", "-b", "change")
    (origin / changed).parent.mkdir(parents=True, exist_ok=True)
    (origin / changed).write_text("after\n")
    git(origin, "add", "-A")
    git(origin, "commit", "-m", "change")
    git(origin, "checkout", "main")
    (origin / "other").write_text("x\n")
    git(origin, "add", "-A")
    git(origin, "commit", "-m", "meanwhile")
    git(origin, "merge", "--no-ff", "change", "-m", "merge")
    subprocess.run(
        [*GIT, "clone", "--depth=2", f"file://{origin}", str(clone)], check=True, capture_output=True
    )
    return clone


def look(clone: Path) -> str:
    output = clone.parent / "output"
    output.touch()
    environment = {"GITHUB_OUTPUT": str(output), "PATH": "/usr/bin:/bin:/usr/local/bin"}
    subprocess.run(["bash", "-eo", "pipefail", "-c", LOOK], cwd=clone, env=environment, check=True)
    return output.read_text()


@pytest.mark.parametrize(
    ("changed", "output"),
    [
        ("README.md", "headgate=no\n"),
        ("src/app.py", "headgate=no\n"),
        ("headgate.yaml", ""),
        (".gitattributes", ""),
        (".github/workflows/deploy-app.yaml", ""),
        (".github/headgate/plan.json", ""),
    ],
)
def test_a_change_that_touches_nothing_of_headgates_is_through_at_once(
    tmp_path: Path, changed: str, output: str
) -> None:
    assert look(merge_commit(tmp_path, changed)) == output


def test_where_there_is_no_commit_before_everything_is_checked(tmp_path: Path) -> None:
    git(tmp_path, "init")
    (tmp_path / "a").write_text("a\n")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-m", "only")
    assert look(tmp_path / "") == ""
