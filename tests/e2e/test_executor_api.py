"""The fake REST API, as a job sees it."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.snippets import call, callable_workflow, files, job, workflow
from tests.e2e.world import Repository

Create = Callable[..., Repository]

# Asks the API for each line of $ASK ("METHOD path body") and prints a JSON line with what it got.
ASK = """
import email.utils, json, os, urllib.error, urllib.request
for line in os.environ["ASK"].splitlines():
    method, path, *body = line.split(" ", 2)
    url = os.environ["GITHUB_API_URL"] + "/repos/" + os.environ["GITHUB_REPOSITORY"] + path
    headers = {"Authorization": "Bearer " + os.environ.get("TOKEN", "")}
    data = (body or [""])[0].encode() if method == "POST" else None
    request = urllib.request.Request(url, data, headers, method=method)
    try:
        answer = urllib.request.urlopen(request, timeout=1)
    except urllib.error.HTTPError as error:
        answer = error
    except Exception as error:
        print(json.dumps({"error": type(error).__name__}))
        continue
    text = answer.read().decode()
    parsed = json.loads(text) if text else None
    print(json.dumps({"status": answer.status, "date": answer.headers["Date"], "body": parsed}))
"""
ALL = {"actions": "write", "contents": "read"}


def asking(*requests: str, permissions: Any = None, **keys: Any) -> dict[str, Any]:
    step = {
        "shell": "python",
        "env": {"ASK": "\n".join(requests), "TOKEN": "${{ github.token }}", **keys.pop("env", {})},
        "run": ASK,
    }
    return job(step, permissions=ALL if permissions is None else permissions, **keys)


def answers(repository: Repository, key: str = "one") -> list[dict[str, Any]]:
    run = next(run for run in repository.runs() if run.file == "main.yaml")
    return [json.loads(line) for line in run.job(key).log.splitlines() if line.startswith("{")]


def ask(
    create_repository: Create, *requests: str, others: dict[str, str] | None = None, **keys: Any
) -> list[dict[str, Any]]:
    repository = create_repository(
        {**files(main=workflow({"one": asking(*requests, **keys)})), **(others or {})}
    )
    repository.finish("main.yaml")
    return answers(repository)


def test_the_repository_says_its_default_branch_and_whether_it_is_a_fork(create_repository: Create) -> None:
    (answer,) = ask(create_repository, "GET ", permissions={})
    assert (answer["body"]["default_branch"], answer["body"]["fork"]) == ("main", False)


def test_a_dispatch_starts_a_run_that_is_waited_for(create_repository: Create) -> None:
    other = workflow(
        {"one": job("sleep 0.2; true")}, on={"workflow_dispatch": {"inputs": {"x": {"type": "string"}}}}
    )
    repository = create_repository(
        files(
            main=workflow(
                {
                    "one": asking(
                        'POST /actions/workflows/other.yaml/dispatches {"ref": "main", "inputs": {"x": "1"}}'
                    )
                }
            ),
            other=other,
        )
    )
    repository.finish("main.yaml")
    assert answers(repository)[0]["status"] == 204
    (started,) = repository.runs("other.yaml")
    assert (started.conclusion, started.inputs, started.actor) == (
        "success",
        {"x": "1"},
        "github-actions[bot]",
    )


def test_a_dispatch_can_tell_which_run_it_started(create_repository: Create) -> None:
    other = files(other=workflow({"one": job("true")}))
    request = 'POST /actions/workflows/other.yaml/dispatches {"ref": "main", "return_run_details": true}'
    (answer,) = ask(create_repository, request, others=other)
    assert answer["status"] == 200
    assert answer["body"]["run_url"].endswith(f"/actions/runs/{answer['body']['workflow_run_id']}")


def test_an_old_server_does_not_know_return_run_details(create_repository: Create) -> None:
    request = 'POST /actions/workflows/main.yaml/dispatches {"ref": "main", "return_run_details": true}'
    repository = create_repository(files(main=workflow({"one": asking(request)})))
    repository.configure(options={"returnRunDetails": False})
    repository.finish("main.yaml")
    assert answers(repository)[0]["status"] == 400


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        ('POST /actions/workflows/none.yaml/dispatches {"ref": "main"}', 404),
        ('POST /actions/workflows/main.yaml/dispatches {"ref": "none"}', 422),
        ('POST /actions/workflows/main.yaml/dispatches {"ref": "main", "inputs": {"x": "1"}}', 422),
        ("POST /actions/workflows/main.yaml/dispatches {}", 422),
        ('POST /actions/workflows/main.yaml/dispatches {"ref": "main", "more": 1}', 400),
        ("POST /actions/workflows/main.yaml/dispatches nonsense", 400),
        ("GET /actions/runs/1", 404),
        ("GET /actions/workflows/none.yaml/runs", 404),
        ("GET /environments/none", 404),
        ("GET /nothing", 404),
    ],
)
def test_what_does_not_exist_or_fit_is_refused(
    create_repository: Create, request_line: str, status: int
) -> None:
    assert ask(create_repository, request_line)[0]["status"] == status


@pytest.mark.parametrize(
    ("permissions", "read", "write"),
    [({}, 403, 403), ({"actions": "read"}, 200, 403), ({"actions": "write"}, 200, 404)],
)
def test_the_token_may_do_what_the_permissions_of_the_job_say(
    create_repository: Create, permissions: dict[str, str], read: int, write: int
) -> None:
    requests = (
        "GET /actions/workflows/main.yaml/runs",
        'POST /actions/workflows/none.yaml/dispatches {"ref": "main"}',
    )
    found = ask(create_repository, *requests, permissions=permissions)
    assert [one["status"] for one in found] == [read, write]


def test_without_a_token_nothing_is_answered(create_repository: Create) -> None:
    assert ask(create_repository, "GET ", env={"TOKEN": "wrong"})[0]["status"] == 401


def test_a_token_dies_with_its_job(create_repository: Create) -> None:
    keep = {"env": {"T": "${{ github.token }}"}, "run": 'echo "$T" >"$KEPT"'}
    later = asking("GET ", needs="keeper")
    later["steps"][0]["run"] = (
        'import os; os.environ["TOKEN"] = open(os.environ["KEPT"]).read().strip()\n' + ASK
    )
    repository = create_repository(files(main=workflow({"keeper": job(keep), "one": later})))
    repository.configure(stepEnvironment={"KEPT": str(repository.git_dir.with_suffix(".token"))})
    repository.finish("main.yaml")
    assert answers(repository)[0]["status"] == 401


def test_runs_and_attempts_are_described(create_repository: Create) -> None:
    jobs = {
        "one": asking("GET /actions/workflows/main.yaml/runs"),
        "bad": job("[ $GITHUB_RUN_ATTEMPT != 1 ]"),
    }
    repository = create_repository(files(main=workflow(jobs, run_name="Hello ${{ github.ref_name }}")))
    first = repository.finish("main.yaml")
    repository.rerun(first, failed=True)
    repository.wait()
    (answer,) = answers(repository)
    run = answer["body"]["workflow_runs"][0]
    assert (answer["body"]["total_count"], run["id"], run["status"]) == (1, first.id, "in_progress")
    assert (run["display_title"], run["run_attempt"], run["event"]) == ("Hello main", 1, "workflow_dispatch")

    requests = [
        f"GET /actions/runs/{first.id}",
        f"GET /actions/runs/{first.id}/attempts/1",
        f"GET /actions/runs/{first.id}/attempts/3",
    ]
    repository.commit(files(look=workflow({"one": asking(*requests)})))
    look = repository.finish("look.yaml")
    latest, old, none = (
        json.loads(line) for line in look.job("one").log.splitlines() if line.startswith("{")
    )
    assert (latest["body"]["run_attempt"], latest["body"]["conclusion"]) == (2, "success")
    assert (old["body"]["run_attempt"], old["body"]["conclusion"]) == (1, "failure")
    assert none["status"] == 404


def test_jobs_of_called_workflows_are_listed_under_both_names(create_repository: Create) -> None:
    inner = callable_workflow(
        {"work": job({"name": "Say it", "run": "true"}, name="Do ${{ github.ref_name }}")}
    )
    jobs = {
        "top": call("inner", name="Call"),
        "not": call("inner", if_="${{ false }}", name="Never"),
        "one": asking("GET /actions/runs/${{ github.run_id }}/attempts/1/jobs?per_page=10", needs="top"),
    }
    repository = create_repository(files(main=workflow(jobs), inner=inner))
    repository.finish("main.yaml")
    listed = answers(repository)[0]["body"]["jobs"]
    assert [(one["name"], one["conclusion"]) for one in listed] == [
        ("Call / Do main", "success"), ("Never", "skipped"), ("one", None),
    ]  # fmt: skip
    assert listed[0]["steps"][0]["name"] == "Say it"
    assert listed[0]["started_at"] <= listed[0]["completed_at"]


def test_an_environment_says_whether_it_has_reviewers(create_repository: Create) -> None:
    text = workflow({"one": asking("GET /environments/prod", "GET /environments/dev")})
    repository = create_repository(files(main=text))
    repository.configure(environments={"prod": {"reviewers": ["ada"]}, "dev": {"reviewers": []}})
    repository.finish("main.yaml")
    prod, dev = answers(repository)
    assert prod["body"]["protection_rules"][0]["type"] == "required_reviewers"
    assert dev["body"]["protection_rules"] == []


@pytest.mark.parametrize(("verb", "conclusion"), [("cancel", "cancelled"), ("force-cancel", "cancelled")])
def test_a_run_can_cancel_another(create_repository: Create, verb: str, conclusion: str) -> None:
    victim = workflow({"one": job("echo working; sleep 30")})
    inputs = {"workflow_dispatch": {"inputs": {"run": {"type": "string"}}}}
    main = workflow({"one": asking("POST /actions/runs/${{ inputs.run }}/" + verb)}, on=inputs)
    repository = create_repository(files(main=main, victim=victim))
    run = repository.dispatch("victim.yaml")
    repository.wait_log(run, "one", "working")
    repository.finish("main.yaml", {"run": run.id})
    assert answers(repository)[0]["status"] == 202
    assert repository.run(run).conclusion == conclusion


def test_a_run_can_re_run_the_failed_jobs_of_another(create_repository: Create) -> None:
    victim = workflow({"one": job("[ $GITHUB_RUN_ATTEMPT != 1 ]")})
    inputs = {"workflow_dispatch": {"inputs": {"run": {"type": "string"}}}}
    request = "POST /actions/runs/${{ inputs.run }}/rerun-failed-jobs"
    main = workflow({"one": asking(request)}, on=inputs)
    repository = create_repository(files(main=main, victim=victim))
    run = repository.finish("victim.yaml")
    repository.finish("main.yaml", {"run": run.id})
    assert answers(repository)[0]["status"] == 201
    assert repository.run(run).conclusion == "success"
    repository.finish("main.yaml", {"run": run.id})
    assert '"status": 403' in repository.runs("main.yaml")[-1].job("one").log


def test_the_date_header_follows_the_clock_of_the_repository(create_repository: Create) -> None:
    repository = create_repository(files(main=workflow({"one": asking("GET ")})))
    repository.set_clock(offset_seconds=400 * 24 * 3600)
    run = repository.finish("main.yaml")
    assert answers(repository)[0]["date"][12:16] > "2026"
    started = run.job("one").started_at
    assert started is not None
    assert started[:4] in answers(repository)[0]["date"]


def test_so_does_that_of_a_request_which_names_no_repository(create_repository: Create) -> None:
    repository = create_repository(files(main=workflow({"one": asking("GET /../../../rate_limit")})))
    repository.set_clock(offset_seconds=400 * 24 * 3600)
    started = repository.finish("main.yaml").job("one").started_at
    assert started is not None
    assert answers(repository)[0]["status"] == 200
    assert started[:4] in answers(repository)[0]["date"]


@pytest.mark.parametrize(
    ("mode", "seen"),
    [
        ("status", {"status": 500}),
        ("drop", {"error": "RemoteDisconnected"}),
        ("hang", {"error": "TimeoutError"}),
    ],
)
def test_the_api_can_be_broken(create_repository: Create, mode: str, seen: dict[str, Any]) -> None:
    repository = create_repository(files(main=workflow({"one": asking("GET ", "GET ", "GET /actions/runs")})))
    repository.break_api("^$", mode=mode, status=500, times=1)
    repository.finish("main.yaml")
    first, second, third = answers(repository)
    assert seen.items() <= first.items()
    assert (second["status"], third["status"]) == (200, 200)


@pytest.mark.parametrize(
    ("mode", "seen"), [("status", {"status": 503}), ("drop", {"error": "RemoteDisconnected"})]
)
def test_so_can_the_request_which_names_no_repository(
    create_repository: Create, mode: str, seen: dict[str, Any]
) -> None:
    request = "GET /../../../rate_limit"
    repository = create_repository(files(main=workflow({"one": asking(request, request)})))
    repository.break_api("rate_limit", mode=mode, times=1)
    repository.finish("main.yaml")
    first, second = answers(repository)
    assert seen.items() <= first.items()
    assert second["status"] == 200


def test_every_request_is_logged(create_repository: Create) -> None:
    repository = create_repository(files(main=workflow({"one": asking("GET ", "POST /x {}")})))
    run = repository.finish("main.yaml")
    seen = [
        (one["method"], one["path"], one["status"], one["run"], one["job"]) for one in repository.api_calls()
    ]
    assert seen == [("GET", "", 200, run.id, "one"), ("POST", "/x", 404, run.id, "one")]


def test_a_token_of_a_person_is_not_bound_to_a_job(create_repository: Create) -> None:
    repository = create_repository({"a": ""})
    token = repository.issue_token(actions="read")
    url = f"{repository.world.api_url}/repos/{repository.full_name}/actions/runs"
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request) as answer:
        assert json.load(answer)["total_count"] == 0
    assert repository.api_calls()[0]["job"] is None
