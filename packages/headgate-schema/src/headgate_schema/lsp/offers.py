"""What an editor offers to do, in the protocol's words."""

from __future__ import annotations

from collections.abc import Iterable

from lsprotocol import types

from headgate_schema.document import Document
from headgate_schema.finding import Finding
from headgate_schema.lsp.actions import Action, fix_all, list_quick_fixes
from headgate_schema.lsp.changes import Form, write_change
from headgate_schema.lsp.convert import list_diagnostics
from headgate_schema.lsp.session import Home, Session

MOST_FIXES = 30
"""Findings for which fixes are written at once: each is read again, and nobody chooses from more."""

KINDS = (types.CodeActionKind.QuickFix, types.CodeActionKind.SourceFixAll)


def list_actions(session: Session, form: Form, params: types.CodeActionParams) -> list[types.CodeAction]:
    """List what could be done about the findings in a range, and about all of the manifest's; raises
    ``SchemaError``.
    """
    uri, only = params.text_document.uri, params.context.only
    home = session.find_home(uri)
    if home is None:
        return []
    file = session.find_file(home, uri)
    checked = session.check(home)

    def find_document(name: str) -> Document | None:
        if name == home.file:
            return checked.document
        callback = session.find_callback(home, name)
        return callback.document if callback is not None else None

    near = _list_near(session, home, file, params.range)
    actions: list[Action] = []
    if _is_wanted("quickfix", only):
        actions += list_quick_fixes(checked, near[:MOST_FIXES], find_document)
    # Unasked, all of them are offered beside one of them.
    is_near = any(finding.fix is not None and finding.fix.is_safe for finding in near)
    if _is_wanted("source.fixAll", only) and file == home.file and (only is not None or is_near):
        everything = fix_all(session.find_source(home))
        actions += [everything] if everything is not None else []
    written = (_show_action(session, home, form, action, params) for action in actions)
    return [action for action in written if action is not None]


def _list_near(session: Session, home: Home, file: str, wanted: types.Range) -> list[Finding]:
    """List the findings that a range of a file touches."""
    findings = [finding for finding in session.check(home).findings if finding.place.file == file]
    diagnostics = list_diagnostics(session, home).get(home.find_uri(file), [])
    shown = zip(findings, diagnostics, strict=True)
    return [finding for finding, diagnostic in shown if _touches(diagnostic.range, wanted)]


def _is_wanted(kind: str, only: Iterable[str] | None) -> bool:
    """Tell whether a kind is asked for: by itself, or by the kind that it belongs to."""
    return only is None or any(
        kind == str(getattr(each, "value", each)) or kind.startswith(f"{getattr(each, 'value', each)}.")
        for each in only
    )


def _touches(one: types.Range, other: types.Range) -> bool:
    def key(position: types.Position) -> tuple[int, int]:
        return position.line, position.character

    return key(one.start) <= key(other.end) and key(other.start) <= key(one.end)


def _show_action(
    session: Session, home: Home, form: Form, action: Action, params: types.CodeActionParams
) -> types.CodeAction | None:
    change = write_change(session, home, form, action.edits)
    if change is None:
        return None
    return types.CodeAction(
        title=action.title,
        kind=action.kind,
        diagnostics=_find_shown(action.finding, params.context.diagnostics),
        is_preferred=True if action.is_preferred else None,
        edit=change,
    )


def _find_shown(finding: Finding | None, shown: Iterable[types.Diagnostic]) -> list[types.Diagnostic] | None:
    """Give the diagnostics, as the editor has them, that an action is about."""
    if finding is None:
        return None
    found = [each for each in shown if each.code == finding.code and each.message.startswith(finding.message)]
    return found or None
