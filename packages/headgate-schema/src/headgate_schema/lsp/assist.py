"""What an editor asks while somebody types, proposals and explanations, in the protocol's words.

https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/#textDocument_completion
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import msgspec
from lsprotocol import types

from headgate_schema.callback import Callback
from headgate_schema.failure import SchemaError
from headgate_schema.lsp.complete import Proposal, complete
from headgate_schema.lsp.convert import show_range
from headgate_schema.lsp.hover import hover
from headgate_schema.lsp.knowledge import Knowledge
from headgate_schema.lsp.lines import MARK, Lines, cut_lines
from headgate_schema.lsp.session import Home, Session

TRIGGERS = (" ", "[", "/")
"""What opens the list of proposals without being asked. Not the colon: Enter behind it begins a block."""

_KINDS = {
    "key": types.CompletionItemKind.Property,
    "block": types.CompletionItemKind.Struct,
    "value": types.CompletionItemKind.Value,
    "name": types.CompletionItemKind.Reference,
    "file": types.CompletionItemKind.File,
    "snippet": types.CompletionItemKind.Snippet,
}
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")


class Abilities(msgspec.Struct, frozen=True):
    """What an editor can insert, and where it can show Markdown. ``knows_modes``: it does not indent what it
    is told not to; ``has_rows``: what it inserts may have several rows.
    """

    has_snippets: bool = False
    has_rows: bool = True
    knows_modes: bool = False
    has_markdown_items: bool = False
    has_markdown_hover: bool = False


def read_abilities(params: types.InitializeParams) -> Abilities:
    """Read what an editor says of itself.

    Neovim's own completion (tried with 0.7.2) inserts a line break as a NUL; what completes there with
    snippets does not.
    """
    text = params.capabilities.text_document
    item = text.completion.completion_item if text is not None and text.completion is not None else None
    shown = text.hover.content_format if text is not None and text.hover is not None else None
    modes = item.insert_text_mode_support.value_set if item and item.insert_text_mode_support else ()
    has_snippets = bool(item and item.snippet_support)
    is_neovim = params.client_info is not None and params.client_info.name == "Neovim"
    return Abilities(
        has_snippets=has_snippets,
        has_rows=has_snippets or not is_neovim,
        knows_modes=types.InsertTextMode.AsIs in modes,
        has_markdown_items=types.MarkupKind.Markdown in ((item and item.documentation_format) or ()),
        has_markdown_hover=types.MarkupKind.Markdown in (shown or ()),
    )


# -- proposals


def list_items(
    session: Session, abilities: Abilities, params: types.CompletionParams
) -> list[types.CompletionItem]:
    """List what could be typed at a place; raises ``SchemaError``."""
    found = _find_place(session, params)
    if found is None:
        return []
    home, text, lines, (line, column) = found
    before = lines.lines[line - 1].removeprefix(MARK)[: column - 1]
    context = params.context
    if context is not None and context.trigger_character == " " and not before.strip():
        return []  # somebody indents
    proposals = complete(text, line, column, know(session, home), has_snippets=abilities.has_snippets)
    if not abilities.has_rows:
        proposals = tuple(_cut_rows(each) for each in proposals if each.kind != "snippet")
    return [_show_item(each, index, lines, abilities) for index, each in enumerate(proposals)]


def _cut_rows(proposal: Proposal) -> Proposal:
    """Keep the first row."""
    return msgspec.structs.replace(proposal, text=proposal.text.partition("\n")[0].rstrip("\r"))


def _show_item(proposal: Proposal, index: int, lines: Lines, abilities: Abilities) -> types.CompletionItem:
    text = proposal.text
    if proposal.has_holes and not abilities.knows_modes:
        text = _outdent(proposal, lines)
    is_plain = not proposal.has_holes
    return types.CompletionItem(
        label=proposal.label,
        kind=_KINDS[proposal.kind],
        detail=proposal.detail or None,
        documentation=_document(proposal.documentation, abilities),
        text_edit=types.TextEdit(show_range(lines, proposal.span), text),
        insert_text_format=types.InsertTextFormat.PlainText if is_plain else types.InsertTextFormat.Snippet,
        insert_text_mode=types.InsertTextMode.AsIs if abilities.knows_modes else None,
        filter_text=proposal.filter,
        sort_text=f"{index:04}",
    )


def _document(text: str, abilities: Abilities) -> types.MarkupContent | str | None:
    is_markdown = bool(text) and abilities.has_markdown_items
    return types.MarkupContent(types.MarkupKind.Markdown, text) if is_markdown else text or None


def _outdent(proposal: Proposal, lines: Lines) -> str:
    """Take off what editors put before each further row of a snippet: the indentation of the first."""
    span = proposal.span
    before = lines.lines[span.line - 1].removeprefix(MARK)[: span.column - 1]
    margin = before[: len(before) - len(before.lstrip(" \t"))]
    return proposal.text.replace(f"\n{margin}", "\n")


# -- explanations


def show_hover(session: Session, abilities: Abilities, params: types.HoverParams) -> types.Hover | None:
    """Tell what there is to know about a place; raises ``SchemaError``."""
    found = _find_place(session, params)
    if found is None:
        return None
    home, _, lines, place = found
    resolved = session.find_resolved(home)
    shown = hover(session.check(home), *place, resolved, know(session, home), session.docs)
    if shown is None:
        return None
    return types.Hover(
        _show_text(shown.text, has_markdown=abilities.has_markdown_hover), show_range(lines, shown.span)
    )


def _show_text(text: str, *, has_markdown: bool) -> types.MarkupContent:
    if has_markdown:
        return types.MarkupContent(types.MarkupKind.Markdown, text)
    return types.MarkupContent(types.MarkupKind.PlainText, _ESCAPE.sub(r"\1", text))


def _find_place(
    session: Session, params: types.CompletionParams | types.HoverParams
) -> tuple[Home, str, Lines, tuple[int, int]] | None:
    """Give the manifest in which a place is, its text, and the place; ``None`` in other files."""
    text = session.find_text(params.text_document.uri)
    home = session.find_home(params.text_document.uri) if text is not None else None
    if text is None or home is None or home.uri != text.uri:
        return None
    lines = cut_lines(text.text, session.encoding)
    return home, text.text, lines, lines.find(params.position.line, params.position.character)


# -- the repository


def know(session: Session, home: Home) -> Knowledge:
    """Give what the repository holds, each file read when it is asked for; raises ``SchemaError``."""
    return Knowledge(_Callbacks(session, home))


class _Callbacks(Mapping[str, Callback]):
    """The workflow files of a repository as the editor shows them."""

    def __init__(self, session: Session, home: Home) -> None:
        self.session, self.home = session, home
        self.files = session.list_workflows(home)

    def __getitem__(self, file: str) -> Callback:
        try:
            callback = self.session.find_callback(self.home, file) if file in self.files else None
        except SchemaError:
            callback = None  # the check says that it can't be read
        if callback is None:
            raise KeyError(file)
        return callback

    def __iter__(self) -> Iterator[str]:
        return (file for file in self.files if file in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)
