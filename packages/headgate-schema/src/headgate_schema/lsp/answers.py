"""What an editor asks about names and files, answered in the protocol's words.

Where the text can't be read just now, the lines that nobody touched are answered from when it could be.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from lsprotocol import types

from headgate_schema.document import Document
from headgate_schema.failure import SchemaError
from headgate_schema.finding import Place
from headgate_schema.lsp.changes import Form, write_change
from headgate_schema.lsp.convert import show_range
from headgate_schema.lsp.drift import Drift, measure_drift
from headgate_schema.lsp.lines import MARK, Lines
from headgate_schema.lsp.names import Name, list_choices
from headgate_schema.lsp.navigate import (
    Target,
    View,
    find_definitions,
    find_references,
    find_target,
    is_declaration,
)
from headgate_schema.lsp.rename import rename
from headgate_schema.lsp.session import Home, Session
from headgate_schema.lsp.symbols import Symbol, SymbolKind, list_symbols
from headgate_schema.span import Span

_KINDS: dict[SymbolKind, types.SymbolKind] = {
    "list": types.SymbolKind.Array,
    "environment": types.SymbolKind.Namespace,
    "build": types.SymbolKind.Package,
    "deploy": types.SymbolKind.Module,
    "strategy": types.SymbolKind.Struct,
    "step": types.SymbolKind.Event,
    "callback": types.SymbolKind.Function,
    "field": types.SymbolKind.Property,
}


class Scene(msgspec.Struct, frozen=True):
    """One file of a repository as an editor shows it, with the manifest as it could last be read."""

    session: Session
    home: Home
    file: str
    view: View
    drift: Drift | None

    def find_target(self, position: types.Position) -> Target | None:
        """Tell what a place is about."""
        lines = self.session.find_lines(self.home, self.file)
        if lines is None:
            return None
        line, column = lines.find(position.line, position.character)
        if self.drift is not None and self.file == self.home.file:
            old = self.drift.find_old(line)
            return find_target(self.view, self.file, old, column) if old is not None else None
        return find_target(self.view, self.file, line, column)

    def locate(self, place: Place) -> types.Location | None:
        """Find a place in the text as it is now; ``None`` if it is no longer there."""
        is_manifest = place.file == self.home.file
        callback = None if is_manifest else self.view.find_callback(place.file)
        document = self.view.document if is_manifest else callback.document if callback else None
        lines = self.session.find_lines(self.home, place.file)
        if document is None or lines is None:
            return None
        span = _find_inside(document, document.locate(place.path, place.part))
        if self.drift is not None and is_manifest:
            drifted = self.drift.find_new(span)
            return self._show(place, lines, drifted) if drifted is not None else None
        return self._show(place, lines, span)

    def _show(self, place: Place, lines: Lines, span: Span) -> types.Location:
        return types.Location(self.home.find_uri(place.file), show_range(lines, span))

    def locate_all(self, places: Iterable[Place]) -> list[types.Location]:
        """Find places; those in the same piece of text (an alias's, say) once."""
        found: list[types.Location] = []
        for location in map(self.locate, places):
            if location is not None and location not in found:
                found.append(location)
        return found


def _find_inside(document: Document, span: Span) -> Span:
    """Leave out the quotes of a text on one line."""
    if span.line != span.end_line:
        return span
    lines = document.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    text = lines[span.line - 1][span.column - 1 : span.end_column - 1]
    if len(text) > 1 and text[0] in "'\"" and text[-1] == text[0]:
        return Span(span.line, span.column + 1, span.end_line, span.end_column - 1)
    return span


def find_scene(session: Session, uri: str) -> Scene | None:
    """Give the scene of an open text; ``None`` for a text that is none of ours, or a manifest that could
    never be read. Raises ``SchemaError``.
    """
    home = session.find_home(uri)
    document = session.find_readable(home) if home is not None else None
    if home is None or document is None:
        return None
    view = View(document, lambda file: session.find_callback(home, file))
    present = session.check(home).document
    drift = None
    if present.data is None:
        text = session.find_text(home.uri)
        drift = measure_drift(document.text, text.text.removeprefix(MARK) if text else present.text)
    return Scene(session, home, session.find_file(home, uri), view, drift)


def define(session: Session, params: types.DefinitionParams) -> list[types.Location]:
    """List where what stands at a place is declared."""
    scene = find_scene(session, params.text_document.uri)
    target = scene.find_target(params.position) if scene is not None else None
    if scene is None or target is None:
        return []
    return scene.locate_all(find_definitions(scene.view, scene.file, target))


def list_references(session: Session, params: types.ReferenceParams) -> list[types.Location]:
    """List everything that means the same as what stands at a place."""
    scene = find_scene(session, params.text_document.uri)
    target = scene.find_target(params.position) if scene is not None else None
    if scene is None or target is None:
        return []
    places = find_references(scene.view, target)
    if not params.context.include_declaration:
        places = tuple(place for place in places if not is_declaration(scene.view, target, place))
    return scene.locate_all(places)


def highlight(session: Session, params: types.DocumentHighlightParams) -> list[types.DocumentHighlight]:
    """List what of that is in the same text."""
    scene = find_scene(session, params.text_document.uri)
    target = scene.find_target(params.position) if scene is not None else None
    if scene is None or target is None:
        return []
    found: dict[str, types.DocumentHighlight] = {}
    for place in find_references(scene.view, target):
        location = scene.locate(place) if place.file == scene.file else None
        if location is not None:
            is_given = is_declaration(scene.view, target, place)
            kind = types.DocumentHighlightKind.Write if is_given else types.DocumentHighlightKind.Read
            found.setdefault(repr(location.range), types.DocumentHighlight(location.range, kind))
    return list(found.values())


def prepare_rename(
    session: Session, params: types.PrepareRenameParams
) -> types.PrepareRenamePlaceholder | None:
    """Tell which name would be renamed; ``None`` where there is none."""
    scene = find_scene(session, params.text_document.uri)
    target = scene.find_target(params.position) if scene is not None else None
    if scene is None or not isinstance(target, Name):
        return None
    location = scene.locate(scene.view.place(target.path, target.part))
    return types.PrepareRenamePlaceholder(location.range, target.name) if location is not None else None


def rename_at(session: Session, form: Form, params: types.RenameParams) -> types.WorkspaceEdit | None:
    """Rename what stands at a place; raises ``SchemaError`` saying why it can't be."""
    scene = find_scene(session, params.text_document.uri)
    if scene is None:
        raise SchemaError("this text is no manifest that can be read")
    if scene.drift is not None:
        raise SchemaError("the manifest can't be read just now: mend what is not YAML first")
    target = scene.find_target(params.position)
    done = rename(scene.view, target, params.new_name, can_rename_files=form.can_rename)
    return write_change(session, scene.home, form, done.edits, done.files)


def link_files(session: Session, params: types.DocumentLinkParams) -> list[types.DocumentLink]:
    """List the callback files that a manifest names and that are there."""
    scene = find_scene(session, params.text_document.uri)
    if scene is None or scene.file != scene.home.file:
        return []
    links = []
    for call in list_choices(scene.view.data):
        if call.is_convention or scene.view.find_callback(call.file) is None:
            continue
        location = scene.locate(scene.view.place(call.path))
        if location is not None:
            links.append(types.DocumentLink(location.range, scene.home.find_uri(call.file)))
    return links


# -- symbols


def list_document_symbols(session: Session, params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
    """List what a manifest is made of."""
    scene = find_scene(session, params.text_document.uri)
    lines = session.find_lines(scene.home, scene.home.file) if scene is not None else None
    if scene is None or lines is None or scene.file != scene.home.file:
        return []
    return [_show_symbol(lines, symbol) for symbol in list_symbols(scene.view.document)]


def _show_symbol(lines: Lines, symbol: Symbol) -> types.DocumentSymbol:
    return types.DocumentSymbol(
        name=symbol.name or "?",
        kind=_KINDS[symbol.kind],
        range=show_range(lines, symbol.span),
        selection_range=show_range(lines, symbol.name_span),
        detail=symbol.detail or None,
        children=[_show_symbol(lines, child) for child in symbol.children],
    )
