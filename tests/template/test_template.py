"""The template: what it renders is right without another edit, and bad answers write nothing."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from copier import run_copy
from headgate_template import TemplateError, create
from headgate_template.cli import main

ROOT = Path(__file__).parent.parent.parent
EXAMPLE = ROOT / "examples/shop"
OWN = {"README.md"}
"""What the example says in its own words."""


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """The template as people get it: a repository with a tag."""
    repository = tmp_path / "template"
    shutil.copytree(ROOT / "templates", repository / "templates")
    shutil.copy(ROOT / "copier.yml", repository)
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.invalid", "-c", "commit.gpgsign=false"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "template"], ["tag", "v0.1.0"]):
        subprocess.run(["git", *identity, *command], cwd=repository, check=True)
    return repository


def files_of(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()
    }


def test_the_defaults_give_the_example_repository(tmp_path: Path) -> None:
    create(tmp_path / "made", {})
    made, example = files_of(tmp_path / "made"), files_of(EXAMPLE)
    assert {name: made.get(name) for name in example.keys() - OWN} == {
        name: text for name, text in example.items() if name not in OWN
    }


def test_copier_alone_gives_the_same_and_asks_for_no_trust(template: Path, tmp_path: Path) -> None:
    run_copy(str(template), tmp_path / "copied", defaults=True, quiet=True, unsafe=False)
    create(tmp_path / "made", {})
    copied, made = files_of(tmp_path / "copied"), files_of(tmp_path / "made")
    answers = copied.pop(".copier-answers.yml")
    assert "_commit: v0.1.0" in answers
    assert "_src_path" not in made.pop(".copier-answers.yml")
    assert copied == made


def test_answers_reach_the_manifest(tmp_path: Path) -> None:
    create(tmp_path / "made", {"environments": "dev , live", "trunk": "release/1", "name": "till"})
    manifest = (tmp_path / "made/headgate.yaml").read_text()
    assert "\nenvironments: [dev, live]\n" in manifest
    assert "\ntrunk: release/1\n" in manifest
    assert (tmp_path / "made/README.md").read_text().startswith("# till\n")


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {"environments": "live"},
        {"environments": "dev, eu-1, us-2", "trunk": "release/1.0", "name": "T.i_ll-2"},
        {"environments": ", ".join(f"e{number}" for number in range(20))},
    ],
    ids=str,
)
def test_without_another_edit_it_checks_clean_and_generates(answers: dict[str, str], tmp_path: Path) -> None:
    made = tmp_path / "made"
    create(made, answers)
    subprocess.run(["git", "init", "-q", str(made)], check=True)
    for command in ("check --strict", "generate", "generate --check", "simulate --deploy app", "plan"):
        ran = run_headgate(command, made)
        assert ran.returncode == 0, f"{command}\n{ran.stdout}{ran.stderr}"


def run_headgate(command: str, where: Path) -> subprocess.CompletedProcess[str]:
    program = str(Path(sys.executable).with_name("headgate"))
    return subprocess.run([program, *command.split()], cwd=where, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("question", "answer", "said"),
    [
        ("name", "a b", "letters, digits"),
        ("name", "x\n", "letters, digits"),
        ("name", "", "letters, digits"),
        ("environments", "dev, Prod", '"Prod" is no environment name'),
        ("environments", "dev,,prod", '"" is no environment name'),
        ("environments", "dev, dev", "occurs twice"),
        ("environments", "all", "reserved"),
        ("environments", ", ".join(f"e{number}" for number in range(21)), "at most 20"),
        ("environments", "${{ github.token }}", "is no environment name"),
        ("trunk", "-f", "letters, digits"),
        ("trunk", "main: {}", "letters, digits"),
        ("color", "red", 'no question "color"'),
    ],
)
def test_a_bad_answer_is_refused_and_nothing_is_written(
    tmp_path: Path, question: str, answer: str, said: str
) -> None:
    with pytest.raises(TemplateError) as refused:
        create(tmp_path / "made", {question: answer})
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "made").exists()


def test_a_folder_with_something_in_it_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "kept").write_text("mine")
    assert main(["new", str(tmp_path), "--defaults"]) == 2
    assert "already there" in capsys.readouterr().err
    assert files_of(tmp_path) == {"kept": "mine"}


def test_the_command_makes_a_repository_and_says_what_comes_next(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["new", str(tmp_path / "made"), "--defaults", "--answer", "name=till"]) == 0
    assert "headgate generate" in capsys.readouterr().out
    assert (tmp_path / "made/headgate.yaml").is_file()
