"""``config`` → the data of a manifest of version 1, field by field, in the order that people write."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from headgate_schema.migrate.cascade.callbacks import Entry, Scene, convert_build, convert_deploy
from headgate_schema.migrate.cascade.ledger import Ledger, is_empty
from headgate_schema.migrate.cascade.names import Names, read_name, read_names
from headgate_schema.model.base import python_pattern
from headgate_schema.model.environment import URL
from headgate_schema.model.fields import BRANCH
from headgate_schema.span import Path
from headgate_schema.wording import quote

_BRANCH = re.compile(python_pattern(BRANCH))
_URL = re.compile(python_pattern(URL))
_MAX_URL, _MAX_LABEL = 2_048, 100

GENERATION = 1
"""Cascade's ``schema_version`` that is understood; a manifest that does not say means this one."""


def convert_config(ledger: Ledger, config: Any, source: Path) -> tuple[dict[str, Any], Names]:
    """Convert the pipeline; what keeps it from being one of ours is refused, all of it."""
    data: dict[str, Any] = {"version": 1}
    if not isinstance(config, dict):
        ledger.refuse(source, 'there is no mapping "config"')
        return data, Names({}, {}, {})
    ledger.link(source, ())
    _check_generation(ledger, config, source)
    names = _read_all_names(ledger, config, source)
    data["trunk"] = _convert_trunk(ledger, config, source)
    data["environments"] = _convert_environments(ledger, config, source, names)
    data["builds"] = _convert_entries(ledger, config, source, names, "builds")
    data["deploys"] = _convert_entries(ledger, config, source, names, "deploys")
    data["runner"] = _convert_runner(ledger, config.get("runs_on"), (*source, "runs_on"))
    return {key: value for key, value in data.items() if not is_empty(value)}, names


def _check_generation(ledger: Ledger, config: dict[str, Any], source: Path) -> None:
    place, version = (*source, "schema_version"), config.get("schema_version")
    ledger.use(place)
    if not is_empty(version) and version != GENERATION:
        ledger.refuse(
            place, f"cascade's schema_version {quote(version)} is not known here, only {GENERATION}"
        )


def _read_all_names(ledger: Ledger, config: dict[str, Any], source: Path) -> Names:
    found: dict[str, dict[str, str]] = {}
    for field in ("environments", "builds", "deploys"):
        entries, place = config.get(field), (*source, field)
        found[field] = read_names(ledger, place, entries, field.removesuffix("s"))
        if not is_empty(entries) and not isinstance(entries, list):
            ledger.refuse(place, f"{field} must be a list, not {quote(entries)}")
        elif is_empty(entries) and field != "builds":
            needed = "an environment to promote to" if field == "environments" else "something to deploy"
            ledger.refuse(
                place if field in config else source, f"Headgate needs {needed}: there are no {field}"
            )
    return Names(**found)


def _convert_trunk(ledger: Ledger, config: dict[str, Any], source: Path) -> str | None:
    branch, place = config.get("trunk_branch"), (*source, "trunk_branch")
    if is_empty(branch):
        ledger.refuse(place if "trunk_branch" in config else source, "nothing says which branch is the trunk")
    elif not isinstance(branch, str) or not _BRANCH.match(branch):
        ledger.refuse(place, f"{quote(branch)} is not the name of a branch")
    else:
        ledger.carry(place, ("trunk",))
        return branch
    return None


def _convert_environments(
    ledger: Ledger, config: dict[str, Any], source: Path, names: Names
) -> list[str | dict[str, Any]]:
    place, listed = (*source, "environments"), config.get("environments")
    if not isinstance(listed, list):
        return []
    ledger.link(place, ("environments",))
    settings = (*source, "environment_config")
    converted: list[str | dict[str, Any]] = []
    for index, entry in enumerate(listed):
        old = read_name(entry.get("name") if isinstance(entry, dict) else entry)
        name = names.environments.get(old or "", "")
        source_of_entry, target = (*place, index), ("environments", index)
        beside = _get(config.get("environment_config"), old)
        own = _find_url(ledger, entry, (*source_of_entry, "environment_url"))
        other = _find_url(ledger, beside, (*settings, old or "", "environment_url"))
        url = own or other
        if isinstance(entry, dict):
            ledger.link(source_of_entry, target)
            ledger.carry((*source_of_entry, "name"), (*target, "name") if url else target)
        else:
            ledger.carry(source_of_entry, target)
        if url is not None:
            ledger.carry(url[0], (*target, "url"))
        converted.append({"name": name, "url": url[1]} if url else name)
    _drop_others(ledger, config.get("environment_config"), settings, names)
    return converted


def _drop_others(ledger: Ledger, settings: Any, place: Path, names: Names) -> None:
    for name in settings if isinstance(settings, dict) else ():
        if name not in names.environments:
            ledger.drop((*place, name), "there is no such environment")


def _get(mapping: Any, key: str | None) -> Any:
    return mapping.get(key) if isinstance(mapping, dict) else None


def _find_url(ledger: Ledger, settings: Any, place: Path) -> tuple[Path, str] | None:
    url = _get(settings, "environment_url")
    if is_empty(url):
        return None
    if isinstance(url, str) and _URL.match(url) and len(url) <= _MAX_URL and "${{" not in url:
        return place, url
    ledger.drop(place, "a url starts with http:// or https:// and is constant")
    return None


def _convert_entries(
    ledger: Ledger, config: dict[str, Any], source: Path, names: Names, field: str
) -> list[Entry]:
    listed, known = config.get(field), getattr(names, field)
    convert: Callable[[Scene, Entry], Entry] = convert_build if field == "builds" else convert_deploy
    if not isinstance(listed, list):
        return []
    ledger.link((*source, field), (field,))
    return [
        convert(Scene(ledger, names, (*source, field, index), (field, index)), entry)
        for index, entry in enumerate(listed)
        if isinstance(entry, dict) and read_name(entry.get("name")) in known
    ]


def _convert_runner(ledger: Ledger, runner: Any, place: Path) -> Any:
    """Carry the runner of the tool's own jobs; it means the same in both manifests."""
    if is_empty(runner):
        return None
    group = _get(runner, "group")
    labels = _get(runner, "labels") if isinstance(runner, dict) else runner
    said = [one for one in (group, labels) if not is_empty(one)]
    texts = [text for one in said for text in (one if isinstance(one, list) else [one])]
    is_other = isinstance(runner, dict) and set(runner) - {"group", "labels"}
    if is_other or not all(isinstance(text, str) and _is_label(text) for text in texts):
        ledger.drop(
            place, "what runs Headgate's own jobs is a label, a list of labels, or a group with labels"
        )
        return None
    ledger.carry(place, ("runner",))
    if is_empty(group):
        return labels
    return {"group": group} | ({} if is_empty(labels) else {"labels": labels})


def _is_label(text: str) -> bool:
    return 0 < len(text) <= _MAX_LABEL and "${{" not in text
