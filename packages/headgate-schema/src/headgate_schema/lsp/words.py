"""The values that may stand at a place: words of the schema, names of the manifest, files and declarations of
the repository, and numbers and durations that people usually write.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Literal

import msgspec

from headgate_schema.callback import Callback, DeclaredInput
from headgate_schema.contract import CONTRACT_NAMES, SCOPES
from headgate_schema.convention import FOLDER, suggest_callback
from headgate_schema.json_schema import Schema
from headgate_schema.lsp.grammar import find_field, is_single, name_field
from headgate_schema.lsp.knowledge import Knowledge
from headgate_schema.lsp.mentions import (
    find_needers,
    find_owner,
    find_owner_name,
    list_callbacks,
    list_deploy_environments,
)
from headgate_schema.lsp.outline import Outline
from headgate_schema.model import duration, fields
from headgate_schema.span import Path

WordKind = Literal["value", "name", "file", "key"]


class Word(msgspec.Struct, frozen=True):
    """Something that can be written at a place, and what there is to say about it."""

    text: str
    kind: WordKind = "value"
    detail: str = ""
    documentation: str = ""


class Scene(msgspec.Struct, frozen=True):
    """Where words are wanted: a path of a text, beside what its repository holds."""

    outline: Outline
    knowledge: Knowledge
    path: Path

    @property
    def field(self) -> str:
        """Give the path as the reference prints it."""
        return name_field(self.path)


USUAL_PERCENTS = (10, 5, 1, 25, 50, 75)
USUAL_DURATIONS = ("10m", "30m", "1h", "1d", "5m", "1m", "6h", "7d", "0s")
_UNITS = {"d": "day", "h": "hour", "m": "minute", "s": "second"}


def list_words(scene: Scene, shapes: Iterable[Schema]) -> tuple[Word, ...]:
    """List the values for the single values among some shapes, the best first."""
    found: dict[str, Word] = {}
    for shape in shapes:
        if is_single(shape):
            for word in _list_for(scene, shape):
                found.setdefault(word.text, word)
    return tuple(found.values())


def _list_for(scene: Scene, shape: Schema) -> Iterator[Word]:
    yield from _list_schema_words(scene, shape)
    pattern = shape.get("pattern")
    match scene.path:
        case (*_, "percent"):
            yield from _list_percents(scene)
        case (*_, "secrets", str(name)):
            yield Word(name, "name", "this repository's secret of the same name")
        case (*_, "inputs", str(name)) | (*_, "environment_inputs", _, str(name)):
            yield from _list_input_values(scene, name)
        case _ if pattern == duration.PATTERN:
            yield from _list_durations(scene)
        case _ if pattern == fields.CALLBACK:
            yield from _list_files(scene)
        case _ if pattern == fields.NAME:
            yield from list_names(scene)


def _list_schema_words(scene: Scene, shape: Schema) -> Iterator[Word]:
    """Give what the schema itself lists, the default first."""
    field = find_field(scene.path)
    default = json.loads(field.default) if field is not None and field.default else None
    allowed = [shape["const"]] if "const" in shape else list(shape.get("enum", ()))
    is_default = isinstance(default, str | int) and not isinstance(default, bool)
    if is_default and field is not None and name_field(scene.path) == field.path:
        if default in allowed:
            allowed.remove(default)
        if default in allowed or shape.get("type", "string") == _name_type(default):
            yield Word(str(default), "value", "default", field.description)
    for word in allowed:
        yield Word(str(word), "value", "", field.description if field is not None else "")


def _name_type(value: object) -> str:
    return "integer" if isinstance(value, int) else "string"


def _list_percents(scene: Scene) -> Iterator[Word]:
    """Give usual shares; in steps only those above the step before."""
    match scene.path:
        case (*above, "steps", int(index), "percent") if index > 0:
            written = scene.outline.read((*above, "steps", index - 1, "percent")) or ""
            least = int(written) if written.isdecimal() and len(written) < 4 else 0
            shares: Iterable[int] = sorted(share for share in USUAL_PERCENTS if share > least)
        case _:
            shares = USUAL_PERCENTS
    for share in shares:
        yield Word(str(share), "value", f"{share} % of the traffic")


def _list_durations(scene: Scene) -> Iterator[Word]:
    limits = duration.find_limits(scene.field)
    for text in USUAL_DURATIONS:
        seconds = duration.parse_duration(text)
        if limits is None or limits.least <= seconds <= limits.most:
            yield Word(text, "value", say_duration(text))


def say_duration(text: str) -> str:
    """Print a duration in words: ``1h30m`` → ``1 hour 30 minutes``; ``0s`` → ``none``."""
    terms = duration.split_terms(text)
    said = [f"{count} {_UNITS[unit]}{'' if count == 1 else 's'}" for count, unit in terms if count]
    return " ".join(said) or "none"


# -- names


def list_names(scene: Scene) -> Iterator[Word]:
    """Give the names that a place can refer to."""
    outline, owner = scene.outline, find_owner(scene.path)
    match scene.path:
        case ("deploys" | "builds" as kind, int(), "needs", int()) if owner is not None:
            needers = find_needers(outline, kind, outline.read((*owner, "name")) or "")
            for name in outline.list_names((kind,)):
                if name not in needers:
                    yield Word(name, "name", kind.removesuffix("s"))
        case ("deploys", int(), "builds", int()):
            yield from (Word(name, "name", "build") for name in outline.list_names(("builds",)))
        case ("deploys", int(), "environments", int()):
            yield from (Word(name, "name", "environment") for name in outline.list_names(("environments",)))
        case ("deploys", int(), "canary" | "blue_green", "environments", int()) if owner is not None:
            names = list_deploy_environments(outline, owner)
            yield from (Word(name, "name", "environment of this deploy") for name in names)
        case ("deploys" | "builds" as kind, int(), "name"):
            yield from _list_new_names(scene, kind)


def _list_new_names(scene: Scene, kind: str) -> Iterator[Word]:
    """Give the names for which the callback that the convention asks for is there already."""
    prefix = f"{FOLDER}{kind.removesuffix('s')}-"
    taken = scene.outline.list_names((kind,))
    for file, callback in scene.knowledge.callbacks.items():
        name = file.removeprefix(prefix).rpartition(".")[0]
        if file.startswith(prefix) and file.endswith(".yaml") and callback.is_callable and name not in taken:
            yield Word(name, "name", f"its callback {file} is there")


# -- files


def _list_files(scene: Scene) -> Iterator[Word]:
    """Give the callable files, those first whose name fits the field; the usual name; the other files."""
    usual = suggest_callback(scene.field, find_owner_name(scene.outline, scene.path))
    stem = usual.removeprefix(FOLDER).removesuffix(".yaml") if usual else ""
    sought = stem.rpartition("-")[2]
    files = scene.knowledge.list_files()
    able = [file for file in files if scene.knowledge.callbacks[file].is_callable]
    able.sort(key=lambda file: (file != usual, not sought or sought not in file, file))
    for file in able:
        yield Word(file, "file", _say_declared(scene.knowledge.callbacks[file]))
    if usual is not None and usual not in files:
        yield Word(usual, "file", "not there yet: to be written")
    for file in files:
        if file not in able:
            is_readable = not scene.knowledge.callbacks[file].document.troubles
            why = "it has no workflow_call" if is_readable else "it can't be read"
            yield Word(file, "file", f"not callable: {why}")


def _say_declared(callback: Callback) -> str:
    return f"inputs: {', '.join(callback.inputs)}" if callback.inputs else "no inputs"


# -- what callbacks declare


def _list_owned(scene: Scene) -> tuple[Callback, ...]:
    owner = find_owner(scene.path)
    files = list_callbacks(scene.outline, owner) if owner is not None else ()
    return tuple(scene.knowledge.select(files))


def _list_input_values(scene: Scene, name: str) -> Iterator[Word]:
    for callback in _list_owned(scene):
        declared = callback.inputs.get(name)
        if declared is None:
            continue
        if declared.default is not None:
            yield Word(_print(declared), "value", f"default in {callback.file}")
        if declared.type == "boolean":
            yield from (Word("true"), Word("false"))


def _print(declared: DeclaredInput) -> str:
    """Print an input's default so that it is read as the type that was declared."""
    default = declared.default
    if not isinstance(default, str):
        return json.dumps(default)
    from headgate_schema.scalars import read_plain

    is_plain = default.replace("-", "").replace("_", "").isalnum() and read_plain(default) == default
    return default if is_plain else json.dumps(default, ensure_ascii=False)


