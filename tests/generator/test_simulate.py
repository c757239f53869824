"""The command `simulate` and its scenario files; what the engine does is tested in `tests/simulate`."""

from __future__ import annotations

from pathlib import Path

import pytest
from headgate.cli import main
from headgate.failure import GeneratorError
from headgate.simulate.play import Told, play
from headgate.simulate.scenario import Misfortune, Scenario, list_faults, list_outcomes, read_scenario
from headgate.simulate.story import Fault, Outcome

from tests.generator.matrix import MATRIX, compile_case


def subjects(name: str, scenario: Scenario) -> list[str]:
    played = play(compile_case(name).plan, scenario)
    return [entry.subject for entry in played.trace if isinstance(entry, Told)]


def test_a_scenario_is_read_from_yaml() -> None:
    text = b"""
environment: prod
outcomes: {a: failure, b: [success, inconclusive], c: {result: failure, verdict: x, reason: 'y: z'}}
faults: [{job: bake_1, kind: dies_after_push, nth: 2}]
"""
    scenario = read_scenario(text, "x.yaml")
    assert list_outcomes(scenario) == {
        "a": [Outcome("failure")],
        "b": [Outcome("success"), Outcome(verdict="inconclusive")],
        "c": [Outcome("failure", "x", "y: z")],
    }
    assert list_faults(scenario) == [Fault("bake_1", "dies_after_push", 2)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("- a", "mapping"),
        ("environmen: dev", "unknown field `environmen`"),
        ("faults: [{job: a, kind: explodes}]", r"Invalid enum value 'explodes' - at `\$.faults\[0\].kind`"),
        ("a: [", "x.yaml: "),
        ("first: maybe", "Expected `bool`"),
    ],
)
def test_a_bad_scenario_is_one_line_that_says_where(text: str, said: str) -> None:
    with pytest.raises(GeneratorError, match=said) as raised:
        read_scenario(text.encode(), "x.yaml")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("scenario", "said"),
    [
        (Scenario(environment="mars"), 'no environment "mars"'),
        (Scenario(deploy="web"), 'no deploy "web"'),
        (Scenario(outcomes={"verify_9": "failure"}), "no job 'verify_9'; there are, of app: start, deploy"),
        (Scenario(deploy="app", outcomes={"api/cutover": "failure"}), "no job 'api/cutover'"),
        (Scenario(outcomes={"promote": "maybe"}), '"maybe" is no outcome of promote'),
    ],
)
def test_what_the_manifest_does_not_have_is_refused(scenario: Scenario, said: str) -> None:
    with pytest.raises(GeneratorError, match=said):
        play(compile_case("readme").plan, scenario)


def test_only_the_chosen_environment_is_played() -> None:
    events = subjects("readme", Scenario(environment="uat", deploy="api"))
    assert events and all(event.startswith("uat/api: ") for event in events)


def test_where_the_strategy_does_not_apply_the_release_goes_at_once() -> None:
    assert "dev/app: nothing → deploying (started)" in subjects("canary_in_prod_only", Scenario())
    prod = subjects("canary_in_prod_only", Scenario(environment="prod"))
    assert "prod/app: nothing → deploying_canary (started)" in prod


def test_a_failure_can_be_meant_for_one_deploy() -> None:
    played = play(compile_case("needs").plan, Scenario(environment="prod", outcomes={"db/deploy": "failure"}))
    ended = {record.deploy: record.last[0].state for record in played.records if record.last}
    assert ended["db"] == "failed"
    assert ended["api"] == "promoted", "the release before"
    assert [entry.called.deploy for entry in played.trace if not isinstance(entry, Told)] == ["db"]


def test_what_never_came_about_is_told() -> None:
    played = play(compile_case("readme").plan, Scenario(deploy="app", outcomes={"deploy": "failure"}))
    assert played.unused == ("deploy",)


def test_the_hourly_sweep_finds_what_a_lost_finish_left() -> None:
    lost = (Misfortune("bake_1", "dies_before_push"), Misfortune("finish", "dies_before_start"))
    played = play(compile_case("readme").plan, Scenario(deploy="app", faults=lost))
    assert played.records[0].open is None
    assert played.trace[-1].time >= 3_600


def test_the_options_win_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "shop"
    for path, text in MATRIX["readme"].files().items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    (root / "play.yaml").write_text("environment: prod\ndeploy: app\noutcomes: {canary_1: failure}\n")
    monkeypatch.chdir(root)
    assert main(["simulate", "play.yaml"]) == 0
    assert "prod/app: rolled_back" in capsys.readouterr().out
    assert main(["simulate", "play.yaml", "--environment", "uat", "--lose", "promote"]) == 0
    assert "uat/app: rolled_back" in capsys.readouterr().out
    assert main(["simulate", "gone.yaml"]) == 2
    assert main(["simulate", "--fail", "nope"]) == 2
