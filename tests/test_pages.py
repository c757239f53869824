"""What the pages say is run: manifests are checked, commands are executed, and followed page by page."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SHOP = ROOT / "examples/shop"
FENCE = re.compile(r"^ *```(\w+)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
OURS = ("headgate", "headgate-schema")
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    *(ROOT / "packages").glob("*/README.md"),
    *(page for page in (ROOT / "docs").rglob("*.md") if "reference" not in page.parts),
    SHOP / "README.md",
]
SEED = """\
deploys:
  - name: app
    strategy: canary
    canary:
      percent: 10
      bake_time: 10m
      promote_callback: .github/workflows/canary-promote.yaml
      rollback_callback: .github/workflows/canary-rollback.yaml
  - name: api
    strategy: blue_green
    blue_green:
      cutover_callback: .github/workflows/cutover.yaml
"""


CALLBACK = re.compile(r"# (\.github/workflows/[\w-]+\.yaml)\n")
"""How a page begins a callback that belongs to its manifests."""


def fences(page: Path, language: str) -> Iterator[str]:
    """The code of one language on a page."""
    for found, text in FENCE.findall(page.read_text(encoding="utf-8")):
        if found == language:
            yield text


def manifests() -> list[tuple[str, str]]:
    return [
        (page.relative_to(ROOT).as_posix(), text)
        for page in PAGES
        for text in fences(page, "yaml")
        if text.startswith("version:")
    ]


def commands() -> list[tuple[str, str]]:
    """Every command of ours behind a prompt, once; those of a guide belong to its manifest."""
    found = {
        command: page.relative_to(ROOT).as_posix()
        for page in PAGES
        if page.name not in guides()
        for command in commands_on(page)
    }
    return sorted((page, command) for command, page in found.items())


def commands_on(page: Path) -> list[str]:
    return [
        line.removeprefix("$ ").partition("  #")[0].strip()
        for text in fences(page, "console")
        for line in map(str.strip, text.splitlines())
        if line.startswith("$ ") and line.split()[1] in OURS
    ]


def guides() -> list[str]:
    """The guides that have a manifest of their own."""
    pages = (ROOT / "docs/guides").glob("*.md")
    return sorted(
        page.name for page in pages if any(text.startswith("version:") for text in fences(page, "yaml"))
    )


def run(command: str, where: Path) -> subprocess.CompletedProcess[str]:
    program, *arguments = shlex.split(command)
    installed = str(Path(sys.executable).with_name(program))
    return subprocess.run([installed, *arguments], cwd=where, capture_output=True, text=True, check=False)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A copy of the example repository, generated."""
    where = tmp_path / "shop"
    shutil.copytree(SHOP, where)
    subprocess.run(["git", "init", "-q", str(where)], check=True)
    made = run("headgate generate", where)
    assert made.returncode == 0, made.stderr
    return where


@pytest.mark.parametrize(("page", "manifest"), manifests(), ids=lambda text: text.partition("\n")[0])
def test_every_manifest_on_a_page_is_right(page: str, manifest: str, tmp_path: Path) -> None:
    (tmp_path / "headgate.yaml").write_text(manifest)
    checked = run("headgate-schema check --select HG0,HG1,HG2,HG3 --format concise", tmp_path)
    errors = [line for line in checked.stdout.splitlines() if "error" in line]
    assert errors == [], page


def test_the_seed_is_on_the_first_pages_word_for_word() -> None:
    for page in (ROOT / "README.md", ROOT / "docs/index.md"):
        assert SEED in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(("page", "command"), commands(), ids=lambda text: text)
def test_every_command_on_a_page_works_in_the_example(page: str, command: str, shop: Path) -> None:
    ran = run(command, shop)
    assert ran.returncode == 0, f"{page}: {command}\n{ran.stdout}{ran.stderr}"


@pytest.mark.parametrize("guide", guides())
def test_a_guide_can_be_followed_in_the_example(guide: str, shop: Path) -> None:
    page = ROOT / "docs/guides" / guide
    blocks = list(fences(page, "yaml"))
    for block in blocks:
        if found := CALLBACK.match(block):
            (shop / found[1]).write_text(block)
    for manifest in blocks:
        if manifest.startswith("version:"):
            (shop / "headgate.yaml").write_text(manifest)
            for command in ("headgate check --strict", "headgate generate", *commands_on(page)):
                ran = run(command, shop)
                assert ran.returncode == 0, f"{command}\n{ran.stdout}{ran.stderr}"


def test_the_example_has_no_findings(shop: Path) -> None:
    checked = run("headgate check --strict", shop)
    assert checked.returncode == 0, checked.stdout


def test_the_tutorial_can_be_followed(tmp_path: Path) -> None:
    manifest, deploy = fences(ROOT / "docs/tutorial.md", "yaml")
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / "headgate.yaml").write_text(manifest)
    checked = run("headgate check --format concise", tmp_path)
    assert checked.returncode == 1
    assert checked.stdout.count("HG401") == 4
    assert checked.stdout.count("HG309") == 1

    callbacks = tmp_path / ".github/workflows"
    callbacks.mkdir(parents=True)
    (callbacks / "deploy-app.yaml").write_text(deploy)
    for name in ("canary-verify", "canary-promote", "canary-rollback"):
        shutil.copy(SHOP / f".github/workflows/{name}.yaml", callbacks)
    for command in ("headgate check", "headgate plan", "headgate generate", "headgate generate --check"):
        ran = run(command, tmp_path)
        assert ran.returncode == 0, f"{command}\n{ran.stdout}{ran.stderr}"
    failing = run("headgate simulate --environment prod --deploy app --fail verify_1", tmp_path)
    assert "prod/app: rolled_back" in failing.stdout


def test_simulating_the_first_page_ends_as_it_says(shop: Path) -> None:
    healthy = run("headgate simulate --environment prod --deploy app", shop)
    assert "prod/app: promoted" in healthy.stdout