def list_map_keys(scene: Scene) -> tuple[Word, ...]:
    """List the keys for a map at a path whose keys are the user's."""
    match scene.path:
        case (*_, "permissions"):
            return tuple(Word(scope, "key", "scope of GITHUB_TOKEN") for scope in SCOPES)
        case (*_, "secrets"):
            return tuple(_list_secrets(scene))
        case (*_, "environment_inputs"):
            owner = find_owner(scene.path) or ()
            names = list_deploy_environments(scene.outline, owner)
            return tuple(Word(name, "key", "environment of this deploy") for name in names)
        case _:
            return tuple(_list_inputs(scene))


def _list_secrets(scene: Scene) -> Iterator[Word]:
    declared = [(secret, callback) for callback in _list_owned(scene) for secret in callback.secrets.values()]
    for secret, callback in sorted(declared, key=lambda each: not each[0].is_required):
        detail = "required secret" if secret.is_required else "optional secret"
        yield Word(secret.name, "key", f"{detail} of {callback.file}")


def _list_inputs(scene: Scene) -> Iterator[Word]:
    """Give the inputs that the owner's callbacks declare and Headgate does not provide."""
    declared = [(each, callback) for callback in _list_owned(scene) for each in callback.inputs.values()]
    for each, callback in sorted(declared, key=lambda pair: not pair[0].is_required):
        if each.name not in CONTRACT_NAMES:
            detail = f"{'required' if each.is_required else 'optional'} {each.type or 'input'}"
            default = f", default {_print(each)}" if each.default is not None else ""
            yield Word(each.name, "key", f"{detail} of {callback.file}{default}")
