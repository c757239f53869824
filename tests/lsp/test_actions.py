"""Fixes that an editor offers: taken, they leave a text without the finding."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from lsprotocol import types

from tests.lsp.editor import Editor, write_files

DEPLOY = ".github/workflows/deploy-app.yaml"
GOOD = "version: 1\nenvironments: [dev]\ndeploys:\n  - {x-🚦: 🚦, name: app}\n"
CALLBACK = "on: workflow_call\njobs: {}\n"


async def offer(
    editor: Editor,
    shown: Sequence[types.Diagnostic],
    file: str = "headgate.yaml",
    only: list[types.CodeActionKind | str] | None = None,
) -> list[types.CodeAction]:
    """What an editor offers on the first of some diagnostics."""
    context = types.CodeActionContext(list(shown), only)
    params = types.CodeActionParams(editor.identify(file), shown[0].range, context)
    answer = await editor.client.text_document_code_action_async(params)
    return [each for each in answer or () if isinstance(each, types.CodeAction)]


def take(editor: Editor, action: types.CodeAction, file: str = "headgate.yaml") -> str:
    """The text after an action, as the editor would change it."""
    change = action.edit
    assert change is not None
    if change.changes is not None:
        return editor.apply(editor.text(file), change.changes[editor.uri(file)])
    found = [each for each in change.document_changes or () if isinstance(each, types.TextDocumentEdit)]
    assert [each.text_document.uri for each in found] == [editor.uri(file)]
    assert found[0].text_document.version == editor.texts[file][0]
    return editor.apply(editor.text(file), [e for e in found[0].edits if isinstance(e, types.TextEdit)])


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
async def test_a_taken_fix_leaves_a_clean_file(editor: Editor, mark: str, line_break: str) -> None:
    write_files(editor.root, {DEPLOY: CALLBACK})
    text = (mark + GOOD.replace("name", "nmae")).replace("\n", line_break)
    shown = await editor.show(text)
    actions = await offer(editor, shown)
    assert [(each.title, each.kind) for each in actions][:1] == [('rename it to "name"', "quickfix")]
    assert [each.code for each in actions[0].diagnostics or ()] == ["HG101"]
    assert await editor.show(take(editor, actions[0])) == []


async def test_only_what_is_asked_for_is_offered(editor: Editor) -> None:
    shown = await editor.show(GOOD.replace("name", "nmae"))
    assert await offer(editor, shown, only=["refactor"]) == []
    assert {each.kind for each in await offer(editor, shown, only=["quickfix"])} == {"quickfix"}
    assert {each.kind for each in await offer(editor, shown, only=["source"])} <= {"source.fixAll"}


async def test_nothing_is_offered_where_nothing_is_wrong(editor: Editor) -> None:
    shown = await editor.show(GOOD.replace("[dev]", "dev"))
    assert await offer(editor, shown) != []
    shown[0].range = types.Range(types.Position(0, 0), types.Position(0, 3))
    assert await offer(editor, shown) == []


@pytest.mark.parametrize(
    ("deploy", "code"),
    [
        ('{x-note: "a\n     b", name: app, permissions: {novel: read}}', "HG215"),
        ("name: app # headgate: ignore[HG309]", "HG016"),
    ],
    ids=["inside of quotes", "about a comment"],
)
async def test_no_comment_is_offered_where_it_would_not_be_one(
    editor: Editor, deploy: str, code: str
) -> None:
    write_files(editor.root, {DEPLOY: CALLBACK})
    shown = await editor.show(f"version: 1\nenvironments: [dev]\ndeploys:\n  - {deploy}\n")
    assert [each.code for each in shown] == [code]
    assert [each.title for each in await offer(editor, shown) if "ignore" in each.title] == []


async def test_a_missing_callback_is_created_from_a_stub_that_opens(editor: Editor) -> None:
    actions = await offer(editor, await editor.show(GOOD))
    if editor.profile == "plain":
        assert actions == []  # it can't create files
        return
    assert actions[0].title == f'create "{DEPLOY}" from a stub'
    created, written = (actions[0].edit and actions[0].edit.document_changes) or ()
    assert isinstance(created, types.CreateFile)
    assert (created.uri, created.options and created.options.overwrite) == (editor.uri(DEPLOY), False)
    assert isinstance(written, types.TextDocumentEdit)
    assert written.text_document.version is None
    stub = editor.apply("", [each for each in written.edits if isinstance(each, types.TextEdit)])
    assert await editor.show(stub, DEPLOY) == []
    await editor.expect()


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
async def test_a_warning_can_be_ignored_where_it_is(editor: Editor, mark: str, line_break: str) -> None:
    write_files(editor.root, {DEPLOY: CALLBACK})
    text = mark + GOOD.replace("name: app}", "name: app,\n    permissions: {novel: read}}")
    text = text.replace("\n", line_break)
    shown = await editor.show(text)
    assert [each.code for each in shown] == ["HG215"]
    action = next(each for each in await offer(editor, shown) if each.title == "ignore HG215 here")
    assert not action.is_preferred
    wanted = text.replace("    permissions", f"    # headgate: ignore[HG215]{line_break}    permissions")
    assert take(editor, action) == wanted
    assert await editor.show(wanted) == []


async def test_a_warning_in_a_script_of_a_callback_is_ignored_above_the_script(editor: Editor) -> None:
    job = "jobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - name: 🚦\n        run: |\n"
    callback = (
        "on: {workflow_call: {inputs: {reason: {type: string}}}}\n"
        f"{job}          echo 🚦\n          echo ${{{{ inputs.reason }}}}\n"
    )
    write_files(editor.root, {"headgate.yaml": GOOD})
    shown = await editor.show(callback, DEPLOY)
    assert [(each.code, editor.cut(callback, each.range)) for each in shown] == [("HG504", "inputs.reason")]
    action = (await offer(editor, shown, DEPLOY))[-1]
    assert action.title == "ignore HG504 here"
    wanted = callback.replace("        run: |", "        # headgate: ignore[HG504]\n        run: |")
    assert take(editor, action, DEPLOY) == wanted
    assert await editor.show(wanted, DEPLOY) == []


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
async def test_all_that_is_safe_is_fixed_at_once(editor: Editor, mark: str, line_break: str) -> None:
    write_files(editor.root, {DEPLOY: CALLBACK})
    text = "# 🚦\nenvironments: dev # 🚦\ndeploys:\n  - {x-🚦: 🚦, name: app, needs: web}\n  - nmae: web\n"
    text = (mark + text).replace("\n", line_break)
    shown = await editor.show(text)
    beside = [each.kind for each in await offer(editor, [each for each in shown if each.code == "HG103"])]
    assert "source.fixAll" in beside
    (action,) = await offer(editor, shown, only=[types.CodeActionKind.SourceFixAll])
    await editor.show(take(editor, action))
    assert "HG102" not in editor.codes()
    assert "HG103" not in editor.codes()
    assert "HG101" in editor.codes()  # its fix is a guess
    assert (
        editor.text().startswith(f"{mark}version: 1{line_break}")
        or f"{line_break}version: 1" in editor.text()
    )
    assert len(editor.text().split(line_break)) == len(text.split(line_break)) + 1
