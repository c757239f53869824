"""A name gets another one everywhere at once, and its callback file goes with it."""

from __future__ import annotations

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tests.lsp.editor import Editor, write_files

DEPLOY = ".github/workflows/deploy-app.yaml"
MANIFEST = """\
version: 1
environments: [dev, "prod"]
deploys:
  - {x-🚦: "🚦", name: app, environments: [dev, prod]} # prod
  - name: web
    callback: .github/workflows/deploy-app.yaml
    needs: ['app']
    environment_inputs:
      prod: {region: us}
    strategy: canary
    canary:
      environments: [prod] # 🚦
"""


async def rename(editor: Editor, marked: str, name: str, *, nth: int = 0) -> types.WorkspaceEdit:
    place = editor.position(editor.text(), marked, nth=nth)
    params = types.RenameParams(new_name=name, text_document=editor.identify(), position=place)
    answer = await editor.client.text_document_rename_async(params)
    assert answer is not None
    return answer


def list_edits(editor: Editor, change: types.WorkspaceEdit) -> list[types.TextEdit]:
    """The text edits of the manifest, in whichever form this editor gets them."""
    if change.changes is not None:
        assert change.document_changes is None
        return list(change.changes[editor.uri()])
    found = [each for each in change.document_changes or () if isinstance(each, types.TextDocumentEdit)]
    assert [each.text_document.uri for each in found] == [editor.uri()]
    assert found[0].text_document.version == editor.texts["headgate.yaml"][0]
    return [each for each in found[0].edits if isinstance(each, types.TextEdit)]


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
async def test_an_environment_is_renamed_everywhere_and_nothing_else(
    editor: Editor, mark: str, line_break: str
) -> None:
    text = (mark + MANIFEST).replace("\n", line_break)
    await editor.show(text)
    change = await rename(editor, "prod]}", "live")
    wanted = text.replace('"prod"', '"live"').replace("prod]", "live]").replace("prod: {", "live: {")
    assert editor.apply(text, list_edits(editor, change)) == wanted


async def test_a_deploy_takes_its_file_along_or_names_it(editor: Editor) -> None:
    write_files(editor.root, {DEPLOY: "on: workflow_call\n"})
    await editor.show(MANIFEST)
    change = await rename(editor, "app", "shop")
    moved = [each for each in change.document_changes or () if isinstance(each, types.RenameFile)]
    named = MANIFEST.replace("name: app", "name: shop").replace("'app'", "'shop'")
    written = editor.apply(MANIFEST, list_edits(editor, change))
    if editor.profile == "plain":
        assert moved == []
        assert written == named.replace("[dev, prod]}", f"[dev, prod], callback: {DEPLOY}}}")
        return
    new = ".github/workflows/deploy-shop.yaml"
    assert [(each.old_uri, each.new_uri) for each in moved] == [(editor.uri(DEPLOY), editor.uri(new))]
    assert written == named.replace(DEPLOY, new)


async def test_a_file_that_is_there_is_not_overwritten(editor: Editor) -> None:
    new = ".github/workflows/deploy-shop.yaml"
    write_files(editor.root, {DEPLOY: "on: workflow_call\n", new: "on: workflow_call\n"})
    await editor.show(MANIFEST)
    change = await rename(editor, "app", "shop")
    assert not any(isinstance(each, types.RenameFile) for each in change.document_changes or ())
    assert f"callback: {DEPLOY}}}" in editor.apply(MANIFEST, list_edits(editor, change))


@pytest.mark.parametrize(
    ("marked", "name", "reason"),
    [
        ("prod", "Live", '"Live" is not a name: lower-case letters'),
        ("prod", "live\n", "is not a name"),
        ("prod", "all", '"all" can\'t be a name: that is a choice'),
        ("prod", "dev", 'the name "dev" is that of another environment'),
        ("version", "live", "there is no name of an environment, a build or a deploy here"),
    ],
)
async def test_a_name_that_can_not_be_is_refused_with_the_reason(
    editor: Editor, marked: str, name: str, reason: str
) -> None:
    await editor.show(MANIFEST)
    logged = len(editor.client.log_messages)
    with pytest.raises(JsonRpcException) as refused:
        await rename(editor, marked, name)
    assert reason in refused.value.message
    assert refused.value.code == types.LSPErrorCodes.RequestFailed
    assert len(editor.client.log_messages) == logged


@pytest.mark.parametrize("marked", ["app,", "prod]}"])
async def test_the_same_name_changes_nothing(editor: Editor, marked: str) -> None:
    write_files(editor.root, {DEPLOY: "on: workflow_call\n"})
    await editor.show(MANIFEST)
    change = await rename(editor, marked, marked.rstrip(",]}"))
    assert not change.changes and not change.document_changes


async def test_a_text_that_can_not_be_read_is_not_renamed_in(editor: Editor) -> None:
    await editor.show(MANIFEST)
    await editor.show(f"{MANIFEST}x: [")
    with pytest.raises(JsonRpcException, match="can't be read just now"):
        await rename(editor, "prod", "live")


async def test_what_would_be_renamed_is_shown_without_its_quotes(editor: Editor) -> None:
    await editor.show(MANIFEST)
    for marked, shown in (("app']", "app"), ('prod"]', "prod"), ("prod: {", "prod"), ("version", None)):
        place = editor.position(MANIFEST, marked)
        params = types.PrepareRenameParams(editor.identify(), place)
        answer = await editor.client.text_document_prepare_rename_async(params)
        assert (answer and answer.placeholder) == shown  # type: ignore[union-attr]
        assert (answer and editor.cut(MANIFEST, answer.range)) == shown  # type: ignore[union-attr]
