"""The pipeline: what runs, what is skipped, in which order findings come."""

from __future__ import annotations

from collections.abc import Callable

from headgate_schema.check import Checked

Check = Callable[..., Checked]
HEAD = "on:\n  workflow_call:\n    inputs:\n"
FOLDER = ".github/workflows/"


def callback(*inputs: str) -> str:
    return HEAD + "".join(f"      {name}: {{type: string}}\n" for name in inputs) + "jobs: {}\n"


def codes(checked: Checked) -> list[str]:
    return [finding.code for finding in checked.findings]


def test_the_first_shape_is_valid_with_its_callbacks(first_shape: str, check_text: Check) -> None:
    files = {
        "deploy-app.yaml": callback("sha", "percent"),
        "deploy-api.yaml": callback("sha", "color"),
        "canary-promote.yaml": callback("sha"),
        "canary-rollback.yaml": callback("sha"),
        "cutover.yaml": callback("color"),
    }
    checked = check_text(first_shape, {FOLDER + name: text for name, text in files.items()})
    assert not checked.has_errors
    assert codes(checked) == ["HG309"], "a canary in every environment is allowed, and said"
    assert checked.manifest is not None and checked.resolved is not None
    assert set(checked.callbacks) == {FOLDER + name for name in files}
    assert checked.skipped == ()


def test_without_a_repository_callbacks_are_not_checked_and_that_is_said(
    first_shape: str, check_text: Check
) -> None:
    checked = check_text(first_shape)
    assert not checked.has_errors and checked.skipped == ("HG4xx", "HG5xx", "HG6xx")


def test_findings_of_all_families_come_together_in_the_order_of_their_places(check_text: Check) -> None:
    text = """\
version: 1
environments: [dev, dev]
deploys:
  - name: app
    strategy: canary
    needs: ["${{ x }}"]
    canary:
      environments: [prod]
      percent: 10
      bake_time: 6h
      promote_callback: .github/workflows/p.yaml
      rollback_callback: .github/workflows/p.yaml
"""
    found = check_text(text.replace('"${{ x }}"', "api"), {})
    assert codes(found) == ["HG204", "HG401", "HG203", "HG201", "HG302", "HG401", "HG401"]
    places = [found.locate(finding.place) for finding in found.findings]
    assert [(span.line, span.column) for span in places] == sorted(
        (span.line, span.column) for span in places
    )


def test_a_callback_that_is_not_yaml_is_reported_at_its_own_place(
    first_shape: str, check_text: Check
) -> None:
    files = dict.fromkeys(
        (
            FOLDER + name
            for name in ("deploy-api.yaml", "cutover.yaml", "canary-promote.yaml", "canary-rollback.yaml")
        ),
        callback("percent", "color"),
    )
    checked = check_text(first_shape, {**files, FOLDER + "deploy-app.yaml": "on: workflow_call\njobs: [\n"})
    (finding,) = (finding for finding in checked.findings if finding.severity == "error")
    assert (finding.code, finding.place.file) == ("HG001", FOLDER + "deploy-app.yaml")
    assert checked.locate(finding.place).line == 2


def test_expressions_in_callbacks_are_none_of_the_manifests_business(check_text: Check) -> None:
    text = "version: 1\nenvironments: [dev]\ndeploys: [{name: app}]\n"
    file = "on: workflow_call\njobs: {a: {runs-on: '${{ x }}'}}\n"
    assert codes(check_text(text, {FOLDER + "deploy-app.yaml": file})) == []


def test_findings_come_once_even_if_a_file_serves_many(check_text: Check) -> None:
    text = "version: 1\nenvironments: [dev]\ndeploys: [{name: app, strategy: canary, canary: {percent: 1, "
    text += f"promote_callback: {FOLDER}deploy-app.yaml, rollback_callback: {FOLDER}deploy-app.yaml}}}}]\n"
    file = HEAD + "      percent: {type: number}\n      image: {type: string, required: true}\n"
    assert codes(check_text(text, {FOLDER + "deploy-app.yaml": file})) == ["HG403", "HG413"]
