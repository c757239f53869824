"""Runs that must not act: on another branch, in a fork, on another trunk; releases built already."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.e2e.runs import Run
from tests.e2e.stories.executed import ExecutedSide
from tests.e2e.stories.manifests import CANARY, PLAIN, Manifest, compile_manifest, workflow_path
from tests.e2e.stories.stage import FAIL
from tests.e2e.stories.story import Theatre, first_release, nothing, two_releases
from tests.e2e.traffic import CALLBACKS

BRANCH = "headgate/state"
ENTRIES: dict[str, Mapping[str, str]] = {
    "headgate-promote.yaml": {"environment": "dev"},
    "headgate-rollback.yaml": {"environment": "dev", "reason": "it is slow"},
    "headgate-control.yaml": {"verb": "freeze", "environment": "dev", "reason": "holidays"},
    "headgate-release.yaml": {},
    "headgate-deploy-app.yaml": {"environment": "dev", "release": "1-1234567"},
}
BUILD = (CALLBACKS / "build.yaml").read_text()


def dispatch_on(side: ExecutedSide, branch: str, workflow: str, inputs: Mapping[str, str]) -> Run:
    """Dispatch a workflow on a branch of one's choice, and wait."""
    run = side.repository.dispatch(workflow, inputs, ref=branch)
    side.play()
    return side.repository.run(run)


@pytest.mark.parametrize("workflow", ENTRIES)
def test_nothing_acts_on_another_branch(theatre: Theatre, workflow: str) -> None:
    _, side = theatre.execute(CANARY, first_release)
    tip = side.repository.tip(BRANCH)
    side.repository.commit(compile_manifest(CANARY).files, branch="feature")
    run = dispatch_on(side, "feature", workflow, ENTRIES[workflow])
    assert run.conclusion == "failure"
    assert "is on 'refs/heads/feature', not on the trunk 'main'" in run.jobs[0].errors[0]
    assert side.repository.tip(BRANCH) == tip
    assert side.traffic.calls == []


def test_nothing_acts_where_the_trunk_is_not_the_default_branch(theatre: Theatre) -> None:
    _, side = theatre.execute(CANARY, first_release)
    tip = side.repository.tip(BRANCH)
    side.repository.commit(compile_manifest(CANARY).files, branch="develop")
    side.repository.configure(defaultBranch="develop")
    run = dispatch_on(side, "main", "headgate-promote.yaml", {"environment": "dev"})
    assert run.conclusion == "failure"
    assert "the trunk of the manifest is 'main', the repository's default branch is 'develop'" in str(
        run.jobs[0].errors
    )
    assert side.repository.tip(BRANCH) == tip


def test_nothing_acts_in_a_fork(theatre: Theatre) -> None:
    _, side = theatre.execute(CANARY, first_release)
    tip = side.repository.tip(BRANCH)
    side.repository.configure(fork=True)
    for workflow, inputs in ENTRIES.items():
        run = dispatch_on(side, "main", workflow, inputs)
        assert run.ran in ([], ["cancelled"]), workflow
        assert run.conclusion in ("skipped", "success")
    side.repository.push({"a": "b"})
    side.repository.schedule()
    side.play()
    assert side.repository.tip(BRANCH) == tip
    assert side.traffic.calls == []


def test_a_release_that_is_built_again_with_other_outputs_is_refused(theatre: Theatre) -> None:
    stage, side = theatre.execute(PLAIN, nothing)
    changing = BUILD.replace("${{ inputs.release }}", "${{ inputs.release }}-${{ github.run_attempt }}")
    side.repository.commit({workflow_path("build-app"): changing})
    stage.push()
    tip = side.repository.tip(BRANCH)
    side.rerun("headgate-release.yaml", failed=False, which=-1)
    run = side.repository.runs("headgate-release.yaml")[-1]
    assert run.conclusion == "failure"
    assert "is registered with other outputs" in run.job("register").errors[0]
    assert side.repository.tip(BRANCH) == tip


def test_a_release_that_is_built_again_with_the_same_outputs_is_the_same(theatre: Theatre) -> None:
    stage, side = theatre.execute(PLAIN, nothing)
    stage.push()
    tip = side.repository.tip(BRANCH)
    side.rerun("headgate-release.yaml", failed=False, which=-1)
    assert stage.conclusion_of("release") == "success"
    assert side.repository.tip(BRANCH) == tip


def test_a_build_that_fails_registers_nothing(theatre: Theatre) -> None:
    stage, side = theatre.execute(PLAIN, first_release)
    tip = side.repository.tip(BRANCH)
    broken = BUILD.replace("run: fake-traffic", "run: exit 1")
    side.repository.commit({workflow_path("build-app"): broken})
    stage.push()
    assert stage.conclusion_of("release") == "failure"
    assert side.repository.tip(BRANCH) == tip


def test_a_disabled_deploy_workflow_costs_time_and_nothing_else(theatre: Theatre) -> None:
    stage, side = theatre.execute(CANARY, first_release)
    side.repository.configure(disabledWorkflows=["headgate-deploy-app.yaml"])
    stage.promote()
    assert stage.conclusion_of("promote") == "failure"
    assert stage.record()["queued"]["release"]["id"] == "r2"
    side.repository.configure(disabledWorkflows=[])
    stage.pass_minutes(31)
    stage.sweep()
    assert (stage.live(), stage.traffic()) == ("r2", "r2 100 %")


def test_a_sweep_that_cannot_ask_github_harms_nothing(theatre: Theatre) -> None:
    stage, side = theatre.execute(CANARY, first_release)
    stage.kill("finish", "dies_before_start")
    stage.promote()
    tip = side.repository.tip(BRANCH)
    side.repository.break_api("/actions/runs/", status=403)
    stage.sweep()
    sweep = side.repository.runs("headgate-cron.yaml")[-1]
    assert sweep.conclusion == "success"
    assert any("could not ask GitHub" in str(note["message"]) for note in sweep.jobs[0].annotations)
    assert side.repository.tip(BRANCH) == tip
    side.repository.restore_api()
    stage.sweep()
    assert (stage.live(), stage.open_state()) == ("r2", None)


def test_a_dispatch_that_fails_for_a_while_is_tried_again(theatre: Theatre) -> None:
    stage, side = theatre.execute(CANARY, two_releases)
    side.repository.break_api("/dispatches", status=503, times=2)
    stage.promote()
    assert stage.live() == "r3"


def test_a_held_rollout_does_not_go_on_by_another_plan(theatre: Theatre) -> None:
    stage, side = theatre.execute(CANARY, first_release)
    stage.answer("promote", FAIL)
    stage.promote()
    other = Manifest("other", CANARY.text.replace("percent: 10", "percent: 20"), CANARY.callbacks)
    side.repository.commit(compile_manifest(other).files)
    for verb in ("retry", "promote-now"):
        stage.control(verb)
        error = side.repository.runs("headgate-control.yaml")[-1].jobs[0].errors[0]
        assert "the plan on trunk is no longer the one this rollout started with" in error
    stage.control("abort")
    assert (stage.live(), stage.traffic(), stage.ended()) == ("r1", "r1 100 %", "rolled_back")
