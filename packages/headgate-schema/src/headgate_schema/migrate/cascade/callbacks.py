"""Builds and deploys: each a callback, what it is given, and what it waits for."""

from __future__ import annotations

from typing import Any

import msgspec

from headgate_schema.convention import name_build_callback, name_deploy_callback
from headgate_schema.migrate.cascade.ledger import Ledger, is_empty
from headgate_schema.migrate.cascade.maps import (
    convert_environment_inputs,
    convert_inputs,
    convert_permissions,
    convert_secrets,
)
from headgate_schema.migrate.cascade.names import Names, read_name
from headgate_schema.migrate.cascade.rollout import convert_rollout
from headgate_schema.migrate.cascade.values import convert_callback, explain_callback
from headgate_schema.span import Path
from headgate_schema.wording import quote

Entry = dict[str, Any]


class Scene(msgspec.Struct, frozen=True):
    """What a converter works on: the account, the names, and where an entry stands in both manifests."""

    ledger: Ledger
    names: Names
    source: Path
    target: Path

    def at(self, old: str, new: str) -> tuple[Path, Path]:
        """Give the places of a field of the entry."""
        return (*self.source, old), (*self.target, new)


def convert_build(scene: Scene, entry: Entry) -> Entry:
    """Convert a build that has a name."""
    convention = name_build_callback(scene.names.builds[str(entry["name"])])
    converted = _convert_head(scene, entry, scene.names.builds, convention)
    converted["needs"] = _convert_build_needs(scene, entry)
    return _leave_out_empty(converted | _convert_maps(scene, entry))


def convert_deploy(scene: Scene, entry: Entry) -> Entry:
    """Convert a deploy that has a name."""
    convention = name_deploy_callback(scene.names.deploys[str(entry["name"])])
    converted = _convert_head(scene, entry, scene.names.deploys, convention)
    converted["needs"], converted["builds"] = _convert_deploy_needs(scene, entry)
    maps = _convert_maps(scene, entry)
    converted["inputs"] = maps.pop("inputs")
    converted["environment_inputs"] = convert_environment_inputs(
        scene.ledger,
        entry.get("env_inputs"),
        *scene.at("env_inputs", "environment_inputs"),
        scene.names.environments,
    )
    strategy = convert_rollout(scene.ledger, entry.get("rollout"), (*scene.source, "rollout"), scene.target)
    return _leave_out_empty(converted | maps | strategy)


def _leave_out_empty(entry: Entry) -> Entry:
    return {key: value for key, value in entry.items() if not is_empty(value)}


def _convert_head(scene: Scene, entry: Entry, names: Any, convention: str) -> Entry:
    scene.ledger.link(scene.source, scene.target)
    scene.ledger.carry(*scene.at("name", "name"))
    converted = {"name": names[str(entry["name"])], "callback": None}
    workflow, (place, target) = entry.get("workflow"), scene.at("workflow", "callback")
    if is_empty(workflow) or workflow == "":
        scene.ledger.use(place)
        return converted
    converted["callback"] = convert_callback(workflow)
    if converted["callback"] is None:
        reason = f"{explain_callback(workflow)}; what is called is {convention}"
        scene.ledger.drop(place, reason)
    else:
        scene.ledger.carry(place, target)
    return converted


def _convert_maps(scene: Scene, entry: Entry) -> Entry:
    ledger = scene.ledger
    return {
        "inputs": convert_inputs(ledger, entry.get("inputs"), *scene.at("inputs", "inputs")),
        "secrets": convert_secrets(ledger, entry.get("secrets"), *scene.at("secrets", "secrets")),
        "permissions": convert_permissions(
            ledger, entry.get("permissions"), *scene.at("permissions", "permissions")
        ),
    }


def _convert_build_needs(scene: Scene, entry: Entry) -> list[str]:
    needs: list[str] = []
    for place, reference in _list_references(scene, entry):
        kind, _, name = reference.rpartition(":")
        if kind in ("", "build") and name in scene.names.builds:
            _add_reference(scene, place, scene.names.builds[name], "needs", needs)
        else:
            scene.ledger.drop(place, "a build can only need builds")
    return needs


def _convert_deploy_needs(scene: Scene, entry: Entry) -> tuple[list[str], list[str]]:
    """Sort what a deploy depends on; a bare name is a build's if there is one, as in cascade
    (``ResolveDependency`` in ``internal/config/types.go``, November 2026).
    """
    needs: list[str] = []
    builds: list[str] = []
    for place, reference in _list_references(scene, entry):
        kind, _, name = reference.rpartition(":")
        if kind in ("", "build") and name in scene.names.builds:
            _add_reference(scene, place, scene.names.builds[name], "builds", builds)
        elif kind in ("", "deploy") and name in scene.names.deploys:
            _add_reference(scene, place, scene.names.deploys[name], "needs", needs)
        else:
            scene.ledger.drop(place, f"there is no build or deploy {quote(reference)} to wait for")
    return needs, builds


def _list_references(scene: Scene, entry: Entry) -> list[tuple[Path, str]]:
    listed, place = entry.get("depends_on"), (*scene.source, "depends_on")
    if is_empty(listed):
        return []
    if not isinstance(listed, list):
        scene.ledger.refuse(place, f"depends_on must be a list of names, not {quote(listed)}")
        return []
    references = []
    for index, item in enumerate(listed):
        name = read_name(item)
        if name is None:
            scene.ledger.refuse((*place, index), f"{quote(item)} is no name")
        else:
            references.append(((*place, index), name))
    return references


def _add_reference(scene: Scene, place: Path, name: str, field: str, names: list[str]) -> None:
    if name in names:
        scene.ledger.drop(place, "it is listed twice")
        return
    target = (*scene.target, field)
    if not names:
        scene.ledger.link(place[:-1], target)
    scene.ledger.carry(place, (*target, len(names)))
    names.append(name)
