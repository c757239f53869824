"""The command: what it prints where, what it writes, what it never overwrites, and its exit codes."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest
from headgate_schema.cli import main
from headgate_schema.cli import migrate as command

from .test_registry import CASCADE, FIRST, NEXT, SECOND

HERE = Path(__file__).parent / "cascade"
SOURCE = (HERE / "blue-green/manifest.yaml").read_bytes()
RESULT = (HERE / "blue-green/headgate.yaml").read_text().replace("manifest.yaml", ".github/manifest.yaml")
ADOPT = (
    "headgate adopt --environment prod --deploy api "
    "--release 6b6748e1c1a8a1f45b3a8e6d2d0f7c9e11223344 --reason 'live before Headgate: v3.0.1'"
)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a manifest of cascade where cascade has it."""
    (tmp_path / ".git").mkdir()
    (tmp_path / ".github").mkdir()
    (tmp_path / ".github/manifest.yaml").write_bytes(SOURCE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("repository")
def test_the_result_is_printed_and_what_there_is_to_say_goes_to_the_other_stream(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["migrate", ".github/manifest.yaml"]) == 0
    printed = capsys.readouterr()
    assert printed.out == RESULT
    assert printed.err == (
        ".github/manifest.yaml:15:9: changed: blue is taken for the live colour; "
        "if it is green, adopt it with --color green\n"
    )
    assert not Path("headgate.yaml").exists()


@pytest.mark.parametrize("start", [".", ".github"])
def test_the_result_is_written_at_the_root_and_the_commands_are_printed(
    start: str, repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(repository / start)
    file = os.path.relpath(repository / ".github/manifest.yaml")
    assert main(["migrate", file, "--write"]) == 0
    assert (repository / "headgate.yaml").read_text() == RESULT.replace(".github/manifest.yaml", file)
    assert (repository / ".github/manifest.yaml").read_bytes() == SOURCE
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"wrote {'headgate.yaml' if start == '.' else repository / 'headgate.yaml'}"
    assert lines[1].startswith(f"{file} stays as it is")
    assert lines[-1] == f"  {ADOPT}"


def test_outside_of_a_repository_the_result_lies_beside_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in ("service", ".github"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "manifest.yaml").write_bytes(SOURCE)
        assert main(["migrate", f"{folder}/manifest.yaml", "--write"]) == 0
    assert (tmp_path / "service/headgate.yaml").exists()
    assert (tmp_path / "headgate.yaml").exists()


def test_writing_twice_is_fine_but_another_manifest_is_never_overwritten(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write = ["migrate", ".github/manifest.yaml", "--write"]
    assert main(write) == main(write) == 0
    assert "headgate.yaml is as it should be\n" in capsys.readouterr().out
    (repository / "headgate.yaml").write_text("version: 1\n")
    assert main(write) == 2
    assert "headgate.yaml is there already and says something else" in capsys.readouterr().err
    assert (repository / "headgate.yaml").read_text() == "version: 1\n"


@pytest.mark.parametrize("there", [".github/headgate.yaml", "a folder", "a dangling link"])
def test_what_is_in_the_way_is_said(there: str, repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if there == ".github/headgate.yaml":
        (repository / there).write_text(FIRST)
    elif there == "a folder":
        (repository / "headgate.yaml").mkdir()
    else:
        (repository / "headgate.yaml").symlink_to("nowhere")
    assert main(["migrate", ".github/manifest.yaml", "--write"]) == 2
    assert capsys.readouterr().err.splitlines()[-1].startswith("headgate-schema: ")


def test_a_difference_is_shown_and_nothing_written(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["migrate", ".github/manifest.yaml", "--diff"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("--- /dev/null\n+++ b/headgate.yaml\n@@ -0,0 +1,")
    assert [line[1:] for line in shown.splitlines()[3:]] == RESULT.splitlines()
    assert not (repository / "headgate.yaml").exists()
    (repository / "headgate.yaml").write_text(RESULT.replace("trunk: main", "trunk: trunk"))
    assert main(["migrate", ".github/manifest.yaml", "--diff"]) == 0
    assert "-trunk: trunk\n+trunk: main\n" in capsys.readouterr().out


def test_what_can_not_be_migrated_leaves_everything_as_it_is(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (repository / ".github/manifest.yaml").write_text(CASCADE.replace("[DEV]", "[]"))
    for how in ([], ["--write"], ["--diff"]):
        assert main(["migrate", ".github/manifest.yaml", *how]) == 1
        printed = capsys.readouterr()
        assert printed.out == ""
        reason, end = printed.err.splitlines()
        assert reason.startswith(".github/manifest.yaml:5:5: error: Headgate needs an environment to promote")
        assert end == ".github/manifest.yaml can't be migrated; nothing was written"
    assert {path.name for path in repository.iterdir()} == {".git", ".github"}


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["missing.yaml"], "can't read missing.yaml"),
        (["-", "--write"], "--write needs a file"),
        (["other.yaml"], "other.yaml is no manifest that is known here"),
        (["newer.yaml"], "version 2 is newer than version 1, and there is no way down"),
    ],
)
def test_usage_and_files_exit_with_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("other.yaml").write_text("a: 1\n")
    Path("newer.yaml").write_text(SECOND)
    assert main(["migrate", *arguments]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.usefixtures("repository")
def test_an_unknown_kind_lists_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["migrate", ".github/manifest.yaml", "--from", "waterfall"])
    assert "cascade" in capsys.readouterr().err


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for how in ([], ["--diff"]):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(SOURCE), encoding="utf-8"))
        assert main(["migrate", "--from", "cascade", "-", *how]) == 0
        assert "cutover_callback" in capsys.readouterr().out


def test_an_older_generation_is_written_in_place(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "REGISTRY", NEXT)
    (repository / "headgate.yaml").write_text(FIRST)
    assert main(["migrate", "headgate.yaml", "--diff"]) == 0
    shown = capsys.readouterr().out
    assert "-trunk: main   # aligned by hand\n" in shown and "+branch: main   # aligned by hand\n" in shown
    assert main(["migrate", "headgate.yaml", "--write"]) == 0
    assert (repository / "headgate.yaml").read_text() == SECOND
    assert capsys.readouterr().out == "wrote headgate.yaml\n"
    (repository / "headgate.yaml").write_bytes(b"\xef\xbb\xbf" + SECOND.encode())
    assert main(["migrate", "headgate.yaml", "--write"]) == 0
    assert (repository / "headgate.yaml").read_bytes().startswith(b"\xef\xbb\xbf# the shop")
    printed = capsys.readouterr()
    assert printed.out == "headgate.yaml is as it should be\n"
    assert printed.err == "headgate.yaml: nothing to do: this is version 2, the newest\n"


def test_a_file_whose_name_breaks_lines_breaks_none(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (repository / "a\n::error::b.yaml").write_text(CASCADE)
    assert main(["migrate", "a\n::error::b.yaml"]) == 0
    printed = capsys.readouterr()
    lines = [*printed.out.splitlines(), *printed.err.splitlines()]
    assert not [line for line in lines if line.lstrip().startswith("::")]
    assert printed.err.startswith(r"a\n::error::b.yaml:")
    assert printed.out.startswith("# Migrated from")


def test_what_a_terminal_can_not_show_is_escaped(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (repository / ".github/manifest.yaml").write_text(CASCADE.replace("tag_prefix", '"🚀"'))
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="ascii") for _ in range(2))
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    assert main(["migrate", ".github/manifest.yaml"]) == 0
    err.flush()
    assert b"\\U0001f680" in err.buffer.getvalue()


def test_a_folder_whose_name_is_no_text_is_written_to_and_named_on_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / os.fsdecode(b"a\n\xff")
    folder.mkdir()
    (folder / "manifest.yaml").write_bytes(SOURCE)
    monkeypatch.chdir(tmp_path)
    assert main(["migrate", f"{folder.name}/manifest.yaml", "--write"]) == 0
    assert (folder / "headgate.yaml").exists()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == r"wrote a\n\udcff/headgate.yaml"
    assert lines[1].startswith(r"a\n\udcff/manifest.yaml stays as it is")
