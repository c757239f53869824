"""The command `compat`: what it reads, what it prints, its exit codes, what it does not import."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest
from headgate.cli import main as headgate
from headgate_schema.cli import main
from headgate_schema.json_schema import read_version

Wide, Narrow = {"type": ["string", "integer"]}, {"type": "string"}


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, schema in {"wide": Wide, "narrow": Narrow, "odd": {**Wide, "format": "x"}}.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(schema))
    return tmp_path


@pytest.mark.parametrize("program", [main, headgate])
@pytest.mark.parametrize(
    ("names", "code", "said"),
    [
        (("narrow.json", "wide.json"), 0, "compatible: every document that is valid under the older schema"),
        (
            ("wide.json", "narrow.json"),
            1,
            (
                "breaking: 1 reason\n"
                "  the whole document: a number is no longer allowed, only text\n"
                "    at #/type\n"
                "    valid before, refused now: 0\n"
            ),
        ),
        (
            ("wide.json", "odd.json"),
            2,
            (
                "can't tell: 1 reason\n"
                '  the whole document: in the newer schema: the keyword "format" is not understood\n'
                "    at #/format\n"
            ),
        ),
        (("1.0", "1.0"), 0, "compatible"),
    ],
)
@pytest.mark.usefixtures("files")
def test_the_verdict_is_printed_and_is_the_exit_code(
    program: Any, names: tuple[str, str], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert program(["compat", *names]) == code
    assert capsys.readouterr().out.startswith(said)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("-", "-"), "only one of the two schemas can come from standard input"),
        (("1.7", "1.0"), 'there is no published version "1.7", only "1.0"'),
        (("gone.json", "1.0"), "can't read gone.json: No such file or directory"),
        (("1.0", "text.json"), "text.json is not JSON: "),
        (("deep.json", "1.0"), "deep.json is not JSON: "),
    ],
)
def test_what_is_no_schema_exits_with_2(
    names: tuple[str, str], said: str, files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (files / "text.json").write_text("version: 1")
    (files / "deep.json").write_text("[" * 100_000)
    assert main(["compat", *names]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.usefixtures("files")
def test_one_schema_comes_from_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(json.dumps(Narrow).encode())))
    assert main(["compat", "wide.json", "-", "--format", "json"]) == 1
    assert json.loads(capsys.readouterr().out) == {
        "format": 1,
        "verdict": "breaking",
        "reasons": [
            {
                "verdict": "breaking",
                "field": "",
                "pointer": "/type",
                "message": "a number is no longer allowed, only text",
                "witness": 0,
            }
        ],
    }


def test_a_long_document_is_cut_for_people_and_whole_for_programs(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    schema = json.loads(read_version("1.0"))
    schema["definitions"]["Deploy"]["properties"]["inputs"]["maxProperties"] = 99
    (files / "new.json").write_text(json.dumps(schema))
    assert main(["compat", "1.0", "new.json"]) == 1
    line = next(line for line in capsys.readouterr().out.splitlines() if "refused now" in line)
    assert line.endswith("…") and len(line) < 500
    assert main(["compat", "1.0", "new.json", "--format", "json"]) == 1
    [reason] = json.loads(capsys.readouterr().out)["reasons"]
    assert len(reason["witness"]["deploys"][0]["inputs"]) == 100


def test_the_answer_needs_no_slow_imports() -> None:
    code = (
        "import sys; from headgate_schema.cli import main; main(['compat', '1.0', '1.0']);"
        "print(*sys.modules, sep=chr(10))"
    )
    finished = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, check=False,
                              env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})  # fmt: skip
    loaded = set(finished.stdout.split("\n"))
    assert "headgate_schema.compat" in loaded, finished.stderr
    assert not loaded & {"jsonschema", "yaml", "asyncio", "difflib"}


def test_all_is_written_whatever_the_terminal_can_show(files: Path) -> None:
    (files / "object.json").write_text(json.dumps({"type": "object"}))
    (files / "named.json").write_text(json.dumps({"properties": {"é": Narrow}}))
    finished = subprocess.run(
        [sys.executable, "-m", "headgate_schema", "compat", "object.json", "named.json"],
        env={**os.environ, "PYTHONIOENCODING": "ascii"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (finished.returncode, finished.stderr) == (1, "") and r"  \xe9: only text" in finished.stdout
