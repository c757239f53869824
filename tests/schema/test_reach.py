"""Which workflow files a manifest reaches, and that the search for them ends."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping

import pytest
from headgate_schema.check import Checked, check
from headgate_schema.reach import MOST_FILES, find_called

Check = Callable[..., Checked]
MANIFEST = "version: 1\nenvironments: [dev]\ndeploys: [{name: app}]\n"
FOLDER = ".github/workflows/"


def calling(*files: str) -> str:
    jobs = "".join(f"  j{index}: {{uses: ./{FOLDER}{file}}}\n" for index, file in enumerate(files))
    return f"on: workflow_call\njobs:\n{jobs or '  j: {runs-on: x, steps: [{run: x}]}'}\n"


class Counting:
    """Files in memory that remember what was asked for."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = {FOLDER + name: text for name, text in files.items()}
        self.asked: Counter[str] = Counter()

    def read(self, path: str) -> bytes | None:
        self.asked[path] += 1
        text = self.files.get(path)
        return text.encode() if text is not None else None


@pytest.mark.parametrize(
    ("uses", "file"),
    [
        ("./.github/workflows/a.yaml", ".github/workflows/a.yaml"),
        ("$/.github/workflows/a.yml", ".github/workflows/a.yml"),
        ("./.github/workflows/../../secret.yaml", None),
        ("./.github/workflows/deep/a.yaml", None),
        ("o/r/.github/workflows/a.yaml@main", None),
        ("./actions/a", None),
    ],
)
def test_only_workflows_of_this_repository_are_followed(uses: str, file: str | None) -> None:
    assert find_called(uses) == file


def test_every_file_is_read_once_and_a_circle_ends() -> None:
    files = Counting(
        {
            "deploy-app.yaml": calling("a.yaml", "b.yaml"),
            "a.yaml": calling("b.yaml", "deploy-app.yaml"),
            "b.yaml": calling("a.yaml", "gone.yaml"),
        }
    )
    checked = check(MANIFEST.encode(), "headgate.yaml", files)
    assert set(files.asked.values()) == {1}
    assert set(checked.callbacks) == {FOLDER + "deploy-app.yaml"}
    assert set(checked.nested) == {FOLDER + "a.yaml", FOLDER + "b.yaml"}
    assert {finding.code for finding in checked.findings} == {"HG422", "HG609"}


def test_a_called_file_that_is_not_yaml_is_reported_at_its_own_place(check_text: Check) -> None:
    files = {FOLDER + "deploy-app.yaml": calling("a.yaml"), FOLDER + "a.yaml": "on: workflow_call\njobs: [\n"}
    checked = check_text(MANIFEST, files)
    (finding,) = checked.findings
    assert (finding.code, finding.place.file) == ("HG001", FOLDER + "a.yaml")
    assert checked.locate(finding.place).line == 2


def test_thousands_of_files_in_a_row_do_no_harm() -> None:
    many = {f"c{index}.yaml": calling(f"c{index + 1}.yaml") for index in range(3_000)}
    files = Counting({"deploy-app.yaml": calling("c0.yaml"), **many})
    start = time.perf_counter()
    checked = check(MANIFEST.encode(), "headgate.yaml", files)
    assert len(files.asked) <= MOST_FILES + 2
    assert {finding.code for finding in checked.findings} == {"HG604", "HG607"}
    assert time.perf_counter() - start < 5


def test_thousands_of_reads_of_nothing_are_all_placed_in_time(check_text: Check) -> None:
    step = "      - run: " + " ".join("${{ inputs.x" + "%d" + " }}" for _ in range(900)) + "\n"
    steps = "".join(step % tuple(range(first, first + 900)) for first in range(0, 9_000, 900))
    text = "on: workflow_call\njobs:\n  j:\n    runs-on: x\n    steps:\n" + steps
    start = time.perf_counter()
    checked = check_text(MANIFEST, {FOLDER + "deploy-app.yaml": text})
    assert len({checked.locate(finding.place) for finding in checked.findings}) == 9_000
    assert time.perf_counter() - start < 10


def test_a_file_that_calls_thousands_does_no_harm() -> None:
    files = Counting({"deploy-app.yaml": calling(*(f"c{index}.yaml" for index in range(2_000)))})
    checked = check(MANIFEST.encode(), "headgate.yaml", files)
    assert len(files.asked) == MOST_FILES + 1
    assert {finding.code for finding in checked.findings} == {"HG422", "HG604"}
