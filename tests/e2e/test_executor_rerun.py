"""Re-running all jobs and failed jobs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.snippets import call, callable_workflow, files, job, put, workflow
from tests.e2e.world import ControlRefused, Repository

Create = Callable[..., Repository]
FIRST_FAILS = '[ "$GITHUB_RUN_ATTEMPT" != 1 ]'


def named(*steps: str, **keys: Any) -> dict[str, Any]:
    out = {"id": "s", "run": put("attempt", "$GITHUB_RUN_ATTEMPT")}
    return job(out, *steps, outputs={"attempt": "${{ steps.s.outputs.attempt }}"}, **keys)


JOBS = {
    "good": named(),
    "bad": named(FIRST_FAILS, needs="good"),
    "after": job("echo good ${{ needs.good.outputs.attempt }}", needs=["bad", "good"]),
    "aside": job("true"),
}


def test_re_running_failed_jobs_keeps_the_outputs_of_the_successful_ones(create_repository: Create) -> None:
    repository = create_repository(files(main=workflow(JOBS)))
    first = repository.finish("main.yaml")
    assert first.results == {"good": "success", "bad": "failure", "after": "skipped", "aside": "success"}
    repository.rerun(first, failed=True)
    again = repository.wait(first)
    assert again is not None
    assert (again.id, again.number, again.latest.number) == (first.id, first.number, 2)
    assert again.ran == ["bad", "after"]
    assert again.job("good").outputs == {"attempt": "1"}
    assert "good 1" in again.job("after").log
    assert again.conclusion == "success"
    assert [one.conclusion for one in again.attempts] == ["failure", "success"]


def test_re_running_all_jobs_keeps_nothing(create_repository: Create) -> None:
    repository = create_repository(files(main=workflow(JOBS)))
    first = repository.finish("main.yaml")
    repository.rerun(first)
    again = repository.wait(first)
    assert again is not None
    assert set(again.ran) == {"good", "bad", "after", "aside"}
    assert again.job("good").outputs == {"attempt": "2"}


def test_inside_a_called_workflow_only_the_failed_jobs_run_again(create_repository: Create) -> None:
    inner = callable_workflow(
        {"good": named(), "bad": named(FIRST_FAILS, needs="good")},
        outputs={"good": "${{ jobs.good.outputs.attempt }}", "bad": "${{ jobs.bad.outputs.attempt }}"},
    )
    repository = create_repository(files(main=workflow({"top": call("inner")}), inner=inner))
    first = repository.finish("main.yaml")
    repository.rerun(first, failed=True)
    again = repository.wait(first)
    assert again is not None
    assert again.job("top").outputs == {"good": "1", "bad": "2"}
    assert [again.job(key).attempt for key in ("top", "top/good", "top/bad")] == [2, 1, 2]


def test_a_called_workflow_after_a_failed_job_runs_wholly_again(create_repository: Create) -> None:
    inner = callable_workflow({"work": named()})
    jobs = {"bad": job(FIRST_FAILS), "top": call("inner", needs="bad", if_="always()")}
    repository = create_repository(files(main=workflow(jobs), inner=inner))
    first = repository.finish("main.yaml")
    repository.rerun(first, failed=True)
    again = repository.wait(first)
    assert again is not None
    assert again.job("top/work").attempt == 2


def test_cancelled_jobs_run_again_with_the_failed_ones(create_repository: Create) -> None:
    repository = create_repository(
        files(main=workflow({"one": job("[ $GITHUB_RUN_ATTEMPT != 1 ] || sleep 30")}))
    )
    repository.fault("cancel_on_start", "main.yaml", "one")
    first = repository.finish("main.yaml")
    repository.rerun(first, failed=True)
    again = repository.wait(first)
    assert again is not None
    assert (again.results, again.conclusion) == ({"one": "success"}, "success")


def test_conditions_are_evaluated_again_with_the_new_attempt(create_repository: Create) -> None:
    condition = "needs.start.outputs.attempt == github.run_attempt"
    jobs = {
        "start": named(),
        "callback": job("exit 1", needs="start", if_=f"!cancelled() && {condition}"),
        "finish": job("true", needs="callback", if_="always()"),
    }
    repository = create_repository(files(main=workflow(jobs)))
    first = repository.finish("main.yaml")
    assert first.results["callback"] == "failure"
    repository.rerun(first, failed=True)
    again = repository.wait(first)
    assert again is not None
    assert (again.results["callback"], again.ran) == ("skipped", ["finish"])


def test_a_run_that_is_not_completed_cannot_be_run_again(create_repository: Create) -> None:
    repository = create_repository(files(main=workflow({"one": job("sleep 30")})))
    run = repository.dispatch("main.yaml")
    with pytest.raises(ControlRefused, match="is not completed"):
        repository.rerun(run)
