"""Changes of files in the form that an editor can apply.

Edits of an open text carry its version, so that an editor refuses what is meant for an earlier one. See
https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/#workspaceEdit
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
from lsprotocol import types

from headgate_schema.edit import FileEdit
from headgate_schema.lsp.convert import show_range
from headgate_schema.lsp.lines import cut_lines
from headgate_schema.lsp.session import Home, Session

DocumentChange = types.TextDocumentEdit | types.CreateFile | types.RenameFile | types.DeleteFile


class Form(msgspec.Struct, frozen=True):
    """How an editor takes changes: with versions, and whether it can create and rename files."""

    has_versions: bool = False
    can_create: bool = False
    can_rename: bool = False


def read_form(capabilities: types.ClientCapabilities) -> Form:
    """Read what an editor says of itself."""
    workspace = capabilities.workspace
    edit = workspace.workspace_edit if workspace is not None else None
    operations = tuple(edit.resource_operations or ()) if edit is not None else ()
    return Form(
        has_versions=bool(edit is not None and edit.document_changes),
        can_create=types.ResourceOperationKind.Create in operations,
        can_rename=types.ResourceOperationKind.Rename in operations,
    )


def write_change(
    session: Session,
    home: Home,
    form: Form,
    edits: Sequence[FileEdit],
    renamed: Iterable[tuple[str, str]] = (),
) -> types.WorkspaceEdit | None:
    """Write changes of a repository's files; ``None`` if the editor can't create what is to be created."""
    operations = [types.RenameFile(home.find_uri(old), home.find_uri(new), "rename") for old, new in renamed]
    has_new = any(edit.before is None for edit in edits)
    if has_new and not form.can_create:
        return None
    if not (form.has_versions or has_new or operations):
        return types.WorkspaceEdit(
            changes={home.find_uri(edit.file): _write_edits(session, home, edit) for edit in edits}
        )
    changes: list[DocumentChange] = []
    for edit in edits:
        changes += _write_document(session, home, edit)
    return types.WorkspaceEdit(document_changes=[*changes, *operations])


def _write_document(session: Session, home: Home, edit: FileEdit) -> list[DocumentChange]:
    uri = home.find_uri(edit.file)
    text = session.find_text(uri)
    identifier = types.OptionalVersionedTextDocumentIdentifier(uri, text.version if text else None)
    written: list[types.TextEdit | types.AnnotatedTextEdit | types.SnippetTextEdit] = [
        *_write_edits(session, home, edit)
    ]
    changed = types.TextDocumentEdit(identifier, written)
    if edit.before is None:
        return [types.CreateFile(uri, "create", types.CreateFileOptions(overwrite=False)), changed]
    return [changed]


def _write_edits(session: Session, home: Home, edit: FileEdit) -> list[types.TextEdit]:
    lines = session.find_lines(home, edit.file) if edit.before is not None else None
    lines = lines or cut_lines("", session.encoding)
    return [types.TextEdit(show_range(lines, each.span), each.text) for each in edit.edits]
