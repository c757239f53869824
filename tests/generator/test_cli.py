"""The command line: what it writes, what it refuses, its exit codes."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from headgate.cli import main
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.generator.matrix import MATRIX

ENVIRONMENT = {"PYTHONPATH": ":".join(path for path in sys.path if path)}
"""Packages without site-packages' start-up hooks, some of which import much."""

Run = tuple[int, str, str]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with the README's manifest, entered."""
    root = tmp_path / "shop"
    for path, text in MATRIX["readme"].files().items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    (root / ".git").mkdir()
    monkeypatch.chdir(root)
    return root


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> Run:
    code = main(arguments)
    said = capsys.readouterr()
    return code, said.out, said.err


def tree(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()
    }


def test_generate_writes_everything_and_the_second_time_nothing(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _err = run(capsys, "generate")
    assert code == 0
    assert "created .github/workflows/headgate-deploy-app.yaml" in out.splitlines()
    before = tree(shop)
    assert run(capsys, "generate")[:2] == (0, "every generated file is fresh\n")
    assert tree(shop) == before
    sums = [shutil.which("sha256sum") or "sha256sum", "--check", ".github/headgate/SHA256SUMS"]
    assert subprocess.run(sums, cwd=shop, capture_output=True, check=False).returncode == 0


def test_generate_works_from_a_folder_inside(
    shop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shop / ".github/workflows")
    assert run(capsys, "generate")[0] == 0
    assert (shop / ".github/headgate/plan.json").is_file()


def test_generate_for_hooks_writes_and_fails_only_when_something_changed(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, "generate", "--fail-on-change")[0] == 1
    assert (shop / ".github/headgate/plan.json").is_file()
    assert run(capsys, "generate", "--fail-on-change")[0] == 0


def test_check_says_what_is_stale_and_writes_nothing(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "generate", "--check")[0] == 1
    assert not (shop / ".github/headgate").exists()
    run(capsys, "generate")
    assert run(capsys, "generate", "--check")[0] == 0
    manifest = shop / "headgate.yaml"
    manifest.write_text(manifest.read_text().replace("percent: 10", "percent: 20"))
    left = shop / ".github/workflows/headgate-deploy-gone.yaml"
    shutil.copy(shop / ".github/workflows/headgate-deploy-app.yaml", left)
    before = tree(shop)
    code, out, err = run(capsys, "generate", "--check")
    assert code == 1
    assert "+      percent: 20" in out
    assert ".github/workflows/headgate-deploy-app.yaml: HG804" in err
    assert ".github/workflows/headgate-deploy-gone.yaml: HG806" in err
    assert tree(shop) == before


def test_diff_shows_what_would_change_and_writes_nothing(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _err = run(capsys, "generate", "--diff")
    assert code == 0
    assert "+++ b/.github/headgate/plan.json" in out
    assert not (shop / ".github/headgate").exists()


def test_an_error_in_the_manifest_keeps_everything_as_it_was(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "generate")
    manifest = shop / "headgate.yaml"
    manifest.write_text(manifest.read_text().replace("percent: 10", "percent: 0\n      percnt: 1"))
    before = tree(shop)
    code, out, err = run(capsys, "generate")
    assert (code, out) == (1, "")
    assert "HG1" in err and "nothing was written" in err
    assert tree(shop) == before
    assert run(capsys, "plan")[0] == 1


def test_a_missing_callback_is_found_when_generating(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / ".github/workflows/cutover.yaml").unlink()
    code, _out, err = run(capsys, "generate")
    assert code == 1
    assert 'HG401: there is no file ".github/workflows/cutover.yaml"' in err
    assert not (shop / ".github/headgate").exists()


def test_a_foreign_file_in_the_way_is_not_touched(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = shop / ".github/workflows/headgate-release.yaml"
    mine.write_text("on: push\n")
    code, _out, err = run(capsys, "generate")
    assert code == 1
    assert "HG803" in err
    assert mine.read_text() == "on: push\n"
    assert not (shop / ".github/headgate").exists()


def test_files_of_a_newer_headgate_are_left_alone(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "generate")
    plan = shop / ".github/headgate/plan.json"
    plan.write_text(plan.read_text().replace('"generator": "', '"generator": "9'))
    before = tree(shop)
    code, _out, err = run(capsys, "generate")
    assert code == 1
    assert "HG802" in err
    assert tree(shop) == before


def test_a_manifest_that_loses_its_deploys_loses_their_files(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "generate")
    manifest = shop / "headgate.yaml"
    manifest.write_text(manifest.read_text().split("  - name: api")[0])
    out = run(capsys, "generate")[1]
    assert "removed .github/workflows/headgate-deploy-api.yaml" in out.splitlines()


@pytest.mark.usefixtures("shop")
def test_plan_shows_one_deploy_in_one_environment(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _err = run(capsys, "plan", "--environment", "prod", "--deploy", "app")
    assert code == 0
    assert "canary in prod\n" in out and "api" not in out
    code, out, _err = run(capsys, "plan", "--format", "json", "--deploy", "api")
    assert [deploy["name"] for deploy in json.loads(out)["deploys"]] == ["api"]


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("flag", "message"), [("--environment", "there is no environment"), ("--deploy", "no deploy")]
)
def test_plan_refuses_names_that_the_manifest_does_not_have(
    capsys: pytest.CaptureFixture[str], flag: str, message: str
) -> None:
    code, out, err = run(capsys, "plan", flag, "nowhere")
    assert (code, out) == (2, "")
    assert message in err


def test_without_a_manifest_there_is_one_line_and_exit_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for command in ("generate", "plan"):
        code, out, err = run(capsys, command)
        assert (code, out, err.count("\n")) == (2, "", 1)


@given(st.binary(max_size=200))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_as_a_manifest_give_exit_1_and_no_file(
    shop: Path, capsys: pytest.CaptureFixture[str], data: bytes
) -> None:
    (shop / "headgate.yaml").write_bytes(data)
    before = tree(shop)
    assert run(capsys, "generate")[0] == 1
    assert tree(shop) == before


@given(st.binary(max_size=120))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_as_a_callback_give_exit_1_and_no_file(
    shop: Path, capsys: pytest.CaptureFixture[str], data: bytes
) -> None:
    (shop / ".github/workflows/cutover.yaml").write_bytes(data)
    before = tree(shop)
    assert run(capsys, "generate")[0] == 1
    assert tree(shop) == before


def test_explain_knows_the_codes_of_both_packages_and_fields(capsys: pytest.CaptureFixture[str]) -> None:
    for subject, said in (
        ("hg803", "HG803 (error, "),
        ("HG401", "HG401 (error, "),
        ("canary.bake_time", "7d"),
    ):
        code, out, _err = run(capsys, "explain", subject)
        assert code == 0 and said in out
    assert run(capsys, "explain", "HG999")[0] == 2


def test_findings_point_to_this_program_for_more(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "headgate.yaml").write_text("version: 2\n")
    assert run(capsys, "check")[1].endswith("\nheadgate explain HG102 says more\n")
    assert run(capsys, "plan")[2].endswith("\nheadgate explain HG102 says more\n")


@pytest.mark.parametrize(
    "arguments", [["--help"], ["generate", "--help"], ["plan", "--help"], ["check", "--help"]]
)
def test_help_has_examples(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    assert exit_.value.code == 0
    said = capsys.readouterr().out
    assert "examples:" in said and "headgate-schema" not in said


def test_a_wrong_command_line_is_exit_2() -> None:
    for arguments in (["nonsense"], ["generate", "--check", "--diff"], ["plan", "--format", "svg"]):
        with pytest.raises(SystemExit) as exit_:
            main(arguments)
        assert exit_.value.code == 2
    assert main([]) == 2


@pytest.mark.parametrize(
    ("asked", "unwanted"),
    [("()", {"msgspec", "yaml", "headgate_schema"}), ("('generate',)", {"jsonschema", "importlib.metadata"})],
)
def test_the_command_line_starts_without_what_it_does_not_need(asked: str, unwanted: set[str]) -> None:
    script = f"import sys, headgate.cli; headgate.cli.build_parser({asked}); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-S", "-c", script], env=ENVIRONMENT, capture_output=True, check=True
    )
    assert not unwanted & set(done.stdout.decode().split())


def test_a_closed_pipe_ends_quietly(shop: Path) -> None:
    command = f"{sys.executable} -m headgate plan | true"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], cwd=shop, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr and "Exception" not in done.stderr
