"""``check --fix`` and ``--diff``: what is fixed, what is written, what is said, and what is left alone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from headgate_schema.cli import main
from headgate_schema.failure import SchemaError
from headgate_schema.patch import write_patch
from headgate_schema.repository import Draft, write_files

MANIFEST = ".github/headgate.yaml"
CALLBACK = ".github/workflows/deploy-app.yaml"
TEXT = """\
version: 1
environments: dev # the only one
deploys:
  - name: app
    secrets: {TOKN: T}
    strategy: canary
    canary:
      percent: 10 %   # little
      bake_time: 1 h
      promote_callback: .github/workflows/deploy-app.yaml
      rollback_callback: .github/workflows/roll.yaml
"""
SAFE = (
    TEXT.replace("environments: dev #", "environments: [dev] #").replace("10 % ", "10 ").replace("1 h", "1h")
)
DEPLOY = """\
on:
  workflow_call:
    inputs:
      percent: {type: number}
      action: {type: string}
    secrets:
      TOKEN:
jobs:
  run:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4 # the code
"""
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / ".github/workflows").mkdir(parents=True)
    (tmp_path / MANIFEST).write_text(TEXT)
    (tmp_path / CALLBACK).write_text(DEPLOY)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def list_files(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def test_safe_fixes_are_made_and_the_rest_is_shown(repository: Path, capsys: Capture) -> None:
    before = list_files(repository)
    assert main(["check", "--fix", "--format", "json"]) == 1
    shown = capsys.readouterr()
    assert list_files(repository) == before | {MANIFEST: SAFE.encode()}
    assert {one["code"] for one in json.loads(shown.out)["findings"]} == {"HG401", "HG411"}
    assert shown.err == "fixed 3 findings in .github/headgate.yaml; 2 more with --unsafe\n"
    assert main(["check", "--fix", "--format", "concise"]) == 1
    assert capsys.readouterr().err == "nothing to fix; 2 more with --unsafe\n"


def test_guesses_change_callbacks_and_create_them(repository: Path, capsys: Capture) -> None:
    assert main(["check", "--fix", "--unsafe"]) == 0
    shown = capsys.readouterr()
    files = list_files(repository)
    assert files[MANIFEST] == SAFE.encode()
    assert b"# the code\n        with:\n          ref: ${{ inputs.sha }}\n" in files[CALLBACK]
    assert b"is not written yet" in files[".github/workflows/roll.yaml"]
    assert shown.out == ".github/headgate.yaml: no findings\n"
    assert shown.err == (
        "fixed 5 findings in .github/headgate.yaml, .github/workflows/roll.yaml (new), "
        ".github/workflows/deploy-app.yaml\n"
    )


@pytest.mark.parametrize("extra", [[], ["--unsafe"]])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_a_diff_is_what_git_makes_the_same_of(
    extra: list[str],
    mark: bytes,
    line_break: str,
    repository: Path,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    for file in (MANIFEST, CALLBACK):
        text = (repository / file).read_text().rstrip("\n").replace("\n", line_break)
        (repository / file).write_bytes(mark + text.encode())
    before = list_files(repository)
    assert main(["check", "--diff", *extra]) == 1
    patch, said = capfdbinary.readouterr()
    assert said.startswith(b"would fix 5 findings" if extra else b"would fix 3 findings")
    assert list_files(repository) == before
    subprocess.run(["git", "apply", "--whitespace=nowarn", "-"], input=patch, check=True)
    patched = list_files(repository)
    for file in patched:
        (repository / file).unlink()
    for file, content in before.items():
        (repository / file).write_bytes(content)
    main(["check", "--fix", *extra])
    assert list_files(repository) == patched
    assert all(patched[file].startswith(mark) for file in (MANIFEST, CALLBACK))
    assert patched[MANIFEST].count(b"\r") == (patched[MANIFEST].count(b"\n") if "\r" in line_break else 0)


def test_a_hostile_name_stays_in_its_quotes_and_git_reads_it(tmp_path: Path) -> None:
    name = 'a "b"\\\t\n+++ b/other\x7f\xe9.yaml'
    patch = write_patch(name, b"a: 1\n", b"a: 2\n")
    assert patch.count(b"\n") == 5
    (tmp_path / name).parent.mkdir(parents=True)
    (tmp_path / name).write_bytes(b"a: 1\n")
    subprocess.run(["git", "apply", "-"], input=patch, cwd=tmp_path, check=True)
    assert (tmp_path / name).read_bytes() == b"a: 2\n"


def test_a_diff_without_changes_exits_as_a_check_does(repository: Path, capsys: Capture) -> None:
    (repository / MANIFEST).write_text(SAFE)
    assert main(["check", "--diff"]) == 1
    (repository / MANIFEST).write_text("version: 1\nenvironments: [dev]\ndeploys: [{name: app}]\n")
    (repository / CALLBACK).write_text("on: workflow_call\njobs: {}\n")
    capsys.readouterr()
    assert main(["check", "--diff", "--unsafe"]) == 0
    assert capsys.readouterr() == ("", "")


def test_unsafe_alone_is_refused(repository: Path, capsys: Capture) -> None:
    assert main(["check", "--unsafe"]) == 2
    assert capsys.readouterr().err == (
        "headgate-schema: --unsafe goes with --fix or --diff: it lets them make guesses too\n"
    )
    assert list_files(repository)[MANIFEST] == TEXT.encode()


def test_only_selected_findings_are_fixed(repository: Path, capsys: Capture) -> None:
    assert main(["check", "--fix", "--unsafe", "--select", "HG107", "--format", "concise"]) == 0
    assert list_files(repository)[MANIFEST] == TEXT.replace("1 h", "1h").encode()
    assert capsys.readouterr().err == "fixed 1 finding in .github/headgate.yaml\n"


def test_an_ignored_finding_is_not_fixed(repository: Path) -> None:
    text = "version: 1\nenvironments: [dev]\ndeploys:\n  - name: app\n    permissions: {content: read}"
    (repository / CALLBACK).write_text("on: workflow_call\npermissions: {}\njobs: {}\n")
    (repository / MANIFEST).write_text(f"{text} # headgate: ignore[HG215]\n")
    assert main(["check", "--diff", "--unsafe"]) == 0
    (repository / MANIFEST).write_text(f"{text}\n")
    assert main(["check", "--diff", "--unsafe"]) == 1


def run(*arguments: str, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "headgate_schema", "check", *arguments]
    return subprocess.run(command, input=data, capture_output=True, check=False)


def test_standard_input_goes_fixed_to_standard_output(repository: Path) -> None:
    before = list_files(repository)
    text = b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode()
    done = run("--fix", "--unsafe", "-", data=text)
    assert done.stdout == b"\xef\xbb\xbf" + SAFE.replace("\n", "\r\n").encode()
    said = done.stderr.decode()
    assert said.startswith("<stdin>: no findings (") and said.endswith("fixed 3 findings in <stdin>\n")
    done = run("--fix", "--format", "json", "-", data=b"version: 2\n")
    assert (done.returncode, done.stdout) == (1, b"version: 2\n")
    assert json.loads(done.stderr)["format"] == "json-v1"
    assert run("--diff", "-", data=text).stdout.startswith(b"--- a/<stdin>\n+++ b/<stdin>\n@@ ")
    assert list_files(repository) == before


def test_several_manifests_share_what_is_fixed_for_one(repository: Path, capsys: Capture) -> None:
    service = repository / "a service"
    service.mkdir()
    (service / ".github").symlink_to(repository / ".github")
    (service / "headgate.yaml").write_text(TEXT)
    (service / "link.yaml").symlink_to("headgate.yaml")
    named = ["a service/headgate.yaml", MANIFEST, MANIFEST, "a service/link.yaml"]
    (repository / ".github/workflows/roll.yaml").write_text(DEPLOY.partition("    steps")[0])
    assert main(["check", "--diff", "--unsafe", *named]) == 1
    patch = capsys.readouterr().out
    assert patch.count("+++ ") == 3 and "+++ b/a service/.github/workflows/deploy-app.yaml\t\n" in patch
    assert main(["check", "--fix", "--unsafe", *named]) == 0
    assert "fixed 9 findings in a service/headgate.yaml, a service/.github/" in capsys.readouterr().err
    assert (service / "link.yaml").is_symlink() and (service / ".github").is_symlink()
    assert list_files(repository)[CALLBACK].count(b"ref: ${{ inputs.sha }}") == 1


def test_when_one_manifest_cannot_be_read_none_is_changed(repository: Path) -> None:
    before = list_files(repository)
    assert main(["check", "--fix", MANIFEST, "missing.yaml"]) == 2
    assert list_files(repository) == before


def test_the_mode_stays_and_no_file_is_left_over(repository: Path) -> None:
    (repository / MANIFEST).chmod(0o640)
    main(["check", "--fix", "--unsafe"])
    assert (repository / MANIFEST).stat().st_mode & 0o777 == 0o640
    created = (repository / ".github/workflows/roll.yaml").stat().st_mode & 0o777
    assert created == 0o666 & ~read_mask()
    assert len(list_files(repository)) == 3


def read_mask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_a_read_only_file_stays(repository: Path, capsys: Capture) -> None:
    before = list_files(repository)
    (repository / CALLBACK).chmod(0o444)
    assert main(["check", "--fix", "--unsafe"]) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1
    assert said.err.startswith("headgate-schema: nothing was written: ")
    assert said.err.endswith("/deploy-app.yaml is read-only\n")
    assert list_files(repository) == before


def test_a_file_is_not_created_through_a_link_that_leads_nowhere(repository: Path, capsys: Capture) -> None:
    before = list_files(repository)
    elsewhere = repository.parent / "elsewhere.yaml"
    (repository / ".github/workflows/roll.yaml").symlink_to(elsewhere)
    assert main(["check", "--fix", "--unsafe"]) == 2
    assert "leads elsewhere" in capsys.readouterr().err
    assert list_files(repository) == before and not elsewhere.exists()


def test_what_changed_in_the_meantime_is_not_written_over(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "new/folder/other"
    one.write_bytes(b"theirs")
    with pytest.raises(SchemaError, match="one has changed since it was read"):
        write_files([Draft(other, None, b"ours"), Draft(one, b"as it was", b"ours")])
    assert list_files(tmp_path) == {"one": b"theirs"} and not (tmp_path / "new").exists()
    with pytest.raises(SchemaError, match="one has changed since it was read"):
        write_files([Draft(one, None, b"ours")])
    assert one.read_bytes() == b"theirs"


@pytest.mark.parametrize("error", [OSError(28, "No space left on device", "three"), KeyboardInterrupt()])
def test_a_failure_half_way_puts_everything_back(
    error: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "three"):
        (tmp_path / name).write_bytes(b"before")
    (tmp_path / "one").chmod(0o600)
    replace = Path.replace

    def fail_at_three(self: Path, target: Path) -> Path:
        if target.name == "three" and self.read_bytes() == b"after":
            raise error
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", fail_at_three)
    drafts = [
        Draft(tmp_path / "one", b"before", b"after"),
        Draft(tmp_path / "new/two", None, b"after"),
        Draft(tmp_path / "three", b"before", b"after"),
    ]
    expected = SchemaError if isinstance(error, OSError) else KeyboardInterrupt
    with pytest.raises(expected, match=r"^nothing was written: three: No space|^$"):
        write_files(drafts)
    assert list_files(tmp_path) == {"one": b"before", "three": b"before"}
    assert not (tmp_path / "new").exists() and (tmp_path / "one").stat().st_mode & 0o777 == 0o600


def test_a_folder_that_cannot_be_made_ends_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".github").write_text("a file")
    (tmp_path / "headgate.yaml").write_text("version: 1\nenvironments: dev\ndeploys: [{name: app}]\n")
    before = list_files(tmp_path)
    assert main(["check", "--fix", "--unsafe"]) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.startswith("headgate-schema: nothing was written: ")
    assert said.err.count("\n") == 1
    assert list_files(tmp_path) == before


@pytest.mark.usefixtures("repository")
def test_an_interrupt_ends_in_one_line() -> None:
    os.mkfifo("slow.yaml")
    command = [sys.executable, "-m", "headgate_schema", "check", "--fix", "slow.yaml"]
    started = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    with Path("slow.yaml").open("wb"):  # which waits until it is being read
        started.send_signal(signal.SIGINT)
        out, said = started.communicate()
    assert (started.returncode, out, said) == (2, b"", b"headgate-schema: interrupted\n")


def test_the_program_that_people_use_fixes_too(repository: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "headgate", "check", "--fix"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, list_files(repository)[MANIFEST]) == (1, SAFE.encode())
    assert "  = fix: " in done.stdout and "can be fixed with --fix --unsafe\n" in done.stdout
    assert "headgate explain HG" in done.stdout
    assert done.stderr == "fixed 3 findings in .github/headgate.yaml; 2 more with --unsafe\n"
