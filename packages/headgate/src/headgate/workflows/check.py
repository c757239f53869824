"""headgate-check.yaml: does a change leave manifest, generated files and open rollouts in order?"""

from __future__ import annotations

from headgate_schema.resolved import ResolvedRunner

from headgate.workflows.expressions import Expression
from headgate.workflows.framework import MINUTES, READS_STATE, runtime_job, show_runner
from headgate.workflows.model import Action, Concurrency, Job, Permission, Script, Triggers, Workflow
from headgate.workflows.pins import CHECKOUT

FILE = "headgate-check.yaml"

ABOUT = """\
For pull requests and merge queues; make both jobs required checks. There is no paths filter, because a
check that is filtered out can't be required: a change that touches nothing of Headgate's is through at
once."""

TOUCHES = Expression("steps.touches.outputs.headgate != 'no'")

LOOK = """\
if git diff --quiet HEAD^1 HEAD -- headgate.yaml .github .gitattributes; then
  echo "Nothing of Headgate's is touched."
  echo "headgate=no" >> "$GITHUB_OUTPUT"
fi
"""

INSTALL = """\
python3 -m venv "$RUNNER_TEMP/headgate"
"$RUNNER_TEMP/headgate/bin/python" -m pip install --quiet "headgate==$HEADGATE_VERSION"
"""


def build_check(version: str, runner: ResolvedRunner) -> Workflow:
    """Give the workflow that checks a change, with the version of Headgate that wrote the files."""
    opened = runtime_job(
        "open",
        "Open rollouts are left alone",
        runner=runner,
        verb="check",
        permissions=(READS_STATE,),
        env={},
        note="Fails a change that alters or removes a deploy whose rollout is open.",
    )
    return Workflow(
        file=FILE,
        name="Headgate · check",
        about=ABOUT,
        triggers=Triggers(pull_request=True, merge_group=True),
        concurrency=Concurrency(
            "headgate-check-${{ github.event.pull_request.number || github.ref }}", cancels=True
        ),
        jobs=(_check_job(version, runner), opened),
    )


def _check_job(version: str, runner: ResolvedRunner) -> Job:
    return Job(
        id="check",
        name="The manifest is valid, the generated files are fresh",
        runs_on=show_runner(runner),
        timeout_minutes=MINUTES,
        permissions=(Permission("contents", "read", "the change"),),
        steps=(
            Action(
                name="Check out the change",
                uses=CHECKOUT.uses,
                version=CHECKOUT.version,
                inputs={"fetch-depth": 2, "persist-credentials": False},
            ),
            Script(
                name="See what it touches",
                id="touches",
                # Only a pull request is checked out as one merge commit, whose first parent is the trunk.
                condition=Expression("github.event_name == 'pull_request'"),
                run=LOOK,
            ),
            Script(
                name="Install Headgate",
                condition=TOUCHES,
                env={"HEADGATE_VERSION": version},
                run=INSTALL,
            ),
            Script(
                name="Check the manifest", condition=TOUCHES, run='"$RUNNER_TEMP/headgate/bin/headgate" check'
            ),
            Script(
                name="Check the generated files",
                condition=TOUCHES,
                run='"$RUNNER_TEMP/headgate/bin/headgate" generate --check',
            ),
        ),
    )
