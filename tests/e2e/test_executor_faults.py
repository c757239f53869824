"""Planned misfortunes, and the recording fake of the traffic."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.snippets import call, callable_workflow, files, job, put, workflow
from tests.e2e.traffic import Traffic, callback_files
from tests.e2e.world import ControlRefused, Repository

Create = Callable[..., Repository]
PUSH = """
git clone -q "$GITHUB_SERVER_URL/$GITHUB_REPOSITORY.git" w
cd w
git config user.name a; git config user.email b
for name in first second; do
  git commit -q --allow-empty -m $name
  git push -q origin HEAD:refs/heads/state
done
"""


def gate(**keys: Any) -> dict[str, Any]:
    """A job that sets an output, pushes twice, sets another output."""
    early, late = {"id": "early", "run": put("x", "early")}, {"id": "push", "run": PUSH + put("x", "late")}
    outputs = {"early": "${{ steps.early.outputs.x }}", "late": "${{ steps.push.outputs.x }}"}
    always = {"id": "always", "if": "always()", "run": "true"}
    return job(early, late, always, outputs=outputs, permissions={"contents": "write"}, **keys)


def run_with(create_repository: Create, kind: str, **details: Any) -> tuple[Repository, Any]:
    jobs = {"one": gate(), "finish": job("true", needs="one", if_="always()")}
    repository = create_repository(files(main=workflow(jobs)))
    fault = repository.fault(kind, "main.yaml", "one", **details)
    run = repository.finish("main.yaml")
    assert fault.fired == 1
    assert run.results == {"one": "failure", "finish": "success"}
    return repository, run


def subjects(repository: Repository) -> list[str]:
    return [commit.subject for commit in repository.log("state")]


def test_without_a_fault_everything_is_pushed(create_repository: Create) -> None:
    repository = create_repository(files(main=workflow({"one": gate()})))
    run = repository.finish("main.yaml")
    assert run.job("one").outputs == {"early": "early", "late": "late"}
    assert subjects(repository) == ["Start", "first", "second"]


def test_a_runner_lost_before_the_start_does_nothing(create_repository: Create) -> None:
    repository, run = run_with(create_repository, "lose_before_start")
    assert (run.job("one").steps, run.job("one").outputs) == ((), {})
    assert repository.tip("state") is None


@pytest.mark.parametrize(
    ("kind", "nth", "pushed"),
    [
        ("kill_before_push", 1, []),
        ("kill_after_push", 1, ["Start", "first"]),
        ("kill_before_push", 2, ["Start", "first"]),
        ("kill_after_push", 2, ["Start", "first", "second"]),
    ],
)
def test_a_step_is_killed_around_the_nth_push(
    create_repository: Create, kind: str, nth: int, pushed: list[str]
) -> None:
    repository, run = run_with(create_repository, kind, nth=nth)
    assert subjects(repository) == pushed
    assert run.job("one").outputs == {"early": "early", "late": ""}
    assert [step.conclusion for step in run.job("one").steps] == ["success", "failure", "success"]


def test_a_runner_lost_around_a_push_gives_no_outputs(create_repository: Create) -> None:
    repository, run = run_with(create_repository, "kill_after_push", lost=True)
    assert subjects(repository) == ["Start", "first"]
    assert run.job("one").outputs == {}
    assert len(run.job("one").steps) == 2


def test_a_runner_lost_before_its_outputs_has_done_everything(create_repository: Create) -> None:
    repository, run = run_with(create_repository, "lose_before_output")
    assert subjects(repository) == ["Start", "first", "second"]
    assert run.job("one").outputs == {}


def test_a_runner_lost_in_the_middle_reports_nothing(create_repository: Create) -> None:
    early = {"id": "s", "run": put("x", "early")}
    steps = (early, "echo working; sleep 30", {"if": "always()", "run": "echo cleaned"})
    one = job(*steps, outputs={"x": "${{ steps.s.outputs.x }}"})
    jobs = {"one": one, "finish": job("true", needs="one", if_="always()")}
    repository = create_repository(files(main=workflow(jobs)))
    repository.fault("lose_on_log", "main.yaml", "one", text="working")
    run = repository.finish("main.yaml")
    assert run.results == {"one": "failure", "finish": "success"}
    assert run.job("one").outputs == {}
    assert "cleaned" not in run.job("one").log


def test_a_job_at_work_can_lose_its_runner_now(create_repository: Create) -> None:
    late = {"if": "always()", "run": "echo cleaned"}
    jobs = {"one": job("echo working; sleep 30", late), "finish": job("true", needs="one", if_="always()")}
    repository = create_repository(files(main=workflow(jobs)))
    run = repository.dispatch("main.yaml")
    repository.wait_log(run, "one", "working")
    repository.lose(run, "one")
    repository.wait()
    ended = repository.run(run)
    assert ended.results == {"one": "failure", "finish": "success"}
    assert "cleaned" not in ended.job("one").log


def test_the_time_of_a_job_at_work_can_be_over_now(create_repository: Create) -> None:
    late = {"if": "always()", "run": "echo cleaned"}
    one = job("echo working; sleep 30", late, **{"timeout-minutes": 5})
    jobs = {"one": one, "finish": job("true", needs="one", if_="always()")}
    repository = create_repository(files(main=workflow(jobs)))
    run = repository.dispatch("main.yaml")
    repository.wait_log(run, "one", "working")
    repository.time_out(run, "one")
    repository.wait()
    ended = repository.run(run)
    assert ended.results == {"one": "cancelled", "finish": "success"}
    assert ended.job("one").errors == ["The job has exceeded the maximum execution time of 5m0s"]
    assert "cleaned" in ended.job("one").log


def test_only_a_job_at_work_can_be_struck(create_repository: Create) -> None:
    repository = create_repository(files(main=workflow({"one": job("true")})))
    run = repository.finish("main.yaml")
    for strike in (repository.lose, repository.time_out):
        with pytest.raises(ControlRefused, match=r"no job one of run [0-9]+ is at work: completed"):
            strike(run, "one")


def test_a_job_can_fail_after_its_outputs(create_repository: Create) -> None:
    repository, run = run_with(create_repository, "fail_after_output")
    assert subjects(repository) == ["Start", "first", "second"]
    assert run.job("one").outputs == {"early": "early", "late": "late"}


def test_pushes_can_be_refused_for_ever(create_repository: Create) -> None:
    repository, run = run_with(create_repository, "refuse_push", nth=2, times=0)
    assert subjects(repository) == ["Start", "first"]
    assert "HTTP 503" in run.job("one").log


def test_a_push_by_a_program_with_a_session_of_its_own_is_killed_too(create_repository: Create) -> None:
    script = """
    import os, subprocess
    subprocess.run(["bash", "-c", os.environ["PUSH"]], start_new_session=True)
    print("went on")
    """
    step = {
        "shell": "python",
        "env": {"PUSH": PUSH},
        "run": "\n".join(line.strip() for line in script.splitlines()),
    }
    repository = create_repository(
        files(main=workflow({"one": job(step, permissions={"contents": "write"})}))
    )
    repository.fault("kill_before_push", "main.yaml", "one")
    run = repository.finish("main.yaml")
    assert run.conclusion == "failure"
    assert "went on" not in run.job("one").log
    assert repository.tip("state") is None


def test_a_fault_fires_in_its_attempt_only_and_only_so_often(create_repository: Create) -> None:
    repository = create_repository(files(main=workflow({"one": job("true")})))
    later = repository.fault("lose_before_start", "main.yaml", "one", attempt=2)
    first = repository.finish("main.yaml")
    assert (first.conclusion, later.fired) == ("success", 0)
    repository.rerun(first)
    repository.wait()
    assert repository.run(first).conclusion == "failure"
    repository.fault("lose_before_start", "main.yaml", "one", times=2)
    assert [repository.finish("main.yaml").conclusion for _ in range(3)] == ["failure", "failure", "success"]


def test_a_job_can_be_held_before_its_start_and_before_it_is_seen_as_completed(
    create_repository: Create,
) -> None:
    jobs = {"one": job("echo done"), "two": job("true", needs="one")}
    repository = create_repository(files(main=workflow(jobs)))
    before = repository.fault("hold_start", "main.yaml", "one")
    after = repository.fault("hold_end", "main.yaml", "one")
    run = repository.dispatch("main.yaml")
    before.wait_held()
    assert repository.run(run).job("one").status == "queued"
    before.release()
    after.wait_held()
    assert "done" in repository.run(run).job("one").log
    assert repository.run(run).job("one").status == "in_progress"
    after.release()
    repository.wait()
    assert repository.run(run).conclusion == "success"


def test_a_push_can_be_held(create_repository: Create) -> None:
    repository = create_repository(files(main=workflow({"one": gate()})))
    fault = repository.fault("hold_push", "main.yaml", "one", nth=2)
    run = repository.dispatch("main.yaml")
    fault.wait_held()
    assert subjects(repository) == ["Start", "first"]
    fault.release()
    repository.wait()
    assert repository.run(run).conclusion == "success"
    assert subjects(repository) == ["Start", "first", "second"]


def test_a_held_job_can_be_cancelled(create_repository: Create) -> None:
    repository = create_repository(files(main=workflow({"one": job("true")})))
    fault = repository.fault("hold_start", "main.yaml", "one")
    run = repository.dispatch("main.yaml")
    fault.wait_held()
    repository.cancel(run)
    repository.wait()
    assert repository.run(run).results == {"one": "cancelled"}


def test_waiting_in_vain_says_what_is_still_going_on(create_repository: Create) -> None:
    repository = create_repository(files(main=workflow({"one": job("echo stuck; sleep 30")})))
    run = repository.dispatch("main.yaml")
    repository.wait_log(run, "one", "stuck")
    with pytest.raises(ControlRefused, match=r"one: in_progress; last line: stuck"):
        repository.wait(timeout=0.2)


@pytest.mark.parametrize("kind", ["nonsense", "kill"])
def test_an_unknown_kind_of_fault_is_refused(create_repository: Create, kind: str) -> None:
    with pytest.raises(ControlRefused, match="unknown kind of fault"):
        create_repository({"a": ""}).fault(kind, "main.yaml", "one")


def calling(create_repository: Create, traffic: Traffic, variant: str = "callback") -> Repository:
    with_ = {
        "action": "verify",
        "deploy": "app",
        "environment": "prod",
        "step": 2,
        "percent": 25,
        "reason": 'a "b" $(c)',
    }
    jobs = {"verify": call("verify", with_=with_), "after": job("true", needs="verify", if_="always()")}
    repository = create_repository({**files(main=workflow(jobs)), **callback_files(verify=variant)})
    traffic.attach(repository)
    return repository


def test_a_callback_records_what_it_was_told(create_repository: Create, traffic: Traffic) -> None:
    repository = calling(create_repository, traffic)
    traffic.attach(repository, "main")
    run = repository.finish("main.yaml")
    assert run.results == {"verify": "success", "after": "success"}
    (one,) = traffic.calls
    assert (one.begun_on, one.ended_on) == (repository.tip(), repository.tip())
    assert traffic.actions == ["app/prod verify 25"]
    assert (one.step, one.inputs["reason"], one.run, one.finished) == (2, 'a "b" $(c)', run.id, True)


def test_a_callback_behaves_as_it_was_told(create_repository: Create, traffic: Traffic) -> None:
    repository = calling(create_repository, traffic)
    traffic.behave("result", "inconclusive", action="verify", step=2, times=1)
    traffic.behave("reason", "who knows", environment="prod", times=1)
    traffic.behave("fail", action="promote")
    first, second = repository.finish("main.yaml"), repository.finish("main.yaml")
    assert first.job("verify").outputs == {"result": "inconclusive", "reason": "who knows", "url": ""}
    assert second.job("verify").outputs == {"result": "", "reason": "", "url": ""}
    traffic.behave("fail", deploy="app", environment="prod", action="verify", step=2)
    assert repository.finish("main.yaml").results["verify"] == "failure"
    traffic.calm()
    assert repository.finish("main.yaml").results["verify"] == "success"
    assert [call.finished for call in traffic.calls] == [True, True, False, True]


def test_a_callback_can_hang_until_it_is_let_go(create_repository: Create, traffic: Traffic) -> None:
    repository = calling(create_repository, traffic)
    let_go = traffic.hang(action="verify")
    run = repository.dispatch("main.yaml")
    repository.wait_log(run, "verify/run", "verify of app in prod began")
    assert not traffic.calls[0].finished
    let_go.touch()
    repository.wait()
    assert repository.run(run).conclusion == "success"


@pytest.mark.parametrize(
    ("variant", "result", "calls"), [("skipped-inside", "success", 1), ("skipped-whole", "skipped", 0)]
)
def test_the_skipping_variants_of_a_callback(
    create_repository: Create, traffic: Traffic, variant: str, result: str, calls: int
) -> None:
    run = calling(create_repository, traffic, variant).finish("main.yaml")
    assert (run.results["verify"], len(traffic.calls)) == (result, calls)


def test_a_workflow_takes_less_than_half_a_second(create_repository: Create) -> None:
    inner = callable_workflow({"work": job("true")})
    jobs = {"a": job("true"), "b": call("inner", needs="a"), "c": job("true", needs="b")}
    repository = create_repository(files(main=workflow(jobs), inner=inner))
    times = []
    for _ in range(3):
        began = time.monotonic()
        repository.finish("main.yaml")
        times.append(time.monotonic() - began)
    assert min(times) < 0.5
