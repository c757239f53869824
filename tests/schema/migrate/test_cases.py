"""Manifests of cascade and what becomes of each: the result, everything that is said, and the plan.

A case is a folder with a `manifest.yaml`; `headgate.yaml` and `plan.txt` are there where it can be migrated,
`report.txt` always. `--update` rewrites them.
"""

from __future__ import annotations

import json
import shlex
from collections import defaultdict
from pathlib import Path

import pytest
from headgate.cli import main as headgate
from headgate.plan.build import build_plan
from headgate.remote.verbs import VERBS
from headgate_runtime.plan import Bake, Plan, Stages
from headgate_schema.callback import read_callback
from headgate_schema.check import check
from headgate_schema.cli import main
from headgate_schema.document import read_document
from headgate_schema.migrate import LABELS, REGISTRY, Migration, migrate
from headgate_schema.migrate.comments import attach_comments
from headgate_schema.syntax import read_syntax

HERE = Path(__file__).parent / "cascade"
CASES = sorted(path.parent for path in HERE.glob("*/manifest.yaml"))
UNREADABLE = {"not-yaml", "duplicate-keys"}
DONE = [case for case in CASES if (case / "headgate.yaml").exists()]
ANY_CALLBACK = read_callback(b"on: workflow_call", "any.yaml")


def name(case: Path) -> str:
    return case.name


def migrate_case(case: Path) -> Migration:
    return migrate(read_document((case / "manifest.yaml").read_bytes(), "manifest.yaml"), REGISTRY)


def result_of(case: Path) -> str:
    return (case / "headgate.yaml").read_text(encoding="utf-8")


def run(
    case: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> tuple[int, str, str]:
    """Run the command in the folder of a case."""
    monkeypatch.chdir(case)
    code = main(["migrate", "manifest.yaml"])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


@pytest.mark.parametrize("case", CASES, ids=name)
def test_a_case_becomes_what_it_should(
    case: Path, is_updating: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, out, err = run(case, capsys, monkeypatch)
    made = {"headgate.yaml": out, "report.txt": err, "plan.txt": show_plan(plan_of(out)) if out else ""}
    assert (code == 0) == bool(out)
    for file, text in made.items():
        if is_updating and text:
            (case / file).write_text(text, encoding="utf-8")
        elif is_updating:
            (case / file).unlink(missing_ok=True)
        expected = (case / file).read_text(encoding="utf-8") if (case / file).exists() else ""
        assert text == expected, file


def plan_of(text: str) -> Plan:
    resolved = check(text.encode(), "headgate.yaml").resolved
    assert resolved is not None
    return build_plan(resolved, defaultdict(lambda: ANY_CALLBACK), "test")


def show_plan(plan: Plan) -> str:
    """The plan in a few lines: what a reviewer compares with the old manifest."""
    chain = " → ".join(f"{each.name}{' (auto)' if each.auto else ''}" for each in plan.environments)
    lines = [f"{plan.trunk}: {chain}; builds: {', '.join(build.name for build in plan.builds) or 'none'}"]
    for deploy in plan.deploys:
        lines.append(f"{deploy.name}: needs {list(deploy.needs)}, receives {list(deploy.builds)}")
        for environment, part in deploy.parts.items():
            called = {action: path.rpartition("/")[2] for action, path in part.callbacks.items()}
            given = json.dumps(part.inputs, ensure_ascii=False)
            lines.append(f"  {environment}: {show_stages(part.stages)}; {called}; {given}")
    return "\n".join(lines) + "\n"


def show_stages(stages: Stages) -> str:
    steps = ", ".join(f"{step.percent} % {show_bake(step.bake)}" for step in stages.steps)
    return f"{stages.strategy} {steps}{' parked' if stages.parks else ''}".rstrip()


def show_bake(bake: Bake) -> str:
    return f"{bake.seconds}s"


@pytest.mark.parametrize("case", DONE, ids=name)
def test_a_result_is_valid(case: Path) -> None:
    checked = check((case / "headgate.yaml").read_bytes(), "headgate.yaml")
    assert [finding for finding in checked.findings if finding.severity == "error"] == []


@pytest.mark.parametrize("case", DONE, ids=name)
def test_migrating_a_result_changes_nothing(
    case: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(case)
    assert main(["migrate", "headgate.yaml"]) == 0
    printed = capsys.readouterr()
    assert printed.out == result_of(case)
    assert printed.err == "headgate.yaml: nothing to do: this is version 1, the newest\n"


@pytest.mark.parametrize("case", [case for case in CASES if case.name not in UNREADABLE], ids=name)
def test_a_case_that_fails_says_why_and_one_that_does_not_has_no_error(case: Path) -> None:
    migration = migrate_case(case)
    errors = [item for item in migration.items if item.kind == "error"]
    assert bool(errors) == (migration.text is None)
    assert not (migration.text is None and migration.commands)


@pytest.mark.parametrize("case", DONE, ids=name)
def test_every_comment_is_in_the_result(case: Path) -> None:
    written = read_syntax((case / "manifest.yaml").read_text(encoding="utf-8"))
    result = result_of(case)
    for comments in attach_comments(written).values():
        for comment in comments:
            assert comment.text in result


@pytest.mark.parametrize("case", DONE, ids=name)
def test_every_item_is_at_the_top_of_the_result_with_its_line(case: Path) -> None:
    migration = migrate_case(case)
    header = result_of(case).partition("\n\n")[0]
    assert all(line.startswith("#") for line in header.splitlines())
    for item in migration.items:
        part = "key" if isinstance(item.place[-1], str) else "value"
        line = migration.document.locate(item.place, part).line
        assert f"# {LABELS[item.kind].capitalize()}:\n" in header
        assert f"#   line {line}: {item.text}\n" in f"{header}\n"


@pytest.mark.parametrize("case", DONE, ids=name)
def test_a_file_from_windows_gives_the_same_with_its_line_ends(case: Path) -> None:
    data = (case / "manifest.yaml").read_bytes().replace(b"\n", b"\r\n")
    migration = migrate(read_document(b"\xef\xbb\xbf" + data, "manifest.yaml"), REGISTRY)
    assert migration.text == result_of(case).replace("\n", "\r\n")


@pytest.mark.parametrize("case", DONE, ids=name)
def test_the_commands_are_ones_that_headgate_takes(
    case: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    migration = migrate_case(case)
    taken = {option.flag for option in VERBS["adopt"].options}
    plan = plan_of(migration.text or "")
    for command in migration.commands:
        program, verb, *words = shlex.split(command)
        assert (program, verb) == ("headgate", "adopt")
        given = dict(zip(words[::2], words[1::2], strict=True))
        assert set(VERBS["adopt"].needs) <= set(given) <= taken
        assert plan.part(given["--environment"], given["--deploy"]) is not None
        assert command in result_of(case)
        assert 3 <= len(given["--reason"]) <= 300
        with pytest.raises(SystemExit):
            headgate(["adopt", *words, "--help"])
        assert "usage: headgate adopt" in capsys.readouterr().out
    monkeypatch.undo()


def test_there_are_enough_cases_of_both_kinds() -> None:
    assert len(CASES) >= 25 and len(DONE) >= 20 and len(CASES) - len(DONE) >= 7
