"""HG418 to HG422: whether what a callback file gives, reads and calls is there."""

from __future__ import annotations

from collections.abc import Iterator

from headgate_schema.callback import Callback, DeclaredOutput, InputType
from headgate_schema.contract import contract_inputs
from headgate_schema.expressions import Access, find_expressions, parse, walk
from headgate_schema.finding import AddKey, Fix, Place, Related
from headgate_schema.jobs import Job, Read
from headgate_schema.reach import find_called
from headgate_schema.rules.rule import Problem, rule
from headgate_schema.rules.subjects import Calling, place_in
from headgate_schema.wording import hint_suggestion, quote


@rule("HG418", "output without a value")
def empty_output(calling: Calling) -> Iterator[Problem]:
    """An output under `on.workflow_call.outputs` has no `value`. GitHub refuses such a file, and with it the
    run that calls it.

    Give it a `value`, `${{ jobs.<job>.outputs.<output> }}`, or remove it.
    """
    for call, callback in calling.select_once():
        for output in callback.outputs.values():
            if not output.value:
                yield Problem(
                    f'the output {quote(output.name)} has no "value"',
                    place_in(callback, output.path),
                    (calling.relate_call(call),),
                    hint=_hint_value(callback, output.name),
                )


def _hint_value(callback: Callback, name: str) -> str:
    job = next((job for job in callback.jobs if name.lower() in (job.outputs or ())), None)
    return f'write "value: ${{{{ jobs.{job.name}.outputs.{name} }}}}"' if job is not None else ""


@rule("HG419", "output from nowhere")
def unconnected_output(calling: Calling) -> Iterator[Problem]:
    """An output takes its value from a job that the file does not have, or from an output that the job does
    not declare, so it is always empty. A verification whose `result` is empty counts as a success.

    Correct the names, or declare the output under `outputs` of the job.
    """
    for call, callback in calling.select_once():
        if not callback.is_whole:
            continue
        jobs = {job.name.lower(): job for job in callback.jobs}
        for output in callback.outputs.values():
            for access in _list_sources(output):
                problem = _check_source(callback, jobs, output, access)
                if problem is not None:
                    message, hint = problem
                    place = Place(callback.file, (*output.path, "value"), fragment=access.written)
                    yield Problem(message, place, (calling.relate_call(call),), hint=hint)


def _list_sources(output: DeclaredOutput) -> Iterator[Access]:
    for text in find_expressions(output.value):
        for node in walk(tree) if (tree := parse(text)) is not None else ():
            if isinstance(node, Access) and node.names[0] == "jobs":
                yield node


def _check_source(
    callback: Callback, jobs: dict[str, Job], output: DeclaredOutput, access: Access
) -> tuple[str, str] | None:
    match access.names:
        case ("jobs", str(name), *_) if name not in jobs:
            known = [job.name for job in callback.jobs]
            return (
                f"the output {quote(output.name)} comes from the job {quote(name)}, which is not there",
                hint_suggestion(name, known),
            )
        case ("jobs", str(name), "outputs", str(source)):
            declared = jobs[name].outputs
            if declared is None or source in declared:
                return None
            hint = hint_suggestion(source, declared)
            job = quote(jobs[name].name)
            message = f"{quote(output.name)} is always empty: the job {job} has no output {quote(source)}"
            return message, hint or f'add it to "outputs" of the job {job}'
        case _:
            return None


@rule("HG420", "input that is read and not declared", "warning", fixes=("unsafe",))
def undeclared_input(calling: Calling) -> Iterator[Problem]:
    """An expression reads an input that `on.workflow_call.inputs` does not declare. Headgate passes only what
    is declared, so it is always empty.

    Declare it, or correct the name.
    """
    for call, callback in calling.select_once():
        declared = {name.lower() for name in (*callback.inputs, *callback.dispatch_inputs)}
        lost = [found for found in _list_reads(callback, "inputs") if found[0] not in declared]
        provided = _list_provided(calling, callback) if lost else {}
        for name, read in lost:
            is_provided = name in provided
            known = {*callback.inputs, *provided}
            yield Problem(
                f"the input {quote(name)} is not declared, so it is always empty",
                Place(callback.file, read.path, fragment=read.access.written),
                (calling.relate_call(call),),
                hint=f'add "{name}: {{type: {provided[name]}}}" to "on.workflow_call.inputs"'
                if is_provided
                else hint_suggestion(name, known),
                fix=_declare(callback, name, provided[name]) if is_provided else None,
            )


