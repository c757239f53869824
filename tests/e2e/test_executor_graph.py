"""Which jobs run: conditions, status functions, results, called workflows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.e2e.snippets import call, callable_workflow, files, job, put, workflow
from tests.e2e.world import Repository

Create = Callable[..., Repository]
INNER_SKIP = callable_workflow({"work": job("true"), "never": job("true", if_="${{ false }}")})


def results(create_repository: Create, jobs: Mapping[str, Any], **others: str) -> dict[str, str | None]:
    repository = create_repository(files(main=workflow(jobs), **others))
    return repository.finish("main.yaml").results


def test_a_job_without_a_condition_needs_the_success_of_what_it_needs(create_repository: Create) -> None:
    found = results(
        create_repository, {"one": job("exit 1"), "two": job("true", needs="one"), "three": job("true")}
    )
    assert found == {"one": "failure", "two": "skipped", "three": "success"}


def test_a_condition_without_a_status_function_implies_success(create_repository: Create) -> None:
    jobs = {"one": job("exit 1"), "two": job("true", needs="one", if_="needs.one.result == 'failure'")}
    assert results(create_repository, jobs)["two"] == "skipped"


def test_success_looks_at_all_ancestors_and_not_only_at_the_direct_ones(create_repository: Create) -> None:
    jobs = {
        "one": job("true", if_="${{ false }}"),
        "two": job("true", needs="one", if_="always()"),
        "three": job("true", needs="two", if_="needs.two.result == 'success'"),
        "four": job("true", needs="two", if_="!cancelled() && needs.two.result == 'success'"),
    }
    found = results(create_repository, jobs)
    assert (found["two"], found["three"], found["four"]) == ("success", "skipped", "success")


def test_failure_looks_at_all_ancestors_and_is_false_for_skipped_ones(create_repository: Create) -> None:
    jobs = {
        "bad": job("exit 1"),
        "between": job("true", needs="bad"),
        "far": job("true", needs="between", if_="failure()"),
        "skipped": job("true", if_="${{ false }}"),
        "after": job("true", needs="skipped", if_="failure()"),
    }
    found = results(create_repository, jobs)
    assert (found["between"], found["far"], found["after"]) == ("skipped", "success", "skipped")


def test_text_around_an_expression_makes_a_condition_always_true(create_repository: Create) -> None:
    jobs = {"one": job("true", if_="${{ false }} == true")}
    assert results(create_repository, jobs) == {"one": "success"}


def test_a_job_skipped_inside_a_called_workflow_counts_against_success(create_repository: Create) -> None:
    jobs = {
        "callback": call("inner"),
        "implicit": job("true", needs="callback"),
        "explicit": job("true", needs="callback", if_="!cancelled() && needs.callback.result == 'success'"),
    }
    found = results(create_repository, jobs, inner=INNER_SKIP)
    assert found == {"callback": "success", "implicit": "skipped", "explicit": "success"}


def test_the_pessimistic_success_can_be_switched_off(create_repository: Create) -> None:
    jobs = {"callback": call("inner"), "implicit": job("true", needs="callback")}
    repository = create_repository(files(main=workflow(jobs), inner=INNER_SKIP))
    repository.configure(options={"pessimisticSuccess": False})
    assert repository.finish("main.yaml").results["implicit"] == "success"


def test_a_called_workflow_whose_jobs_are_all_skipped_is_skipped(create_repository: Create) -> None:
    inner = callable_workflow({"never": job("true", if_="${{ false }}")})
    jobs = {"callback": call("inner"), "after": job("true", needs="callback", if_="always()")}
    assert results(create_repository, jobs, inner=inner) == {"callback": "skipped", "after": "success"}


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        ({"a": job("true"), "b": job("exit 1")}, "failure"),
        ({"a": job("true"), "b": job("exit 1", continue_on_error=True)}, "success"),
        ({"a": job("true"), "b": job("true", if_="${{ false }}")}, "success"),
    ],
)
def test_a_called_workflow_ends_as_its_jobs_do(
    create_repository: Create, inner: dict[str, Any], expected: str
) -> None:
    assert results(create_repository, {"callback": call("inner")}, inner=callable_workflow(inner)) == {
        "callback": expected
    }


def test_jobs_run_really_in_parallel(create_repository: Create) -> None:
    wait = 'for i in $(seq 200); do [ -e "$MEETING/{}" ] && exit; sleep 0.02; done; exit 1'
    meet = 'touch "$MEETING/$GITHUB_JOB"; ' + wait
    repository = create_repository(
        files(main=workflow({"a": job(meet.format("b")), "b": job(meet.format("a"))}))
    )
    meeting = repository.git_dir.with_suffix(".meeting")
    meeting.mkdir()
    repository.configure(stepEnvironment={"MEETING": str(meeting)})
    assert repository.finish("main.yaml").results == {"a": "success", "b": "success"}


def test_results_and_outputs_arrive_through_needs(create_repository: Create) -> None:
    first = job({"id": "s", "run": put("x", "42")}, outputs={"x": "${{ steps.s.outputs.x }}"})
    jobs = {"one": first, "two": job("echo got ${{ toJSON(needs.one.outputs.x) }}", needs="one")}
    repository = create_repository(files(main=workflow(jobs)))
    run = repository.finish("main.yaml")
    assert run.job("one").outputs == {"x": "42"}
    assert 'got "42"' in run.job("two").log or "got 42" in run.job("two").log


def test_a_filter_over_needs_covers_exactly_the_needed_jobs(create_repository: Create) -> None:
    def named(value: str) -> dict[str, object]:
        return job({"id": "s", "run": put("next", value)}, outputs={"next": "${{ steps.s.outputs.next }}"})

    jobs = {
        "start": named("promote"),
        "other": named("rollback"),
        "promote": job(
            "true", needs="start", if_="!cancelled() && contains(needs.*.outputs.next, 'promote')"
        ),
        "rollback": job(
            "true", needs="start", if_="!cancelled() && contains(needs.*.outputs.next, 'rollback')"
        ),
    }
    found = results(create_repository, jobs)
    assert (found["promote"], found["rollback"]) == ("success", "skipped")


def test_inputs_of_a_called_workflow_are_typed_and_have_defaults(create_repository: Create) -> None:
    inputs = {
        "text": {"type": "string"},
        "number": {"type": "number"},
        "flag": {"type": "boolean"},
        "given": {"type": "string", "default": "from ${{ github.event_name }}"},
        "count": {"type": "number", "default": 7},
    }
    inner = callable_workflow({"show": job("echo '${{ toJSON(inputs) }}'")}, inputs=inputs)
    callback = call("inner", with_={"text": 5, "number": "${{ fromJSON('12') }}"})
    repository = create_repository(files(main=workflow({"callback": callback}), inner=inner))
    run = repository.finish("main.yaml")
    assert run.job("callback").inputs == {
        "text": "5", "number": 12, "flag": False, "given": "from workflow_dispatch", "count": 7,
    }  # fmt: skip


def test_text_for_a_number_input_fails_the_calling_job(create_repository: Create) -> None:
    inner = callable_workflow({"work": job("true")}, inputs={"n": {"type": "number"}})
    jobs = {"one": call("inner", with_={"n": "${{ github.ref }}"})}
    repository = create_repository(files(main=workflow(jobs), inner=inner))
    run = repository.finish("main.yaml")
    assert run.conclusion == "failure"
    assert run.job("one").errors == ["input n: unexpected value 'refs/heads/main', a number is expected"]


def test_outputs_come_up_through_nested_called_workflows(create_repository: Create) -> None:
    deep = callable_workflow(
        {
            "work": job(
                {"id": "s", "run": put("x", "deep-${{ inputs.n }}")},
                outputs={"x": "${{ steps.s.outputs.x }}"},
            )
        },
        inputs={"n": {"type": "number"}},
        outputs={"x": "${{ jobs.work.outputs.x }}", "result": "${{ jobs.work.result }}"},
    )
    middle = callable_workflow(
        {"call": call("deep", with_={"n": 3})},
        outputs={"x": "${{ jobs.call.outputs.x }}", "result": "${{ jobs.call.outputs.result }}"},
    )
    repository = create_repository(files(main=workflow({"top": call("middle")}), middle=middle, deep=deep))
    run = repository.finish("main.yaml")
    assert run.job("top").outputs == {"x": "deep-3", "result": ""}
    assert [one.key for one in run.jobs] == ["top", "top/call", "top/call/work"]
    assert run.job("top/call/work").name == "top / call / work"


def test_the_github_context_inside_a_called_workflow_is_that_of_the_caller(create_repository: Create) -> None:
    inner = callable_workflow({"work": job("echo ${{ github.event_name }} ${{ github.workflow }}")})
    main = workflow({"top": call("inner")}, name="Main")
    repository = create_repository(files(main=main, inner=inner))
    assert "workflow_dispatch Main" in repository.finish("main.yaml").job("top/work").log


def test_inner_jobs_run_after_a_failed_ancestor_of_their_caller(create_repository: Create) -> None:
    inner = callable_workflow({"work": job("true")})
    jobs = {"bad": job("exit 1"), "cleanup": call("inner", needs="bad", if_="failure()")}
    assert results(create_repository, jobs, inner=inner) == {"bad": "failure", "cleanup": "success"}


def test_an_error_in_a_condition_fails_the_job(create_repository: Create) -> None:
    jobs = {"one": job("true"), "two": job("true", needs="one", if_="fromJSON(needs.one.outputs.x) == 1")}
    assert results(create_repository, jobs)["two"] == "failure"


def test_a_job_that_may_fail_counts_as_successful(create_repository: Create) -> None:
    jobs = {"one": job("exit 1", continue_on_error=True), "two": job("true", needs="one")}
    repository = create_repository(files(main=workflow(jobs)))
    run = repository.finish("main.yaml")
    assert run.conclusion == "success"
    assert (run.job("one").result, run.job("one").conclusion) == ("success", "failure")


@pytest.mark.parametrize(
    ("passing", "seen"), [("inherit", "<s3cret>"), ({"key": "${{ secrets.TOP }}"}, "<s3cret>"), (None, "<>")]
)
def test_secrets_reach_a_called_workflow_only_when_passed(
    create_repository: Create, passing: object, seen: str
) -> None:
    name = "TOP" if passing == "inherit" else "key"
    inner = callable_workflow(
        {"work": job({"env": {"S": f"${{{{ secrets.{name} }}}}"}, "run": 'echo "<$(rev <<<"$S")>"'})},
        secrets={"key": {"required": False}},
    )
    keys = {} if passing is None else {"secrets": passing}
    repository = create_repository(files(main=workflow({"top": call("inner", **keys)}), inner=inner))
    repository.configure(secrets={"TOP": "s3cret"})
    assert seen.replace("s3cret", "terc3s") in repository.finish("main.yaml").job("top/work").log


def test_inside_a_called_workflow_a_job_may_do_at_most_what_the_caller_grants(
    create_repository: Create,
) -> None:
    inner = callable_workflow({"as_granted": job("true"), "less": job("true", permissions={})})
    main = workflow(
        {"top": call("inner", permissions={"actions": "read"})}, permissions={"contents": "write"}
    )
    run = create_repository(files(main=main, inner=inner)).finish("main.yaml")
    assert run.job("top/as_granted").permissions == {"actions": "read"}
    assert run.job("top/less").permissions == {}


def test_multi_line_scalars_are_decoded_before_their_expressions_are_read(create_repository: Create) -> None:
    text = workflow({"one": job("PLACE")}).replace(
        "run: PLACE",
        """run: |
        cat <<'END'
        it's ${{ github.event_name }}
        END
      if: >-
        ${{ !cancelled() &&
          github.ref == 'refs/heads/none' }}
    - run: |
        cat <<'END'
        it's ${{ github.event_name }}
        END
""",
    )
    repository = create_repository(files(main=text))
    found = repository.finish("main.yaml").job("one")
    assert found.log == "it's workflow_dispatch"
