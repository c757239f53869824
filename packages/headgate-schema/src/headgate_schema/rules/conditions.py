"""HG416 and HG417: whether a callback's jobs run when the callback is called."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from headgate_schema.callback import Callback, DeclaredInput
from headgate_schema.conditions import decide, find_condition
from headgate_schema.contract import (
    WAYS_BACK,
    Action,
    Call,
    Constant,
    FromDefault,
    pass_inputs,
    percent_of,
)
from headgate_schema.expressions import Known, has_call
from headgate_schema.finding import Fix, Place, Related
from headgate_schema.jobs import Job
from headgate_schema.resolved import ResolvedDeploy
from headgate_schema.rules import remedies
from headgate_schema.rules.rule import Problem, rule
from headgate_schema.rules.subjects import Calling, place_in
from headgate_schema.wording import list_words, quote

GUARD = "!cancelled()"


@rule("HG416", "recovery that may stop half-way", "warning", fixes=("unsafe",))
def skipped_recovery(calling: Calling) -> Iterator[Problem]:
    """A job of a rollback or switchback callback waits for another job and does not say when it runs. GitHub
    then adds `success()`, which is false if any job before it failed or was skipped. The job is left out, the
    traffic stays where it is, and if the job before was only skipped, the callback even counts as successful.

    Give the job an `if` with a status function, `if: ${{ !cancelled() }}`, and compare `needs.<job>.result`
    where the result matters; or make one job of them.
    """
    for calls, callback in calling.group():
        serving = [call for call in calls if call.action in WAYS_BACK]
        for job in callback.jobs if serving else ():
            if not job.needs or job.says_when:
                continue
            actions = list_words(dict.fromkeys(call.action for call in serving), "and")
            guarded = _guard(job)
            yield Problem(
                f"the job {quote(job.name)} serves {actions} and is skipped if {_say_needs(job)} fails or is "
                "skipped",
                _place_condition(callback, job),
                (calling.relate_call(serving[0]),),
                hint=f'write "if: {guarded}"' if guarded else f'put "{GUARD}" in place of "success()" there',
                fix=_write_condition(callback, job, guarded),
            )


def _say_needs(job: Job) -> str:
    return quote(job.needs[0]) if len(job.needs) == 1 else f"one of {list_words(job.needs)}"


def _place_condition(callback: Callback, job: Job) -> Place:
    """Name the condition of a job, or what makes one necessary."""
    written = (*job.path, "if")
    return Place(callback.file, written) if job.condition else place_in(callback, (*job.path, "needs"))


def _guard(job: Job) -> str:
    """Write the condition that a job needs; nothing where its own can't be kept."""
    condition = (find_condition(job.condition) or "").strip()
    if not job.condition:
        return f"${{{{ {GUARD} }}}}"
    is_asking = job.tree is not None and has_call(job.tree, "success")
    if not condition or is_asking or "\n" in condition:
        return ""
    return f"${{{{ {GUARD} && ({condition}) }}}}"


def _write_condition(callback: Callback, job: Job, guarded: str) -> Fix | None:
    """Whether a job should run after a failure only its author can tell."""
    if not guarded:
        return None
    if job.condition:
        return remedies.write_value(Place(callback.file, (*job.path, "if")), guarded)
    return remedies.add_key(Place(callback.file, job.path), "if", guarded, is_first=True)


@rule("HG417", "callback that does nothing")
def idle_callback(calling: Calling) -> Iterator[Problem]:
    """For one of its actions, or in one of its environments, every job of the callback has an `if` that is
    false, whatever happens. GitHub skips them all, and the rollout fails because its callback never started.

    Correct the conditions, or let the manifest call another file for this action.
    """
    outputs = calling.outputs()
    for call, callback in calling.select():
        if not isinstance(call.owner, ResolvedDeploy) or not callback.jobs:
            continue
        idle = [name for name in call.environments if _is_idle(call, callback, outputs, name)]
        if idle:
            everywhere = len(idle) == len(call.environments)
            where = "" if everywhere else f" in {list_words(idle, 'and')}"
            first, *others = (_place_condition(callback, job) for job in callback.jobs)
            yield Problem(
                f"no job of {quote(callback.file)} runs for {quote(call.action)}{where}: every condition is "
                "false",
                first,
                (calling.relate_call(call), *(Related(place, "and here") for place in others)),
            )


def _is_idle(
    call: Call, callback: Callback, outputs: Mapping[str, Collection[str]], environment: str
) -> bool:
    if all(job.tree is None for job in callback.jobs):
        return False
    inputs = dict(_list_known(call, callback, outputs, environment))
    false = {
        job.name for job in callback.jobs if (tree := job.tree) is not None and decide(tree, inputs) is False
    }
    waiting = [job for job in callback.jobs if job.name not in false]
    # What waits for a job that never runs does not run either, unless it says so.
    while stuck := {job.name for job in waiting if not job.says_when and not false.isdisjoint(job.needs)}:
        false |= stuck
        waiting = [job for job in waiting if job.name not in stuck]
    return not waiting


def _list_known(
    call: Call, callback: Callback, outputs: Mapping[str, Collection[str]], environment: str
) -> Iterator[tuple[str, Known]]:
    """Give the inputs that have one value in this environment, whatever the rollout, in lower case."""
    contract = dict(_list_contract(call, environment))
    for passed in pass_inputs(call, callback, outputs):
        name = passed.declared.name
        here = dict(passed.by_environment).get(environment)
        source = here if here is not None else passed.source
        if name in contract:
            yield name, _convert(contract[name], passed.declared)
        elif isinstance(source, Constant | FromDefault) and not _is_open(source.value):
            yield name.lower(), source.value


def _is_open(value: Known) -> bool:
    return value is None or "${{" in str(value)


def _list_contract(call: Call, environment: str) -> Iterator[tuple[str, str | int]]:
    yield "action", call.action
    yield "environment", environment
    if isinstance(call.owner, ResolvedDeploy):
        yield "deploy", call.owner.name
    if call.action not in _OF_THE_STEP:
        yield "percent", percent_of(call.action)


_OF_THE_STEP: frozenset[Action] = frozenset({"deploy_canary", "verify"})


def _convert(value: str | int, declared: DeclaredInput) -> Known:
    return str(value) if declared.type == "string" else value


CONDITIONS = (
    skipped_recovery,
    idle_callback,
)
