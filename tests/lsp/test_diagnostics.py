"""What three editors are told while somebody types, in the units in which each of them counts."""

from __future__ import annotations

import pytest
from lsprotocol import types

from .conftest import Editor, write_files

pytestmark = pytest.mark.asyncio

GOOD = "version: 1\nenvironments: [dev]\ndeploys:\n  - name: app # 🚦\n"
CALLBACK = "on:\n  workflow_call:\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps: [{run: 'true'}]\n"


async def test_a_place_behind_an_emoji_is_exact(editor: Editor) -> None:
    text = 'version: 1\nenvironments: [dev]\nx-note: {🚦🚦: "é", b: 1}\ndeploys: [{name: "🚦", nmae: app}]\n'
    found = await editor.show(text)
    said = {(diagnostic.code, editor.cut(text, diagnostic.range)) for diagnostic in found}
    assert said == {("HG105", '"🚦"'), ("HG101", "nmae")}
    assert {diagnostic.source for diagnostic in found} == {"headgate"}


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
async def test_marks_and_line_breaks_move_nothing(editor: Editor, line_break: str, mark: str) -> None:
    text = f"{mark}verson: 1\nenvironments: [dev]\ndeploys:\n  - name: App\n".replace("\n", line_break)
    found = await editor.show(text)
    assert [editor.cut(text, diagnostic.range) for diagnostic in found if diagnostic.code == "HG105"] == [
        "App"
    ]
    assert [editor.cut(text, diagnostic.range) for diagnostic in found if diagnostic.code == "HG101"] == [
        "verson"
    ]


async def test_typing_mends_it(editor: Editor) -> None:
    write_files(editor.root, {".github/workflows/deploy-app.yaml": CALLBACK})
    assert [found.code for found in await editor.show(GOOD.replace("app", "App"))] == ["HG105"]
    assert await editor.show(GOOD) == []


async def test_a_half_typed_text_is_diagnosed_and_served_on(editor: Editor) -> None:
    write_files(editor.root, {".github/workflows/deploy-app.yaml": CALLBACK})
    assert [found.code for found in await editor.show(f"{GOOD}    canary: {{")] == ["HG001"]
    assert await editor.show(GOOD) == []


async def test_a_callback_that_changes_on_disk_is_looked_at_again(editor: Editor) -> None:
    assert [found.code for found in await editor.show(GOOD)] == ["HG401"]
    write_files(editor.root, {".github/workflows/deploy-app.yaml": CALLBACK})
    change = types.FileEvent(editor.uri(".github/workflows/deploy-app.yaml"), types.FileChangeType.Created)
    editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([change]))
    assert await editor.wait(editor.uri()) == []


async def test_what_is_wrong_in_an_open_callback_is_said_there(editor: Editor) -> None:
    write_files(editor.root, {".github/workflows/deploy-app.yaml": CALLBACK, "headgate.yaml": GOOD})
    bad = CALLBACK.replace("steps: [{run: 'true'}]", "steps: [{uses: actions/checkout@v6}]")
    found = await editor.show(bad, ".github/workflows/deploy-app.yaml")
    assert [diagnostic.code for diagnostic in found] == ["HG411"]
    related = found[0].related_information or []
    assert [item.location.uri for item in related] == [editor.uri()]
