"""The table of verbs agrees with the machine, the generated workflows, and itself."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from headgate.cli import COMMANDS, main
from headgate.remote.mentions import list_unknown
from headgate.remote.perform import FILES
from headgate.remote.verbs import TABLE, VERBS, Verb
from headgate.workflows import build_control, build_promote, build_rollback
from headgate_runtime.machine import VERBS as OF_MACHINE
from headgate_schema.resolved import ResolvedRunner

from tests.generator.matrix import compile_case

PLAN = compile_case("readme").plan
RUNNER = ResolvedRunner(("ubuntu-latest",))
WORKFLOWS = {
    flow.file: flow
    for flow in (build_promote(PLAN, RUNNER), build_rollback(PLAN, RUNNER), build_control(RUNNER))
}


def test_there_is_a_command_for_everything_that_a_person_can_say_to_a_rollout() -> None:
    assert [verb.name for verb in TABLE if verb.is_control] == list(OF_MACHINE)
    assert set(VERBS) <= set(COMMANDS)


@pytest.mark.parametrize("verb", TABLE, ids=lambda verb: verb.name)
def test_every_option_is_an_input_of_the_workflow_and_every_needed_input_is_an_option(verb: Verb) -> None:
    inputs = {field.name: field for field in WORKFLOWS[FILES[verb.workflow]].triggers.dispatch}
    given = {option.input: option for option in verb.options}
    assert set(given) <= set(inputs)
    for option in verb.options:
        kind = inputs[option.input].kind
        assert option.is_switch == (kind == "boolean"), option.flag
    needed = {name for name, field in inputs.items() if field.default is None}
    assert needed - {"verb"} <= {given[name].input for name in given if given[name].flag in verb.needs}
    assert set(verb.needs) <= {option.flag for option in verb.options}


@pytest.mark.parametrize("verb", TABLE, ids=lambda verb: verb.name)
def test_the_examples_of_a_verb_are_command_lines_that_it_takes(
    verb: Verb, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("shutil.which", lambda _: None)
    for name in ("GH_TOKEN", "GITHUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    assert verb.examples
    for line, _ in verb.examples:
        assert main([verb.name, *shlex.split(line), "--repository", "acme/shop"]) == 2
        assert "to do it by hand, open" in capsys.readouterr().err


@pytest.mark.parametrize("verb", TABLE, ids=lambda verb: verb.name)
def test_the_help_of_every_verb_has_examples(verb: Verb, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main([verb.name, "--help"])
    assert exit_.value.code == 0
    said = capsys.readouterr().out
    assert f"  headgate {verb.name} --environment prod" in said.partition("examples:\n")[2]


@pytest.mark.parametrize("verb", TABLE, ids=lambda verb: verb.name)
def test_a_verb_without_what_it_needs_is_a_wrong_command_line(
    verb: Verb, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exit_:
        main([verb.name])
    assert exit_.value.code == 2
    said = capsys.readouterr().err
    assert all(flag in said for flag in verb.needs)


@pytest.mark.parametrize("reason", ["ab", "x" * 301, "a\nb c", "a\x1b[31mb", "   ", "a\u2028bcd", "ab\udcff"])
def test_a_reason_that_is_no_line_is_refused_before_anything_is_asked(
    reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["freeze", "--environment", "prod", "--reason", reason]) == 1
    assert "--reason must be one line" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "a\x1b[31m", "\udcff"])
def test_what_nothing_can_be_called_is_a_wrong_command_line(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["freeze", "--environment", name, "--reason", "why not"]) == 2
    assert "--environment must be a name, not '" in capsys.readouterr().err


def test_switches_and_defaults_become_the_texts_that_a_dispatch_takes() -> None:
    given = {"environment": "prod", "deploys": "all", "force": "true", "release": "", "reason": "why not"}
    assert VERBS["promote"].inputs(given) == {
        "environment": "prod", "deploys": "all", "force": "true", "reason": "why not",
    }  # fmt: skip
    assert VERBS["freeze"].inputs({"environment": "prod"}) == {"verb": "freeze", "environment": "prod"}


@pytest.mark.parametrize(
    ("environment", "deploy", "said"),
    [
        ("prod", "app", []),
        ("prod", "all", []),
        ("prod", "", []),
        ("pord", "", ['no environment "pord" (did you mean "prod"?); it has: dev, test, uat, prod']),
        ("prod", "apii", ['no deploy "apii" (did you mean "api"?); it has: app, api']),
        ("moon", "sun", ['no environment "moon"; it has: dev', 'no deploy "sun"; it has: app, api']),
    ],
)
def test_what_the_manifest_does_not_have_is_named_with_what_it_has(
    environment: str, deploy: str, said: list[str]
) -> None:
    found = list(list_unknown(PLAN, environment, deploy))
    assert len(found) == len(said)
    assert all(part in problem for part, problem in zip(said, found, strict=True))
