"""How a job calls a callback: the inputs it declares and nothing else, its secrets, its permissions.

Rule: the contract says what is passed; here it only becomes expressions of the declared types.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Literal

import msgspec
from headgate_schema.callback import Callback
from headgate_schema.contract import (
    Call,
    Constant,
    FromBuild,
    FromContract,
    FromDefault,
    FromUnknown,
    PassedInput,
    grant_permissions,
    pass_inputs,
    pass_secrets,
)
from headgate_schema.resolved import InputValue

from headgate.workflows.expressions import (
    Expression,
    either,
    embed,
    equals,
    from_json,
    quote,
    secret,
    to_json,
)
from headgate.workflows.model import CallJob, Permission, Value

EMPTY: Mapping[str | None, InputValue] = {"string": "", "number": 0, "boolean": False}
"""What GitHub gives an input of each type that nobody provides."""

ContractValues = Mapping[str, Value | tuple[str, ...]]


class Scene(msgspec.Struct, frozen=True):
    """What a call can draw on: the contract's values, the outputs of builds, the environment's name."""

    values: ContractValues
    build_outputs: Mapping[tuple[str, str], Expression]
    environment: Expression | None = None


def call_job(
    job: CallJob, call: Call, callback: Callback, outputs: Mapping[str, tuple[str, ...]], scene: Scene
) -> CallJob:
    """Complete a calling job: inputs, secrets, permissions; `outputs` are those that each build declares."""
    given = (passed for passed in pass_inputs(call, callback, outputs) if passed.is_given)
    secrets = pass_secrets(call.owner, callback)
    if secrets != "inherit":
        secrets = {theirs: secret(ours) for theirs, ours in secrets.items()}
    return msgspec.structs.replace(
        job,
        uses=f"./{call.callback}",
        permissions=_grant(call, callback),
        inputs={passed.declared.name: _value(passed, call, scene) for passed in given},
        secrets=secrets,
    )


def _grant(call: Call, callback: Callback) -> tuple[Permission, ...] | Literal["read-all", "write-all"]:
    """What the callback's jobs may do, and who says so."""
    granted = grant_permissions(call.owner, callback)
    if granted == "read-all" or granted == "write-all":
        return granted
    why = "as the manifest says" if call.owner.permissions is not None else "as the callback asks"
    return tuple(Permission(scope, level, why) for scope, level in granted.items())


def _value(passed: PassedInput, call: Call, scene: Scene) -> Value | tuple[str, ...]:
    if passed.by_environment:
        return _by_environment(passed, call, scene)
    match passed.source:
        case FromContract():
            value = scene.values[passed.declared.name]
            return value if isinstance(value, tuple) else _typed(value, passed)
        case Constant(value=value):
            return _typed(value, passed)
        case FromBuild(build=build):
            return embed(_from_build(scene.build_outputs[build, passed.declared.name], passed))
        case FromDefault() | FromUnknown():
            raise ValueError(f"nothing provides {passed.declared.name!r}")


def _typed(value: InputValue, passed: PassedInput) -> Value:
    """Give a constant as the callback wants it; text may hold embedded expressions of ours."""
    if passed.declared.type != "string":
        return value
    return value if isinstance(value, str) else _json(value)


def _from_build(output: Expression, passed: PassedInput) -> Expression:
    """An output is text; a release that was adopted has none, and `fromJSON('')` would be an error."""
    if passed.declared.type == "string":
        return output
    return from_json(_or_empty(output, passed))


def _by_environment(passed: PassedInput, call: Call, scene: Scene) -> Value:
    """One value per environment: the same everywhere, or chosen by the environment's name."""
    constants = {name: _typed(constant.value, passed) for name, constant in passed.by_environment}
    elsewhere = _elsewhere(passed)
    values = {name: constants.get(name, elsewhere) for name in call.environments}
    first = next(iter(values.values()))
    if first is not None and len({_json(value) for value in values.values()}) == 1:
        return first
    if all(isinstance(value, str) and value for value in values.values() if value is not None):
        return embed(_choose(passed, values, scene, quote, lambda output: output))
    # Empty text, false and 0 do not count in `&&`, but their JSON does.
    fill = to_json if passed.declared.type == "string" else partial(_or_empty, passed=passed)
    return embed(from_json(_choose(passed, values, scene, lambda value: quote(_json(value)), fill)))


def _elsewhere(passed: PassedInput) -> Value | None:
    """What holds in environments that `environment_inputs` does not name; None for the output of a build."""
    match passed.source:
        case Constant(value=value):
            return _typed(value, passed)
        case FromDefault(value=value):
            return _typed(EMPTY[passed.declared.type] if value is None else value, passed)
        case FromBuild() | FromContract() | FromUnknown():
            return None


def _choose(
    passed: PassedInput,
    values: Mapping[str, Value | None],
    scene: Scene,
    show: Callable[[Any], Expression],
    fill: Callable[[Expression], Expression],
) -> Expression:
    """`environment == 'dev' && 'this' || 'that'`: the output of a build or the commonest value comes last."""
    groups: dict[str, list[str]] = {}
    for name, value in values.items():
        shown = show(value) if value is not None else fill(_output_of(passed, scene))
        groups.setdefault(shown, []).append(name)
    open_names = [name for name, value in values.items() if value is None]
    last = next(
        (shown for shown, names in groups.items() if names == open_names),
        max(groups, key=lambda shown: len(groups[shown])),
    )
    chosen = [f"{_is_in(names, scene)} && {shown}" for shown, names in groups.items() if shown != last]
    return Expression(" || ".join((*chosen, last)))


def _is_in(names: Sequence[str], scene: Scene) -> Expression:
    if scene.environment is None:
        raise ValueError("a build runs in no environment")
    return either(equals(scene.environment, quote(name)) for name in names)


def _output_of(passed: PassedInput, scene: Scene) -> Expression:
    if not isinstance(passed.source, FromBuild):
        raise ValueError(f"no build provides {passed.declared.name!r}")
    return scene.build_outputs[passed.source.build, passed.declared.name]


def _or_empty(output: Expression, passed: PassedInput) -> Expression:
    return Expression(f"{output} || {quote(_json(EMPTY[passed.declared.type]))}")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
