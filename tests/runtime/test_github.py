"""The runner and the API: text stays text, the clock is GitHub's, and failures are bounded."""

from __future__ import annotations

import json
import os
import re
import socket
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from headgate_runtime import github
from headgate_runtime.errors import ApiFailed, HeadgateError
from headgate_runtime.github import Api, JobStatus, Runner, RunStatus

ENVIRONMENT = {
    "GITHUB_RUN_ID": "4711",
    "GITHUB_RUN_ATTEMPT": "2",
    "GITHUB_RUN_NUMBER": "128",
    "GITHUB_REPOSITORY": "acme/shop",
    "GITHUB_SERVER_URL": "https://github.example/",
    "GITHUB_API_URL": "https://api.github.example",
    "GITHUB_SHA": "1a2b3c4" + "0" * 33,
    "GITHUB_REF": "refs/heads/main",
    "GITHUB_ACTOR": "ann",
    "GITHUB_TRIGGERING_ACTOR": "bob",
    "GITHUB_EVENT_NAME": "workflow_dispatch",
    "GITHUB_WORKFLOW_REF": "acme/shop/.github/workflows/headgate-deploy-app.yaml@refs/heads/main",
    "GITHUB_JOB": "start",
    "GITHUB_TOKEN": "ghs_secret",
}
HOSTILE = [
    "::error::no",
    "  \t::set-output name=x::y",
    "\u00a0::warning::after a space of another kind",
    "a\n::error::b",
    "a\r::error::b",
    "a\u2028::error::b",
    "a\x85::error::b",
    "a\x0b::error::b",
    "##[error]old style",
    "before ##[add-path]/evil",
    "::stop-commands::x",
    "::::::",
    "plain: text :: within",
    "🚀 büro \udcff",
    "",
]


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    files = {"GITHUB_OUTPUT": str(tmp_path / "output"), "GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}
    return Runner.from_environment({**ENVIRONMENT, **files})


@pytest.fixture
def api(serve: Any, runner: Runner) -> Callable[..., tuple[Api, list[Any], list[float]]]:
    """Connects an Api to an answer; gives it, the requests made, and the pauses between tries."""

    def connected(answer: Callable[[Any], Any], **options: Any) -> tuple[Api, list[Any], list[float]]:
        server = serve(answer)
        pauses: list[float] = []
        at_server = replace(runner, api_url=server.url)
        return Api(at_server, **{"sleep": pauses.append, **options}), server.requests, pauses

    return connected


def outputs_as_the_runner_reads_them(path: Path) -> dict[str, str]:
    """The file format of https://docs.github.com/actions: name<<delimiter, lines, delimiter."""
    lines, found = path.read_bytes().decode().split("\n"), {}
    while lines and lines[0]:
        name, _, delimiter = lines.pop(0).partition("<<")
        end = lines.index(delimiter)
        found[name], lines = "\n".join(lines[:end]), lines[end + 1 :]
    return found


def is_command(line: str) -> bool:
    """What actions/runner takes for a command: `::` after leading white space, `##[` anywhere."""
    return line.lstrip().startswith("::") or "##[" in line


def test_the_runner_is_read_from_its_environment(runner: Runner) -> None:
    assert (runner.run_id, runner.attempt, runner.run_number) == (4711, 2, 128)
    assert runner.actor == "bob"
    assert runner.run_url == "https://github.example/acme/shop/actions/runs/4711"
    assert runner.remote == "https://github.example/acme/shop.git"
    assert runner.token == "ghs_secret"
    assert "ghs_secret" not in repr(runner)


def test_outside_of_a_run_everything_missing_is_named() -> None:
    wrong = {**ENVIRONMENT, "GITHUB_RUN_ID": "x1", "GITHUB_REPOSITORY": " ", "GITHUB_RUN_ATTEMPT": ""}
    with pytest.raises(HeadgateError, match="GITHUB_RUN_ID, GITHUB_RUN_ATTEMPT, GITHUB_REPOSITORY") as caught:
        Runner.from_environment(wrong)
    assert caught.value.exit_code == 2
    with pytest.raises(HeadgateError, match="this is no workflow run"):
        Runner.from_environment({})


def test_outputs_arrive_whatever_they_contain(runner: Runner) -> None:
    values = {f"v{number}": text for number, text in enumerate(HOSTILE) if "\udcff" not in text}
    values |= {"fake": "x\nnext<<EOF\npromote\nEOF", "headgate": "headgate_\nheadgate_", "lines": "\n\na\n\n"}
    github.set_outputs(runner, {"first": "1"})
    github.set_outputs(runner, values)
    assert runner.output_path
    assert outputs_as_the_runner_reads_them(runner.output_path) == {"first": "1", **values}


def test_an_output_never_uses_the_same_delimiter_twice(runner: Runner) -> None:
    github.set_outputs(runner, {"a": "1", "b": "2"})
    github.set_outputs(runner, {"a": "1"})
    assert runner.output_path
    assert len(set(re.findall("<<(.*)", runner.output_path.read_text()))) == 3


def test_without_the_runners_files_nothing_is_written(runner: Runner) -> None:
    alone = replace(runner, output_path=None, summary_path=None)
    github.set_outputs(alone, {"a": "1"})
    github.add_summary(alone, "text")


def test_a_file_that_cannot_be_written_is_a_clear_failure(runner: Runner, tmp_path: Path) -> None:
    with pytest.raises(HeadgateError, match="can't be written"):
        github.set_outputs(replace(runner, output_path=tmp_path), {"a": "1"})


def test_summaries_add_up_and_stay_below_the_limit(runner: Runner) -> None:
    assert runner.summary_path
    github.add_summary(runner, "# One\n")
    github.add_summary(runner, "two \udcff\n")
    assert runner.summary_path.read_text() == "# One\ntwo \\udcff\n"
    github.add_summary(runner, "ü" * 60 + "\n" + ("€" * 50 + "\n") * 10_000)
    github.add_summary(runner, "too late\n" * 100)
    content = runner.summary_path.read_bytes()
    assert len(content) <= github.SUMMARY_LIMIT
    text = content.decode()
    assert text.count("a summary holds at most 1 MiB") == 1
    assert "too late" not in text
    assert {line for line in text.splitlines() if line.startswith("€")} == {"€" * 50}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain words, 10 % (v1.2-3) done; ok?", "plain words, 10 % (v1.2-3) done; ok?"),
        ("a|b", "a&#124;b"),
        ("<img src=x onerror=y>", "&#60;img src=x onerror=y&#62;"),
        ("[x](javascript:y) ![i](z)", "&#91;x&#93;(javascript:y) &#33;&#91;i&#93;(z)"),
        ("`code` *b* _i_ ~s~", "&#96;code&#96; &#42;b&#42; &#95;i&#95; &#126;s&#126;"),
        ("&amp; \\ $x$", "&#38;amp; &#92; &#36;x&#36;"),
        ("@team closes #12", "&#64;&#8203;team closes &#35;&#8203;12"),
        ("https://evil.example", "https&#58;&#8203;//evil.example"),
        ("www.evil.example", "www&#46;&#8203;evil.example"),
        ("# title", "&#35;&#8203; title"),
        ("- item", "&#45; item"),
        ("1. item", "1&#46;&#8203; item"),
        ("one\n\n| two\r\n\x00three\u2028four", "one &#124; two three four"),
        ("", ""),
    ],
)
def test_text_in_a_summary_is_shown_as_written(text: str, shown: str) -> None:
    assert github.escape_markdown(text) == shown


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_said_is_never_a_command(text: str, capfd: pytest.CaptureFixture[str]) -> None:
    github.say(text)
    lines = re.split(r"[\n\r\u2028\x85\x0b]", capfd.readouterr().out)
    assert lines
    assert not [line for line in lines if is_command(line)]


def test_harmless_text_is_said_as_it_is(capfd: pytest.CaptureFixture[str]) -> None:
    github.say("prod/app: baking → promoting\n  a::b ## [x]")
    assert capfd.readouterr().out == "prod/app: baking → promoting\n  a::b ## [x]\n"


def test_annotations_are_one_command_each(capfd: pytest.CaptureFixture[str]) -> None:
    github.notice("fine")
    github.warning("100 %\n::error::x\r", "a:b,c\n%")
    github.error("bad \udcff 🚀", "held")
    assert capfd.readouterr().out.split("\n") == [
        "::notice::fine",
        "::warning title=a%3Ab%2Cc%0A%25::100 %25%0A::error::x%0D",
        "::error title=held::bad \\udcff 🚀",
        "",
    ]


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


def test_stdout_of_another_encoding_gets_what_it_can_show(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with (tmp_path / "log").open("w", encoding="ascii") as log:
        monkeypatch.setattr("sys.stdout", log)
        github.say("baking → promoting")
    assert (tmp_path / "log").read_text() == f"baking \\u2192 promoting{os.linesep}"
