"""The page about versions shows what really happens."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

PAGE = (Path(__file__).parents[2] / "docs/explain/versions.md").read_text(encoding="utf-8")


def test_the_shown_break_is_the_real_one(tmp_path: Path) -> None:
    block = re.search(r"```text\n(.*?)```", PAGE, re.DOTALL)
    assert block is not None
    lines = block[1].splitlines()
    typed = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
    programs = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    ran = subprocess.run(["bash", "-c", "\n".join(typed)], cwd=tmp_path, capture_output=True, text=True,
                         check=False, env=programs)  # fmt: skip
    assert (ran.returncode, ran.stderr) == (1, "")
    assert ran.stdout.splitlines() == lines[len(typed) :]
