"""From where something is used to where it is declared, and back, over both kinds of files."""

from __future__ import annotations

import pytest
from lsprotocol import types

from tests.lsp.editor import Editor, write_files

DEPLOY, BUILD = ".github/workflows/deploy-app.yaml", ".github/workflows/image.yaml"
MANIFEST = """\
version: 1
environments: [dev, {name: prod}]
builds:
  - {name: image, callback: .github/workflows/image.yaml}
deploys:
  - name: app # 🚦
    builds: ["image"]
    inputs: {"region 🌍": eu, region: eu}
    secrets: {TOKEN: APP_TOKEN}
    environment_inputs:
      prod: {region: us}
  - {x-🚦: "🚦", name: web, callback: .github/workflows/deploy-app.yaml, needs: [app], environments: [prod]}
"""
CALLBACK = """\
name: 🚀
on:
  workflow_call:
    inputs:
      sha: {type: string}
      region: {type: string, required: true}
    secrets:
      TOKEN: {required: true}
jobs: {}
"""
FILES = {DEPLOY: CALLBACK, BUILD: "on: workflow_call\njobs: {}\n", "headgate.yaml": MANIFEST}


async def define(editor: Editor, marked: str, file: str = "headgate.yaml", *, nth: int = 0) -> list[str]:
    """Where "go to definition" leads: file and text, in order."""
    place = editor.position(editor.text(file), marked, nth=nth)
    params = types.DefinitionParams(editor.identify(file), place)
    return show(editor, await editor.client.text_document_definition_async(params))


async def refer(editor: Editor, marked: str, file: str = "headgate.yaml", *, nth: int = 0) -> list[str]:
    place = editor.position(editor.text(file), marked, nth=nth)
    context = types.ReferenceContext(include_declaration=True)
    params = types.ReferenceParams(context, editor.identify(file), place)
    return show(editor, await editor.client.text_document_references_async(params))


def show(editor: Editor, answer: object) -> list[str]:
    assert isinstance(answer, list | tuple), answer
    shown = []
    for location in answer:
        file = str(location.uri).removeprefix(f"{editor.uri('')}/")
        text = editor.texts[file][1] if file in editor.texts else FILES[file]
        line = location.range.start.line + 1
        shown.append(f"{file.rpartition('/')[2]}:{line} {editor.cut(text, location.range)}")
    return shown


@pytest.fixture
async def opened(editor: Editor) -> Editor:
    write_files(editor.root, FILES)
    await editor.show(MANIFEST)
    return editor


@pytest.mark.parametrize(
    ("marked", "nth", "leads_to"),
    [
        ("prod", 1, ["headgate.yaml:2 prod"]),
        ("prod", 2, ["headgate.yaml:2 prod"]),
        ("image", 2, ["headgate.yaml:4 image"]),
        ("app]", 0, ["headgate.yaml:6 app"]),
        (".github/workflows/deploy-app", 0, ["deploy-app.yaml:3 workflow_call"]),
        (".github/workflows/image", 0, ["image.yaml:1 on"]),
        ("app", 0, ["deploy-app.yaml:3 workflow_call"]),
        ("web", 0, ["headgate.yaml:12 web"]),
        ("region: eu", 0, ["deploy-app.yaml:6 region"]),
        ("region: us", 0, ["deploy-app.yaml:6 region"]),
        ("TOKEN", 0, ["deploy-app.yaml:8 TOKEN"]),
        ("region 🌍", 0, []),
        ("version", 0, []),
    ],
)
async def test_a_definition_is_found(opened: Editor, marked: str, nth: int, leads_to: list[str]) -> None:
    assert await define(opened, marked, nth=nth) == leads_to


@pytest.mark.parametrize(
    ("marked", "nth", "found"),
    [
        ("prod", 0, ["headgate.yaml:2 prod", "headgate.yaml:11 prod", "headgate.yaml:12 prod"]),
        ("image", 2, ["headgate.yaml:4 image", "headgate.yaml:7 image"]),
        ("app]", 0, ["headgate.yaml:6 app", "headgate.yaml:12 app"]),
        (
            "region: us",
            0,
            ["deploy-app.yaml:6 region", "headgate.yaml:8 region", "headgate.yaml:11 region"],
        ),
        (
            ".github/workflows/deploy-app",
            0,
            [
                "deploy-app.yaml:3 workflow_call",
                "headgate.yaml:6 app",
                "headgate.yaml:12 .github/workflows/deploy-app.yaml",
            ],
        ),
    ],
)
async def test_all_that_means_the_same_is_found(
    opened: Editor, marked: str, nth: int, found: list[str]
) -> None:
    assert await refer(opened, marked, nth=nth) == found


