"""How long the check takes on what nobody should have written: bombs, towers and floods; and what it says."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median

from tools.measure.race import shown
from tools.measure.report import Section

HEAD = "version: 1\nenvironments: [dev]\n"
GOOD = f"{HEAD}deploys:\n  - name: app\n"
MEGABYTE = 1_000_000


def _bomb() -> str:
    names = "abcdefghij"
    rows = [f"x-{n}: &{names[n + 1]} [{', '.join([f'*{names[n]}'] * 9)}]\n" for n in range(9)]
    return f"x-a: &a [{', '.join('0' * 9)}]\n{''.join(rows)}"


def _circle() -> str:
    """Fifty deploys, each of which needs all others."""
    names = [f"app-{n}" for n in range(50)]
    rows = [
        f"  - {{name: {name}, needs: [{', '.join(other for other in names if other != name)}]}}\n"
        for name in names
    ]
    return f"{HEAD}deploys:\n{''.join(rows)}"


def _below(parent: str, row: Callable[[int], str]) -> Callable[[int], str]:
    """Write so many rows below a key of a manifest that is good without them."""
    return lambda count: f"{GOOD}{parent}{''.join(row(number) for number in range(count))}"


FLOODS: Mapping[str, Callable[[int], str]] = {
    "values of a wrong type": _below("    inputs:\n", lambda n: f"      a{n}: []\n"),
    "misspelt keys": _below("", lambda n: f"  - nmae: A{n}\n"),
    "unknown keys": _below("", lambda n: f"    key-{n}: 1\n"),
    "keys nearly right": _below("", lambda n: f"    name{n}: 1\n"),
    "duplicate keys": _below("x-a:\n", lambda _: "  a: 1\n"),
    "mappings with a duplicate key": _below("x-a:\n", lambda _: "  - {a: 1, a: 2}\n"),
    "tags": _below("x-a:\n", lambda _: "  - !a\n"),
    "merge keys": _below("x-a:\n", lambda _: "  <<: 1\n"),
    "damaged deploys": _below("", lambda n: f"  - {{name: !a b{n}, <<: {{}}, 1: 1}}\n"),
    "expressions": _below("    needs:\n", lambda _: "    - ${{\n"),
    "names in a list": _below("    needs:\n", lambda _: "    - app\n"),
    "comments that ignore": _below("", lambda _: "# headgate: ignore[HG309, HG501]\n"),
    "ignores beside quotes": _below("x-a:\n", lambda _: "  - 'a'  # headgate: ignore[HG309]\n"),
    "lines below a scalar": _below("x-a: |\n", lambda _: "  a\n"),
    "lines above a mistake": _below("x-a:\n", lambda _: "  - a\n"),
}
"""What there may be many of in a file: as many rows as wanted."""

MISTAKE = " - b\n"

FILES: Mapping[str, Callable[[], str]] = {
    "aliases of aliases, nine levels": _bomb,
    "an alias inside its own anchor": lambda: "a: &a [*a]\n",
    "a file of 10 MB": lambda: "# filler\n" * 1_200_000,
    "brackets, 100 levels": lambda: f"a: {'[' * 100}{']' * 100}\n",
    "mappings, 100 levels": lambda: "".join(f"{' ' * level}a:\n" for level in range(100)),
    "a megabyte of [": lambda: "[" * MEGABYTE,
    "a megabyte in one scalar": lambda: f"{GOOD}    inputs: {{a: {'x' * MEGABYTE}}}\n",
    "a megabyte in one key": lambda: f"{GOOD}    {'x' * MEGABYTE}: 1\n",
    "a megabyte of spaces": lambda: f"{GOOD}    inputs{' ' * MEGABYTE}x\n    a: b\n",
    "a megabyte of digits": lambda: f"{GOOD}    inputs: {{a: {'9' * MEGABYTE}}}\n",
    "a megabyte for a duration": lambda: f"{GOOD}    canary: {{bake_time: {'9' * MEGABYTE}m}}\n",
    "an open quote, then a megabyte": lambda: HEAD + 'trunk: "\n' + "key: value\n" * 90_000,
    "an open bracket, then a megabyte": lambda: HEAD + "x-a: [\n" + "- a\n" * 200_000,
    "a mistake below 160,000 lines": lambda: FLOODS["lines above a mistake"](160_000) + MISTAKE,
    "200,000 lines without a colon": lambda: "a\n" * 200_000,
    "1,000 forbidden characters": lambda: HEAD + "\x07\n" * 1_000,
    "20,000 merge conflicts": lambda: "a: 1\n<<<<<<< a\n>>>>>>> b\n" * 20_000,
    "50 deploys that need each other": _circle,
    **{
        f"{count:,} {name}": lambda name=name, count=count: FLOODS[name](count)  # type: ignore[misc]
        for name, count in (
            ("values of a wrong type", 24_000),
            ("misspelt keys", 16_000),
            ("unknown keys", 24_000),
            ("keys nearly right", 24_000),
            ("duplicate keys", 24_000),
            ("mappings with a duplicate key", 8_000),
            ("tags", 45_000),
            ("merge keys", 24_000),
            ("damaged deploys", 6_000),
            ("expressions", 45_000),
            ("names in a list", 45_000),
            ("ignores beside quotes", 25_000),
        )
    },
}


def measure(scratch: Path, runs: int) -> Section:
    """Check each file in a process of its own, with the full report."""
    rows = []
    for name, write in FILES.items():
        manifest = scratch / "hostile.yaml"
        manifest.write_text(write(), encoding="utf-8")
        times, said = [], ""
        for _ in range(min(runs, 3)):
            begun = time.perf_counter()
            said = check(manifest)
            times.append(time.perf_counter() - begun)
        rows.append((name, f"{manifest.stat().st_size / 1000:,.0f} kB", shown(median(times)), said))
    reading = (
        "Cold, with the full report. Every file ends in findings; none may take much longer than a second."
    )
    return Section("Hostile files", reading, ("file", "size", "median", "what is said"), tuple(rows))


def check(manifest: Path) -> str:
    """Check one file and give the first code and the count of findings; raises SystemExit without any."""
    command = (sys.executable, "-m", "headgate_schema", "check", "--strict", str(manifest))
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode != 1:
        raise SystemExit(f"{manifest} gave exit code {ended.returncode}:\n{ended.stderr[-2000:]}")
    lines = ended.stdout.splitlines()
    summary = next(line for line in reversed(lines) if line.startswith(str(manifest)))
    code = re.search(r" (?:error|warning) (HG[0-9]+): ", ended.stdout)
    return f"{code[1] if code else 'nothing'}, {summary.removeprefix(f'{manifest}: ').partition(' (')[0]}"
