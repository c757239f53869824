"""Editors that know only our schema: exact places, a description of every field, blocks that complete."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from headgate_schema.check import Checked, check
from headgate_schema.reference import Field, list_fields

from tests.e2e.node import node_program
from tests.e2e.prerequisites import require_node_packages
from tests.editors.client import Client, Message
from tests.editors.yaml_server import GUARD, OFFLINE, start_yaml_server
from tests.schema.conftest import FIRST_SHAPE, FULL

ROOT = Path(__file__).parents[2]
RULES = ROOT / "tests/rules"
BAD = sorted(RULES.glob("HG1*/bad-*.yaml"))
OK = sorted(RULES.glob("HG1*/ok-*.yaml"))

Range = tuple[int, int, int, int]
"""Line and column of start and end, from 1."""

WHOLE = "all rows of a value are underlined, ours is its key alone"
JOINED = "equal messages on one line are joined"
APART: Mapping[tuple[str, int], str] = {
    ("HG101/bad-unknown-others-rest-on", 14): "below a key that it does not know the schema says nothing",
    ("HG102/bad-empty", 1): "of what the whole manifest lacks one character is underlined, not the first key",
    ("HG102/bad-item", 4): "a missing key is shown at the item's first character, ours at its first key",
    ("HG103/bad-blocks", 3): WHOLE,
    ("HG103/bad-inputs", 5): JOINED,
    ("HG105/bad-names", 2): JOINED,
    ("HG105/bad-names", 8): JOINED,
    ("HG106/bad-blocks", 2): WHOLE,
    ("HG106/bad-blocks", 26): WHOLE,
    ("HG108/bad-alone", 5): "a missing block is shown where its deploy begins",
    ("HG108/bad-alone", 7): "a missing block is shown where its deploy begins",
}
"""The lines of cases where the schema underlines something else than our own finding."""

BESIDES: Mapping[str, set[str]] = {
    "HG101/bad-misspelt": {'Missing property "name".'},
    "HG103/bad-blocks": {'Incorrect type. Expected "array".'},
    "HG106/bad-blocks": {
        "Array has too many items. Expected 20 or fewer.",
        "Array has too few items. Expected 1 or more.",
    },
    "HG106/bad-beside-references": {"Property canary is not allowed."},
    "HG108/bad-alone": {'Missing property "canary".', 'Missing property "blue_green".'},
}
"""What the schema says elsewhere: it repeats another mistake, or begins a deploy earlier, or a row later."""


def name_case(case: Path) -> str:
    return f"{case.parent.name}/{case.stem}"


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example, generated: with the vendored copy of the schema."""
    folder = tmp_path_factory.mktemp("editors") / "shop"
    subprocess.run(["cp", "-r", str(ROOT / "examples/shop"), str(folder)], check=True)
    subprocess.run([sys.executable, "-m", "headgate", "generate"], cwd=folder, check=True)
    return folder


