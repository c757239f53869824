"""A place in a manifest or a callback file → where that is declared, and everything that means the same.

Pure: the files are looked up through a ``View``. Answers are places, found in the text by whoever shows them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from headgate_schema.callback import Callback
from headgate_schema.document import Document
from headgate_schema.finding import Place
from headgate_schema.lsp.names import Calls, Name, Passed, PassedKind, list_choices, list_names, list_passed
from headgate_schema.span import Part, Path

_CALLABLE: Path = ("on", "workflow_call")


class View(msgspec.Struct, frozen=True):
    """A readable manifest and the callback files beside it."""

    document: Document
    find_callback: Callable[[str], Callback | None]

    @property
    def data(self) -> dict[str, Any]:
        """Give the manifest's data."""
        return self.document.data or {}

    def place(self, path: Path, part: Part = "value") -> Place:
        """Name a place of the manifest."""
        return Place(self.document.name, path, part)

    def list_callbacks(self, owner: Path) -> Iterator[Callback]:
        """Give the callback files of an owner that are there."""
        for file in dict.fromkeys(call.file for call in list_choices(self.data) if call.owner == owner):
            callback = self.find_callback(file)
            if callback is not None:
                yield callback

    def list_callers(self, file: str) -> tuple[Calls, ...]:
        """List where the manifest chooses a file."""
        return tuple(call for call in list_choices(self.data) if call.file == file)


class Declared(msgspec.Struct, frozen=True):
    """An input or a secret as one callback file declares it."""

    kind: PassedKind
    file: str
    name: str
    path: Path


Target = Name | Calls | Passed | Declared
"""What a place is about."""


def find_target(view: View, file: str, line: int, column: int) -> Target | None:
    """Tell what a place, counted from 1, is about."""
    if file != view.document.name:
        return _find_in_callback(view, file, line, column)
    found = view.document.find_path(line, column)
    if found is None:
        return None
    path, part = found
    name = next((name for name in list_names(view.data) if (name.path, name.part) == (path, part)), None)
    if name is not None:
        return name
    for passed in list_passed(view.data):
        if passed.path == path:
            return passed
    return next((call for call in list_choices(view.data) if call.path == path), None)


def _find_in_callback(view: View, file: str, line: int, column: int) -> Target | None:
    callback = view.find_callback(file)
    found = callback.document.find_path(line, column) if callback is not None else None
    callers = view.list_callers(file)
    if callback is None or found is None or not callers:
        return None
    path, part = found
    for declared in _list_declared(callback):
        if path[: len(declared.path)] == declared.path:
            return declared
    if part == "key" and path in (("on",), _CALLABLE):
        return callers[0]
    return callers[0] if path in (("name",), ("on",), ("on", 0)) else None


def _list_declared(callback: Callback) -> Iterator[Declared]:
    for item in callback.inputs.values():
        yield Declared("input", callback.file, item.name, item.path)
    for secret in callback.secrets.values():
        yield Declared("secret", callback.file, secret.name, secret.path)


def find_definitions(view: View, file: str, target: Target) -> tuple[Place, ...]:
    """List where something is declared. What is declared at the place itself leads on: a name to the file
    that it chooses by convention, a callback's input to where the manifest passes it, a callback to its call.
    """
    match target:
        case Name(is_given=True):
            call = next((call for call in list_choices(view.data) if call.path == target.path), None)
            found = _place_file(view, call.file) if call is not None else None
            return (found or view.place(target.path),)
        case Name():
            return tuple(view.place(name.path) for name in _list_same(view, target) if name.is_given)
        case Calls() if file == view.document.name:
            found = _place_file(view, target.file)
            return (found,) if found is not None else ()
        case Calls():
            return tuple(view.place(call.path) for call in view.list_callers(target.file))
        case Passed():
            return tuple(Place(item.file, item.path, "key") for item in _list_declarations(view, target))
        case Declared():
            return tuple(view.place(passed.path, "key") for passed in _list_passing(view, target))


def find_references(view: View, target: Target) -> tuple[Place, ...]:
    """List everything that means the same, its declarations first."""
    match target:
        case Name():
            same = sorted(_list_same(view, target), key=lambda name: not name.is_given)
            return tuple(view.place(name.path, name.part) for name in same)
        case Calls():
            found = _place_file(view, target.file)
            callers = (view.place(call.path) for call in view.list_callers(target.file))
            return (*((found,) if found is not None else ()), *callers)
        case Passed():
            declared = (Place(item.file, item.path, "key") for item in _list_declarations(view, target))
            passed = (item for item in list_passed(view.data) if _is_same(item, target))
            return (*declared, *(view.place(item.path, "key") for item in passed))
        case Declared():
            passing = (view.place(passed.path, "key") for passed in _list_passing(view, target))
            return (Place(target.file, target.path, "key"), *passing)


def is_declaration(view: View, target: Target, place: Place) -> bool:
    """Tell whether a reference is where the thing is declared."""
    if isinstance(target, Name):
        return any(name.is_given and name.path == place.path for name in _list_same(view, target))
    return place.file != view.document.name


def _list_same(view: View, target: Name) -> list[Name]:
    return [name for name in list_names(view.data) if (name.kind, name.name) == (target.kind, target.name)]


def _is_same(passed: Passed, other: Passed) -> bool:
    return (passed.kind, passed.owner, passed.name) == (other.kind, other.owner, other.name)


def _list_declarations(view: View, passed: Passed) -> Iterator[Declared]:
    for callback in view.list_callbacks(passed.owner):
        for item in _list_declared(callback):
            if (item.kind, item.name) == (passed.kind, passed.name):
                yield item


def _list_passing(view: View, declared: Declared) -> Iterator[Passed]:
    owners = {call.owner for call in view.list_callers(declared.file)}
    for passed in list_passed(view.data):
        if (passed.kind, passed.name) == (declared.kind, declared.name) and passed.owner in owners:
            yield passed


def _place_file(view: View, file: str) -> Place | None:
    """Name where a callback file says that it can be called; its start if it does not say so."""
    callback = view.find_callback(file)
    if callback is None:
        return None
    on = (callback.document.data or {}).get("on")
    if isinstance(on, dict) and "workflow_call" in on:
        return Place(file, _CALLABLE, "key")
    return Place(file, ("on",), "key") if on is not None else Place(file)
