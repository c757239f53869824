"""What editors are told while somebody types, in the units in which each of them counts."""

from __future__ import annotations

import pytest
from lsprotocol import types

from tests.lsp.editor import Editor, write_files

DEPLOY = ".github/workflows/deploy-app.yaml"
GOOD = "version: 1\nenvironments: [dev]\ndeploys:\n  - name: app # 🚦\n"
CALLBACK = "on:\n  workflow_call:\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps: [{run: 'true'}]\n"
WRONG = CALLBACK.replace("steps: [{run: 'true'}]", "steps: [{uses: actions/checkout@v6}]")


async def test_a_place_behind_an_emoji_is_exact(editor: Editor) -> None:
    text = 'version: 1\nenvironments: [dev]\nx-note: {🚦🚦: "é", b: 1}\ndeploys: [{name: "🚦", nmae: app}]\n'
    found = await editor.show(text)
    said = {(diagnostic.code, editor.cut(text, diagnostic.range)) for diagnostic in found}
    assert said == {("HG105", '"🚦"'), ("HG101", "nmae")}
    assert {diagnostic.source for diagnostic in found} == {"headgate"}


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
async def test_marks_and_line_breaks_move_nothing(editor: Editor, line_break: str, mark: str) -> None:
    text = f"{mark}verson: 1\nenvironments: [dev]\ndeploys:\n  - name: App\n".replace("\n", line_break)
    found = await editor.show(text)
    assert {(each.code, editor.cut(text, each.range)) for each in found} == {
        ("HG101", "verson"),
        ("HG105", "App"),
    }


async def test_typing_mends_it(editor: Editor) -> None:
    write_files(editor.root, {DEPLOY: CALLBACK})
    assert [found.code for found in await editor.show(GOOD.replace("app", "App"))] == ["HG105"]
    assert await editor.show(GOOD) == []


async def test_a_half_typed_text_is_diagnosed_and_served_on(editor: Editor) -> None:
    write_files(editor.root, {DEPLOY: CALLBACK})
    assert [found.code for found in await editor.show(f"{GOOD}    canary: {{")] == ["HG001"]
    assert await editor.show(GOOD) == []


async def test_a_finding_says_how_to_mend_it_and_what_belongs_to_it(editor: Editor) -> None:
    text = GOOD.replace("[dev]", "[{x-🚦: 🚦, name: stage}, stage]") + "    environments: [stagee]\n"
    found = {each.code: each for each in await editor.show(text)}
    assert found["HG201"].message.splitlines()[1] == 'did you mean "stage"?'
    assert found["HG201"].severity == types.DiagnosticSeverity.Error
    related = found["HG204"].related_information or []
    assert [editor.cut(text, each.location.range) for each in related] == ["stage"]
    assert related[0].location.range.start < found["HG204"].range.start


async def test_a_callback_that_comes_changes_and_goes_on_disk_is_looked_at_again(editor: Editor) -> None:
    assert [found.code for found in await editor.show(GOOD)] == ["HG401"]
    write_files(editor.root, {DEPLOY: CALLBACK})
    editor.watch(DEPLOY, types.FileChangeType.Created)
    await editor.expect()
    write_files(editor.root, {DEPLOY: WRONG})
    editor.watch(DEPLOY)
    await editor.expect("HG411", file=DEPLOY)
    (editor.root / DEPLOY).unlink()
    editor.watch(DEPLOY, types.FileChangeType.Deleted)
    await editor.expect("HG401")
    await editor.expect(file=DEPLOY)


async def test_without_a_watcher_the_next_save_or_key_stroke_looks_at_the_files(editor: Editor) -> None:
    assert [found.code for found in await editor.show(GOOD)] == ["HG401"]
    write_files(editor.root, {DEPLOY: CALLBACK})
    assert await editor.show(f"{GOOD}\n") == []
    (editor.root / DEPLOY).unlink()
    editor.save("headgate.yaml")
    await editor.expect("HG401")


async def test_what_is_wrong_in_a_callback_is_said_there_and_points_to_the_manifest(editor: Editor) -> None:
    write_files(editor.root, {DEPLOY: CALLBACK, "headgate.yaml": GOOD})
    found = await editor.show(WRONG, DEPLOY)
    assert [(each.code, editor.cut(WRONG, each.range)) for each in found] == [
        ("HG411", "actions/checkout@v6")
    ]
    related = found[0].related_information or []
    assert [each.location.uri for each in related] == [editor.uri()]


async def test_what_is_typed_counts_and_not_what_is_on_disk(editor: Editor) -> None:
    write_files(editor.root, {DEPLOY: WRONG, "headgate.yaml": GOOD})
    await editor.show(GOOD)
    await editor.expect("HG411", file=DEPLOY)
    assert await editor.show(CALLBACK, DEPLOY) == []
    editor.close(DEPLOY)
    await editor.expect("HG411", file=DEPLOY)


async def test_when_all_is_closed_nothing_is_shown_any_more(editor: Editor) -> None:
    write_files(editor.root, {DEPLOY: WRONG})
    await editor.show(GOOD)
    await editor.expect("HG411", file=DEPLOY)
    editor.close("headgate.yaml")
    await editor.expect(file=DEPLOY)
    await editor.expect()


async def test_two_repositories_are_told_apart(editor: Editor) -> None:
    write_files(editor.root, {f"{name}/.git/HEAD": "" for name in ("one", "two")})
    write_files(editor.root, {f"two/{DEPLOY}": CALLBACK})
    assert [each.code for each in await editor.show(GOOD, "one/headgate.yaml")] == ["HG401"]
    assert await editor.show(GOOD, "two/.github/headgate.yaml") == []
    assert editor.codes("one/headgate.yaml") == ["HG401"]


async def test_a_repository_that_cannot_be_read_keeps_nothing_from_the_others(editor: Editor) -> None:
    write_files(editor.root, {f"{name}/.git/HEAD": "" for name in ("one", "two")})
    callback = editor.root / "one" / DEPLOY
    callback.parent.mkdir(parents=True)
    callback.symlink_to(callback)
    editor.open(GOOD, "one/headgate.yaml")
    assert [each.code for each in await editor.show(GOOD, "two/headgate.yaml")] == ["HG401"]
    assert any("deploy-app.yaml: Too many levels" in each.message for each in editor.client.log_messages)


async def test_other_files_are_none_of_ours(editor: Editor) -> None:
    editor.open("a: [", "values.yaml")
    editor.open("a: [", "docs/workflows/x.yaml")
    await editor.show(GOOD)
    assert editor.uri("values.yaml") not in editor.client.diagnostics
    assert editor.uri("docs/workflows/x.yaml") not in editor.client.diagnostics


async def test_a_text_that_is_no_file_yet_is_checked_by_itself(editor: Editor) -> None:
    found = await editor.show(GOOD.replace("app", "App"), "untitled:headgate.yaml")
    assert [each.code for each in found] == ["HG105"]
    assert await editor.show(GOOD, "untitled:headgate.yaml") == []
