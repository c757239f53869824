"""A new name for an environment, a build or a deploy, everywhere in the manifest at once.

A callback that is found by convention goes with it: its file is renamed, or named where that can't be done.
"""

from __future__ import annotations

import re

import msgspec

from headgate_schema.document import Document
from headgate_schema.edit import FileEdit, write_fix
from headgate_schema.failure import SchemaError
from headgate_schema.finding import AddKey, Edit, Fix, RenameKey, SetValue
from headgate_schema.lsp.names import Calls, Name, list_choices, list_names, name_callback
from headgate_schema.lsp.navigate import Target, View
from headgate_schema.model.fields import NAME, NO_NAMES
from headgate_schema.wording import quote


class Renaming(msgspec.Struct, frozen=True):
    """What a rename changes: the manifest's text, and files, old path and new, that get another name."""

    edits: tuple[FileEdit, ...]
    files: tuple[tuple[str, str], ...] = ()


def rename(view: View, target: Target | None, name: str, *, can_rename_files: bool) -> Renaming:
    """Rename what a place is about; raises ``SchemaError`` saying why it can't be."""
    if not isinstance(target, Name):
        raise SchemaError("there is no name of an environment, a build or a deploy here")
    if name == target.name:
        return Renaming(())
    _refuse(view, target, name)
    same = [item for item in list_names(view.data) if (item.kind, item.name) == (target.kind, target.name)]
    edits: list[Edit] = [_edit_name(view, item, name) for item in same]
    files: tuple[tuple[str, str], ...] = ()
    call = next((call for item in same for call in list_choices(view.data) if call.path == item.path), None)
    new = name_callback(call.owner, name) if call is not None else None
    if call is not None and new is not None and view.find_callback(call.file) is not None:
        if can_rename_files and view.find_callback(new) is None:
            files = ((call.file, new),)
            edits += _follow(view, call, new)
        else:
            edits.append(AddKey(view.place(call.owner), "callback", call.file))
    written = write_fix(Fix("rename", tuple(edits)), lambda file: _find(view, file))
    if written is None:
        raise SchemaError(f"{quote(target.name)} can't be renamed in this text without changing more of it")
    return Renaming(written, files)


def _refuse(view: View, target: Name, name: str) -> None:
    if not re.fullmatch(NAME, name):
        raise SchemaError(
            f"{quote(name)} is not a name: lower-case letters, digits and hyphens, starting with a letter, "
            "not ending with a hyphen, at most 40"
        )
    if name in NO_NAMES:
        raise SchemaError(f"{quote(name)} can't be a name: that is a choice beside the names")
    if any(item.is_given and (item.kind, item.name) == (target.kind, name) for item in list_names(view.data)):
        raise SchemaError(f"the name {quote(name)} is that of another {target.kind}")


def _edit_name(view: View, item: Name, name: str) -> Edit:
    place = view.place(item.path, item.part)
    return RenameKey(place, name) if item.part == "key" else SetValue(place, name)


def _follow(view: View, call: Calls, new: str) -> list[Edit]:
    """Let those who name the file call it by its new path."""
    return [
        SetValue(view.place(other.path), new)
        for other in view.list_callers(call.file)
        if not other.is_convention
    ]


def _find(view: View, file: str) -> Document | None:
    return view.document if file == view.document.name else None
