"""The doctor: a GitHub on loopback that is in order, and then one thing at a time is not."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from headgate.cli import main
from headgate.doctor.checks import BLOCKING, CHECKS, Diagnosis, diagnose
from headgate.doctor.facts import (
    Actions,
    Branch,
    Environment,
    EnvironmentRule,
    Facts,
    Protection,
    Repository,
    Rule,
    StateBranch,
    Switch,
    TokenDefault,
    Unknown,
    Workflow,
)
from headgate.doctor.report import show_json, show_text
from headgate_runtime import github
from headgate_runtime.plan import Approval, Plan

from tests.generator.matrix import MATRIX, compile_case
from tests.runtime.conftest import Server

COMPILED = compile_case("readme")
REPOSITORY = "/repos/acme/shop"
STATE = "headgate/state"
WORKFLOWS = sorted(path for path in COMPILED.files if path.startswith(".github/workflows/"))
WHY = Unknown("not for you")
GOOD = Facts(
    repository=Repository("main"),
    actions=Actions(enabled=True),
    token=TokenDefault("read"),
    plan=COMPILED.plan,
    sums=frozenset(COMPILED.files),
    workflows=tuple(Workflow(path, "active") for path in WORKFLOWS),
    state=StateBranch(STATE, Branch(True), True, (Rule("deletion"), Rule("non_fast_forward")), None),
    environments={
        "prod-approval": Environment((EnvironmentRule("required_reviewers"),), {"protected_branches": True})
    },
    drift=(),
    git="git version 2.43.0",
    python="3.12.1",
    version=COMPILED.plan.generator,
)


def with_state(**changes: Any) -> dict[str, Any]:
    values = {
        name: getattr(GOOD.state, name) for name in ("name", "branch", "has_released", "rules", "protection")
    }
    return {"state": StateBranch(**{**values, **changes})}


def said(**changes: Any) -> list[Diagnosis]:
    """What is said about the facts that are in order, but for these, and would not be said without."""
    values = {name: getattr(GOOD, name) for name in GOOD.__struct_fields__}
    found = diagnose(Facts(**{**values, **changes}))
    return [each for each in found if each not in diagnose(GOOD)]


def test_where_all_is_well_every_check_says_so() -> None:
    found = diagnose(GOOD)
    assert [each.verdict for each in found] == ["ok"] * len(found)
    assert len({each.about for each in found}) == len(CHECKS)
    assert not any(each.hint for each in found)


PROBLEMS: dict[str, tuple[dict[str, Any], str]] = {
    "trunk": (
        {"repository": Repository("master")},
        "the trunk of the manifest is main, the default branch is master",
    ),
    "no-plan": ({"plan": None}, "there is no .github/headgate/plan.json on main"),
    "actions-off": ({"actions": Actions(enabled=False)}, "Actions are disabled"),
    "local-actions": ({"actions": Actions(True, "local_only")}, "actions/checkout is refused"),
    "archived": ({"repository": Repository("main", archived=True)}, "archived"),
    "no-files": ({"sums": None}, "there is no .github/headgate/SHA256SUMS on main"),
    "no-workflow": ({"workflows": GOOD.workflows[1:]}, "headgate-check.yaml is not on main"),  # type: ignore[index]
    "branch-missing": (with_state(branch=None), "headgate/state is missing, though there were releases"),
    "unprotected": (with_state(rules=()), '"Restrict deletions" and "Block force pushes" missing'),
    "deletable": (with_state(rules=(Rule("non_fast_forward"),)), '"Restrict deletions" missing'),
    "signatures": (
        with_state(protection=Protection(required_signatures=Switch(True))),
        "Require signed commits",
    ),
    "locked": (with_state(protection=Protection(lock_branch=Switch(True))), "Lock branch"),
    "reviews": (
        with_state(protection=Protection(required_pull_request_reviews={})),
        "Require a pull request",
    ),
    "checks": (with_state(protection=Protection(required_status_checks={})), "Require status checks"),
    "restricted": (with_state(protection=Protection(restrictions={})), "Restrict who can push"),
    "no-environment": ({"environments": {"prod-approval": None}}, "it does not exist"),
    "no-reviewers": ({"environments": {"prod-approval": Environment()}}, "no required reviewers"),
    "other-version": ({"version": "9.9.9"}, "this is 9.9.9"),
    "stale": ({"drift": ("a.yaml: stale",)}, "a.yaml: stale"),
    "old-git": ({"git": Unknown("this git is too old")}, "this git is too old"),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_what_is_not_as_it_should_be_is_a_problem_with_a_hint(name: str) -> None:
    changes, words = PROBLEMS[name]
    problems = [each for each in said(**changes) if each.verdict == "problem"]
    assert any(words in each.said for each in problems)
    assert all(each.hint for each in problems)


@pytest.mark.parametrize("type_", BLOCKING)
def test_each_rule_that_refuses_a_push_is_named_as_the_settings_name_it(type_: str) -> None:
    rules = (*GOOD.state.rules, Rule(type_))  # type: ignore[union-attr,misc]
    (problem,) = said(**with_state(rules=rules))
    assert (problem.about, problem.verdict) == ("pushes", "problem")
    assert BLOCKING[type_] in problem.said


def test_rules_that_do_no_harm_say_nothing() -> None:
    harmless = [Rule(name) for name in ("required_linear_history", "creation", "copilot_code_review")]
    assert said(**with_state(rules=(*GOOD.state.rules, *harmless))) == []  # type: ignore[union-attr,misc]
    assert said(**with_state(rules=(), protection=Protection())) == []
    open_to_all = Protection(allow_deletions=Switch(True), allow_force_pushes=Switch(True))
    assert [each.about for each in said(**with_state(rules=(), protection=open_to_all))] == ["history"]


def test_before_the_first_release_a_missing_branch_is_fine_unless_it_may_not_be_made() -> None:
    (fine,) = said(**with_state(branch=None, has_released=False))
    assert (fine.verdict, fine.said) == ("ok", "headgate/state is not there yet: the first release makes it")
    rules = (*GOOD.state.rules, Rule("creation"))  # type: ignore[union-attr,misc]
    _, problem = said(**with_state(branch=None, has_released=False, rules=rules))
    assert "Restrict creations" in problem.said


def test_a_schedule_that_github_switched_off_is_told_with_its_consequence() -> None:
    states = tuple(
        Workflow(path, "disabled_inactivity" if path.endswith("cron.yaml") else "active")
        for path in WORKFLOWS
    )
    (problem,) = said(workflows=states)
    assert "nobody wakes what waits" in problem.said
    assert problem.hint == "gh workflow enable headgate-cron.yaml"
    (by_hand,) = said(workflows=(Workflow(WORKFLOWS[0], "disabled_manually"), *GOOD.workflows[1:]))  # type: ignore[index]
    assert "is switched off (disabled_manually)" in by_hand.said


UNKNOWN: dict[str, dict[str, Any]] = {
    **{name: {name: WHY} for name in ("actions", "token", "plan", "sums", "workflows", "state", "drift")},
    "environment": {"environments": {"prod-approval": WHY}},
    "rules": with_state(rules=WHY),
    "protection": with_state(rules=(), protection=WHY),
    "released": with_state(branch=None, has_released=WHY),
    "no-manifest": {"drift": None},
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_one_may_not_see_is_neither_fine_nor_a_problem(name: str) -> None:
    found = said(**UNKNOWN[name])
    assert {each.verdict for each in found} == {"unknown"}
    assert all(each.hint for each in found)


def test_text_and_json_say_the_same() -> None:
    found = diagnose(GOOD) + tuple(said(actions=Actions(False), token=WHY))
    lines = list(show_text(found))
    assert lines[0] == "ok          trunk                      main is the default branch"
    assert lines[-2].startswith("can't tell  workflow token ")
    assert lines[-1].strip() == "not for you"
    content = json.loads(show_json("acme/shop", found))
    assert (content["format"], content["repository"]) == (1, "acme/shop")
    assert [check["verdict"] for check in content["checks"]] == [each.verdict for each in found]


# Asking.


def answers() -> dict[str, Any]:
    """What a GitHub in order answers, by path below the repository."""
    approval = Approval("prod-approval", 3600, "rollback")
    plan = approve(COMPILED.plan, approval)
    return {
        "": {"default_branch": "main", "archived": False},
        "/actions/permissions": {"enabled": True, "allowed_actions": "all"},
        "/actions/permissions/workflow": {"default_workflow_permissions": "read"},
        "/contents/.github/headgate/plan.json": content_of(json.dumps(plan.to_json()).encode()),
        "/contents/.github/headgate/SHA256SUMS": content_of(COMPILED.files[".github/headgate/SHA256SUMS"]),
        "/actions/workflows": {"workflows": [{"path": path, "state": "active"} for path in WORKFLOWS]},
        f"/branches/{STATE}": {"name": STATE, "protected": True},
        f"/rules/branches/{STATE}": [{"type": "deletion", "ruleset_id": 1}, {"type": "non_fast_forward"}],
        "/actions/workflows/headgate-release.yaml/runs": {"total_count": 3, "workflow_runs": []},
        "/environments/prod-approval": {
            "protection_rules": [{"type": "required_reviewers"}], "deployment_branch_policy": {},
        },
    }  # fmt: skip


def approve(plan: Plan, approval: Approval) -> Plan:
    """The same with an approval for the first deploy everywhere."""
    first, *rest = plan.deploys
    parts = {
        name: replace(part, stages=replace(part.stages, approval=approval))
        for name, part in first.parts.items()
    }
    return replace(plan, deploys=(replace(first, parts=parts), *rest))


def content_of(content: bytes) -> dict[str, str]:
    return {"content": base64.encodebytes(content).decode(), "encoding": "base64"}


@pytest.fixture
def doctor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., tuple[int, dict[str, str], str]]]:
    """Runs it on answers, in a checkout where everything is fresh: exit code, verdict by check, errors."""
    servers: list[Server] = []
    monkeypatch.setattr(github, "_backoff", lambda _: 0.0)
    for path, text in MATRIX["readme"].files().items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    monkeypatch.chdir(tmp_path)
    assert main(["generate"]) == 0
    capsys.readouterr()

    def run(told: dict[str, Any], *more: str) -> tuple[int, dict[str, str], str]:
        def answer(request: Any) -> tuple[int, object]:
            path = unquote(urlsplit(request.path).path)
            missing: tuple[int, object] = (404, {"message": "Branch not protected"})
            found = told.get(path.removeprefix(REPOSITORY), missing)
            return found if isinstance(found, tuple) else (200, found)

        servers.append(Server(answer))
        monkeypatch.setenv("GITHUB_API_URL", servers[-1].url)
        monkeypatch.setenv("GITHUB_REPOSITORY", "acme/shop")
        monkeypatch.setenv("GH_TOKEN", "ghp_mine")
        code = main(["doctor", "--format", "json", *more])
        said = capsys.readouterr()
        checks = json.loads(said.out)["checks"] if said.out else []
        return code, {check["check"]: check["verdict"] for check in checks}, said.err

    yield run
    for server in servers:
        server.stop()


def test_a_repository_that_is_in_order_is_exit_0(doctor: Callable[..., Any]) -> None:
    code, verdicts, _ = doctor(answers())
    assert set(verdicts.values()) == {"ok"}
    assert "environment prod-approval" in verdicts
    assert code == 0


def test_what_only_administrators_see_is_not_taken_for_missing(doctor: Callable[..., Any]) -> None:
    refused = (403, {"message": "Resource not accessible by personal access token"})
    hidden = (404, {"message": "Not Found"})
    told = answers() | {"/actions/permissions": refused, "/actions/permissions/workflow": hidden}
    told |= {f"/branches/{STATE}/protection": hidden, f"/rules/branches/{STATE}": []}
    code, verdicts, _ = doctor(told)
    unknown = {about for about, verdict in verdicts.items() if verdict != "ok"}
    assert unknown == {"actions", "workflow token", "pushes", "history"}
    assert {verdicts[about] for about in unknown} == {"unknown"}
    assert code == 0


def test_problems_are_exit_1(doctor: Callable[..., Any]) -> None:
    told = answers()
    del told[f"/branches/{STATE}"]
    code, verdicts, _ = doctor(told)
    assert (code, verdicts["state branch"]) == (1, "problem")
    told = answers() | {"/environments/prod-approval": (404, {})}
    assert doctor(told)[1]["environment prod-approval"] == "problem"


def test_files_that_were_edited_here_are_found_but_not_for_another_repository(
    doctor: Callable[..., Any],
) -> None:
    Path(".github/headgate/headgate_runtime/machine.py").write_text("x = 1\n")
    assert doctor(answers())[:2][1]["files"] == "problem"
    assert doctor(answers(), "--repository", "acme/shop")[1]["files"] == "unknown"


def test_all_pages_of_workflows_are_read(doctor: Callable[..., Any]) -> None:
    told = answers()
    others = [{"path": f".github/workflows/other-{number}.yaml", "state": "active"} for number in range(100)]
    mine = told["/actions/workflows"]["workflows"]
    pages = iter([{"workflows": others}, {"workflows": mine}])

    class Pages(dict[str, Any]):
        def get(self, key: str, default: Any = None) -> Any:
            return next(pages) if key == "/actions/workflows" else super().get(key, default)

    assert doctor(Pages(told))[1]["workflows"] == "ok"


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"": (401, {"message": "Bad credentials"})}, "does not accept the token from GH_TOKEN"),
        ({"": (404, {"message": "Not Found"})}, "not there, or the token from GH_TOKEN may not see it"),
        ({"": (503, {"message": "down"})}, "503 down"),
        ({"": (200, b"<html>")}, "does not understand GitHub's answer"),
        (answers() | {"/actions/permissions": (401, {"message": "revoked"})}, "revoked"),
    ],
)
def test_a_github_that_cannot_be_asked_is_exit_2(
    doctor: Callable[..., Any], told: dict[str, Any], words: str
) -> None:
    code, verdicts, err = doctor(told)
    assert (code, verdicts) == (2, {})
    assert words in err
    assert "ghp_mine" not in err
    assert err.count("\n") == 1


def test_without_a_token_the_places_are_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("GH_TOKEN", "GITHUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("shutil.which", lambda _: None)
    assert main(["doctor", "--repository", "acme/shop"]) == 2
    assert (
        "there is no token in GH_TOKEN or GITHUB_TOKEN, and `gh auth token` gives none"
        in capsys.readouterr().err
    )
