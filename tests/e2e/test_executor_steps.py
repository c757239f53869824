"""What happens inside a job: shells, files, commands, secrets, time limits, checkout, composite actions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.runs import Job
from tests.e2e.snippets import files, job, put, workflow
from tests.e2e.world import Repository

Create = Callable[..., Repository]
CHECKOUT = "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683"
READ = {"contents": "read"}


def run_job(create_repository: Create, *steps: Any, others: dict[str, str] | None = None, **keys: Any) -> Job:
    text = workflow({"one": job(*steps, **keys)})
    repository = create_repository({**files(main=text), **(others or {})})
    repository.configure(secrets={"KEY": "s3cret-value"}, options={"minuteSeconds": 0.3, "sigtermAfter": 0.1})
    return repository.finish("main.yaml").job("one")


def test_a_plain_script_ends_at_the_first_error_but_not_inside_a_pipe(create_repository: Create) -> None:
    found = run_job(create_repository, "false | true\necho reached\nfalse\necho not reached")
    assert found.result == "failure"
    assert "reached" in found.log
    assert "not reached" not in found.log


def test_shell_bash_fails_inside_a_pipe(create_repository: Create) -> None:
    found = run_job(create_repository, {"shell": "bash", "run": "false | true\necho not reached"})
    assert (found.result, "not reached" in found.log) == ("failure", False)


def test_defaults_give_shell_and_folder(create_repository: Create) -> None:
    steps = [
        'mkdir -p "$GITHUB_WORKSPACE/sub"',
        {"run": "import os; print('in', os.path.basename(os.getcwd()))"},
    ]
    steps[0] = {"run": steps[0], "shell": "bash", "working-directory": "."}
    defaults = {"run": {"shell": "python", "working-directory": "sub"}}
    assert "in sub" in run_job(create_repository, *steps, defaults=defaults).log


def test_steps_after_a_failure_are_skipped_unless_their_condition_says_otherwise(
    create_repository: Create,
) -> None:
    found = run_job(
        create_repository,
        {"id": "bad", "run": "exit 3"},
        {"id": "plain", "run": "true"},
        {"id": "failed", "if": "failure()", "run": "true"},
        {"id": "always", "if": "always() && steps.bad.outcome == 'failure'", "run": "true"},
    )
    assert {step.id: step.conclusion for step in found.steps} == {
        "bad": "failure", "plain": "skipped", "failed": "success", "always": "success",
    }  # fmt: skip


def test_a_step_that_may_fail_has_an_outcome_and_another_conclusion(create_repository: Create) -> None:
    found = run_job(create_repository, {"id": "s", "continue-on-error": True, "run": "exit 1"}, "echo next")
    assert (found.steps[0].outcome, found.steps[0].conclusion, found.result) == (
        "failure",
        "success",
        "success",
    )


def test_outputs_with_a_delimiter_keep_their_lines(create_repository: Create) -> None:
    script = 'printf "text<<END\\nfirst\\na=b<<c\\n\\nlast\\nEND\\nafter=1\\n" >>"$GITHUB_OUTPUT"'
    found = run_job(
        create_repository, {"id": "s", "run": script}, outputs={"text": "${{ steps.s.outputs.text }}"}
    )
    assert found.outputs == {"text": "first\na=b<<c\n\nlast"}
    assert found.steps[0].outputs["after"] == "1"


@pytest.mark.parametrize("line", ["nothing", "text<<END\\nno end", "=x"])
def test_a_malformed_output_file_fails_the_step(create_repository: Create, line: str) -> None:
    found = run_job(create_repository, f'printf "{line}\\n" >>"$GITHUB_OUTPUT"')
    assert found.result == "failure"
    assert found.errors[0].startswith("Unable to process file command 'output' successfully.")


def test_environment_path_and_summary_files_reach_later_steps(create_repository: Create) -> None:
    found = run_job(
        create_repository,
        'echo "A=one" >>"$GITHUB_ENV"; echo "GITHUB_SHA=forged" >>"$GITHUB_ENV"\n'
        'mkdir tool; printf "#!/bin/bash\\necho tool ran" >tool/tool; chmod +x tool/tool\n'
        'echo "$PWD/tool" >>"$GITHUB_PATH"\n'
        'echo "# First" >>"$GITHUB_STEP_SUMMARY"',
        'tool; echo "A is $A, env is ${{ env.A }}"; [ "$GITHUB_SHA" != forged ]\n'
        'echo "# Second" >>"$GITHUB_STEP_SUMMARY"',
    )
    assert found.result == "success"
    assert "tool ran\nA is one, env is one" in found.log
    assert found.summary == "# First\n# Second\n"


def test_a_summary_that_is_too_long_is_dropped_with_an_error(create_repository: Create) -> None:
    found = run_job(create_repository, 'head -c 1100000 /dev/zero | tr "\\0" x >>"$GITHUB_STEP_SUMMARY"')
    assert found.summary == ""
    assert "upload aborted" in found.errors[0]


def test_commands_in_the_output_become_annotations(create_repository: Create) -> None:
    found = run_job(
        create_repository, 'echo "::error file=a.py,line=3::It%0Abroke"; echo "  ::notice::hello"'
    )
    assert [(one["level"], one["message"]) for one in found.annotations] == [
        ("error", "It\nbroke"),
        ("notice", "hello"),
    ]
    assert found.annotations[0]["file"] == "a.py"


@pytest.mark.parametrize(
    "text", ["\\r::error::x", "a ##[error]x", "\\t::set-output name=a::b", "::add-mask::foo"]
)
def test_every_way_to_start_a_command_is_seen(create_repository: Create, text: str) -> None:
    assert (
        len(
            run_job(
                create_repository, f"printf 'start{text}\\n'" if "\\r" in text else f"printf '{text}\\n'"
            ).commands
        )
        == 1
    )


@pytest.mark.parametrize(
    "text", ["x ::error::no", ":: error::no", "::unknown::no", "::error:no", "# [error]"]
)
def test_text_that_is_no_command_is_none(create_repository: Create, text: str) -> None:
    assert run_job(create_repository, f"echo '{text}'").commands == ()


def test_stopped_commands_are_not_seen_until_the_token_comes(create_repository: Create) -> None:
    lines = ["::stop-commands::t0ken", "::error::hidden", "::t0ken::", "::error::seen"]
    found = run_job(create_repository, "\n".join(f"echo '{line}'" for line in lines))
    assert found.errors == ["seen"]


def test_set_output_does_nothing_but_is_recorded(create_repository: Create) -> None:
    step = {"id": "s", "run": "echo '::set-output name=next::promote'"}
    found = run_job(create_repository, step, outputs={"next": "${{ steps.s.outputs.next }}"})
    assert found.outputs == {"next": ""}
    assert [one["name"] for one in found.commands] == ["set-output"]


def test_secrets_are_masked_in_the_log_and_dropped_from_outputs(create_repository: Create) -> None:
    step = {
        "id": "s",
        "env": {"K": "${{ secrets.KEY }}"},
        "run": 'echo "key $K"\n' + put("x", "a $K b") + "\n" + put("y", "ok"),
    }
    outputs = {"x": "${{ steps.s.outputs.x }}", "y": "${{ steps.s.outputs.y }}"}
    found = run_job(create_repository, step, outputs=outputs)
    assert found.outputs == {"y": "ok"}
    assert "key ***" in found.log
    assert "s3cret-value" not in found.log
    assert found.annotations[0]["message"] == "Skip output 'x' since it may contain secret."


def test_a_value_masked_by_a_command_is_dropped_from_outputs_too(create_repository: Create) -> None:
    step = {"id": "s", "run": "echo '::add-mask::hidden'\n" + put("x", "hidden")}
    assert run_job(create_repository, step, outputs={"x": "${{ steps.s.outputs.x }}"}).outputs == {}


def test_a_step_that_takes_too_long_fails(create_repository: Create) -> None:
    found = run_job(
        create_repository, {"timeout-minutes": 1, "run": "sleep 20"}, {"if": "always()", "run": "echo on"}
    )
    assert (found.result, found.steps[0].outcome) == ("failure", "failure")
    assert "on" in found.log


def test_a_step_that_takes_too_long_fails_even_if_it_ends_politely(create_repository: Create) -> None:
    script = "trap 'exit 0' INT\nwhile true; do sleep 0.02; done"
    found = run_job(create_repository, {"timeout-minutes": 1, "run": script})
    assert found.steps[0].outcome == "failure"


def test_a_job_that_takes_too_long_counts_as_cancelled(create_repository: Create) -> None:
    found = run_job(create_repository, "sleep 20", timeout_minutes=1)
    assert found.result == "cancelled"


def test_something_left_in_the_background_does_not_outlive_the_job(create_repository: Create) -> None:
    mark = "sleep 98.7654321"
    assert run_job(create_repository, f"{mark} & echo started").result == "success"
    assert run_job(create_repository, f"! pgrep -fx '{mark}'").result == "success"


def test_every_job_has_a_fresh_workspace_and_home(create_repository: Create) -> None:
    look = 'ls -A "$GITHUB_WORKSPACE" "$HOME" | grep -v : | grep . && exit 1; touch x "$HOME/y"'
    text = workflow({"a": job(look), "b": job(look, needs="a")})
    repository = create_repository(files(main=text))
    assert repository.finish("main.yaml").results == {"a": "success", "b": "success"}


def test_a_step_sees_the_variables_of_the_runner(create_repository: Create) -> None:
    names = ("REF_NAME", "RUN_ATTEMPT", "EVENT_NAME", "JOB")
    say = f'echo "{"|".join(f"$GITHUB_{name}" for name in names)}|$CI"'
    found = run_job(create_repository, say, 'grep default_branch "$GITHUB_EVENT_PATH"')
    assert "main|1|workflow_dispatch|one|true" in found.log
    assert found.result == "success"


def test_environment_variables_of_workflow_job_and_step_override_each_other(
    create_repository: Create,
) -> None:
    text = workflow(
        {
            "one": job(
                {"env": {"C": "step ${{ env.B }}"}, "run": 'echo "$A $B $C"'}, env={"B": "job", "C": "job"}
            )
        },
        env={"A": "top", "B": "top", "C": "top"},
    )
    repository = create_repository(files(main=text))
    assert "top job step job" in repository.finish("main.yaml").job("one").log


def test_checkout_gives_the_commit_of_the_run(create_repository: Create) -> None:
    script = "git log --format=%s; git branch --show-current; cat README.md; git config --get-regexp http"
    found = run_job(
        create_repository, {"uses": CHECKOUT}, script, others={"README.md": "hello"}, permissions=READ
    )
    assert "Start" in found.log
    assert "main\nhello" in found.log
    assert "extraheader" in found.log


def test_checkout_without_persisted_credentials_leaves_none(create_repository: Create) -> None:
    step = {"uses": CHECKOUT, "with": {"persist-credentials": False}}
    found = run_job(create_repository, step, "git config --get-regexp http || echo none", permissions=READ)
    assert "none" in found.log


@pytest.mark.parametrize("mode", [True, False])
def test_a_sparse_checkout_holds_only_what_it_names(create_repository: Create, mode: bool) -> None:
    others = {".github/headgate/x.py": "", "src/a.py": "", "top.txt": ""}
    step = {
        "uses": CHECKOUT,
        "with": {"sparse-checkout": ".github/headgate", "sparse-checkout-cone-mode": mode},
    }
    found = run_job(
        create_repository,
        step,
        "find . -type f -not -path './.git/*' | sort",
        others=others,
        permissions=READ,
    )
    assert "./src/a.py" not in found.log
    assert "./.github/headgate/x.py" in found.log
    assert ("./top.txt" in found.log) is mode


def test_checkout_of_another_ref_into_a_folder(create_repository: Create) -> None:
    text = workflow(
        {
            "one": job(
                {"uses": CHECKOUT, "with": {"ref": "side", "path": "sub", "fetch-depth": 0}},
                "cat sub/f; git -C sub log --format=%s",
            )
        },
        permissions=READ,
    )
    repository = create_repository({**files(main=text), "f": "on main"})
    repository.commit({"f": "on side"}, branch="side", message="First")
    repository.commit({"f": "newer"}, branch="side", message="Second")
    assert "newer" in (log := repository.finish("main.yaml").job("one").log)
    assert "Second\nFirst" in log


def test_a_second_checkout_replaces_the_first(create_repository: Create) -> None:
    again = {"uses": CHECKOUT, "with": {"ref": "side"}}
    text = workflow({"one": job({"uses": CHECKOUT}, again, "cat f")}, permissions=READ)
    repository = create_repository({**files(main=text), "f": "on main"})
    repository.commit({"f": "on side"}, branch="side")
    assert "on side" in repository.finish("main.yaml").job("one").log


@pytest.mark.parametrize(("name", "level"), [("submodules", "error"), ("nonsense", "warning")])
def test_checkout_passes_over_no_input_in_silence(create_repository: Create, name: str, level: str) -> None:
    found = run_job(create_repository, {"uses": CHECKOUT, "with": {name: "true"}}, permissions=READ)
    assert [(one["level"], name in one["message"]) for one in found.annotations] == [(level, True)]


def test_checkout_needs_the_permission_to_read(create_repository: Create) -> None:
    found = run_job(create_repository, {"uses": CHECKOUT}, permissions={})
    assert (found.result, "contents: read" in found.errors[0]) == ("failure", True)


def test_a_composite_action_of_the_repository_runs(create_repository: Create) -> None:
    action = {
        ".github/actions/greet/action.yml": """
name: greet
description: greets
inputs:
  who: {description: whom, default: world}
outputs:
  text: {description: text, value: "${{ steps.s.outputs.text }}"}
runs:
  using: composite
  steps:
    - id: s
      shell: bash
      run: echo "text=hello ${{ inputs.who }}" >>"$GITHUB_OUTPUT"
"""
    }
    use = {"id": "g", "uses": "./.github/actions/greet", "with": {"who": "you"}}
    found = run_job(
        create_repository,
        {"uses": CHECKOUT},
        use,
        "echo '${{ steps.g.outputs.text }}'",
        others=action,
        permissions=READ,
    )
    assert "hello you" in found.log


def test_an_unknown_action_fails_clearly(create_repository: Create) -> None:
    found = run_job(create_repository, {"uses": "acme/thing@v1"})
    assert found.errors == [
        "uses: acme/thing@v1 is not emulated; only actions/checkout and local composite actions are"
    ]
