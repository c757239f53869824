"""Cancelling: which jobs go on, which are stopped, how, and what the run ends with."""

from __future__ import annotations

import time
from collections.abc import Callable

from tests.e2e.snippets import call, callable_workflow, files, job, workflow
from tests.e2e.world import Repository

Create = Callable[..., Repository]
SLEEP = "echo working; sleep 30"


def start_and_cancel(repository: Repository, job_key: str = "one", *, force: bool = False) -> None:
    run = repository.dispatch("main.yaml")
    repository.wait_log(run, job_key, "working")
    repository.cancel(run, force=force)
    repository.wait()


def test_a_running_job_without_a_condition_is_stopped(create_repository: Create) -> None:
    repository = create_repository(files(main=workflow({"one": job(SLEEP)})))
    start_and_cancel(repository)
    run = repository.runs()[0]
    assert (run.conclusion, run.results) == ("cancelled", {"one": "cancelled"})
    assert run.latest.cancelled


def test_always_goes_on_and_not_cancelled_does_not(create_repository: Create) -> None:
    jobs = {
        "first": job("true"),
        "one": job("echo working; sleep 0.5; echo finished", needs="first", if_="always()"),
        "two": job(SLEEP, needs="first", if_="!cancelled()"),
        "after": job("true", needs=["one", "two"], if_="always()"),
        "marker": job("true", needs=["one", "two"], if_="cancelled()"),
        "plain": job("true", needs="one", if_="!cancelled() && needs.one.result == 'success'"),
    }
    repository = create_repository(files(main=workflow(jobs)))
    run = repository.dispatch("main.yaml")
    repository.wait_log(run, "one", "working")
    repository.wait_log(run, "two", "working")
    repository.cancel(run)
    run = repository.wait(run) or run
    assert run.results == {
        "first": "success", "one": "success", "two": "cancelled",
        "after": "success", "marker": "success", "plain": "skipped",
    }  # fmt: skip
    assert run.conclusion == "cancelled"
    assert "finished" in run.job("one").log


def test_steps_of_a_stopped_job_run_only_when_their_condition_says_so(create_repository: Create) -> None:
    steps = [
        {"id": "long", "run": SLEEP},
        {"id": "plain", "run": "true"},
        {"id": "cleanup", "if": "always()", "run": "echo clean"},
        {"id": "told", "if": "cancelled()", "run": "true"},
        {"id": "failed", "if": "failure()", "run": "true"},
    ]
    repository = create_repository(files(main=workflow({"one": job(*steps)})))
    start_and_cancel(repository)
    found = repository.runs()[0].job("one")
    assert {step.id: step.conclusion for step in found.steps} == {
        "long": "cancelled", "plain": "skipped", "cleanup": "success", "told": "success", "failed": "skipped",
    }  # fmt: skip
    assert found.result == "cancelled"


def test_jobs_inside_a_called_workflow_have_their_own_condition(create_repository: Create) -> None:
    inner = callable_workflow({"work": job("true"), "after": job("true", if_="always()", needs="work")})
    jobs = {"one": job(SLEEP), "rollback": call("inner", needs="one", if_="always()")}
    repository = create_repository(files(main=workflow(jobs), inner=inner))
    start_and_cancel(repository)
    run = repository.runs()[0]
    assert run.job("rollback/work").result == "skipped"
    assert run.job("rollback/after").result == "success"


def test_a_called_workflow_that_is_all_skipped_in_a_cancelled_run_is_skipped(
    create_repository: Create,
) -> None:
    inner = callable_workflow({"work": job("true")})
    jobs = {"one": job(SLEEP), "rollback": call("inner", needs="one", if_="always()")}
    repository = create_repository(files(main=workflow(jobs), inner=inner))
    start_and_cancel(repository)
    assert repository.runs()[0].results == {"one": "cancelled", "rollback": "skipped"}


def test_a_step_may_finish_between_the_signals(create_repository: Create) -> None:
    script = "trap 'echo told; exit 0' INT\necho working\nwhile true; do sleep 0.02; done"
    repository = create_repository(files(main=workflow({"one": job(script)})))
    start_and_cancel(repository)
    assert "told" in repository.runs()[0].job("one").log


def test_a_step_that_ignores_everything_is_killed(create_repository: Create) -> None:
    script = "trap '' INT TERM\necho working\nwhile true; do sleep 0.02; done"
    repository = create_repository(files(main=workflow({"one": job(script)})))
    began = time.monotonic()
    start_and_cancel(repository)
    assert time.monotonic() - began < 5
    assert "Process completed with SIGKILL." in repository.runs()[0].job("one").log


def test_whatever_still_runs_is_killed_at_the_end(create_repository: Create) -> None:
    jobs = {"one": job(SLEEP, if_="always()"), "two": job("true", needs="one", if_="always()")}
    repository = create_repository(files(main=workflow(jobs)))
    repository.configure(options={"killAllAfter": 0.5})
    start_and_cancel(repository)
    assert repository.runs()[0].results == {"one": "cancelled", "two": "cancelled"}


def test_force_cancel_asks_nobody(create_repository: Create) -> None:
    jobs = {"one": job(SLEEP, if_="always()"), "two": job("true", needs="one", if_="always()")}
    repository = create_repository(files(main=workflow(jobs)))
    start_and_cancel(repository, force=True)
    run = repository.runs()[0]
    assert (run.conclusion, run.results) == ("cancelled", {"one": "cancelled", "two": "cancelled"})


def test_a_cancel_between_two_jobs_is_seen_by_the_second(create_repository: Create) -> None:
    jobs = {
        "one": job("true"),
        "two": job("true", needs="one", if_="!cancelled()"),
        "marker": job("true", needs="one", if_="cancelled()"),
    }
    repository = create_repository(files(main=workflow(jobs)))
    fault = repository.fault("cancel_on_end", "main.yaml", "one")
    run = repository.finish("main.yaml")
    assert run.results == {"one": "success", "two": "skipped", "marker": "success"}
    assert fault.fired == 1


def test_the_run_can_be_cancelled_by_what_a_job_prints(create_repository: Create) -> None:
    repository = create_repository(files(main=workflow({"one": job("echo a; echo 'now!'; sleep 30")})))
    repository.fault("cancel_on_log", "main.yaml", "one", text="now")
    assert repository.finish("main.yaml").results == {"one": "cancelled"}


def test_the_run_can_be_cancelled_when_a_job_inside_a_called_workflow_starts(
    create_repository: Create,
) -> None:
    inner = callable_workflow({"work": job("sleep 30")})
    repository = create_repository(files(main=workflow({"top": call("inner")}), inner=inner))
    repository.fault("cancel_on_start", "main.yaml", "top/work")
    run = repository.finish("main.yaml")
    assert (run.job("top/work").result, run.job("top").result) == ("cancelled", "cancelled")