async def test_a_callback_leads_back_to_the_manifest(opened: Editor) -> None:
    await opened.show(CALLBACK, DEPLOY)
    callers = ["headgate.yaml:6 app", "headgate.yaml:12 .github/workflows/deploy-app.yaml"]
    assert await define(opened, "workflow_call", DEPLOY) == callers
    assert (await refer(opened, "workflow_call", DEPLOY))[1:] == callers
    assert await define(opened, "region", DEPLOY) == ["headgate.yaml:8 region", "headgate.yaml:11 region"]
    assert await define(opened, "TOKEN", DEPLOY) == ["headgate.yaml:9 TOKEN"]
    assert await define(opened, "jobs", DEPLOY) == []


async def test_declarations_are_left_out_when_nobody_asks_for_them(opened: Editor) -> None:
    context = types.ReferenceContext(include_declaration=False)
    place = opened.position(MANIFEST, "app]")
    params = types.ReferenceParams(context, opened.identify(), place)
    answer = await opened.client.text_document_references_async(params)
    assert show(opened, answer) == ["headgate.yaml:12 app"]


@pytest.mark.parametrize("mark", ["", "\ufeff"])
async def test_a_text_that_is_broken_still_leads_on_above_and_behind(editor: Editor, mark: str) -> None:
    write_files(editor.root, FILES)
    await editor.show(f"{mark}{MANIFEST}")
    broken = MANIFEST.replace("    builds: [", "    \n    builds: [[[\n    buil: [")
    assert [each.code for each in await editor.show(f"{mark}{broken}")] == ["HG001"]
    assert await define(editor, "app]") == ["headgate.yaml:6 app"]
    assert await define(editor, "prod]") == ["headgate.yaml:2 prod"]
    assert await define(editor, "image", nth=2) == []
    assert await refer(editor, "prod") == [f"headgate.yaml:{line} prod" for line in (2, 13, 14)]


async def test_a_workflow_that_nobody_calls_leads_nowhere(opened: Editor) -> None:
    logged = len(opened.client.log_messages)
    lint = ".github/workflows/lint.yaml"
    assert await opened.show("on: push\njobs: {}\n", lint) == []
    assert await define(opened, "on", lint) == []
    assert await refer(opened, "on", lint) == []
    assert len(opened.client.log_messages) == logged


async def test_what_is_the_same_in_the_text_is_highlighted(opened: Editor) -> None:
    place = opened.position(MANIFEST, "app]")
    params = types.DocumentHighlightParams(opened.identify(), place)
    answer = await opened.client.text_document_document_highlight_async(params)
    assert [(opened.cut(MANIFEST, each.range), each.kind) for each in answer or ()] == [
        ("app", types.DocumentHighlightKind.Write),
        ("app", types.DocumentHighlightKind.Read),
    ]


async def test_callback_files_are_links(opened: Editor) -> None:
    params = types.DocumentLinkParams(opened.identify())
    answer = await opened.client.text_document_document_link_async(params)
    assert [(opened.cut(MANIFEST, each.range), each.target) for each in answer or ()] == [
        (BUILD, opened.uri(BUILD)),
        (DEPLOY, opened.uri(DEPLOY)),
    ]


async def test_an_outline_shows_what_a_manifest_is_made_of(editor: Editor) -> None:
    text = (
        "version: 1\nenvironments: [dev]\ndeploys:\n  - name: app # 🚦\n    strategy: canary\n    canary:\n"
        "      steps:\n        - {percent: 5, bake_time: 10m}\n"
        "      promote_callback: .github/workflows/promote.yaml\n"
    )
    await editor.show(text)
    params = types.DocumentSymbolParams(editor.identify())
    answer = await editor.client.text_document_document_symbol_async(params)
    assert outline(answer or ()) == [
        "version = 1",
        "environments",
        "  dev",
        "deploys",
        "  app = canary",
        "    canary",
        "      steps",
        "        5 % = 10m",
        "      promote_callback = .github/workflows/promote.yaml",
    ]
    assert_nested(answer or ())
    deploy = (answer or ())[2].children[0]  # type: ignore[index, union-attr]
    assert editor.cut(text, deploy.selection_range) == "app"


def outline(symbols: object, indent: str = "") -> list[str]:
    lines = []
    for symbol in symbols:  # type: ignore[attr-defined]
        lines.append(f"{indent}{symbol.name}" + (f" = {symbol.detail}" if symbol.detail else ""))
        lines += outline(symbol.children or (), f"{indent}  ")
    return lines


def assert_nested(symbols: object) -> None:
    """VS Code refuses an outline in which a name is not inside of what it names."""
    for symbol in symbols:  # type: ignore[attr-defined]
        assert symbol.range.start <= symbol.selection_range.start
        assert symbol.selection_range.end <= symbol.range.end
        assert_nested(symbol.children or ())
