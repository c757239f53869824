"""HG401 to HG407: whether the callback files are there and declare the inputs that the manifest passes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from headgate_schema.callback import Callback, DeclaredInput, InputType
from headgate_schema.contract import (
    CONTRACT_NAMES,
    Call,
    Constant,
    FromContract,
    Owner,
    PassedInput,
    contract_inputs,
    list_sources,
    pass_input,
    pass_inputs,
)
from headgate_schema.finding import CreateFile, Fix, Place, Related
from headgate_schema.resolved import ResolvedBuild, ResolvedDeploy
from headgate_schema.rules import remedies
from headgate_schema.rules.rule import Problem, rule
from headgate_schema.rules.subjects import Calling, place_in
from headgate_schema.span import Path
from headgate_schema.stub import write_stub
from headgate_schema.wording import hint_suggestion, list_words, quote, suggest


def _declared(callback: Callback, declared: DeclaredInput) -> Related:
    return Related(place_in(callback, declared.path), "declared here")


@rule("HG401", "callback file missing", fixes=("unsafe",))
def missing_callback(calling: Calling) -> Iterator[Problem]:
    """The manifest names a callback, or the naming convention does, and the repository has no such file.
    GitHub would refuse the workflow that calls it.

    Create the file, or name the right one.
    """
    seen = set()
    for call in calling.calls:
        place = calling.place_call(call)
        if calling.callbacks[call.callback] is not None or (call.callback, place) in seen:
            continue
        seen.add((call.callback, place))
        by_convention = place.path[-1] == "name"
        yield Problem(
            f"there is no file {quote(call.callback)}"
            + (", the callback by convention" if by_convention else ""),
            place,
            hint='create it, or name another with "callback"' if by_convention else "",
            fix=_create(
                call.callback, tuple(each for each in calling.calls if each.callback == call.callback)
            ),
        )


def _create(file: str, calls: tuple[Call, ...]) -> Fix:
    return Fix(f"create {quote(file)} from a stub", (CreateFile(file, write_stub(file, calls)),))


@rule("HG402", "not callable", fixes=("unsafe",))
def not_callable(calling: Calling) -> Iterator[Problem]:
    """The callback file exists but has no `workflow_call` under `on`, so no other workflow can call it.

    Add `workflow_call` to its `on`, with the inputs it needs.
    """
    for file, callback in calling.callbacks.items():
        if callback is None or callback.is_callable or not callback.is_known:
            continue
        call = next(call for call in calling.calls if call.callback == file)
        related = Related(place_in(callback, ("on",)), "its triggers are here")
        yield Problem(
            f'{quote(file)} can\'t be called: it has no "workflow_call" under "on"',
            calling.place_call(call),
            (related,),
            hint='add "workflow_call:" under its "on"',
            fix=_make_callable(callback),
        )


def _make_callable(callback: Callback) -> Fix | None:
    """Add the trigger, in the form that the others have; its inputs are told by the rules that come next."""
    data, place = callback.document.data or {}, Place(callback.file, ("on",))
    match data.get("on"):
        case dict():
            return remedies.add_key(place, "workflow_call", None)
        case list() as triggers:
            return remedies.write_value(place, [*triggers, "workflow_call"])
        case str() as trigger:
            return remedies.write_value(place, [trigger, "workflow_call"])
        case _:
            return None


@rule("HG403", "required input without a value")
def missing_input(calling: Calling) -> Iterator[Problem]:
    """The callback requires an input that neither the contract nor `environment_inputs`, `inputs` or a build
    provides. GitHub would refuse the whole run.

    Add it to `inputs` or `environment_inputs`, let a build declare it as an output, or make it optional.
    """
    outputs = calling.outputs()
    for calls, callback in calling.group():
        for declared in callback.inputs.values():
            if not declared.is_required:
                continue
            missing = _find_missing(calls, declared, outputs)
            if missing:
                where = "" if "" in missing else f" in {', '.join(missing)}"
                yield Problem(
                    f"nothing provides the input {quote(declared.name)}{where}, which "
                    f"{quote(callback.file)} requires",
                    calling.place_call(calls[0]),
                    (_declared(callback, declared),),
                    hint=_hint_input(calls[0], declared.name, callback),
                )


def _hint_input(call: Call, name: str, callback: Callback) -> str:
    if name in CONTRACT_NAMES:
        provided = list_words((item.name for item in contract_inputs(call.action)), "and")
        return f"of the contract, {quote(call.action)} gets {provided}; rename it, or make it optional"
    meant = hint_suggestion(name, {given for _, given in _list_inputs(call.owner)} - set(callback.inputs))
    where = '"inputs" or "environment_inputs"' if isinstance(call.owner, ResolvedDeploy) else '"inputs"'
    return meant or f"add {quote(name)} to {where}"


def _find_missing(
    calls: tuple[Call, ...], declared: DeclaredInput, outputs: Mapping[str, Collection[str]]
) -> tuple[str, ...]:
    missing: dict[str, None] = {}
    for call in calls:
        passed = pass_input(call, declared, outputs)
        missing.update(dict.fromkeys(passed.list_missing(call.environments)))
    return tuple(missing)


@rule("HG404", "contract name as an output")
def contract_output(calling: Calling) -> Iterator[Problem]:
    """A build's callback declares an output with the name of an input that Headgate itself provides. The
    contract's value would win, and the output would never reach a deploy.

    Rename the output.
    """
    for call, callback in calling.select():
        if call.action != "build":
            continue
        for name, output in callback.outputs.items():
            if name in CONTRACT_NAMES:
                yield Problem(
                    f"{quote(name)} is provided by Headgate; a build can't have an output of that name",
                    place_in(callback, output.path),
                    (calling.relate_call(call),),
                )


@rule("HG405", "same output from two builds")
def ambiguous_output(calling: Calling) -> Iterator[Problem]:
    """Two builds whose outputs reach the same callback declare an output of the same name, so it is unclear
    which of them arrives.

    Rename one of the outputs, or choose the builds with `builds` or `needs`.
    """
    callbacks = {build.name: calling.callbacks.get(build.callback) for build in calling.resolved.builds}
    owners: tuple[ResolvedBuild | ResolvedDeploy, ...] = (*calling.resolved.builds, *calling.resolved.deploys)
    for owner in owners:
        first: dict[str, str] = {}
        field = "builds" if isinstance(owner, ResolvedDeploy) else "needs"
        for build in dict.fromkeys(list_sources(owner)):
            callback = callbacks.get(build)
            for name in callback.outputs if callback is not None else ():
                earlier = first.setdefault(name, build)
                if earlier != build:
                    yield Problem(
                        f"the builds {quote(earlier)} and {quote(build)} both have an output {quote(name)} "
                        f"for {quote(owner.name)}",
                        calling.place_owner(owner, field),
                        tuple(_relate_outputs(name, callbacks[earlier], callback)),
                        hint=f'rename one of them, or choose the builds with "{field}"',
                    )


def _relate_outputs(name: str, *callbacks: Callback | None) -> Iterator[Related]:
    for callback in callbacks:
        if callback is not None:
            yield Related(place_in(callback, callback.outputs[name].path), "declared here")


@rule("HG406", "input that no callback declares", fixes=("unsafe",))
def unused_input(calling: Calling) -> Iterator[Problem]:
    """An entry of `inputs` or `environment_inputs` is declared by none of the callbacks it could go to, so it
    would never arrive anywhere.

    Correct the name, declare the input under `on.workflow_call.inputs` of a callback, or remove the entry.
    """
    for owner in calling.owners():
        callbacks = calling.find_all(owner)
        if callbacks is None:
            continue
        declared = {name for callback in callbacks for name in callback.inputs}
        files = ", ".join(callback.file for callback in callbacks)
        for path, name in _list_inputs(owner):
            if name not in declared and name not in CONTRACT_NAMES:
                yield Problem(
                    f"no callback declares the input {quote(name)}: {files}",
                    Place(calling.document.name, path, "key"),
                    hint=hint_suggestion(name, declared - CONTRACT_NAMES),
                    fix=remedies.rename_key(
                        Place(calling.document.name, path), suggest(name, declared - CONTRACT_NAMES)
                    ),
                )


def _list_inputs(owner: Owner) -> Iterator[tuple[Path, str]]:
    for name in owner.inputs:
        yield (*owner.path, "inputs", name), name
    if isinstance(owner, ResolvedDeploy):
        for environment, inputs in owner.environment_inputs.items():
            for name in inputs:
                yield (*owner.path, "environment_inputs", environment, name), name


@rule("HG407", "wrong input type", fixes=("unsafe",))
def wrong_input_type(calling: Calling) -> Iterator[Problem]:
    """The value and the callback's declaration differ in type, and GitHub would refuse the run. Inputs of the
    contract are declared with the contract's type or as `string`; constants, and the callback's `default`,
    are written as the callback declares them.

    Change the declared type, or write the value as that type: text in quotes, numbers and booleans without.
    """
    outputs = calling.outputs()
    seen = set()
    for call, callback in calling.select():
        for passed in pass_inputs(call, callback, outputs):
            for problem in _check_type(calling, call, callback, passed):
                if (problem.message, problem.place) not in seen:
                    seen.add((problem.message, problem.place))
                    yield problem


def _check_type(calling: Calling, call: Call, callback: Callback, passed: PassedInput) -> Iterator[Problem]:
    declared = passed.declared
    if declared.type is None:
        yield Problem(
            f'the input {quote(declared.name)} declares no type; allowed: "string", "number" or "boolean"',
            place_in(callback, declared.path),
            (calling.relate_call(call),),
        )
        return
    if isinstance(passed.source, FromContract) and declared.type not in (passed.source.type, "string"):
        yield Problem(
            f"the contract input {quote(declared.name)} is a {passed.source.type}, here it is declared as "
            f"{quote(declared.type)}; allowed: {list_words(dict.fromkeys((passed.source.type, 'string')))}",
            place_in(callback, declared.path),
            (calling.relate_call(call),),
        )
    if declared.default is not None and _is_wrong_default(declared):
        yield Problem(
            f"the default {quote(declared.default)} of {quote(declared.name)} is a "
            f"{_find_type(declared.default)}, but the input is declared as {quote(declared.type)}",
            Place(callback.file, (*declared.path, "default")),
            (calling.relate_call(call),),
            hint="put it in quotes" if declared.type == "string" else "",
        )
    for constant in (*(constant for _, constant in passed.by_environment), passed.source):
        if isinstance(constant, Constant) and _find_type(constant.value) != declared.type:
            yield _say_type(calling, callback, declared, constant)


def _is_wrong_default(declared: DeclaredInput) -> bool:
    """Tell whether GitHub refuses a default: of text and booleans it looks at the type, of numbers it does
    not. Tried with its own parser, ``@actions/workflow-parser``.
    """
    default = declared.default
    is_expression = isinstance(default, str) and "${{" in default
    if default is None or is_expression or declared.type == "number":
        return False
    return _find_type(default) != declared.type


def _say_type(calling: Calling, callback: Callback, declared: DeclaredInput, constant: Constant) -> Problem:
    is_text = isinstance(constant.value, str)
    return Problem(
        f"{quote(constant.value)} is a {_find_type(constant.value)}, but {quote(callback.file)} declares "
        f"{quote(declared.name)} as {quote(declared.type)}",
        Place(calling.document.name, constant.path),
        (_declared(callback, declared),),
        hint="put it in quotes" if not is_text and declared.type == "string" else "",
        fix=remedies.write_value(
            Place(calling.document.name, constant.path), _write_constant(constant, declared)
        ),
    )


def _write_constant(constant: Constant, declared: DeclaredInput) -> str | int | bool | None:
    """Give a constant as the type that is declared, if it can be nothing else."""
    match constant.value, declared.type:
        case (bool(), "string"):
            return str(constant.value).lower()
        case (int(), "string"):
            return str(constant.value)
        case ("true" | "false", "boolean"):
            return constant.value == "true"
        case (str(text), "number") if text.isascii() and text.isdigit() and text == str(int(text)):
            return int(text)
        case _:
            return None


def _find_type(value: str | float | bool) -> InputType:
    match value:
        case str():
            return "string"
        case bool():
            return "boolean"
        case _:
            return "number"


CALLBACKS = (
    missing_callback,
    not_callable,
    missing_input,
    contract_output,
    ambiguous_output,
    unused_input,
    wrong_input_type,
)
