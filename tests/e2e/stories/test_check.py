"""A pull request may not pull the rug from under an open rollout: `headgate-check`, executed."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping

import pytest

from tests.e2e.runs import Run
from tests.e2e.stories.executed import ExecutedSide
from tests.e2e.stories.manifests import CANARY, PLAIN, Manifest, compile_manifest
from tests.e2e.stories.stage import FAIL
from tests.e2e.stories.story import Theatre, first_release, nothing

ALTERED = Manifest("altered", CANARY.text.replace("percent: 10", "percent: 20"), CANARY.callbacks)
REMOVED = Manifest(
    "removed",
    PLAIN.text.replace("- {name: app}", "- {name: other}"),
    {"build_app": "build", "deploy_other": "callback"},
)
CHANGES = {"altered": "this change alters it", "removed": "this change removes it from the manifest"}


def propose(side: ExecutedSide, files: Mapping[str, str | bytes], *, check: bool = True) -> Run:
    """A pull request with these files; `check: False` leaves out the job that installs Headgate."""
    trunk = side.repository.tip()
    subprocess.run(
        ["git", "--git-dir", str(side.repository.git_dir), "update-ref", "refs/heads/change", str(trunk)],
        check=True,
    )
    if not check:
        side.repository.fault("lose_before_start", "headgate-check.yaml", "check")
    (run,) = side.repository.pull_request(side.repository.commit(files, branch="change"))
    side.play()
    return side.repository.run(run)


def test_a_change_that_touches_nothing_of_headgate_is_through_at_once(theatre: Theatre) -> None:
    _, side = theatre.execute(CANARY, first_release)
    run = propose(side, {"app/version": "3"})
    assert run.conclusion == "success"
    assert "Nothing of Headgate's is touched." in run.job("check").log


def test_before_the_first_release_nothing_is_open(theatre: Theatre) -> None:
    _, side = theatre.execute(CANARY, nothing)
    assert "nothing is open" in propose(side, {"app/version": "3"}).job("open").log


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_under_an_open_rollout_fails(theatre: Theatre, change: str) -> None:
    stage, side = theatre.execute(CANARY, first_release)
    stage.meanwhile("verify_1", stage.order("pause"))
    stage.promote()
    job = propose(side, changed(change), check=False).job("open")
    assert job.result == "failure"
    assert CHANGES[change] in str(job.annotations[0]["message"])


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_under_a_held_rollout_only_warns(theatre: Theatre, change: str) -> None:
    stage, side = theatre.execute(CANARY, first_release)
    stage.answer("promote", FAIL)
    stage.promote()
    job = propose(side, changed(change), check=False).job("open")
    assert job.result == "success"
    assert [note["level"] for note in job.annotations] == ["warning"]


def changed(change: str) -> Mapping[str, bytes]:
    """The files of the altered manifest, or of the one without the deploy."""
    return compile_manifest(ALTERED if change == "altered" else REMOVED).files
