"""How a job calls a callback: the inputs it declares and nothing else, its secrets, its permissions.

Rule: what is passed comes from the contract; here it only becomes expressions of the type that the callback
declares.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import msgspec
from headgate_schema.callback import Callback
from headgate_schema.contract import (
    Call,
    Constant,
    FromBuild,
    FromContract,
    FromDefault,
    PassedInput,
    grant_permissions,
    pass_inputs,
    pass_secrets,
)
from headgate_schema.resolved import InputValue

from headgate.workflows.expressions import Expression, embed, from_json, quote, secret, to_json
from headgate.workflows.model import CallJob, Value

EMPTY: Mapping[str | None, InputValue] = {"string": "", "number": 0, "boolean": False}
"""What GitHub gives an input of each type that nobody provides."""

ContractValues = Mapping[str, Value | tuple[str, ...]]


class Scene(msgspec.Struct, frozen=True):
    """What a call can draw on: the contract's values, where outputs of builds are found, which environment it
    is.
    """

    values: ContractValues
    build_outputs: Mapping[tuple[str, str], Expression]
    environment: Expression | None = None


def call_job(
    job: CallJob, call: Call, callback: Callback, outputs: Mapping[str, tuple[str, ...]], scene: Scene
) -> CallJob:
    """Complete a calling job: its inputs, secrets and permissions; `outputs` are those that each build
    declares.
    """
    given = (passed for passed in pass_inputs(call, callback, outputs) if passed.is_given)
    secrets = pass_secrets(call.owner, callback)
    return msgspec.structs.replace(
        job,
        uses=f"./{call.callback}",
        permissions=grant_permissions(call.owner, callback),
        inputs={passed.declared.name: _value(passed, call, scene) for passed in given},
        secrets=secrets
        if isinstance(secrets, str)
        else {theirs: secret(ours) for theirs, ours in secrets.items()},
    )


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
        case FromDefault():
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
    """One value per environment: the same everywhere, or looked up in a table by the environment's name."""
    constants = {name: _typed(constant.value, passed) for name, constant in passed.by_environment}
    elsewhere = _elsewhere(passed)
    values = {name: constants.get(name, elsewhere) for name in call.environments}
    cells = {name: HOLE if value is None else _json(value) for name, value in values.items()}
    first = next(iter(values.values()))
    if first is not None and len(set(cells.values())) == 1:
        return first
    return embed(Expression(f"{_table(cells, passed, scene)}[{scene.environment}]"))


HOLE = "{0}"
"""Where the output of a build goes in a table of constants."""


def _elsewhere(passed: PassedInput) -> Value | None:
    """What holds in environments that `environment_inputs` does not name; None for the output of a build."""
    match passed.source:
        case Constant(value=value):
            return _typed(value, passed)
        case FromDefault(value=value):
            return _typed(EMPTY[passed.declared.type] if value is None else value, passed)
        case FromBuild() | FromContract():
            return None


def _table(cells: Mapping[str, str], passed: PassedInput, scene: Scene) -> Expression:
    if HOLE not in cells.values() or not isinstance(passed.source, FromBuild):
        return from_json(quote(_join_cells(cells)))
    escaped = {name: cell if cell == HOLE else _escape_format(cell) for name, cell in cells.items()}
    output = scene.build_outputs[passed.source.build, passed.declared.name]
    is_text = passed.declared.type == "string"
    filling = to_json(output) if is_text else _or_empty(output, passed)
    return from_json(Expression(f"format({quote('{' + _join_cells(escaped) + '}')}, {filling})"))


def _join_cells(cells: Mapping[str, str]) -> str:
    return "{" + ",".join(f"{_json(name)}:{cell}" for name, cell in cells.items()) + "}"


def _escape_format(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _or_empty(output: Expression, passed: PassedInput) -> Expression:
    return Expression(f"{output} || {quote(_json(EMPTY[passed.declared.type]))}")


def _json(value: InputValue) -> str:
    return json.dumps(value, ensure_ascii=False)
