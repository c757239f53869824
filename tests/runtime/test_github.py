"""The API: the clock is GitHub's, and failures are bounded."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from headgate_runtime.errors import ApiFailed
from headgate_runtime.github import Api, JobStatus, Review, RunStatus
from headgate_runtime.runner import Runner

from tests.runtime.conftest import HOSTILE


@pytest.fixture
def api(serve: Any, runner: Runner) -> Callable[..., tuple[Api, list[Any], list[float]]]:
    """Connects an Api to an answer; gives it, the requests made, and the pauses between tries."""

    def connected(answer: Callable[[Any], Any], **options: Any) -> tuple[Api, list[Any], list[float]]:
        server = serve(answer)
        pauses: list[float] = []
        at_server = replace(runner, api_url=server.url)
        return Api(at_server, **{"sleep": pauses.append, **options}), server.requests, pauses

    return connected


def test_a_run_attempt_is_told_or_gone(api: Any) -> None:
    answers = {
        "/repos/acme/shop/actions/runs/7/attempts/1": (
            200,
            {"status": "completed", "conclusion": "cancelled", "run_attempt": 1},
        ),
        "/repos/acme/shop/actions/runs/7/attempts/2": (
            200,
            {"status": "in_progress", "conclusion": None, "run_attempt": 2},
        ),
    }
    client, requests, _ = api(lambda request: answers.get(request.path, (404, {"message": "Not Found"})))
    assert client.run_attempt(7, 1) == RunStatus(completed=True, conclusion="cancelled", attempt=1)
    assert client.run_attempt(7, 2) == RunStatus(completed=False, conclusion="", attempt=2)
    assert client.run_attempt(7, 3) is None
    assert requests[0].headers["Authorization"] == "Bearer ghs_secret"
    assert requests[0].headers["X-Github-Api-Version"] == "2022-11-28"


def test_only_404_means_gone(api: Any) -> None:
    client, _, _ = api(lambda _: (403, {"message": "Resource not accessible by integration"}))
    for ask in (
        lambda: client.run_attempt(7, 1),
        lambda: client.attempt_jobs(7, 1),
        lambda: client.successful_runs("x"),
    ):
        with pytest.raises(ApiFailed, match="not accessible"):
            ask()


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 250])
def test_all_pages_of_jobs_are_read(api: Any, count: int) -> None:
    jobs = [{"name": f"job {n}", "status": "completed", "conclusion": None, "id": n} for n in range(count)]

    def answer(request: Any) -> Any:
        page = int(re.search(r"[?&]page=(\d+)", request.path)[1])  # type: ignore[index]
        assert "per_page=100" in request.path
        return 200, {"total_count": count, "jobs": jobs[(page - 1) * 100 : page * 100]}

    client, requests, _ = api(answer)
    assert client.attempt_jobs(7, 1) == tuple(JobStatus(f"job {n}", "completed", "") for n in range(count))
    assert len(requests) <= count // 100 + 1


def test_the_jobs_of_a_run_that_is_gone_are_none(api: Any) -> None:
    client, _, _ = api(lambda _: (404, {}))
    assert client.attempt_jobs(7, 1) == ()


def test_a_dispatch_sends_its_inputs_unharmed(api: Any) -> None:
    client, requests, _ = api(lambda _: (204, b""))
    inputs = {f"i{number}": text for number, text in enumerate(HOSTILE)}
    client.dispatch("headgate-deploy-app.yaml", "main", inputs)
    assert requests[0].method == "POST"
    assert requests[0].path == "/repos/acme/shop/actions/workflows/headgate-deploy-app.yaml/dispatches"
    assert json.loads(requests[0].body) == {"ref": "main", "inputs": inputs}


def test_a_workflow_name_cannot_reach_another_path(api: Any) -> None:
    client, requests, _ = api(lambda _: (200, {"total_count": 3}))
    assert client.successful_runs("../../x?y#z") == 3
    assert (
        requests[0].path
        == "/repos/acme/shop/actions/workflows/..%2F..%2Fx%3Fy%23z/runs?status=success&per_page=1"
    )


def test_runs_of_an_unknown_workflow_are_none(api: Any) -> None:
    client, _, _ = api(lambda _: (404, {"message": "Not Found"}))
    assert client.successful_runs("headgate-promote.yaml") == 0


def test_cancelling_what_is_over_is_no_failure(api: Any) -> None:
    client, requests, _ = api(lambda _: (409, {"message": "Cannot cancel a workflow run that is completed."}))
    client.cancel_run(7)
    assert (requests[0].method, requests[0].path) == ("POST", "/repos/acme/shop/actions/runs/7/cancel")


def test_failed_jobs_start_again(api: Any) -> None:
    client, requests, _ = api(lambda _: (201, {}))
    client.rerun_failed_jobs(7)
    assert (requests[0].method, requests[0].path) == (
        "POST",
        "/repos/acme/shop/actions/runs/7/rerun-failed-jobs",
    )


def test_the_default_branch_is_asked_for(api: Any) -> None:
    client, requests, _ = api(lambda _: (200, {"default_branch": "trunk"}))
    assert client.default_branch() == "trunk"
    assert requests[0].path == "/repos/acme/shop"


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_passing_failures_are_tried_again(api: Any, status: int) -> None:
    answers = [(status, {}), (status, {}), (200, {"default_branch": "main"})]
    client, requests, pauses = api(lambda _: answers.pop(0))
    assert client.default_branch() == "main"
    assert len(requests) == 3
    assert 0.5 <= pauses[0] <= 1.5
    assert 1.0 <= pauses[1] <= 3.0


def test_tries_are_bounded(api: Any) -> None:
    client, requests, pauses = api(lambda _: (503, {"message": "no server is available"}))
    with pytest.raises(ApiFailed, match="GET /repos/acme/shop: 503 no server is available") as caught:
        client.default_branch()
    assert caught.value.status == 503
    assert (len(requests), len(pauses)) == (5, 4)


def test_github_says_when_to_come_back_and_is_believed_within_bounds(api: Any) -> None:
    told = [{"Retry-After": "7"}, {"Retry-After": "86400"}, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}]
    answers: list[Any] = [(403, {}, headers) for headers in told] + [(200, {"default_branch": "main"})]
    client, _, pauses = api(lambda _: answers.pop(0))
    assert client.default_branch() == "main"
    assert pauses[:2] == [7.0, 60.0]
    assert pauses[2] <= 6.0


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422])
def test_a_refusal_is_final_and_says_why(api: Any, status: int) -> None:
    client, requests, pauses = api(lambda _: (status, {"message": "Unexpected inputs provided"}))
    with pytest.raises(ApiFailed, match=f"{status} Unexpected inputs provided") as caught:
        client.dispatch("x.yaml", "main", {})
    assert (len(requests), pauses) == (1, [])
    assert ("actions: write" in caught.value.hint) == (status in (401, 403))


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff\xfe", b"[1]", b'"x"', b"null"])
def test_an_answer_that_is_no_object_is_no_traceback(api: Any, body: bytes) -> None:
    client, _, _ = api(lambda _: (200, body))
    for ask in (lambda: client.run_attempt(7, 1), lambda: client.attempt_jobs(7, 1), client.default_branch):
        try:
            ask()
        except ApiFailed as failed:
            assert failed.exit_code == 2


@pytest.mark.parametrize("content", [{"jobs": [{}]}, {"jobs": 3}, {"jobs": ["x"]}, {"total_count": "x"}])
def test_an_answer_of_another_shape_is_no_traceback(api: Any, content: object) -> None:
    client, _, _ = api(lambda _: (200, content))
    for ask in (lambda: client.attempt_jobs(7, 1), lambda: client.successful_runs("x")):
        try:
            ask()
        except ApiFailed as failed:
            assert "does not understand" in str(failed)


def test_a_server_that_hangs_up_is_a_failure_of_the_surroundings(runner: Runner) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    pauses: list[float] = []
    client = Api(replace(runner, api_url=f"http://127.0.0.1:{port}"), sleep=pauses.append)
    with pytest.raises(ApiFailed, match="refused") as caught:
        client.default_branch()
    assert (caught.value.status, len(pauses)) == (0, 4)
    assert "ghs_secret" not in str(caught.value)


def test_the_token_does_not_follow_a_redirect(serve: Any, runner: Runner) -> None:
    elsewhere = serve(lambda _: (200, {"default_branch": "main"}))
    server = serve(lambda _: (301, {}, {"Location": f"{elsewhere.url}/there"}))
    assert Api(replace(runner, api_url=server.url)).default_branch() == "main"
    assert "Authorization" in server.requests[0].headers
    assert "Authorization" not in elsewhere.requests[0].headers


def dated(seconds: int) -> Mapping[str, str]:
    return {"Date": f"Mon, 23 Nov 2026 04:{seconds // 60:02}:{seconds % 60:02} GMT"}


AT_FOUR = 1795406400


def test_the_clock_is_that_of_the_latest_answer_and_goes_on(api: Any) -> None:
    clock = [1000.0]
    answers: list[Any] = [(200, {}, dated(0)), (404, {}, dated(60)), (500, {}, dated(90))]
    client, requests, _ = api(lambda _: answers.pop(0), monotonic=lambda: clock[0])
    assert client.now() == AT_FOUR
    clock[0] += 10
    assert client.now() == AT_FOUR + 10
    assert client.run_attempt(7, 1) is None
    assert client.now() == AT_FOUR + 60
    clock[0] += 5
    assert client.now() == AT_FOUR + 65
    client.refresh_clock()
    assert client.now() == AT_FOUR + 90
    assert len(requests) == 3


def test_without_github_the_clock_is_the_runners(runner: Runner) -> None:
    client = Api(replace(runner, api_url="http://127.0.0.1:1"), wall_clock=lambda: 1234.9, sleep=pytest.fail)
    assert client.now() == 1234
    client.refresh_clock()
    assert client.now() == 1234


@pytest.mark.parametrize(
    "date", ["yesterday", "Mon, 99 Nov 2026 04:00:00 GMT", "Mon, 23 Nov 99999999 04:00:00 GMT"]
)
def test_a_date_that_is_none_leaves_the_clock_alone(api: Any, date: str) -> None:
    client, _, _ = api(lambda _: (200, {}, {"Date": date}), wall_clock=lambda: 1234.0)
    assert client.now() == 1234


def test_any_other_request_is_sent_and_answered_and_tried_as_often_as_said(api: Any) -> None:
    client, requests, _ = api(lambda request: (200, request.body or b"[]"))
    assert client.request("GET", "/environments/prod") == b"[]"
    assert client.request("POST", "/x", {"a": "1"}) == b'{"a": "1"}'
    assert [request.path for request in requests] == [
        "/repos/acme/shop/environments/prod",
        "/repos/acme/shop/x",
    ]
    down, requests, pauses = api(lambda _: (502, {}))
    with pytest.raises(ApiFailed):
        down.request("POST", "/x", {}, tries=1)
    assert (len(requests), pauses) == (1, [])


def test_a_protected_environment_is_told_from_one_that_lets_everybody_pass(api: Any) -> None:
    reviewers = {"type": "required_reviewers", "reviewers": [{"type": "User"}]}
    for rules, expected in (
        ([reviewers], True),
        ([{"type": "wait_timer", "wait_timer": 30}, reviewers], True),
        ([{"type": "required_reviewers", "reviewers": []}], False),
        ([{"type": "branch_policy"}], False),
        (None, False),
    ):
        client, requests, _ = api(
            lambda _, rules=rules: (200, json.dumps({"protection_rules": rules}).encode())
        )
        assert client.has_reviewers("prod / approval") is expected
        assert requests[0].path == "/repos/acme/shop/environments/prod%20%2F%20approval"
    client, _, _ = api(lambda _: (404, b"{}"))
    assert client.has_reviewers("nowhere") is False


def test_reviews_are_told_with_who_said_what_also_by_an_account_that_is_gone(api: Any) -> None:
    said = [
        {"state": "pending", "comment": "", "user": {"login": "ann"}, "environments": [{"name": "prod"}]},
        {"state": "rejected", "comment": None, "user": {"login": "ann"}, "environments": [{"name": "prod"}]},
        {"state": "approved", "comment": "ok", "user": None, "environments": [{"name": "a"}, {"name": "b"}]},
    ]
    client, requests, _ = api(lambda _: (200, json.dumps(said).encode()))
    assert client.run_reviews(7) == (
        Review("prod", False, "ann", ""),
        Review("a", True, "somebody", "ok"),
        Review("b", True, "somebody", "ok"),
    )
    assert requests[0].path == "/repos/acme/shop/actions/runs/7/approvals"
