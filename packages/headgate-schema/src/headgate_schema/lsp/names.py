"""Everything in a manifest that leads somewhere: names, callback files, and what is passed to callbacks.

Read from plain data, whatever else is wrong with it, so that navigation works while something is amiss.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from headgate_schema.convention import name_build_callback, name_deploy_callback
from headgate_schema.jobs import get_mapping
from headgate_schema.span import Part, Path

NameKind = Literal["environment", "build", "deploy"]
PassedKind = Literal["input", "secret"]

_LISTS: tuple[tuple[str, NameKind], ...] = (
    ("environments", "environment"),
    ("builds", "build"),
    ("deploys", "deploy"),
)
_STRATEGIES = ("canary", "blue_green")


class Name(msgspec.Struct, frozen=True):
    """A name of the manifest where it is given or used; ``part`` tells whether a key or a value is it."""

    kind: NameKind
    name: str
    path: Path
    part: Part = "value"
    is_given: bool = False


class Calls(msgspec.Struct, frozen=True):
    """A callback file and where it is chosen; where a convention chooses it, that is the owner's name."""

    owner: Path
    file: str
    path: Path
    is_convention: bool = False


class Passed(msgspec.Struct, frozen=True):
    """An input or a secret that an owner passes to its callbacks; the key is at ``path``."""

    kind: PassedKind
    owner: Path
    name: str
    path: Path


def list_names(data: dict[str, Any]) -> Iterator[Name]:
    """List the names of environments, builds and deploys, where they are given and wherever they are used."""
    for field, kind in _LISTS:
        for index, item in enumerate(_list(data.get(field))):
            if isinstance(item, str) and kind == "environment":
                yield Name(kind, item, (field, index), is_given=True)
            elif isinstance(name := get_mapping(item).get("name"), str):
                yield Name(kind, name, (field, index, "name"), is_given=True)
    for index, item in enumerate(_list(data.get("builds"))):
        yield from _list_uses("build", get_mapping(item), ("builds", index), "needs")
    for index, item in enumerate(_list(data.get("deploys"))):
        yield from _list_deploy_uses(get_mapping(item), ("deploys", index))


def _list_deploy_uses(deploy: dict[str, Any], path: Path) -> Iterator[Name]:
    yield from _list_uses("deploy", deploy, path, "needs")
    yield from _list_uses("build", deploy, path, "builds")
    yield from _list_uses("environment", deploy, path, "environments")
    for name in get_mapping(deploy.get("environment_inputs")):
        yield Name("environment", name, (*path, "environment_inputs", name), "key")
    for strategy in _STRATEGIES:
        yield from _list_uses(
            "environment", get_mapping(deploy.get(strategy)), (*path, strategy), "environments"
        )


def _list_uses(kind: NameKind, item: dict[str, Any], path: Path, field: str) -> Iterator[Name]:
    for index, name in enumerate(_list(item.get(field))):
        if isinstance(name, str):
            yield Name(kind, name, (*path, field, index))


def list_owners(data: dict[str, Any]) -> Iterator[tuple[Path, dict[str, Any]]]:
    """List what has callbacks: builds, deploys, the notification."""
    for field in ("builds", "deploys"):
        for index, item in enumerate(_list(data.get(field))):
            yield (field, index), get_mapping(item)
    if "notify" in data:
        yield ("notify",), get_mapping(data["notify"])


def list_choices(data: dict[str, Any]) -> Iterator[Calls]:
    """List the callback files of all owners."""
    for path, owner in list_owners(data):
        file = None if "callback" in owner else name_callback(path, owner.get("name"))
        if file is not None:
            yield Calls(path, file, (*path, "name"), is_convention=True)
        yield from _list_chosen(path, path, owner)


def name_callback(owner: Path, name: object) -> str | None:
    """Give the file that the convention chooses for an owner of a name."""
    match owner, name:
        case ("deploys", _), str():
            return name_deploy_callback(name)
        case ("builds", _), str():
            return name_build_callback(name)
        case _:
            return None


def _list_chosen(owner: Path, path: Path, fields: dict[str, Any]) -> Iterator[Calls]:
    for key, value in fields.items():
        if isinstance(value, str) and (key == "callback" or key.endswith("_callback")):
            yield Calls(owner, value, (*path, key))
        elif key in (*_STRATEGIES, "verify", "verify_preview", "verify_live"):
            yield from _list_chosen(owner, (*path, key), get_mapping(value))


def list_passed(data: dict[str, Any]) -> Iterator[Passed]:
    """List the inputs and secrets that owners pass."""
    for path, owner in list_owners(data):
        for name in get_mapping(owner.get("inputs")):
            yield Passed("input", path, name, (*path, "inputs", name))
        for environment, inputs in get_mapping(owner.get("environment_inputs")).items():
            for name in get_mapping(inputs):
                yield Passed("input", path, name, (*path, "environment_inputs", environment, name))
        for name in get_mapping(owner.get("secrets")):
            yield Passed("secret", path, name, (*path, "secrets", name))


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
