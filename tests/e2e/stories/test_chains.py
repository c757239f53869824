"""From a push to production: builds, needs between deploys, environments that take releases by themselves."""

from __future__ import annotations

from tests.e2e.stories.manifests import CANARY, CHAIN, NEEDS, PLAIN
from tests.e2e.stories.stage import FAIL, Stage
from tests.e2e.stories.story import live_everywhere, nothing, told_twice


@told_twice(CHAIN, opening=nothing, apart_from=("runs",))
def test_a_push_is_built_once_and_goes_as_far_as_it_goes_by_itself(stage: Stage) -> None:
    stage.push()
    assert [stage.live(f"{name}/app") for name in ("dev", "test", "uat")] == ["r1", "r1", "r1"]
    assert [stage.live(f"{name}/api") for name in ("dev", "uat")] == ["r1", "r1"]
    assert "prod/app" not in stage.side.telling().records
    assert stage.inputs("deploy", "uat/app")["image"] == "registry.example/app:r1"
    assert stage.conclusion_of("release") == "success"


@told_twice(CHAIN, opening=live_everywhere, apart_from=("runs",))
def test_a_failure_in_one_environment_ends_the_chain_there(stage: Stage) -> None:
    stage.answer("app/deploy", FAIL)
    stage.push()
    assert (stage.live("dev/app"), stage.live("dev/api")) == ("r1", "r2")
    assert [stage.live(f"{name}/app") for name in ("test", "uat")] == ["r1", "r1"]
    assert stage.live("uat/api") == "r1"


@told_twice(CHAIN, opening=live_everywhere, apart_from=("runs",))
def test_the_last_environment_waits_for_a_person(stage: Stage) -> None:
    stage.push()
    stage.promote("prod")
    assert (stage.live("prod/app"), stage.live("prod/api")) == ("r2", "r2")
    assert stage.inputs("deploy", "prod/app")["previous_release"] == ""


@told_twice(CANARY, opening=nothing)
def test_the_first_release_of_a_canary_goes_direct(stage: Stage) -> None:
    stage.push()
    stage.promote()
    assert stage.jobs() == ["start deploy finish"]
    assert stage.calls() == ["deploy r1 100 %"]
    assert stage.history() == ["queued", "started → deploying", "succeeded → promoted"]
    assert (stage.live(), stage.traffic()) == ("r1", "r1 100 %")


@told_twice(CANARY, opening=nothing)
def test_a_first_release_that_fails_keeps_nobody_from_mending_it(stage: Stage) -> None:
    stage.answer("deploy", FAIL)
    stage.push()
    stage.promote()
    assert (stage.live(), stage.ended(), stage.conclusions()) == (None, "failed", ["failure"])
    stage.push()
    stage.promote(release="r2")
    assert (stage.live(), stage.traffic()) == ("r2", "r2 100 %")


@told_twice(CANARY)
def test_a_release_enters_the_next_environment_only_after_the_one_before(stage: Stage) -> None:
    stage.promote("test", release="r2")
    assert stage.conclusion_of("promote") == "failure"
    assert stage.calls("test/app") == []
    stage.promote("test", release="r1")
    assert stage.live("test/app") == "r1"
    stage.promote("test", release="r2", force="true", reason="we must")
    assert stage.live("test/app") == "r2"


@told_twice(NEEDS)
def test_deploys_go_in_the_order_of_their_needs(stage: Stage) -> None:
    stage.promote()
    assert [call.place for call in stage.side.telling().calls] == ["dev/db", "dev/api", "dev/web"]
    assert [stage.live(f"dev/{name}") for name in ("db", "api", "web")] == ["r2"] * 3


@told_twice(NEEDS)
def test_what_needs_a_failed_deploy_does_not_start(stage: Stage) -> None:
    stage.answer("db/deploy", FAIL)
    stage.promote()
    assert [call.place for call in stage.side.telling().calls] == ["dev/db"]
    assert [stage.live(f"dev/{name}") for name in ("db", "api", "web")] == ["r1"] * 3
    assert stage.record("dev/api")["queued"]["release"]["id"] == "r2"


@told_twice(NEEDS)
def test_a_rollback_of_all_deploys_waits_for_nobody(stage: Stage) -> None:
    stage.promote()
    stage.rollback()
    assert [stage.live(f"dev/{name}") for name in ("db", "api", "web")] == ["r1"] * 3
    assert [stage.quarantine(f"dev/{name}") for name in ("db", "api", "web")] == [["r2"]] * 3


@told_twice(PLAIN)
def test_promoting_what_is_there_already_does_nothing(stage: Stage) -> None:
    stage.promote(release="r1")
    assert (stage.jobs(), stage.history(), stage.conclusion_of("promote")) == ([], [], "success")


@told_twice(PLAIN)
def test_a_deploy_that_is_all_at_once_and_fails_is_failed(stage: Stage) -> None:
    stage.answer("deploy", FAIL)
    stage.promote()
    assert (stage.live(), stage.ended(), stage.quarantine()) == ("r1", "failed", ["r2"])
    assert stage.conclusions() == ["failure"]
    stage.rollback()
    assert (stage.live(), stage.traffic()) == ("r1", "r1 100 %")
