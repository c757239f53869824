"""The oracles find planted faults, so that their silence means something."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.prerequisites import require_node_packages
from tests.oracles.finding import Finding
from tests.oracles.oracles import (
    OracleFailed,
    all_findings,
    findings,
    run_check_jsonschema,
    run_node_linters,
    run_zizmor,
    workflow_files,
)

CHECKOUT = "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2"
GOOD = f"""
name: Good
on:
  workflow_dispatch:
    inputs:
      name: {{ description: whom to greet, type: string, default: you }}
permissions: {{}}
concurrency:
  group: good
  cancel-in-progress: false
jobs:
  greet:
    name: Greet
    runs-on: ubuntu-latest
    timeout-minutes: 5
    permissions:
      contents: read # to check out
    steps:
      - name: Check out
        uses: {CHECKOUT}
        with:
          persist-credentials: false
      - name: Greet
        env:
          NAME: ${{{{ inputs.name }}}}
        run: echo "hello $NAME"
"""
CALLED = """
name: Called
on:
  workflow_call:
    inputs:
      must: { type: string, required: true }
permissions: {}
jobs:
  work:
    name: Work
    runs-on: ubuntu-latest
    timeout-minutes: 5
    steps:
      - name: Work
        run: "true"
"""
CALLING = """
name: Calling
on: workflow_dispatch
permissions: {}
concurrency: { group: calling, cancel-in-progress: false }
jobs:
  call:
    name: Call
    uses: ./.github/workflows/called.yaml
"""


FITTING = CALLING + "    with: { must: x }\n"
PLAIN = GOOD.replace("concurrency:\n  group: good\n  cancel-in-progress: false\n", "")
INHERITING = FITTING + "    secrets: inherit\n"

# A story: the workflow files of one repository (by name), and its manifest.
PLANTED = [
    ("inputs.name }}", "needs.none.outputs.x }}", "github warning"),
    ("inputs.name }}", "inputs.name == }}", "github error"),
    ("inputs.name }}", "inputs.other }}", "actionlint expression"),
    ('echo "hello $NAME"', "echo ${{ github.event.issue.title }}", "zizmor template-injection"),
    (CHECKOUT, "actions/checkout@v4", "zizmor unpinned-uses"),
    (CHECKOUT, f"{CHECKOUT.partition('@')[0]}@v4 # zizmor: ignore[unpinned-uses]", "zizmor unpinned-uses"),
    ("persist-credentials: false", "fetch-depth: 1", "zizmor artipacked"),
    ("timeout-minutes: 5", "timeout: 5", "schemastore $.jobs.greet"),
]
STORIES = {
    "good": {"good": GOOD},
    "missing": {"calling": CALLING},
    "unfitting": {"calling": CALLING, "called": CALLED},
    "fitting": {"calling": FITTING, "called": CALLED},
    "accepted": {"headgate-deploy-app": PLAIN, "headgate-release": PLAIN, "other": PLAIN, "called": CALLED},
    "inherit": {"headgate-deploy-app": INHERITING, "called": CALLED},
    "inherit, as said": {"headgate-deploy-app": INHERITING, "called": CALLED},
    **{f"planted {number}": {"bad": GOOD.replace(old, new)} for number, (old, new, _) in enumerate(PLANTED)},
}
MANIFESTS = {"inherit": "version: 1\n", "inherit, as said": "deploys:\n  - name: app\n    secrets: inherit\n"}


def write(folder: Path, workflows: dict[str, str], manifest: str | None = None) -> Path:
    target = folder / ".github" / "workflows"
    target.mkdir(parents=True)
    for name, text in workflows.items():
        (target / f"{name}.yaml").write_text(text.lstrip())
    if manifest is not None:
        (folder / "headgate.yaml").write_text(manifest)
    return folder


@pytest.fixture(scope="module", autouse=True)
def _node() -> None:
    require_node_packages()


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Finding]]:
    """The findings of all stories, from one run of the oracles."""
    root = tmp_path_factory.mktemp("stories")
    folders = {name: write(root / name, files, MANIFESTS.get(name)) for name, files in STORIES.items()}
    everything = all_findings({folder: workflow_files(folder) for folder in folders.values()})
    return {name: [one for one in everything if one.folder == folder] for name, folder in folders.items()}


def test_a_good_file_has_no_finding(found: dict[str, list[Finding]]) -> None:
    assert found["good"] == []


@pytest.mark.parametrize(
    ("number", "old", "expected"), [(n, old, rule) for n, (old, _, rule) in enumerate(PLANTED)]
)
def test_a_planted_fault_is_found(
    found: dict[str, list[Finding]], number: int, old: str, expected: str
) -> None:
    assert old in GOOD
    assert expected in {f"{one.oracle} {one.rule}" for one in found[f"planted {number}"]}


def test_a_call_that_does_not_fit_is_found_by_github_alone(found: dict[str, list[Finding]]) -> None:
    (line,) = (str(one) for one in found["unfitting"] if "must" in one.message)
    place, _, message = line.partition(": ")
    assert place == ".github/workflows/calling.yaml:8:11"
    assert message == "github [error] Input must is required, but not provided while calling."
    assert [one.oracle for one in found["fitting"]] == ["zizmor"]


def test_a_called_workflow_that_is_missing_is_found(found: dict[str, list[Finding]]) -> None:
    assert any("Unable to find reusable workflow" in one.message for one in found["missing"])


def test_findings_are_accepted_only_in_the_files_they_were_accepted_for(
    found: dict[str, list[Finding]],
) -> None:
    places = {(one.file.rpartition("/")[2], one.rule) for one in found["accepted"]}
    assert places == {("headgate-release.yaml", "concurrency-limits"), ("other.yaml", "concurrency-limits")}
    assert [one.rule for one in found["fitting"]] == ["self-repository"]


def test_inheriting_secrets_is_accepted_where_the_manifest_says_so(found: dict[str, list[Finding]]) -> None:
    assert "secrets-inherit" in {one.rule for one in found["inherit"]}
    assert found["inherit, as said"] == []


def test_what_is_no_workflow_is_never_passed_over(tmp_path: Path) -> None:
    broken = ["on: [", "a: b: c", "", "- x"]
    folders = [write(tmp_path / str(number), {"broken": text}) for number, text in enumerate(broken)]
    repositories = {folder: workflow_files(folder) for folder in folders}
    for oracle in (run_node_linters, run_check_jsonschema):
        assert {one.folder for one in oracle(repositories)} == set(folders)
    for folder in folders:
        with pytest.raises(OracleFailed):
            list(run_zizmor({folder: workflow_files(folder)}))


def test_only_the_given_files_are_looked_at(tmp_path: Path) -> None:
    folder = write(tmp_path, {"good": GOOD, "bad": GOOD.replace(CHECKOUT, "actions/checkout@v4")})
    assert findings(folder, [".github/workflows/good.yaml"]) == []
    lines = findings(folder)
    assert lines
    assert all(line.startswith(".github/workflows/bad.yaml:") for line in lines)
