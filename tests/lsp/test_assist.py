"""What three editors propose and show, in the units in which each of them counts."""

from __future__ import annotations

from pathlib import Path

import pytest
from headgate_schema.check import check
from headgate_schema.lsp.assist import list_items, read_abilities
from headgate_schema.lsp.session import OpenText, Session
from lsprotocol import types

from tests.lsp.typist import fill_holes, take_mark

from .conftest import Editor, write_files

CALLBACK = (
    "on:\n  workflow_call:\n    inputs: {{percent: {{type: number}}, {}: {{type: string}}}}\njobs: {{}}\n"
)
GOOD = "version: 1\nenvironments: [dev, prod]\ndeploys:\n  - name: app\n"


async def propose(
    editor: Editor, marked: str, trigger: str | None = None
) -> tuple[str, list[types.CompletionItem]]:
    """Open a text with a mark, and give it without, with what the editor is told to propose there."""
    text, _ = take_mark(marked)
    await editor.show(text)
    where = types.Position(
        marked[: marked.index("‸")].count("\n"), editor.measure(marked[: marked.index("‸")].split("\n")[-1])
    )
    kind = types.CompletionTriggerKind.TriggerCharacter if trigger else types.CompletionTriggerKind.Invoked
    found = await editor.client.text_document_completion_async(
        types.CompletionParams(
            types.TextDocumentIdentifier(editor.uri()), where, types.CompletionContext(kind, trigger)
        )
    )
    assert isinstance(found, list)
    return text, sorted(found, key=lambda item: item.sort_text or "")


def insert(editor: Editor, text: str, item: types.CompletionItem) -> str:
    """Do what the editor does when the item is chosen: one that knows no modes indents a snippet itself."""
    edit = item.text_edit
    assert isinstance(edit, types.TextEdit)
    new = edit.new_text
    lines = text.split("\n")
    row = lines[edit.range.start.line]
    if item.insert_text_format == types.InsertTextFormat.Snippet:
        new = fill_holes(new)
        if item.insert_text_mode is None:
            new = new.replace("\n", f"\n{row[: len(row) - len(row.lstrip(' '))]}")
    counted = row.encode(editor.codec)
    before = counted[: edit.range.start.character * editor.width].decode(editor.codec)
    after = counted[edit.range.end.character * editor.width :].decode(editor.codec)
    lines[edit.range.start.line] = f"{before}{new}{after}"
    return "\n".join(lines)


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
@pytest.mark.asyncio
async def test_a_value_behind_an_emoji_goes_where_it_belongs(
    editor: Editor, line_break: str, mark: str
) -> None:
    typed = 'version: 1\nenvironments: [dev, prod]\ndeploys: [{x-note: "🚦é", name: app, strategy: ca‸ }]\n'
    text, items = await propose(editor, f"{mark}{typed}".replace("\n", line_break))
    chosen = next(item for item in items if item.label == "canary")
    assert insert(editor, text, chosen) == take_mark(f"{mark}{typed}")[0].replace("ca }", "canary }").replace(
        "\n", line_break
    )


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
@pytest.mark.asyncio
async def test_a_whole_strategy_is_written_into_a_half_typed_text(editor: Editor, line_break: str) -> None:
    typed = f"{GOOD}    str‸\n  - name: 'api'\n    needs: [app]\n".replace("\n", line_break)
    text, items = await propose(editor, typed)
    chosen = next(item for item in items if item.label == "canary, steps and verify")
    written = insert(editor, text, chosen)
    assert written.count("\n") == written.count(line_break)
    checked = check(written.encode(), "headgate.yaml")
    assert not checked.has_errors, written
    assert checked.resolved is not None
    assert [deploy.strategy for deploy in checked.resolved.deploys] == ["canary", "all_at_once"]


