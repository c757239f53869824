"""The guide can be followed: what it shows becomes what it shows, with the words that it shows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from headgate_schema.check import check
from headgate_schema.migrate.cascade.reasons import CARRIED

PAGE = Path(__file__).parents[3] / "docs/guides/migrate.md"
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def blocks(language: str) -> list[str]:
    return [text for found, text in FENCE.findall(PAGE.read_text(encoding="utf-8")) if found == language]


def run(block: str, where: Path) -> str:
    """Run the command that a block begins with, and give the whole block as it should be."""
    typed = block.partition("\n")[0]
    programs = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    ran = subprocess.run(["bash", "-c", f"{typed.removeprefix('$ ')} 2>&1"], cwd=where, capture_output=True,
                         text=True, check=True, env=programs)  # fmt: skip
    return f"{typed}\n{ran.stdout}"


def test_the_guide_can_be_followed(tmp_path: Path, is_updating: bool) -> None:
    source, result = blocks("yaml")
    first, second = blocks("text")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".github").mkdir()
    (tmp_path / ".github/manifest.yaml").write_text(source)
    made = {first: run(first, tmp_path), result: (tmp_path / "headgate.yaml").read_text()}
    made[second] = run(second, tmp_path)
    if is_updating:
        text = PAGE.read_text(encoding="utf-8")
        for old, new in made.items():
            text = text.replace(f"\n{old}```", f"\n{new}```", 1)
        PAGE.write_text(text, encoding="utf-8")
    for old, new in made.items():
        assert old == new or is_updating
    assert not check(made[result].encode(), "headgate.yaml").has_errors


def test_every_field_that_is_carried_is_on_the_page() -> None:
    page = PAGE.read_text(encoding="utf-8")
    names = {field.rpartition(".")[2] for field in CARRIED} - {"*", "name", "config", "environment_config"}
    # Said by the words around them, or nothing that a person asks about.
    names -= {"schema_version", "builds", "sha", "version", "state", "type"}
    assert [name for name in sorted(names) if name not in page] == []
