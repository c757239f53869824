"""The jobs of a deploy workflow: who waits for whom, who may start, what travels between them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from headgate_runtime.jobs import Callback, Gate
from headgate_runtime.jobs import jobs as plan_jobs
from headgate_runtime.plan import ALL_AT_ONCE, Plan
from headgate_schema.document import read_document

from tests.generator.matrix import MATRIX, compile_case

every_case = pytest.mark.parametrize("name", MATRIX)


def data_of(name: str, file: str) -> dict[str, Any]:
    data = read_document(compile_case(name).files[f".github/workflows/{file}"], file).data
    assert data is not None
    return data


def deploy_workflows(name: str) -> Iterator[tuple[Plan, str, dict[str, Any]]]:
    plan = compile_case(name).plan
    for deploy in plan.deploys:
        yield plan, deploy.name, data_of(name, deploy.workflow)["jobs"]


def planned(plan: Plan, name: str) -> tuple[Callback | Gate, ...]:
    deploy = plan.deploy(name)
    assert deploy is not None
    stages = [part.stages for part in deploy.parts.values()]
    main = next((each for each in stages if each.strategy != ALL_AT_ONCE), stages[0])
    return plan_jobs(main, with_all_at_once=any(each.strategy == ALL_AT_ONCE for each in stages))


@every_case
def test_the_jobs_are_those_that_the_runtime_names(name: str) -> None:
    for plan, deploy, jobs in deploy_workflows(name):
        ids = [job.id for job in planned(plan, deploy)]
        assert list(jobs) == ["start", *ids, "cancelled", "finish"]


@every_case
def test_a_callback_waits_for_the_gates_that_may_name_it_and_for_no_other(name: str) -> None:
    for plan, deploy, jobs in deploy_workflows(name):
        for job in planned(plan, deploy):
            if isinstance(job, Callback):
                assert set(jobs[job.id]["needs"]) == {"start", *job.named_by}
                assert "!cancelled()" in jobs[job.id]["if"]
                assert "needs.start.outputs.attempt == github.run_attempt" in jobs[job.id]["if"]


@every_case
def test_a_gate_starts_by_the_name_of_its_callback_never_by_its_result(name: str) -> None:
    for plan, deploy, jobs in deploy_workflows(name):
        for job in planned(plan, deploy):
            if isinstance(job, Gate):
                condition = jobs[job.id]["if"]
                assert set(jobs[job.id]["needs"]) == {"start", *job.after.named_by, job.after.id}
                assert ".result" not in condition
                for gate in job.after.named_by:
                    assert f"needs.{gate}.outputs.next == '{job.after.id}'" in condition


@every_case
def test_finish_and_the_marker_wait_for_everything(name: str) -> None:
    for _plan, _deploy, jobs in deploy_workflows(name):
        before = [job for job in jobs if job not in ("cancelled", "finish")]
        assert list(jobs["cancelled"]["needs"]) == before
        assert list(jobs["finish"]["needs"]) == [*before, "cancelled"]
        assert jobs["cancelled"]["if"] == "${{ cancelled() }}"
        assert jobs["finish"]["if"].startswith("${{ always()")


_READ = re.compile(r"needs\.([\w-]+)\.(?:outputs\.([\w-]+)|result)")


@every_case
def test_what_a_job_reads_of_another_is_there_to_be_read(name: str) -> None:
    for path, content in compile_case(name).files.items():
        if not path.startswith(".github/workflows/"):
            continue
        data = read_document(content, path).data
        assert data is not None
        for job_id, job in data["jobs"].items():
            for other, output in _READ.findall(str(job)):
                assert other in job["needs"], (path, job_id, other)
                if output and "steps" in data["jobs"][other]:
                    assert output in data["jobs"][other]["outputs"], (path, job_id, other, output)


@every_case
def test_every_gate_sends_what_filters_over_gates_read(name: str) -> None:
    for _plan, _deploy, jobs in deploy_workflows(name):
        for job_id, job in jobs.items():
            if "steps" in job and job_id not in ("cancelled", "finish"):
                assert {"next", "reason", "commit"} <= set(job["outputs"])


@every_case
def test_no_output_of_start_is_sent_for_nothing(name: str) -> None:
    for _plan, _deploy, jobs in deploy_workflows(name):
        rest = str([job for job_id, job in jobs.items() if job_id != "start"])
        for output in set(jobs["start"]["outputs"]) - {"next", "reason", "commit"}:
            assert f"needs.start.outputs.{output}" in rest


def test_a_gate_that_waits_gets_the_time_of_its_bake() -> None:
    minutes = {
        job: data["timeout-minutes"]
        for job, data in data_of("canary_interval", "headgate-deploy-app.yaml")["jobs"].items()
        if "steps" in data
    }
    assert minutes == {
        "start": 15,
        "bake_1": 45,
        "judge_1_1": 45,
        "judge_1_2": 45,
        "judge_1_3": 45,
        "cancelled": 15,
        "finish": 15,
    }
    live = data_of("blue_green_in_prod_only", "headgate-deploy-api.yaml")["jobs"]["bake_live"]
    assert live["timeout-minutes"] == 299 + 15


def test_the_contract_is_passed_as_declared() -> None:
    jobs = data_of("canary_step_verified", "headgate-deploy-app.yaml")["jobs"]
    assert jobs["verify_2"]["with"] == {"percent": "50", "step": "2"}
    given = jobs["canary_2"]["with"]
    assert (given["percent"], given["step"], given["action"]) == (50, 2, "deploy_canary")
    assert given["rollout_id"] == "${{ needs.start.outputs.rollout }}"
    assert given["reason"] == "${{ join(needs.*.outputs.reason, '') }}"
    assert given["context"] == (
        '{"format":1,"action":"deploy_canary","percent":50,"step":2,"color":"", '
        "\"reason\":${{ toJSON(join(needs.*.outputs.reason, '')) }},${{ needs.start.outputs.context }}"
    )
    finish = jobs["finish"]["steps"][1]["env"]
    assert finish["HEADGATE_VERDICT_verify_2"] == "${{ needs.verify_2.outputs.result }}"
    assert finish["HEADGATE_URL_verify_2"] == "${{ needs.verify_2.outputs.url }}"
    assert finish["HEADGATE_NEXT_judge_2"] == "${{ needs.judge_2.result }} ${{ needs.judge_2.outputs.next }}"


def test_colors_are_those_of_the_release_that_is_acted_on() -> None:
    jobs = data_of("blue_green_verified", "headgate-deploy-api.yaml")["jobs"]
    colors = {job: data["with"]["color"] for job, data in jobs.items() if "uses" in data}
    new, old = "${{ needs.start.outputs.new_color }}", "${{ needs.start.outputs.old_color }}"
    assert colors == {
        "preview": new,
        "verify_preview": new,
        "cutover": new,
        "verify_live_1": new,
        "verify_live_2": new,
        "retire": old,
        "discard": new,
        "switchback": old,
    }


def test_an_input_that_nobody_provides_is_left_to_the_callback() -> None:
    jobs = data_of("canary_own_callback", "headgate-deploy-app.yaml")["jobs"]
    assert "with" not in jobs["deploy"]
    assert list(jobs["canary_1"]["with"]) == ["context"]


def test_secrets_go_only_to_callbacks_that_declare_them() -> None:
    jobs = data_of("secrets_mapped", "headgate-deploy-web.yaml")["jobs"]
    assert jobs["deploy"]["secrets"] == {"TOKEN": "${{ secrets.DEPLOY_TOKEN }}"}
    assert jobs["promote"]["secrets"] == {"OTHER": "${{ secrets.OTHER }}"}
    assert "secrets" not in jobs["rollback"]


@pytest.mark.parametrize(
    ("name", "run_name"),
    [
        ("canary_holds", "inputs.kind != 'promote' && inputs.kind || 'canary'"),
        (
            "canary_in_prod_only",
            (
                "inputs.kind != 'promote' && inputs.kind "
                "|| (inputs.environment == 'prod' && 'canary' || 'all_at_once')"
            ),
        ),
    ],
)
def test_a_run_is_named_by_what_it_does(name: str, run_name: str) -> None:
    data = data_of(name, "headgate-deploy-app.yaml")
    assert data["run-name"] == (
        f"app → ${{{{ inputs.environment }}}} · ${{{{ inputs.release }}}} · ${{{{ {run_name} }}}}"
    )
