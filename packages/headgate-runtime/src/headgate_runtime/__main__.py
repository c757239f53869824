"""`python3 .github/headgate <verb>`: read the surroundings once, run one verb, turn failures into exit
codes.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from headgate_runtime.branch import StateBranch
from headgate_runtime.errors import HeadgateError
from headgate_runtime.git import Git, open_scratch
from headgate_runtime.github import Api
from headgate_runtime.plan import Plan, PlanError
from headgate_runtime.run import Facts, Run
from headgate_runtime.runner import Runner, add_summary, error, say, set_outputs, warning

PREFIX = "HEADGATE_"

USAGE = """usage: python3 .github/headgate VERB

Runs inside the workflows that `headgate generate` writes; inputs come as HEADGATE_* variables.
verbs: {verbs}
"""


class Page:
    """The run's own page: outputs, summary, log and annotations."""

    def __init__(self, runner: Runner) -> None:
        """For one run."""
        self._runner = runner

    def outputs(self, values: Mapping[str, str]) -> None:
        """Outputs of the step."""
        set_outputs(self._runner, values)

    def summary(self, markdown: str) -> None:
        """Add to the job's summary."""
        add_summary(self._runner, markdown)

    def say(self, text: str) -> None:
        """A line for the log."""
        say(text)

    def warn(self, text: str) -> None:
        """An annotation."""
        warning(text)


VERBS = {
    "preflight": "register",
    "register": "register",
    "promote": "promote",
    "rollback": "rollback",
    "control": "control",
    "start": "start",
    "gate": "gate",
    "finish": "finish",
    "sweep": "sweep",
    "check": "check",
}
"""Every verb, and the module that has it."""


def usage() -> str:
    """How the program is called."""
    return USAGE.format(verbs=", ".join(VERBS))


def verb_named(name: str) -> Callable[[Run], int] | None:
    """The verb of that name; its module is imported only now, since a gate needs few of them."""
    if name not in VERBS:
        return None
    module = importlib.import_module(f"headgate_runtime.verbs.{VERBS[name]}")
    verb: Callable[[Run], int] = getattr(module, name)
    return verb


def main(arguments: list[str], home: Path) -> int:
    """Run the verb that the arguments name; `home` is the folder with plan.json. 0, 1 (refused), 2
    (failure).
    """
    if arguments in (["--help"], ["-h"]):
        print(usage(), end="")
        return 0
    verb = verb_named(arguments[0]) if len(arguments) == 1 else None
    if verb is None:
        print(usage(), end="", file=sys.stderr)
        return 2
    try:
        runner = Runner.from_environment(os.environ)
        with open_scratch(runner.token, runner.server_url) as git:
            return verb(_surroundings(runner, git, home, os.environ))
    except HeadgateError as failure:
        error(f"{failure}\n{failure.hint}" if failure.hint else str(failure), "Headgate")
        return failure.exit_code


def read_plan(home: Path) -> Plan:
    """Read plan.json beside the vendored runtime."""
    path = home / "plan.json"
    try:
        return Plan.from_json(json.loads(path.read_bytes()))
    except (OSError, ValueError) as error:
        raise PlanError(
            f"{path} can't be read: {error}", "run `headgate generate` and commit what it writes"
        ) from error


def _surroundings(runner: Runner, git: Git, home: Path, environment: Mapping[str, str]) -> Run:
    plan = read_plan(home)
    facts = Facts(
        runner.run_id, runner.attempt, runner.run_number, runner.sha, runner.ref, runner.actor, runner.run_url
    )
    return Run(
        plan=plan,
        facts=facts,
        inputs={name[len(PREFIX) :]: value for name, value in environment.items() if name.startswith(PREFIX)},
        branch=StateBranch(runner.remote, plan.state_branch, git),
        api=Api(runner),
        desk=Page(runner),
        sleep=time.sleep,
    )
