"""`headgate simulate`: what would happen, on a virtual clock. Nothing runs, nothing is written."""

from __future__ import annotations

import argparse
from pathlib import Path

from headgate_schema.repository import read_file

from headgate.cli.findings import print_errors
from headgate.project import has_errors, load_project
from headgate.simulate.play import play
from headgate.simulate.scenario import Answer, Misfortune, Scenario, override, read_scenario
from headgate.simulate.text import show_played

DESCRIPTION = """\
Play a release going into one environment, through the very code that runs in the workflows: every event and
every call of a callback, with their times. The release before it is live already, unless --first is given.
JOB is the id of a job in the deploy's workflow, such as canary_1, bake_1 or promote; or deploy/job. The job
approve stands for whoever decides on an approval, by the verb too: yes unless it fails, nobody if skipped."""

EXAMPLES = """\
examples:
  headgate simulate --environment prod --deploy app                      all goes well
  headgate simulate --environment prod --deploy app --fail verify_1      the verification fails
  headgate simulate --environment prod --deploy app --cancel-at bake_1   somebody presses Cancel
  headgate simulate --environment prod --deploy app --fail approve       the approval is rejected
  headgate simulate lost-gate.yaml                                       a scenario from a file

a scenario file:
  environment: prod
  deploy: app
  outcomes: {verify_1: [success, failure], rollback: {result: failure, reason: no capacity}}
  faults: [{job: bake_1, kind: dies_after_push}]
  then: [{workflow: control, inputs: {verb: retry, environment: prod, deploy: app, reason: again}}]
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line of this command."""
    parser.add_argument(
        "scenario", nargs="?", metavar="SCENARIO.yaml", help="a file; the options win over it"
    )
    parser.add_argument("--environment", metavar="NAME", help="where the release goes (default: the first)")
    parser.add_argument("--deploy", metavar="NAME", help="only this deploy (default: all of the environment)")
    parser.add_argument("--first", action="store_true", default=None, help="nothing is live there yet")
    parser.add_argument("--fail", action="append", default=[], metavar="JOB", help="this callback fails")
    parser.add_argument(
        "--inconclusive", action="append", default=[], metavar="JOB", help="this check can't tell"
    )
    parser.add_argument(
        "--cancel-at", action="append", default=[], metavar="JOB", help="the run is cancelled there"
    )
    parser.add_argument(
        "--lose", action="append", default=[], metavar="JOB", help="this gate's runner is lost"
    )


def run(arguments: argparse.Namespace) -> int:
    """Carry the command out and give the exit code."""
    scenario = (
        read_scenario(read_file(arguments.scenario), arguments.scenario) if arguments.scenario else Scenario()
    )
    project = load_project(Path.cwd())
    print_errors(project.findings, project.checked)
    if project.compiled is None or has_errors(project.findings):
        return 1
    print(show_played(play(project.compiled.plan, _complete(scenario, arguments))), end="")
    return 0


def _complete(scenario: Scenario, arguments: argparse.Namespace) -> Scenario:
    outcomes = dict(scenario.outcomes)
    outcomes |= {job: Answer("failure", "failure") for job in arguments.fail}
    outcomes |= dict.fromkeys(arguments.inconclusive, "inconclusive")
    faults = [Misfortune(job, "cancel") for job in arguments.cancel_at]
    faults += [Misfortune(job, "dies_before_push") for job in arguments.lose]
    return override(
        scenario,
        environment=arguments.environment,
        deploy=arguments.deploy,
        first=arguments.first,
        outcomes=outcomes,
        faults=(*scenario.faults, *faults),
    )
