"""The server as a program: how it begins and ends, and that nothing that is sent to it stops it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import pytest
from headgate_schema.cli import main
from headgate_schema.failure import SchemaError
from headgate_schema.lsp.server import Server, build_server, guard
from lsprotocol import types

from tests.lsp.wire import Wire

GOOD = "version: 1\nenvironments: [dev]\ndeploys: [{name: app}]\n"


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    (tmp_path / ".git").mkdir()
    wire = Wire(tmp_path)
    yield wire
    wire.kill()


def test_an_editor_that_ends_it_gets_exit_code_0_and_nothing_on_standard_error(wire: Wire) -> None:
    answer = wire.start()
    assert answer["result"]["serverInfo"]["name"] == "headgate"
    wire.open(GOOD)
    assert [each["code"] for each in wire.wait()["diagnostics"]] == ["HG401"]
    assert wire.finish() == (0, "")


def test_an_editor_that_goes_away_gets_exit_code_1(wire: Wire) -> None:
    wire.start()
    assert wire.end()[0] == 1


def test_exit_without_shutdown_is_exit_code_1(wire: Wire) -> None:
    wire.start()
    wire.send("exit", None)
    assert wire.end()[0] == 1


@pytest.mark.parametrize("program", ["headgate-schema", "headgate"])
def test_without_pygls_the_command_that_installs_it_is_named(
    program: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "pygls.lsp.server", None)
    if program == "headgate":
        from headgate.cli import main as run
    else:
        run = main
    assert run(["lsp"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert 'pip install "headgate-schema[lsp]"' in printed.err
    assert len(printed.err.splitlines()) == 1


def test_whatever_is_printed_goes_to_standard_error(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import atexit; atexit.register(print, 'stray')\n")
    path = f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
    wire = Wire(tmp_path, PYTHONPATH=path)
    wire.start()
    assert wire.finish() == (0, "stray\n")
    wire.kill()


def test_where_the_documentation_is_known_a_diagnostic_links_to_its_page(tmp_path: Path) -> None:
    wire = Wire(tmp_path, HEADGATE_DOCS_URL="https://docs.example.com/headgate/")
    wire.start()
    wire.open(GOOD)
    (shown,) = wire.wait()["diagnostics"]
    page = "https://docs.example.com/headgate/reference/rules/HG401.html"
    assert shown["codeDescription"] == {"href": page}
    wire.kill()


def test_a_refusal_is_told_to_whoever_asked_and_to_nobody_else(wire: Wire) -> None:
    wire.start()
    wire.open(GOOD)
    wire.wait()
    place = {"line": 1, "character": 16}
    params = {"textDocument": wire.identify(), "position": place, "newName": "Live"}
    answer = wire.ask("textDocument/rename", params)
    assert '"Live" is not a name' in answer["error"]["message"]
    assert wire.finish() == (0, "")


@pytest.mark.parametrize("watches", [True, False])
def test_an_editor_that_can_watch_files_is_asked_to(wire: Wire, watches: bool) -> None:
    wire.start({"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": watches}}})
    wire.open(GOOD)
    first = wire.read()
    assert (first["method"] == "client/registerCapability") == watches
    if watches:
        asked = first["params"]["registrations"][0]["registerOptions"]["watchers"]
        assert "**/.github/workflows/*.yml" in [each["globPattern"] for each in asked]


def test_what_makes_no_sense_is_survived(wire: Wire) -> None:
    wire.start()
    wire.send("$/cancelRequest", {"id": 99})
    wire.send("$/setTrace", {"value": "off"})
    wire.send("textDocument/didSave", {"textDocument": {"uri": "file:///nowhere/headgate.yaml"}})
    wire.send("textDocument/didClose", {"textDocument": {"uri": "file:///nowhere/headgate.yaml"}})
    wire.type(GOOD, 7)
    assert "Traceback" not in wire.wait("window/logMessage")["message"]
    assert wire.ask("headgate/unknown", {})["error"]["code"] == -32601
    wire.send("textDocument/definition", {"position": 3}, number=98)
    assert "Traceback" not in wire.wait("window/logMessage")["message"]
    place = {"line": 9999, "character": 9999}
    wire.open(GOOD)
    answer = wire.ask("textDocument/definition", {"textDocument": wire.identify(), "position": place})
    assert answer["result"] == []
    assert [each["code"] for each in wire.wait()["diagnostics"]] == ["HG401"]
    assert wire.finish()[0] == 0


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("\ud800", ["HG002"]),
        ("\x00", ["HG003"]),
        ("a" * 10_000_000, ["HG004"]),
        ("[" * 100_000, ["HG005"]),
        ("", ["HG007"]),
    ],
    ids=["half a pair", "nul", "10 MB", "deep", "empty"],
)
def test_any_text_gets_an_answer_within_a_second_and_the_next_one_too(
    wire: Wire, text: str, codes: list[str]
) -> None:
    wire.start()
    start = perf_counter()
    wire.open(text)
    assert [each["code"] for each in wire.wait()["diagnostics"]] == codes
    assert perf_counter() - start < 3  # a second, on a machine with something else to do
    wire.type(GOOD, 2)
    assert [each["code"] for each in wire.wait()["diagnostics"]] == ["HG401"]


def test_thousands_of_findings_are_all_shown(wire: Wire) -> None:
    wire.start()
    wire.open(GOOD + "".join(f"wrong{number}: 1\n" for number in range(3000)))
    assert len(wire.wait()["diagnostics"]) == 3001  # and the callback that is missing
    wire.type(GOOD, 2)
    assert [each["code"] for each in wire.wait()["diagnostics"]] == ["HG401"]


def test_a_queue_of_key_strokes_is_answered_once(wire: Wire) -> None:
    wire.start()
    wire.open(GOOD)
    wire.wait()
    big = GOOD + "".join(f"x-{number}: [1, 2, 3]\n" for number in range(2000))
    for version in range(2, 42):
        wire.type(f"{big}x-last: {version}\n", version)
    answered = 0
    while wire.wait()["version"] != 41:
        answered += 1
    assert answered < 20


class Quiet(Server):
    """A server that keeps what it would write into an editor's log."""

    def __init__(self) -> None:
        super().__init__(None)
        self.logged: list[str] = []

    def window_log_message(self, params: types.LogMessageParams) -> None:
        self.logged.append(params.message)


@pytest.mark.parametrize(
    ("error", "logged"),
    [
        (SchemaError("can't read x: Permission denied"), "headgate: can't read x: Permission denied"),
        (ZeroDivisionError("a\nb"), "headgate: ZeroDivisionError: a"),
    ],
)
def test_a_handler_that_fails_is_one_line_in_the_log(error: Exception, logged: str) -> None:
    def fail(_server: Server) -> None:
        raise error

    server = Quiet()
    assert guard(fail)(server) is None
    assert server.logged == [logged]


def test_every_handler_is_guarded() -> None:
    server = build_server()
    features = server.protocol.fm.features
    assert types.TEXT_DOCUMENT_RENAME in features
    assert {handler.__qualname__ for handler in features.values()} == {"_bind.<locals>.serve"}
