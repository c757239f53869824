"""What all jobs of Headgate's have in common: they check out the runtime and run one verb of it.

Rule: the shell gets no value but through `env`, and the verb is the only thing in `run`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from headgate_schema.resolved import ResolvedRunner

from headgate.workflows.expressions import Expression, dispatch_input, embed, step_output
from headgate.workflows.model import Action, Job, Permission, Script, Value
from headgate.workflows.pins import CHECKOUT

RUNTIME_FOLDER = ".github/headgate"
STEP = "headgate"
"""The id of the step that runs a verb; its outputs are the job's."""

MINUTES = 15
"""How long a job of Headgate's may take that waits for nothing: a result is pushed for at most ten minutes.
"""

READS_STATE = Permission("contents", "read", "the runtime, the state branch")
WRITES_STATE = Permission("contents", "write", "the state branch")
DISPATCHES = Permission("actions", "write", "looks at runs, dispatches the next")
NOTIFIES = Permission("actions", "write", "asks for the reviewers, dispatches the notification")
ASKS_FOR_REVIEWERS = Permission("actions", "read", "whether the approval has reviewers")
ASKS_WHO_APPROVED = Permission("actions", "read", "who approved")


def checkout_runtime() -> Action:
    """The step that brings the runtime, nothing else of the repository, and leaves no credentials behind."""
    return Action(
        name="Check out the runtime",
        uses=CHECKOUT.uses,
        version=CHECKOUT.version,
        inputs={"sparse-checkout": RUNTIME_FOLDER, "persist-credentials": False},
    )


def run_verb(verb: str, title: str, env: Mapping[str, Value], step_id: str | None) -> Script:
    """The step that runs one verb of the runtime."""
    token: dict[str, Value] = {"GITHUB_TOKEN": "${{ github.token }}"}
    return Script(name=title, id=step_id, env=token | dict(env), run=f"python3 {RUNTIME_FOLDER} {verb}")


def runtime_job(
    job_id: str,
    name: str,
    *,
    runner: ResolvedRunner,
    verb: str,
    env: Mapping[str, Value],
    permissions: tuple[Permission, ...],
    needs: tuple[str, ...] = (),
    condition: tuple[Expression, ...] = (),
    environment: str | None = None,
    outputs: Iterable[str] = (),
    timeout_minutes: int = MINUTES,
    note: str = "",
) -> Job:
    """A job that runs one verb; `outputs` are those of the verb that other jobs read."""
    sent = {output: step_output(STEP, output) for output in outputs}
    return Job(
        id=job_id,
        name=name,
        note=note,
        needs=needs,
        condition=condition,
        environment=environment,
        runs_on=show_runner(runner),
        timeout_minutes=timeout_minutes,
        permissions=permissions,
        outputs=sent,
        steps=(checkout_runtime(), run_verb(verb, name, env, STEP if sent else None)),
    )


def show_runner(runner: ResolvedRunner) -> object:
    """Give what stands behind `runs-on`: a label, a list of labels, or a group."""
    labels: object = runner.labels[0] if len(runner.labels) == 1 else runner.labels
    if runner.group is None:
        return labels
    return {"group": runner.group, "labels": labels} if runner.labels else {"group": runner.group}


def entry_env() -> dict[str, Value]:
    """What a verb needs that runs first: it refuses to run anywhere but on the default branch."""
    return {"HEADGATE_DEFAULT_BRANCH": "${{ github.event.repository.default_branch }}"}


def input_env(names: Iterable[str]) -> dict[str, Value]:
    """The workflow's inputs, each as `HEADGATE_<NAME>`."""
    return {f"HEADGATE_{name.upper()}": embed(dispatch_input(name)) for name in names}