@pytest.mark.asyncio
async def test_callback_files_are_those_that_are_there_or_just_typed(editor: Editor) -> None:
    write_files(
        editor.root,
        {
            "headgate.yaml": GOOD,
            ".github/workflows/canary-promote.yaml": CALLBACK.format("tier"),
            ".github/workflows/headgate-deploy-app.yaml": CALLBACK.format("x"),
            ".github/workflows/lint.yml": "on: push\n",
        },
    )
    await editor.show(CALLBACK.format("region"), ".github/workflows/deploy-app.yaml")
    canary = f"{GOOD}    inputs:\n      k: 1\n    strategy: canary\n    canary:\n      promote_callback: "
    _, items = await propose(editor, f"{canary}‸\n")
    assert [item.label.removeprefix(".github/workflows/") for item in items] == [
        "canary-promote.yaml",
        "deploy-app.yaml",
        "lint.yml",
    ]
    promoted = f"{canary}{items[0].label}\n"
    _, items = await propose(editor, promoted.replace("k: 1", "‸"))
    assert [item.label for item in items] == ["region", "tier"]


@pytest.mark.asyncio
async def test_indenting_proposes_nothing_by_itself(editor: Editor) -> None:
    _, items = await propose(editor, f"{GOOD}    ‸\n", " ")
    assert items == []
    _, items = await propose(editor, f"{GOOD}    strategy: ‸\n", " ")
    assert [item.label for item in items] == ["all_at_once", "blue_green", "canary"]
    _, items = await propose(editor, f"{GOOD}    ‸\n")
    assert "strategy" in [item.label for item in items]


@pytest.mark.asyncio
async def test_a_deploy_is_shown_with_its_stages_even_while_the_text_is_broken(editor: Editor) -> None:
    text = f"x-note: 🚦\n{GOOD}    strategy: canary\n"
    text += "    canary:\n      percent: 10\n      environments: [prod]\n"
    for name in ("promote", "rollback"):
        text += f"      {name}_callback: .github/workflows/canary-{name}.yaml\n"
    for shown in (text, f"{text}    needs: [\n"):
        await editor.show(shown)
        found = await editor.client.text_document_hover_async(
            types.HoverParams(
                types.TextDocumentIdentifier(editor.uri()), editor.position(shown, "name: app", 7)
            )
        )
        assert found is not None and isinstance(found.contents, types.MarkupContent)
        if found.contents.kind == types.MarkupKind.PlainText:
            assert "\\" not in found.contents.value
        assert "canary 10 % → bake 10m → promote, or rollback" in found.contents.value
        assert found.range is not None and editor.cut(shown, found.range) == "app"


def test_an_editor_that_inserts_only_one_row_is_given_one(tmp_path: Path) -> None:
    capabilities = types.ClientCapabilities()
    neovim = types.InitializeParams(capabilities, client_info=types.ClientInfo("Neovim", "0.7.2"))
    session, uri = Session(), (tmp_path / "headgate.yaml").as_uri()
    session.open_text(OpenText(uri, 1, f"{GOOD}    "))
    params = types.CompletionParams(types.TextDocumentIdentifier(uri), types.Position(4, 4))
    items = list_items(session, read_abilities(neovim), params)
    texts = {item.label: item.text_edit.new_text for item in items if item.text_edit}
    assert texts["inputs"] == "inputs:"
    assert texts["needs"] == "needs: "
    assert not any("\n" in text or "," in label for label, text in texts.items())
    others = list_items(session, read_abilities(types.InitializeParams(capabilities)), params)
    assert any(item.kind == types.CompletionItemKind.Snippet for item in others)


@pytest.mark.asyncio
async def test_other_files_are_left_alone(editor: Editor) -> None:
    await editor.show(GOOD)
    uri = editor.uri(".github/workflows/deploy-app.yaml")
    item = types.TextDocumentItem(uri, "yaml", 1, "on: push\n")
    editor.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
    params = types.CompletionParams(types.TextDocumentIdentifier(uri), types.Position(1, 0))
    assert await editor.client.text_document_completion_async(params) in (None, [])
