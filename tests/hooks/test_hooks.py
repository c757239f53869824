"""The hooks of `.pre-commit-hooks.yaml`, installed by pre-commit straight from this repository and run.

Each environment is one real `pip install .` of the root, from wherever the machine's pip takes packages.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHOP = ROOT / "examples/shop"
IDENTITY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Someone"), ("EMAIL", "someone@example.com"))
}
ENVIRONMENT = {
    # What git tells the hooks of one repository must not lead pre-commit into another.
    **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
    **IDENTITY,
    "NO_COLOR": "1",
}


def git(where: Path, *arguments: str) -> str:
    ran = subprocess.run(
        ["git", *arguments], cwd=where, env=ENVIRONMENT, capture_output=True, text=True, check=True
    )
    return ran.stdout


@pytest.fixture(scope="module")
def headgate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone of this repository, with what is not committed yet."""
    clone = tmp_path_factory.mktemp("headgate")
    git(ROOT, "clone", "--quiet", str(ROOT), str(clone))
    changed = git(ROOT, "ls-files", "--modified", "--others", "--exclude-standard", "-z").split("\0")
    for name in filter(None, changed):
        (clone / name).unlink(missing_ok=True)
        if (ROOT / name).is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, clone / name)
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "--allow-empty", "--no-verify", "-m", "As it is here")
    return clone


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pre-commit keeps what it installed."""
    return tmp_path_factory.mktemp("pre-commit")


@pytest.fixture
def shop(tmp_path: Path, headgate: Path) -> Path:
    """The example in a repository of its own, whose configuration names the hooks as a user's does."""
    where = tmp_path / "shop"
    shutil.copytree(SHOP, where)
    (where / ".pre-commit-config.yaml").write_text(
        f"repos:\n  - repo: {headgate}\n    rev: {git(headgate, 'rev-parse', 'HEAD').strip()}\n"
        "    hooks: [{id: headgate-check}, {id: headgate-generate}]\n"
    )
    git(where, "init", "--quiet")
    git(where, "add", "--all")
    git(where, "commit", "--quiet", "--no-verify", "-m", "A shop")
    return where


def pre_commit(where: Path, home: Path, *arguments: str) -> tuple[int, str]:
    ran = subprocess.run(
        [sys.executable, "-m", "pre_commit", *arguments], cwd=where, capture_output=True, text=True,
        check=False, env={**ENVIRONMENT, "PRE_COMMIT_HOME": str(home)},
    )  # fmt: skip
    return ran.returncode, ran.stdout + ran.stderr


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_try_repo_installs_the_hook_and_shows_what_is_wrong(shop: Path, headgate: Path, home: Path) -> None:
    change(shop / "headgate.yaml", "bake_time: 10m", "bake_time: 10 m")
    code, said = pre_commit(shop, home, "try-repo", str(headgate), "headgate-check", "--all-files")
    assert code == 1
    assert "headgate.yaml:11:18: error HG107: " in said and "Traceback" not in said


def test_a_good_manifest_passes(shop: Path, home: Path) -> None:
    code, said = pre_commit(shop, home, "run", "headgate-check", "--all-files")
    assert code == 0, said
    assert "Passed" in said


def test_a_bad_manifest_that_is_staged_stops_the_commit(shop: Path, home: Path) -> None:
    change(shop / "headgate.yaml", "name: api", "name: App")
    git(shop, "add", "headgate.yaml")
    code, said = pre_commit(shop, home, "run", "headgate-check")
    assert code == 1 and "headgate.yaml:17:11: error HG105: " in said


def test_a_callback_alone_is_enough_to_check_the_manifest(shop: Path, home: Path) -> None:
    callback = ".github/workflows/cutover.yaml"
    change(shop / callback, "workflow_call:", "workflow_dispatch:")
    git(shop, "add", callback)
    code, said = pre_commit(shop, home, "run", "headgate-check")
    assert code == 1 and f'error HG402: "{callback}" can\'t be called' in said


def test_what_is_not_headgates_is_left_alone(shop: Path, home: Path) -> None:
    (shop / "README.md").write_text("# Another shop\n")
    git(shop, "add", "README.md")
    code, said = pre_commit(shop, home, "run")
    assert code == 0 and said.count("Skipped") == 2, said


def test_generating_fails_once_for_files_it_made_and_for_those_it_changed(shop: Path, home: Path) -> None:
    arguments = ("run", "headgate-generate", "--all-files")
    code, said = pre_commit(shop, home, *arguments)
    assert code == 1 and "created .github/workflows/headgate-deploy-app.yaml" in said
    assert pre_commit(shop, home, *arguments)[0] == 0
    git(shop, "add", "--all")
    git(shop, "commit", "--quiet", "--no-verify", "-m", "Generated")
    change(shop / "headgate.yaml", "percent: 10", "percent: 20")
    git(shop, "add", "headgate.yaml")
    code, said = pre_commit(shop, home, "run", "headgate-generate")
    assert code == 1 and "updated .github/headgate/plan.json" in said
    assert 'percent": 20' in (shop / ".github/headgate/plan.json").read_text()
