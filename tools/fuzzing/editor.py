"""A trial in an editor: the texts are opened, and everything is asked for at a few places of each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from random import Random
from tempfile import mkdtemp
from typing import TYPE_CHECKING

from headgate_schema.failure import SchemaError
from headgate_schema.lsp import answers, assist, offers
from headgate_schema.lsp.changes import Form
from headgate_schema.lsp.convert import list_diagnostics
from headgate_schema.lsp.lines import cut_lines
from headgate_schema.lsp.session import OpenText, Session
from lsprotocol import types

if TYPE_CHECKING:
    from tools.fuzzing.trial import Trial

PLACES = 3
WORKFLOW = ".github/workflows/deploy-app.yaml"
GOOD = "version: 1\nenvironments: [dev, prod]\ndeploys: [{name: app}, {name: api, needs: [app]}]\n"
_FORM = Form(has_versions=True, can_create=True, can_rename=True)
_ABILITIES = assist.Abilities(has_snippets=True, has_markdown_items=True, has_markdown_hover=True)


@cache
def _find_root() -> Path:
    root = Path(mkdtemp(prefix="headgate-fuzz-"))
    (root / ".git").mkdir()
    return root


def edit(trial: Trial) -> None:
    """Open a good manifest, change it to the one that is tried, and ask."""
    random, root = Random(trial.seed), _find_root()  # noqa: S311 - nothing is kept secret
    session = Session()
    session.folders.add(root)
    session.encoding = random.choice(("utf-8", "utf-16"))
    manifest, workflow = (root / "headgate.yaml").as_uri(), (root / WORKFLOW).as_uri()
    session.open_text(OpenText(manifest, 1, GOOD))
    session.open_text(OpenText(workflow, 1, trial.workflow.decode("utf-8", "replace")))
    for home in session.list_homes():
        session.check(home)
    session.open_text(OpenText(manifest, 2, trial.manifest.decode("utf-8", "replace")))
    for home in session.list_homes():
        list_diagnostics(session, home)
    for uri in (manifest, workflow):
        for position in _choose(session, uri, random):
            _ask(session, uri, position)


def _choose(session: Session, uri: str, random: Random) -> Iterator[types.Position]:
    text = session.find_text(uri)
    lines = cut_lines(text.text if text is not None else "", session.encoding).lines
    for _ in range(PLACES):
        line = random.randrange(len(lines) + 1)
        length = len(lines[line]) if line < len(lines) else 0
        yield types.Position(line, random.randint(0, length + 1))


def _ask(session: Session, uri: str, position: types.Position) -> None:
    text = types.TextDocumentIdentifier(uri)
    place = types.Range(position, position)
    assist.list_items(session, _ABILITIES, types.CompletionParams(text, position))
    assist.show_hover(session, _ABILITIES, types.HoverParams(text, position))
    answers.define(session, types.DefinitionParams(text, position))
    context = types.ReferenceContext(include_declaration=True)
    answers.list_references(session, types.ReferenceParams(context, text, position))
    answers.highlight(session, types.DocumentHighlightParams(text, position))
    answers.prepare_rename(session, types.PrepareRenameParams(text, position))
    answers.link_files(session, types.DocumentLinkParams(text))
    answers.list_document_symbols(session, types.DocumentSymbolParams(text))
    offers.list_actions(session, _FORM, types.CodeActionParams(text, place, types.CodeActionContext([])))
    with suppress(SchemaError):  # it says why not
        answers.rename_at(session, _FORM, types.RenameParams(text, position, "renamed"))
