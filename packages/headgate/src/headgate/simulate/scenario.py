"""What to simulate: where, and what goes wrong; from the command line, from a file, or from both.

A scenario file is a YAML mapping with the fields of `Scenario`; an outcome may be one word or a list for
several calls in turn.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from headgate_runtime.jobs import APPROVE, FINISH, START, jobs
from headgate_runtime.plan import ALL_AT_ONCE, Deploy, Plan
from headgate_schema.document import read_document
from headgate_schema.trouble import Trouble

from headgate.failure import GeneratorError
from headgate.simulate.story import Fault, FaultKind, Outcome

RESULTS = ("success", "failure", "cancelled", "skipped")
VERDICT = "inconclusive"
"""A word for an outcome beside the results: the job succeeds and says that it can't tell."""


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a callback ends: its job's result, its output `result` (if it is a verification), its `reason`."""

    result: str = "success"
    verdict: str = ""
    reason: str = ""


class Misfortune(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What befalls a job: a cancel, or the loss of its runner; `nth` counts its pushes from 1."""

    job: str
    kind: FaultKind
    nth: int = 1


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A workflow that a person starts afterwards: `promote`, `rollback` or `control`, with its inputs."""

    workflow: str
    inputs: dict[str, str] = {}


class Scenario(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A release goes into one environment; everything else is how the world answers."""

    environment: str | None = None
    """The first of the manifest, if not said."""
    deploy: str | None = None
    """All of the environment, if not said."""
    first: bool = False
    """Nothing is live there yet."""
    outcomes: dict[str, str | Answer | list[str | Answer]] = {}
    """By `job` or `deploy/job`."""
    faults: tuple[Misfortune, ...] = ()
    then: tuple[Step, ...] = ()


def read_scenario(data: bytes, name: str) -> Scenario:
    """Read a scenario file; raises GeneratorError that says what is wrong and where."""
    document = read_document(data, name)
    if document.troubles:
        raise GeneratorError(f"{name}: {'; '.join(_describe(trouble) for trouble in document.troubles)}")
    try:
        return msgspec.convert(document.data, Scenario)
    except msgspec.ValidationError as error:
        raise GeneratorError(f"{name}: {error}") from None


def _describe(trouble: Trouble) -> str:
    where = f"line {trouble.span.line}, column {trouble.span.column}"
    return f"{trouble.kind.replace('_', ' ')} at {where}"


def list_outcomes(scenario: Scenario) -> dict[str, list[Outcome]]:
    """Give the answers of callbacks, in turn; raises GeneratorError for a word that is none."""
    return {
        job: [_outcome(job, each) for each in (answers if isinstance(answers, list) else [answers])]
        for job, answers in scenario.outcomes.items()
    }


def _outcome(job: str, answer: str | Answer) -> Outcome:
    if answer == VERDICT:
        return Outcome(verdict=VERDICT)
    result = answer if isinstance(answer, str) else answer.result
    if result not in RESULTS:
        known = ", ".join((*RESULTS, VERDICT))
        raise GeneratorError(f'"{result}" is no outcome of {job}; there are: {known}')
    return Outcome(result) if isinstance(answer, str) else Outcome(result, answer.verdict, answer.reason)


def list_faults(scenario: Scenario) -> list[Fault]:
    """Give what befalls jobs."""
    return [Fault(each.job, each.kind, each.nth) for each in scenario.faults]


def refuse_unknown_jobs(scenario: Scenario, plan: Plan) -> None:
    """Raise GeneratorError for a job that no deploy of the plan has."""
    known = {name: list(_job_names(deploy)) for name, deploy in ((each.name, each) for each in plan.deploys)}
    every = {job for names in known.values() for job in names}
    every |= {f"{deploy}/{job}" for deploy, names in known.items() for job in names}
    unknown = [job for job in _named(scenario) if job not in every]
    if unknown:
        listed = "; ".join(f"{deploy}: {', '.join(names)}" for deploy, names in known.items())
        raise GeneratorError(f"there is no job {', '.join(map(repr, unknown))}; there are, of {listed}")


def _named(scenario: Scenario) -> Iterable[str]:
    return dict.fromkeys((*scenario.outcomes, *(fault.job for fault in scenario.faults)))


def _job_names(deploy: Deploy) -> Iterable[str]:
    stages = [part.stages for part in deploy.parts.values()]
    main = next((each for each in stages if each.strategy != ALL_AT_ONCE), stages[0])
    mixed = any(each.strategy == ALL_AT_ONCE for each in stages)
    known = (START, *(job.id for job in jobs(main, with_all_at_once=mixed)), FINISH)
    return known if main.approval is None else (*known, APPROVE)  # also where it is a verb, not a job


def override(scenario: Scenario, **changes: Any) -> Scenario:
    """Let what was said on the command line win over a file; what was not said there is None."""
    given: Mapping[str, Any] = {name: value for name, value in changes.items() if value is not None}
    return msgspec.structs.replace(scenario, **given)