@pytest.fixture(scope="module")
def connections(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where each connection that the module's editor wants is written."""
    return tmp_path_factory.mktemp("network") / "connections"


@pytest.fixture(scope="module")
def editor(repository: Path, connections: Path) -> Iterator[Client]:
    """An editor that was told by its settings which schema a manifest has."""
    require_node_packages()
    schema = (repository / ".github/headgate/manifest.schema.json").as_uri()
    settings = {"yaml": {**OFFLINE["yaml"], "schemas": {schema: ["case-*.yaml"]}}}
    with start_yaml_server(repository, settings, connections) as client:
        yield client


@pytest.fixture(scope="module")
def said(editor: Client, repository: Path) -> dict[Path, list[Message]]:
    """What is said of each case of the rules about shape."""
    uris = {case: uri_of(repository, f"{case.parent.name}-{case.stem}") for case in (*BAD, *OK)}
    diagnostics = editor.open_all({uri: case.read_text("utf-8") for case, uri in uris.items()})
    return {case: diagnostics[uri] for case, uri in uris.items()}


def uri_of(repository: Path, name: str) -> str:
    return (repository / f"case-{name}.yaml").as_uri()


def range_of(diagnostic: Message) -> Range:
    start, end = diagnostic["range"]["start"], diagnostic["range"]["end"]
    return start["line"] + 1, start["character"] + 1, end["line"] + 1, end["character"] + 1


def shape_spans(checked: Checked) -> list[Range]:
    found = [checked.locate(each.place) for each in checked.findings if each.code.startswith("HG1")]
    return [(span.line, span.column, span.end_line, span.end_column) for span in found]


@pytest.mark.parametrize("case", BAD, ids=name_case)
def test_the_schema_underlines_what_our_own_findings_underline(
    case: Path, said: dict[Path, list[Message]]
) -> None:
    ours = shape_spans(check(case.read_bytes(), case.name))
    theirs = {range_of(each): each["message"] for each in said[case]}
    apart = {line for name, line in APART if name == name_case(case)}
    assert {span[0] for span in ours if span not in theirs} == apart
    besides = {message for span, message in theirs.items() if span not in ours and span[0] not in apart}
    assert besides == BESIDES.get(name_case(case), set())


@pytest.mark.parametrize("case", OK, ids=name_case)
def test_the_schema_says_nothing_of_a_good_manifest(case: Path, said: dict[Path, list[Message]]) -> None:
    assert said[case] == []


HEAD = "version: 1\nenvironments: [dev, prod]\ndeploys:\n"
CANARY = HEAD + "  - name: app\n    strategy: canary\n    canary:\n"
CALLBACKS = (
    "      promote_callback: .github/workflows/p.yaml\n      rollback_callback: .github/workflows/r.yaml\n"
)
MARKED: Mapping[str, tuple[str, str]] = {
    "an unknown key": (HEAD + "  - name: app\n    «soak»: 1\n", "Property soak is not allowed."),
    "a reserved key": (HEAD + "  - name: app\n    «matrix»: []\n", "Property matrix is not allowed."),
    "a missing key": (HEAD + "  - «n»eeds: []\n", 'Missing property "name".'),
    "a wrong word": (
        HEAD + "  - name: app\n    strategy: «rolling»\n",
        'Value is not accepted. Valid values: "all_at_once", "blue_green", "canary".',
    ),
    "too much": (CANARY + "      percent: «100»\n" + CALLBACKS, "Value is above the maximum of 99."),
    "no mapping": (HEAD + "  - name: app\nstate: «main»\n", 'Incorrect type. Expected "State".'),
    "percent beside steps": (
        CANARY + "      «percent»: 5\n      steps: [{percent: 5}]\n" + CALLBACKS,
        "Property percent is not allowed.",
    ),
    "neither percent nor steps": (
        CANARY.replace("canary:\n", "«canary»:\n") + CALLBACKS,
        'Missing property "percent".',
    ),
    "a block without its strategy": (
        CANARY.replace("    strategy: canary\n    canary", "    «canary»") + "      percent: 5\n" + CALLBACKS,
        "Property canary is not allowed.",
    ),
    "the block of another strategy": (
        CANARY + "      percent: 5\n" + CALLBACKS
        + "    «blue_green»: {cutover_callback: .github/workflows/c.yaml}\n",
        "Property blue_green is not allowed.",
    ),
    "a strategy without its block": (
        HEAD + "  - «n»ame: app\n    strategy: canary\n",
        'Missing property "canary".',
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", MARKED)
def test_a_mistake_is_one_diagnostic_on_exactly_its_key_or_value(
    what: str, editor: Client, repository: Path
) -> None:
    marked, message = MARKED[what]
    before, _, rest = marked.partition("«")
    inside, _, _ = rest.partition("»")
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    said = editor.open(uri_of(repository, what.replace(" ", "-")), marked.replace("«", "").replace("»", ""))
    assert [(range_of(each), each["message"]) for each in said] == [
        ((line, column, line, column + len(inside)), message)
    ]


def test_a_bad_duration_is_told_by_the_pattern(editor: Client, repository: Path) -> None:
    text = CANARY + "      percent: 5\n      bake_time: 10 min\n" + CALLBACKS
    (told,) = editor.open(uri_of(repository, "duration"), text)
    assert range_of(told) == (8, 18, 8, 24)
    assert told["message"].startswith('String does not match the pattern of "^(?:[0-9]{1,2}d')


BLUE_GREEN = (
    HEAD
    + """\
  - name: app
    strategy: blue_green
    blue_green:
      approval: {github_environment: release, timeout: 1h, on_timeout: rollback}
      on_failure: hold
      bake_mode: runner
      timeout: 8h
      bake_time: 1h
      verify_live: {callback: .github/workflows/v.yaml, interval: 30m, failure_limit: 1}
      cutover_callback: .github/workflows/c.yaml
"""
)
"""The fields that the other full manifests have only in a canary."""


def test_hovering_shows_the_description_of_every_field(editor: Client, repository: Path) -> None:
    wanted = {field.path: field for field in list_fields() if not field.reserved}
    shown: set[str] = set()
    for name, text in {"full": FULL, "first-shape": FIRST_SHAPE, "blue-green": BLUE_GREEN}.items():
        uri = uri_of(repository, name)
        assert editor.open(uri, text) == []
        document = check(text.encode(), name).document
        for path, field in paths_of(document.data, wanted):
            key = document.locate(path, "key")
            hovered = editor.hover(uri, key.line - 1, key.column)
            assert field.description in hovered.replace("\\", ""), field.path
            shown.add(field.path)
    assert shown == set(wanted)


def paths_of(data: Any, wanted: Mapping[str, Field]) -> Iterator[tuple[tuple[str | int, ...], Field]]:
    """Give the path of every key of a manifest that is a field."""
    waiting: list[tuple[tuple[str | int, ...], str, Any]] = [((), "", data)]
    while waiting:
        path, name, value = waiting.pop()
        if isinstance(value, list):
            waiting += [((*path, index), f"{name}[]", item) for index, item in enumerate(value)]
        for key, item in value.items() if isinstance(value, dict) else ():
            inner = f"{name}.{key}".lstrip(".")
            if inner in wanted:
                yield (*path, key), wanted[inner]
                waiting.append(((*path, key), inner, item))


OFFERED: Mapping[str, tuple[str, str]] = {
    "an empty manifest": ("", ""),
    "a deploy": (HEAD + "  - ", "deploys[]."),
    "a deploy, begun": (HEAD + "  - name: app\n    ", "deploys[]."),
    "a canary": (CANARY + "      ", "deploys[].canary."),
    "a canary without its strategy": (HEAD + "  - name: app\n    canary:\n      ", "deploys[].canary."),
    "a step": (CANARY + "      steps:\n        - ", "deploys[].canary.steps[]."),
    "checks": (CANARY + "      verify:\n        ", "deploys[].canary.verify."),
    "a blue-green": (HEAD + "  - name: app\n    blue_green:\n      ", "deploys[].blue_green."),
}


@pytest.mark.parametrize("what", OFFERED)
def test_completion_offers_all_that_a_block_may_have_and_nothing_reserved(
    what: str, editor: Client, repository: Path
) -> None:
    text, prefix = OFFERED[what]
    offered = offer(editor, uri_of(repository, f"keys-{what}".replace(" ", "-")), text)
    fields = {
        field.path.removeprefix(prefix): field.reserved
        for field in list_fields()
        if field.path.startswith(prefix) and "." not in field.path.removeprefix(prefix)
    }
    written = {"name"} if "name: app\n    " in text and prefix == "deploys[]." else set()
    wanted = {name for name, is_reserved in fields.items() if not is_reserved} - written
    assert len(wanted) >= 2 and wanted <= set(offered)
    assert not {name for name, is_reserved in fields.items() if is_reserved} & set(offered)
    titles = {"headgate.yaml, version 1", "Deploy", "Canary", "BlueGreen", "Step", "Verify"}
    assert set(offered) <= wanted | titles


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (HEAD + "  - name: app\n    strategy: ", {"all_at_once", "blue_green", "canary"}),
        (CANARY + "      on_failure: ", {"hold", "rollback"}),
        (CANARY + "      bake_mode: ", {"park", "runner"}),
        (CANARY + "      bake_time: ", {"10m", "1h30m"}),
    ],
)
def test_completion_offers_the_words_that_a_value_may_be(
    text: str, words: set[str], editor: Client, repository: Path
) -> None:
    uri = uri_of(repository, "words-" + text.split()[-1].rstrip(":"))
    assert set(offer(editor, uri, text)) == words


def test_completing_the_name_of_a_block_opens_it_and_its_skeleton_has_what_is_required(
    editor: Client, repository: Path
) -> None:
    blocks = offer(editor, uri_of(repository, "blocks"), HEAD + "  - name: app\n    ")
    assert {blocks[name] for name in ("canary", "blue_green")} == {"canary:\n  ", "blue_green:\n  "}
    inside = offer(editor, uri_of(repository, "skeleton"), CANARY + "      ")
    assert inside["Canary"] == "promote_callback: $1\nrollback_callback: $2"


def offer(editor: Client, uri: str, text: str) -> dict[str, str]:
    """Give what is offered at the end of a text: label → what would be inserted."""
    editor.open(uri, text)
    lines = text.split("\n")
    return {
        item["label"]: item["insertText"] for item in editor.complete(uri, len(lines) - 1, len(lines[-1]))
    }


@pytest.mark.parametrize(
    ("manifest", "schema"),
    [
        ("headgate.yaml", ".github/headgate/manifest.schema.json"),
        (".github/headgate.yaml", "headgate/manifest.schema.json"),
    ],
)
def test_the_vendored_schema_works_by_its_modeline_without_settings_or_network(
    manifest: str, schema: str, repository: Path, tmp_path: Path
) -> None:
    require_node_packages()
    text = (repository / "headgate.yaml").read_text("utf-8")
    first, _, rest = text.partition("\n")
    assert first == "# yaml-language-server: $schema=.github/headgate/manifest.schema.json"
    uri = (repository / manifest).as_uri()
    with start_yaml_server(repository, {}, tmp_path / "connections") as client:
        said = client.open(uri, f"# yaml-language-server: $schema={schema}\n{rest}soak: 1\n")
        assert [each["message"] for each in said] == ["Property soak is not allowed."]
        assert "The promotion chain, in order" in client.hover(uri, 2, 3)
    # With its default settings the server asks for the catalogue of the schema store, and for nothing else.
    assert set((tmp_path / "connections").read_text().split()) == {"www.schemastore.org:443"}


def test_the_settings_can_name_the_vendored_schema_instead(repository: Path, tmp_path: Path) -> None:
    require_node_packages()
    schemas = {".github/headgate/manifest.schema.json": ["headgate.yaml"]}
    settings = {"yaml": {**OFFLINE["yaml"], "schemas": schemas}}
    with start_yaml_server(repository, settings, tmp_path / "connections") as client:
        said = client.open((repository / "headgate.yaml").as_uri(), HEAD + "  - name: app\n    soak: 1\n")
    assert [each["message"] for each in said] == ["Property soak is not allowed."]


def test_what_keeps_the_server_from_the_network_writes_down_and_refuses(tmp_path: Path) -> None:
    require_node_packages()
    script = "require('node:net').connect(9, '127.0.0.1').on('error', (error) => console.log(error.message))"
    told = tmp_path / "connections"
    command = [node_program(), f"--require={GUARD}", "--eval", script]
    ran = subprocess.run(
        command, env={"HEADGATE_CONNECTIONS": str(told)}, capture_output=True, text=True, check=True
    )
    assert (ran.stdout, told.read_text()) == ("there is no network\n", "127.0.0.1:9\n")


def test_nothing_is_fetched_where_the_schema_store_is_switched_off(
    said: dict[Path, list[Message]], connections: Path
) -> None:
    assert said
    assert connections.read_text() == ""
