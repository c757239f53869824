"""Push, pull request, merge group, schedule; concurrency; environments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.snippets import call, callable_workflow, files, job, workflow
from tests.e2e.world import Repository

Create = Callable[..., Repository]
ONE = {"one": job("true")}
HANG = {"one": job("echo working; sleep 30")}


ORIGIN = '"$GITHUB_SERVER_URL/$GITHUB_REPOSITORY.git"'
COMMIT = "git -c user.name=a -c user.email=b commit -q --allow-empty -m x"


def listening(event: str, **options: Any) -> str:
    return workflow(ONE, on={event: options or None})


@pytest.mark.parametrize(
    ("options", "branch", "starts"),
    [
        ({}, "main", True),
        ({"branches": ["main"]}, "main", True),
        ({"branches": ["main"]}, "topic", False),
        ({"branches": ["rel/**"]}, "rel/1/2", True),
        ({"branches": ["rel/*"]}, "rel/1/2", False),
        ({"branches": ["**", "!main"]}, "main", False),
        ({"branches-ignore": ["main"]}, "topic", True),
        ({"tags": ["v*"]}, "main", False),
        ({"paths": ["src/**"]}, "main", False),
        ({"paths": ["docs/*.md"]}, "main", True),
        ({"paths-ignore": ["docs/**"]}, "main", False),
    ],
)
def test_a_push_starts_what_listens_to_its_branch_and_paths(
    create_repository: Create, options: dict[str, Any], branch: str, starts: bool
) -> None:
    repository = create_repository(files(ci=listening("push", **options)))
    if branch != "main":
        repository.commit(files(ci=listening("push", **options)), branch=branch)
    started = repository.push({"docs/a.md": "x"}, branch=branch, message="Write")
    assert [run.file for run in started] == (["ci.yaml"] if starts else [])
    assert all(
        (run.event, run.ref, run.title) == ("push", f"refs/heads/{branch}", "Write") for run in started
    )


def test_the_event_of_a_push_tells_its_commits(create_repository: Create) -> None:
    text = workflow(
        {
            "one": job(
                "echo '${{ github.event.after == github.sha }} ${{ github.event.head_commit.message }}'"
            )
        },
        on="push",
    )
    repository = create_repository(files(ci=text))
    (run,) = repository.push({"a": "b"}, message="Change it")
    repository.wait()
    assert "true Change it" in repository.run(run).job("one").log


def test_pull_requests_merge_groups_and_schedules_start_their_workflows(create_repository: Create) -> None:
    text = workflow(ONE, on={"pull_request": None, "merge_group": None, "schedule": [{"cron": "17 * * * *"}]})
    repository = create_repository(files(ci=text, other=listening("push")))
    sha = repository.commit({"x": "y", **files(ci=text)}, branch="topic")
    started = [*repository.pull_request(sha), *repository.merge_group(sha), *repository.schedule()]
    repository.wait()
    assert [(run.event, repository.run(run).conclusion) for run in started] == [
        ("pull_request", "success"), ("merge_group", "success"), ("schedule", "success"),
    ]  # fmt: skip
    assert started[0].ref == "refs/pull/1/merge"


def test_a_push_by_a_job_starts_nothing(create_repository: Create) -> None:
    script = f"git clone -q {ORIGIN} w; cd w; {COMMIT}; git push -q origin HEAD:main"
    text = workflow({"one": job(script, permissions={"contents": "write"})}, on=["workflow_dispatch", "push"])
    repository = create_repository(files(main=text))
    before = repository.tip()
    assert repository.finish("main.yaml").conclusion == "success"
    assert repository.tip() != before
    assert len(repository.runs()) == 1


@pytest.mark.parametrize("granted", ["read", "none"])
def test_a_job_without_write_permission_cannot_push(create_repository: Create, granted: str) -> None:
    script = f"git init -q w; cd w; {COMMIT}; git -c a.b=c -C . push -q {ORIGIN} HEAD:refs/heads/new"
    repository = create_repository(
        files(main=workflow({"one": job(script, permissions={"contents": granted})}))
    )
    run = repository.finish("main.yaml")
    assert run.conclusion == "failure"
    assert "denied to github-actions[bot]" in run.job("one").log
    assert repository.tip("new") is None


def test_in_a_group_one_runs_one_waits_and_a_newer_one_takes_the_place_of_the_waiting(
    create_repository: Create,
) -> None:
    gate = '[ $GITHUB_RUN_NUMBER != 1 ] || until [ -e "$GATE" ]; do sleep 0.02; done'
    repository = create_repository(
        files(main=workflow({"one": job("echo working\n" + gate)}, concurrency="group"))
    )
    path = repository.git_dir.with_suffix(".gate")
    repository.configure(stepEnvironment={"GATE": str(path)})
    first = repository.dispatch("main.yaml")
    repository.wait_log(first, "one", "working")
    second, third = repository.dispatch("main.yaml"), repository.dispatch("main.yaml")
    repository.wait(second)
    assert repository.run(third).status == "pending"
    path.touch()
    repository.wait()
    assert [run.conclusion for run in repository.runs()] == ["success", "cancelled", "success"]


def test_cancel_in_progress_stops_the_one_that_runs(create_repository: Create) -> None:
    script = "echo working; [ $GITHUB_RUN_NUMBER != 1 ] || sleep 30"
    group = {"group": "g-${{ github.ref }}", "cancel-in-progress": True}
    repository = create_repository(files(main=workflow({"one": job(script)}, concurrency=group)))
    first = repository.dispatch("main.yaml")
    repository.wait_log(first, "one", "working")
    repository.finish("main.yaml")
    assert [run.conclusion for run in repository.runs()] == ["cancelled", "success"]


def test_a_waiting_run_can_be_cancelled(create_repository: Create) -> None:
    repository = create_repository(files(main=workflow(HANG, concurrency="g")))
    first = repository.dispatch("main.yaml")
    repository.wait_log(first, "one", "working")
    second = repository.dispatch("main.yaml")
    repository.cancel(second)
    repository.wait(second)
    assert repository.run(second).conclusion == "cancelled"
    assert repository.run(first).status == "in_progress"


def test_jobs_and_calling_jobs_may_have_a_group(create_repository: Create) -> None:
    exclusive = 'mkdir "$LOCK" && sleep 0.1 && rmdir "$LOCK"'
    inner = callable_workflow({"work": job(exclusive)})
    jobs = {"a": job(exclusive, concurrency="x"), "b": call("inner", concurrency="x")}
    repository = create_repository(files(main=workflow(jobs), inner=inner))
    repository.configure(stepEnvironment={"LOCK": str(repository.git_dir.with_suffix(".lock"))})
    assert repository.finish("main.yaml").results == {"a": "success", "b": "success"}


GATED = {
    "one": job("echo '<${{ secrets.KEY }}> ${{ vars.WHERE }}' | rev", environment="prod"),
    "two": job("true", needs="one"),
}
PROD = {"prod": {"reviewers": ["ada"], "secrets": {"KEY": "k3y"}, "variables": {"WHERE": "there"}}}


def test_a_job_with_reviewers_waits_for_one_of_them(create_repository: Create) -> None:
    repository = create_repository(files(main=workflow(GATED)))
    repository.configure(environments=PROD)
    run = repository.dispatch("main.yaml")
    repository.wait_job(run, "one", "waiting")
    assert repository.run(run).status == "waiting"
    repository.approve(run, "prod", user="ada")
    repository.wait()
    run = repository.run(run)
    assert run.conclusion == "success"
    assert "ereht >y3k<" in run.job("one").log
    assert run.approvals[0]["user"] == "ada"


def test_a_rejected_job_fails_without_a_step(create_repository: Create) -> None:
    repository = create_repository(files(main=workflow(GATED)))
    repository.configure(environments=PROD)
    run = repository.dispatch("main.yaml")
    repository.wait_job(run, "one", "waiting")
    repository.reject(run, "prod")
    repository.wait()
    run = repository.run(run)
    assert run.results == {"one": "failure", "two": "skipped"}
    assert run.job("one").steps == ()


def test_a_cancel_ends_the_waiting_for_a_reviewer(create_repository: Create) -> None:
    repository = create_repository(files(main=workflow(GATED)))
    repository.configure(environments=PROD)
    run = repository.dispatch("main.yaml")
    repository.wait_job(run, "one", "waiting")
    repository.cancel(run)
    repository.wait()
    assert repository.run(run).results == {"one": "cancelled", "two": "skipped"}


def test_a_re_run_is_not_asked_again(create_repository: Create) -> None:
    jobs = {"one": job("[ $GITHUB_RUN_ATTEMPT != 1 ]", environment={"name": "prod", "url": "https://x"})}
    repository = create_repository(files(main=workflow(jobs)))
    repository.configure(environments=PROD)
    run = repository.dispatch("main.yaml")
    repository.wait_job(run, "one", "waiting")
    repository.approve(run, "prod")
    repository.wait()
    repository.rerun(run, failed=True)
    repository.wait()
    assert repository.run(run).conclusion == "success"


def test_an_environment_that_nobody_made_protects_nothing(create_repository: Create) -> None:
    repository = create_repository(files(main=workflow(GATED)))
    assert repository.finish("main.yaml").conclusion == "success"


@pytest.mark.parametrize(("keys", "seen"), [({"secrets": "inherit"}, "<terces>"), ({}, "<>")])
def test_secrets_of_an_environment_reach_a_called_workflow_only_with_inherit(
    create_repository: Create, keys: dict[str, Any], seen: str
) -> None:
    inner = callable_workflow({"work": job("echo '>${{ secrets.KEY }}<' | rev", environment="prod")})
    repository = create_repository(files(main=workflow({"top": call("inner", **keys)}), inner=inner))
    repository.configure(environments={"prod": {"reviewers": [], "secrets": {"KEY": "secret"}}})
    assert seen in repository.finish("main.yaml").job("top/work").log
