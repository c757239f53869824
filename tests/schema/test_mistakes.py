"""What people type that is no YAML: each mistake at its own place, with advice, whichever parser gave up."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from headgate_schema.check import check
from headgate_schema.document import Document, read_document
from headgate_schema.trouble import Mistake

CASES = sorted((Path(__file__).parents[1] / "rules").glob("HG0*/*.yaml"))


def read(case: Path) -> Document:
    return read_document(case.read_bytes(), case.name)


def test_every_mistake_has_a_case() -> None:
    found = {trouble.mistake for case in CASES for trouble in read(case).troubles if trouble.kind == "syntax"}
    assert found == set(get_args(Mistake))


def summarise(document: Document) -> str:
    """What both parsers must agree on; what the parser itself says is worded differently."""
    troubles = [
        (trouble.kind, trouble.mistake, trouble.span, trouble.earlier, trouble.mistake and trouble.detail)
        for trouble in document.troubles
    ]
    return msgspec.json.encode([troubles, document.data]).decode()


PURE = """
import sys
from pathlib import Path
import yaml
yaml.__with_libyaml__ = False
sys.modules["yaml.cyaml"] = None
from headgate_schema import composer
from yaml.scanner import Scanner
assert issubclass(composer._Composer, Scanner)
from tests.schema.test_mistakes import read, summarise
for name in sys.argv[1:]:
    print(summarise(read(Path(name))))
"""


def test_without_libyaml_the_same_mistakes_are_seen_at_the_same_places() -> None:
    names = [str(case) for case in CASES]
    root = Path(__file__).parents[2]
    finished = subprocess.run(
        [sys.executable, "-c", PURE, *names], cwd=root, capture_output=True, text=True, check=True
    )
    for case, line in zip(CASES, finished.stdout.splitlines(), strict=True):
        assert line == summarise(read(case)), case


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("a: 'b\n", "close it; where the text itself contains one, write ''"),
        ('a: "b\n', 'close it; where the text itself contains one, write \\"'),
        ("a: 'it's'\n", "where the text itself contains one, write ''"),
        ("a: [b\n", 'close it with "]"'),
        ("a: [b}\n", 'write "]"'),
        ("version:1\na: 2\n", 'write "version: 1"'),
        ("version = 1\na: 2\n", 'write "version: 1"'),
        ("a:\n  - b\n  -c\n  - d\n", 'write "- c"'),
        ("a: - b\n", "write [b]"),
        ("a: - b: c\n", "put the - on the next line"),
        ("a:\n    b: 1\n  c: 2\n", "indent it by 4 or 0"),
        ("a: |\n   b\n  c\nd: e\n", "indent it evenly"),
        ("a:\n  b: 1\n    c: 2\n", "indent it by 2, or remove that value"),
        ("a:\n  - b\n - c\n", "indent it by 2"),
        ("a: 'b\n\n# 'c'\n", "close it; where the text itself contains one, write ''"),
    ],
)
def test_the_advice_fits_the_text(text: str, hint: str) -> None:
    (finding,) = check(text.encode(), "x").findings
    assert (finding.code, finding.hint) == ("HG001", hint)
