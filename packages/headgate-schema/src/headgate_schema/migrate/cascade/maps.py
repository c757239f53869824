"""Inputs, secrets and permissions of a callback, entry by entry: one that gets lost takes no other along."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, get_args

from headgate_schema.contract import CONTRACT_NAMES
from headgate_schema.migrate.cascade.ledger import Ledger, is_empty
from headgate_schema.model.base import python_pattern
from headgate_schema.model.fields import GREATEST_NUMBER, INPUT_NAME, SCOPE, SECRET_NAME, Access
from headgate_schema.span import Path
from headgate_schema.wording import list_words

FindProblem = Callable[[str, Any], str]
"""Says why an entry can't be carried; empty if it can."""

_INPUT_NAME = re.compile(python_pattern(INPUT_NAME))
_SECRET_NAME = re.compile(python_pattern(SECRET_NAME))
_SCOPE = re.compile(python_pattern(SCOPE))
_MAX_NAME, _MAX_SCOPE, _MAX_TEXT = 100, 40, 4_096
_ACCESSES: tuple[str, ...] = get_args(get_args(Access)[0])


def convert_inputs(ledger: Ledger, value: Any, source: Path, target: Path) -> dict[str, Any]:
    """Carry constant inputs."""
    return _convert(ledger, value, source, target, _find_input_problem)


def convert_secrets(ledger: Ledger, value: Any, source: Path, target: Path) -> Any:
    """Carry which secrets are passed: a map, or ``inherit`` in either of the two ways that cascade reads."""
    if value in ("inherit", {"inherit": True}):
        ledger.carry(source, target)
        return "inherit"
    if value == {"inherit": False}:
        ledger.use(source)
        return {}
    return _convert(ledger, value, source, target, _find_secret_problem)


def convert_permissions(ledger: Ledger, value: Any, source: Path, target: Path) -> dict[str, Any]:
    """Carry what the calling job grants."""
    return _convert(ledger, value, source, target, _find_permission_problem)


def convert_environment_inputs(
    ledger: Ledger, value: Any, source: Path, target: Path, environments: Mapping[str, str]
) -> dict[str, Any]:
    """Carry constant inputs for one environment each, under what the environments are called now."""
    converted: dict[str, Any] = {}
    for name, inputs in _list_entries(ledger, value, source, target):
        place = (*source, name)
        if name not in environments:
            ledger.drop(place, "there is no such environment")
            continue
        new = environments[name]
        found = convert_inputs(ledger, inputs, place, (*target, new))
        if found:
            converted[new] = found
    return converted


def _convert(
    ledger: Ledger, value: Any, source: Path, target: Path, find_problem: FindProblem
) -> dict[str, Any]:
    converted: dict[str, Any] = {}
    for key, item in _list_entries(ledger, value, source, target):
        place = (*source, key)
        problem = find_problem(key, item)
        if problem:
            ledger.drop(place, problem)
        else:
            ledger.carry(place, (*target, key))
            converted[key] = item
    return converted


def _list_entries(ledger: Ledger, value: Any, source: Path, target: Path) -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        ledger.link(source, target)
        return list(value.items())
    if not is_empty(value):
        ledger.drop(source, "a mapping is needed here")
    return []


def _find_input_problem(name: str, value: Any) -> str:
    if not _INPUT_NAME.match(name) or len(name) > _MAX_NAME:
        return "the name of an input is made of letters, digits, - and _, at most 100"
    if name in CONTRACT_NAMES:
        return "Headgate passes an input of this name itself"
    match value:
        case str() if "${{" in value:
            return "an input is constant, and an expression is not evaluated"
        case str() if len(value) > _MAX_TEXT:
            return "an input has at most 4,096 characters"
        case int() | float() if abs(value) > GREATEST_NUMBER:
            return "GitHub's numbers do not reach so far: write it as text"
        case str() | int() | float():
            return ""
        case _:
            return "an input is text, a number or a boolean"


def _find_secret_problem(name: str, value: Any) -> str:
    for text in (name, value):
        if not isinstance(text, str) or not _SECRET_NAME.match(text) or len(text) > _MAX_NAME:
            return "the name of a secret is made of letters, digits and _, at most 100"
    return ""


def _find_permission_problem(scope: str, access: Any) -> str:
    if not _SCOPE.match(scope) or len(scope) > _MAX_SCOPE:
        return "it is no permission of a token"
    return "" if access in _ACCESSES else f"a permission is {list_words(_ACCESSES)}"
