"""Which kinds of manifests there are, and the steps from one to the next. Pure: text in, text and items out.

Rule: a step leads from one kind to one generation of ours, and steps are put in a row; what a row makes is
checked as any manifest, and a result with an error is none. There is no way back: an older generation could
not say what a newer one does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec

from headgate_schema.check import Checked
from headgate_schema.document import Document, read_document
from headgate_schema.failure import SchemaError
from headgate_schema.migrate.item import Item, Outcome, trace
from headgate_schema.span import Path
from headgate_schema.wording import join_words, list_words, quote

Origin = str | int
"""A foreign kind by its name, or a generation of ours by its number (``version: 1``)."""


class Step(msgspec.Struct, frozen=True):
    """From one kind to a generation of ours; ``convert`` is given a document without troubles."""

    origin: Origin
    target: int
    convert: Callable[[Document], Outcome]


class Foreign(msgspec.Struct, frozen=True):
    """A kind of manifest that is not ours: its name, how to tell it, and that in words."""

    name: str
    is_it: Callable[[Mapping[str, Any]], bool]
    mark: str


class Registry(msgspec.Struct, frozen=True):
    """Everything that is known: the newest generation, steps, foreign kinds, and how a result is checked."""

    newest: int
    steps: tuple[Step, ...]
    foreign: tuple[Foreign, ...]
    check: Callable[[bytes, str], Checked]


class Migration(msgspec.Struct, frozen=True):
    """What became of a document: its new text, ``None`` if it can't be migrated (an item of kind ``error``
    says why).
    """

    document: Document
    origin: Origin
    text: str | None
    items: tuple[Item, ...] = ()
    commands: tuple[str, ...] = ()

    @property
    def is_in_place(self) -> bool:
        """Tell whether the new text takes the place of the old one."""
        return isinstance(self.origin, int)


def migrate(document: Document, registry: Registry, origin: Origin | None = None) -> Migration:
    """Take a document without troubles to the newest generation; without an origin, its kind is recognised.

    Raises ``SchemaError`` for a kind or a generation that is not known.
    """
    start = recognise(document, registry) if origin is None else origin
    read = document
    items: list[Item] = []
    commands: list[str] = []
    outcomes: list[Outcome] = []
    for step in find_way(registry, start, registry.newest):
        outcome = step.convert(read)
        outcomes.append(outcome)
        items += [_move(item, outcomes[:-1]) for item in outcome.items]
        commands += outcome.commands
        if outcome.text is None:
            return Migration(document, start, None, _select_errors(items))
        read = read_document(outcome.text.encode(), document.name)
    errors = tuple(_find_errors(read, registry, outcomes)) if outcomes else ()
    if errors:
        return Migration(document, start, None, _select_errors((*items, *errors)))
    return Migration(document, start, read.text, tuple(items), tuple(commands))


def recognise(document: Document, registry: Registry) -> Origin:
    """Tell the kind of a document; raises ``SchemaError`` if it is none or several of the known ones."""
    data = document.data or {}
    found: list[Origin] = [kind.name for kind in registry.foreign if kind.is_it(data)]
    if "version" in data:
        found.append(_read_generation(document.name, data["version"]))
    if len(found) == 1:
        return found[0]
    known = [f"a manifest of {kind.name} ({kind.mark})" for kind in registry.foreign]
    known.append('a Headgate manifest ("version")')
    problem = "looks like several kinds of manifests" if found else "is no manifest that is known here"
    raise SchemaError(f"{document.name} {problem}: {join_words(known, 'or')}; --from says which it is")


def _read_generation(name: str, version: object) -> int:
    if isinstance(version, int) and not isinstance(version, bool):
        return version
    raise SchemaError(f'{name}: "version" must be a whole number, not {quote(version)}')


def find_way(registry: Registry, origin: Origin, target: int) -> tuple[Step, ...]:
    """List the steps from a kind to a generation; raises ``SchemaError`` where there is no way, as down."""
    if isinstance(origin, int) and origin > target:
        raise SchemaError(
            f"version {origin} is newer than version {target}, and there is no way down: "
            "a newer manifest may say what an older version can't"
        )
    way: list[Step] = []
    at: Origin = origin
    while at != target:
        fitting = [step for step in registry.steps if step.origin == at and step.target <= target]
        if not fitting:
            raise SchemaError(_say_unknown(registry, at))
        way.append(max(fitting, key=lambda step: step.target))
        at = way[-1].target
    return tuple(way)


def _say_unknown(registry: Registry, origin: Origin) -> str:
    origins = [step.origin for step in registry.steps]
    known = [*(str(one) for one in origins if isinstance(one, str))]
    versions = sorted({registry.newest, *(one for one in origins if isinstance(one, int))})
    known += [f"version {one}" for one in versions]
    asked = f"version {origin}" if isinstance(origin, int) else origin
    return f"there is no step from {quote(asked)}; known are {list_words(known, 'and')}"


def _find_errors(read: Document, registry: Registry, outcomes: list[Outcome]) -> Iterator[Item]:
    checked = registry.check(read.text.encode(), read.name)
    for finding in checked.findings:
        if finding.severity == "error":
            path = _trace_all(finding.place.path, outcomes)
            hint = f" ({finding.hint})" if finding.hint else ""
            message = f"the result would not be valid: {finding.code} {finding.message}{hint}"
            yield Item("error", (path,), message)


def _select_errors(items: Iterable[Item]) -> tuple[Item, ...]:
    """Keep why nothing was migrated; what would have got lost is of no interest then."""
    return tuple(item for item in items if item.kind == "error")


def _move(item: Item, outcomes: list[Outcome]) -> Item:
    """Let an item of a later step lead into the document as it was at first."""
    paths = tuple(_trace_all(path, outcomes) for path in item.paths)
    return msgspec.structs.replace(item, paths=paths)


def _trace_all(path: Path, outcomes: list[Outcome]) -> Path:
    for outcome in reversed(outcomes):
        path = trace(path, outcome.origins)
    return path
