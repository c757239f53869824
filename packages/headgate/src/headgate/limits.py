"""GitHub's limits, and promises of our own, checked on what is about to be written: no linter does.

HG6xx are limits that a manifest can run into (those of what callbacks call are the schema package's); HG89x
can't happen unless Headgate itself is wrong, and are looked for on every run all the same. The figures:
https://docs.github.com/en/actions/reference/limits
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec
from headgate_schema.callback import Callback
from headgate_schema.contract import covers
from headgate_schema.finding import Finding, Place
from headgate_schema.rules.rule import Problem, rule

from headgate.workflows.expressions import compiled_length
from headgate.workflows.layout import lay_out
from headgate.workflows.model import CallJob, Job, Script, Workflow
from headgate.workflows.writer import to_data

LONGEST_EXPRESSION = 21_000
"""Characters of a scalar with expressions, once GitHub's parser has made one expression of it."""

MOST_INPUTS = 25
LARGEST_FILE = 500 * 1_024
"""Bytes."""

LONGEST_ID = 99
LONGEST_TIMEOUT = 360
"""Minutes: what a job may take on a runner of GitHub's."""

STATUS_FUNCTIONS = ("!cancelled()", "cancelled()", "always()")


class Emitted(msgspec.Struct, frozen=True):
    """A workflow that is about to be written, as values and as text, and the files of the callbacks."""

    workflow: Workflow
    text: str
    callbacks: Mapping[str, Callback]

    def problem(self, message: str, hint: str = "") -> Problem:
        """Something wrong with this file."""
        return Problem(message, Place(self.workflow.path), hint=hint)


def check_limits(emitted: Emitted) -> tuple[Finding, ...]:
    """Apply every rule to one workflow."""
    return tuple(finding for each in RULES for finding in each.apply(emitted))


@rule("HG601", "expression too long")
def find_long_expressions(emitted: Emitted) -> Iterator[Problem]:
    """A value with expressions must have fewer than 21,000 characters once GitHub has compiled it.

    Past that GitHub refuses the whole file and starts no job. Only constant inputs can make one so long:
    shorten them, or keep such data in a file of the repository.
    """
    for path, text in _strings(to_data(lay_out(emitted.workflow)), ""):
        # Compiling makes a character into at most two and a short frame, so most texts need no second look.
        if len(text) * 3 > LONGEST_EXPRESSION and (length := compiled_length(text)) >= LONGEST_EXPRESSION:
            yield emitted.problem(
                f"{path} has {length:,} characters for GitHub, which takes fewer than {LONGEST_EXPRESSION:,}",
                "shorten the constant inputs that go into it",
            )


def _strings(data: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(data, str):
        yield path, data
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from _strings(value, f"{path}.{key}" if path else str(key))
    elif isinstance(data, list):
        for number, value in enumerate(data):
            yield from _strings(value, f"{path}[{number}]")


@rule("HG602", "too many dispatch inputs")
def find_many_inputs(emitted: Emitted) -> Iterator[Problem]:
    """A workflow that is started by hand may have at most 25 inputs; GitHub refuses the file otherwise."""
    inputs = emitted.workflow.triggers.dispatch or ()
    if len(inputs) > MOST_INPUTS:
        yield emitted.problem(f"{len(inputs)} inputs, GitHub takes {MOST_INPUTS}")


@rule("HG603", "file too large")
def find_large_files(emitted: Emitted) -> Iterator[Problem]:
    """A workflow file may have at most 500 KB. Use fewer steps or checks, or shorter constant inputs."""
    size = len(emitted.text.encode())
    if size > LARGEST_FILE:
        yield emitted.problem(f"{size:,} bytes, GitHub takes {LARGEST_FILE:,}", "fewer steps or checks")


@rule("HG606", "less permission than the callback asks for")
def find_missing_permissions(emitted: Emitted) -> Iterator[Problem]:
    """A called workflow must not ask for more than the calling job grants, or GitHub refuses the whole run.

    Grant it in `permissions` of the build or the deploy, or let the callback ask for less.
    """
    for job in emitted.workflow.jobs:
        if not isinstance(job, CallJob) or isinstance(job.permissions, str):
            continue
        callback = emitted.callbacks[job.uses.removeprefix("./")]
        granted = {permission.scope: permission.level for permission in job.permissions}
        for ask in callback.asks:
            if not covers(granted, ask):
                yield emitted.problem(
                    f'"{job.id}" grants less than "{callback.file}" asks for: {ask.scope}: {ask.level}',
                    "grant it in `permissions`, or ask for less",
                )


@rule("HG891", "implicit success()")
def find_implicit_success(emitted: Emitted) -> Iterator[Problem]:
    """A defect of Headgate's, please report it: a job with needs must say itself when it runs.

    Without a status function GitHub adds `success()`, which one skipped job anywhere before makes false.
    """
    for job in emitted.workflow.jobs:
        if job.needs and not any(part in STATUS_FUNCTIONS for part in job.condition):
            yield emitted.problem(f'the job "{job.id}" relies on an implicit success()')


@rule("HG892", "expression in a script")
def find_expressions_in_scripts(emitted: Emitted) -> Iterator[Problem]:
    """A defect of Headgate's, please report it: values reach scripts through `env` only."""
    for job in emitted.workflow.jobs:
        for step in job.steps if isinstance(job, Job) else ():
            if isinstance(step, Script) and "${{" in step.run:
                yield emitted.problem(f'an expression stands in a script of the job "{job.id}"')


@rule("HG893", "job without name or bounds")
def find_unbounded_jobs(emitted: Emitted) -> Iterator[Problem]:
    """A defect of Headgate's, please report it: each of its jobs has a name, a short id and a timeout."""
    for job in emitted.workflow.jobs:
        if not job.name or (isinstance(job, Job) and not 0 < job.timeout_minutes <= LONGEST_TIMEOUT):
            yield emitted.problem(
                f'the job "{job.id}" has no name, or a timeout past {LONGEST_TIMEOUT} minutes'
            )
        if len(job.id) > LONGEST_ID:
            yield emitted.problem(f'the id of the job "{job.id}" is longer than {LONGEST_ID} characters')


RULES = (
    find_long_expressions,
    find_many_inputs,
    find_large_files,
    find_missing_permissions,
    find_implicit_success,
    find_expressions_in_scripts,
    find_unbounded_jobs,
)
