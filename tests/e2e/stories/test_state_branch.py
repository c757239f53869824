"""A state branch that is not as it was left is refused, and never written to."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.e2e.stories.executed import ExecutedSide
from tests.e2e.stories.manifests import CANARY
from tests.e2e.stories.stage import Stage
from tests.e2e.stories.story import Theatre, first_release

BRANCH = "headgate/state"
RECORD = "environments/dev/app.json"


def errors_of(side: ExecutedSide, workflow: str) -> str:
    """What the latest run of a workflow was red for."""
    run = side.repository.runs(f"headgate-{workflow}.yaml")[-1]
    assert run.conclusion == "failure"
    return "\n".join(error for job in run.jobs for error in job.errors)


EVERYTHING: dict[str, Callable[[Stage], None]] = {
    "release": lambda stage: stage.push(),
    "promote": lambda stage: stage.promote(),
    "rollback": lambda stage: stage.rollback(),
    "control": lambda stage: stage.control("abort"),
    "cron": lambda stage: stage.sweep(),
    "deploy-app": lambda stage: stage.dispatch(
        ("headgate-deploy-app.yaml", {"environment": "dev", "release": "1-1234567", "kind": "promote"})
    ),
}


@pytest.mark.parametrize("workflow", EVERYTHING)
def test_a_missing_branch_is_not_day_one(theatre: Theatre, workflow: str) -> None:
    stage, side = theatre.execute(CANARY, first_release)
    stage.promote()
    side.repository.point(BRANCH, None)
    EVERYTHING[workflow](stage)
    said = errors_of(side, workflow)
    assert f"the state branch {BRANCH} is missing" in said
    assert "gh api" in said
    assert side.repository.tip(BRANCH) is None


@pytest.mark.parametrize(
    ("path", "content", "said"),
    [
        (RECORD, "{", "is corrupt: not JSON"),
        (RECORD, "[]", "is corrupt"),
        (RECORD, '{"environment": "prod", "deploy": "app"}', "the record of another place"),
        (RECORD, '{"environment": "dev", "deploy": "app", "seq": "1"}', "is corrupt: seq is str, not int"),
        (RECORD, "\x00\x01", "is corrupt: not JSON"),
        ("releases/{newest}.json", '{"id": 1}', "is corrupt: id is int, not str"),
        ("format", "two", "is no state branch of Headgate"),
        ("format", "", "is no state branch of Headgate"),
        ("format", "2", "has format 2, this Headgate knows 1"),
    ],
)
@pytest.mark.parametrize("workflow", ["promote", "deploy-app"])
def test_a_damaged_branch_is_refused_with_file_and_commit(
    theatre: Theatre, workflow: str, path: str, content: str, said: str
) -> None:
    stage, side = theatre.execute(CANARY, first_release)
    path = path.format(newest=side.names().release("r2"))
    commit = side.repository.commit({path: content}, branch=BRANCH)
    inputs = {"environment": "dev", "release": side.names().release("r2"), "kind": "promote"}
    if workflow == "promote":
        stage.promote()
    else:
        stage.dispatch(("headgate-deploy-app.yaml", inputs))
    errors = errors_of(side, workflow)
    assert said in errors
    assert path in errors
    assert commit in errors
    assert side.repository.tip(BRANCH) == commit
    assert side.traffic.calls == []


def test_a_corrupt_record_keeps_nothing_from_the_others(theatre: Theatre) -> None:
    stage, side = theatre.execute(CANARY, first_release)
    damaged = '{"environment": "prod", "deploy": "app"}'
    side.repository.commit({"environments/test/app.json": damaged}, branch=BRANCH)
    stage.sweep()
    assert (stage.conclusion_of("cron"), stage.live()) == ("failure", "r1")
    stage.promote()
    assert (stage.live(), stage.conclusion_of("promote")) == ("r2", "success")
    assert side.repository.read("environments/test/app.json", BRANCH) == damaged


def test_a_foreign_branch_is_refused(theatre: Theatre) -> None:
    stage, side = theatre.execute(CANARY, first_release)
    side.repository.point(BRANCH, None)
    commit = side.repository.commit({"index.html": "<h1>Pages</h1>"}, branch=BRANCH)
    stage.promote()
    errors = errors_of(side, "promote")
    assert "is no state branch of Headgate: there is no file `format`" in errors
    assert commit in errors
    assert side.repository.tip(BRANCH) == commit


def test_a_branch_that_went_back_under_a_run_is_refused_and_put_forward_again(theatre: Theatre) -> None:
    stage, side = theatre.execute(CANARY, first_release)
    before = side.repository.tip(BRANCH)
    went_back: list[str] = []

    def go_back() -> None:
        tip = side.repository.tip(BRANCH)
        assert tip is not None
        went_back.append(tip)
        side.repository.point(BRANCH, before)

    side.when_called("app", "canary_1", go_back)
    stage.promote()
    assert stage.jobs() == ["start canary_1 bake_1 finish"]
    errors = errors_of(side, "deploy-app")
    assert f"{BRANCH} went back: {went_back[0]}" in errors
    assert side.repository.tip(BRANCH) == before
    side.repository.point(BRANCH, went_back[0])
    stage.sweep()
    assert stage.live() == "r2"


def test_unknown_keys_are_kept(theatre: Theatre) -> None:
    stage, side = theatre.execute(CANARY, first_release)
    record = json.loads(side.repository.read(RECORD, BRANCH) or "")
    side.repository.commit({RECORD: json.dumps({**record, "later": {"a": 1}})}, branch=BRANCH)
    stage.promote()
    assert (stage.live(), stage.record()["later"]) == ("r2", {"a": 1})