def _list_provided(calling: Calling, callback: Callback) -> dict[str, InputType]:
    actions = {call.action for call in calling.calls if call.callback == callback.file}
    return {item.name: item.type for action in actions for item in contract_inputs(action)}


def _declare(callback: Callback, name: str, kind: str) -> Fix | None:
    if not callback.inputs:
        return None
    inputs = Place(callback.file, ("on", "workflow_call", "inputs"))
    return Fix(f"declare the input {quote(name)}", (AddKey(inputs, name, {"type": kind}),))


def _list_reads(callback: Callback, context: str) -> Iterator[tuple[str, Read]]:
    """Give each name of a context that is read, in lower case, with the first place where it is."""
    seen = set()
    for read in callback.reads:
        match read.access.names:
            case (first, str(name), *_) if first == context and name not in seen:
                seen.add(name)
                yield name, read


@rule("HG421", "secret that is read and not passed", "warning")
def undeclared_secret(calling: Calling) -> Iterator[Problem]:
    """An expression reads a secret that the callback does not declare, and the manifest does not say
    `secrets: inherit`. Only declared secrets are passed, so it is always empty; that of a GitHub environment
    too.

    Declare it under `on.workflow_call.secrets` and add it to `secrets` in the manifest; or set
    `secrets: inherit`.
    """
    for calls, callback in calling.group():
        owner = calls[0].owner
        declared = {name.lower() for name in (*callback.secrets, "github_token")}
        for name, read in _list_reads(callback, "secrets") if owner.secrets != "inherit" else ():
            if name not in declared:
                shown = quote(name.upper())
                yield Problem(
                    f"the secret {shown} is not declared, so it is always empty",
                    Place(callback.file, read.path, fragment=read.access.written),
                    (Related(calling.place_owner(owner, "secrets"), "the secrets are passed here"),)
                    if calling.document.has((*owner.path, "secrets"))
                    else (calling.relate_call(calls[0]),),
                    hint=f'declare {shown} under "on.workflow_call.secrets" and name it in "secrets" of the '
                    "manifest",
                )


@rule("HG422", "workflow that can't be called")
def uncallable_workflow(calling: Calling) -> Iterator[Problem]:
    """A job of a callback calls a workflow of this repository that is not there, is no reusable workflow, or
    does not lie directly in `.github/workflows/`. GitHub refuses the whole run.

    Correct the path, create the file, or add `workflow_call` to its `on`.
    """
    seen = set()
    for visit in calling.visit():
        for job in visit.callback.jobs:
            place = Place(visit.callback.file, (*job.path, "uses"))
            wrong = _find_wrong(calling, job)
            if wrong and place not in seen:
                seen.add(place)
                yield Problem(wrong, place, (calling.relate_call(visit.call),))


def _find_wrong(calling: Calling, job: Job) -> str:
    if not job.calls.startswith(("./", "$/")):
        return ""
    file = find_called(job.calls)
    if file is None:
        return f"{quote(job.calls)} can't be called: only files directly in .github/workflows can"
    if not calling.reached.has_looked_for(file):
        return ""
    called = calling.reached.find(file)
    if called is None:
        return f"there is no file {quote(file)}"
    if called.is_callable or not called.is_known:
        return ""
    return f'{quote(file)} can\'t be called: it has no "workflow_call" under "on"'


WIRING = (
    empty_output,
    unconnected_output,
    undeclared_input,
    undeclared_secret,
    uncallable_workflow,
)
