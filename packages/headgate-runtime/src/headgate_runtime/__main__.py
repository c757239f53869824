"""`python3 .github/headgate <verb>`: read the surroundings once, run one verb, turn failures into exit
codes.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from headgate_runtime import github
from headgate_runtime.branch import StateBranch
from headgate_runtime.errors import HeadgateError
from headgate_runtime.git import Git, open_scratch
from headgate_runtime.plan import Plan, PlanError
from headgate_runtime.run import Facts, Run

PREFIX = "HEADGATE_"

USAGE = """usage: python3 .github/headgate VERB

Runs inside the workflows that `headgate generate` writes; inputs come as HEADGATE_* variables.
verbs: preflight, register, promote, rollback, control, start, gate, finish, sweep, check
"""


class Page:
    """The run's own page: outputs, summary, log and annotations."""

    def __init__(self, runner: github.Runner) -> None:
        """For one run."""
        self._runner = runner

    def outputs(self, values: Mapping[str, str]) -> None:
        """Outputs of the step."""
        github.set_outputs(self._runner, values)

    def summary(self, markdown: str) -> None:
        """Add to the job's summary."""
        github.add_summary(self._runner, markdown)

    def say(self, text: str) -> None:
        """A line for the log."""
        github.say(text)

    def warn(self, text: str) -> None:
        """An annotation."""
        github.warning(text)


def verb_named(name: str) -> Callable[[Run], int] | None:
    """The verb of that name; imported only now, since a gate needs few of them."""
    from headgate_runtime.verbs import check, control, finish, gate, promote, register, rollback, start, sweep

    verbs: dict[str, Callable[[Run], int]] = {
        "preflight": register.preflight,
        "register": register.register,
        "promote": promote.promote,
        "rollback": rollback.rollback,
        "control": control.control,
        "start": start.start,
        "gate": gate.gate,
        "finish": finish.finish,
        "sweep": sweep.sweep,
        "check": check.check,
    }
    return verbs.get(name)


def main(arguments: list[str], home: Path) -> int:
    """Run the verb that the arguments name; `home` is the folder with plan.json. 0, 1 (refused), 2
    (failure).
    """
    if arguments in (["--help"], ["-h"]):
        print(USAGE, end="")
        return 0
    verb = verb_named(arguments[0]) if len(arguments) == 1 else None
    if verb is None:
        print(USAGE, end="", file=sys.stderr)
        return 2
    try:
        runner = github.Runner.from_environment(os.environ)
        with open_scratch(runner.token, runner.server_url) as git:
            return verb(_surroundings(runner, git, home, os.environ))
    except HeadgateError as error:
        github.error(f"{error}\n{error.hint}" if error.hint else str(error), "Headgate")
        return error.exit_code


def read_plan(home: Path) -> Plan:
    """Read plan.json beside the vendored runtime."""
    path = home / "plan.json"
    try:
        return Plan.from_json(json.loads(path.read_bytes()))
    except (OSError, ValueError) as error:
        raise PlanError(
            f"{path} can't be read: {error}", "run `headgate generate` and commit what it writes"
        ) from error


def _surroundings(runner: github.Runner, git: Git, home: Path, environment: Mapping[str, str]) -> Run:
    plan = read_plan(home)
    facts = Facts(
        runner.run_id, runner.attempt, runner.run_number, runner.sha, runner.ref, runner.actor, runner.run_url
    )
    return Run(
        plan=plan,
        facts=facts,
        inputs={name[len(PREFIX) :]: value for name, value in environment.items() if name.startswith(PREFIX)},
        branch=StateBranch(runner.remote, plan.state_branch, git),
        api=github.Api(runner),
        desk=Page(runner),
        sleep=time.sleep,
    )
