"""Which texts belong to which manifest, and when a check is made anew."""

from __future__ import annotations

from pathlib import Path

import pytest
from headgate_schema.lsp.session import Home, OpenText, Session

from tests.lsp.editor import write_files

GOOD = "version: 1\nenvironments: [dev]\ndeploys: [{name: app}]\n"
DEPLOY = ".github/workflows/deploy-app.yaml"
CALLBACK = "on: workflow_call\njobs: {}\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_files(tmp_path, {"a b/.git/HEAD": ""})
    return tmp_path / "a b"


def test_a_manifest_belongs_to_the_folder_in_which_or_in_whose_github_it_lies(root: Path) -> None:
    session = Session()
    for file in ("headgate.yaml", ".github/headgate.yaml"):
        uri = (root / file).as_uri()
        assert session.find_home(uri) == Home(root, file, uri)


def test_a_callback_belongs_to_the_manifest_of_its_repository(root: Path) -> None:
    session = Session()
    uri = (root / DEPLOY).as_uri()
    assert session.find_home(uri) is None
    write_files(root, {".github/headgate.yaml": GOOD})
    assert session.find_home(uri) == Home(
        root, ".github/headgate.yaml", (root / ".github/headgate.yaml").as_uri()
    )
    session.open_text(OpenText((root / "headgate.yaml").as_uri(), 1, GOOD))
    assert session.find_home(uri) == Home(root, "headgate.yaml", (root / "headgate.yaml").as_uri())


def test_outside_of_a_repository_a_manifest_stands_alone_unless_its_folder_is_shown(tmp_path: Path) -> None:
    session = Session()
    uri = (tmp_path / "headgate.yaml").as_uri()
    assert session.find_home(uri) == Home(None, "headgate.yaml", uri)
    session.folders = {tmp_path}
    assert session.find_home(uri) == Home(tmp_path, "headgate.yaml", uri)


@pytest.mark.parametrize(
    "uri",
    [
        "untitled:Untitled-1",
        "file:///x/values.yaml",
        "file:///x/.github/workflows/x.json",
        "file:///x/workflows/x.yaml",
        "http://[bad",
        "git:/x/.github/workflows/x.yaml?ref=HEAD",
        "",
    ],
)
def test_all_else_is_none_of_ours(uri: str) -> None:
    assert Session().find_home(uri) is None


@pytest.mark.parametrize("written", ["file://{}", "FILE://{}", "file://localhost{}"])
def test_an_address_is_known_however_it_is_written(root: Path, written: str) -> None:
    path = str(root / "headgate.yaml").replace(" ", "%20").replace("yaml", "y%61ml")
    session = Session()
    session.open_text(OpenText(written.format(path), 1, GOOD))
    home = session.find_home((root / "headgate.yaml").as_uri())
    assert home is not None
    assert home.uri == written.format(path)
    assert session.check(home).document.text == GOOD


def test_a_check_is_made_once_until_something_changes(root: Path) -> None:
    write_files(root, {DEPLOY: CALLBACK})
    session = Session()
    uri = (root / "headgate.yaml").as_uri()
    session.open_text(OpenText(uri, 1, GOOD))
    home = session.list_homes()[0]
    first = session.check(home)
    assert session.check(home) is first
    session.open_text(OpenText("file:///elsewhere/headgate.yaml", 1, ""))
    assert session.check(home) is first
    session.forget(((root / DEPLOY).as_uri(),))
    second = session.check(home)
    assert second is not first
    assert second.callbacks[DEPLOY] is first.callbacks[DEPLOY], "the callback was read again"


def test_what_could_last_be_read_is_kept_while_the_text_is_broken(root: Path) -> None:
    session = Session()
    uri = (root / "headgate.yaml").as_uri()
    session.open_text(OpenText(uri, 1, "a: ["))
    home = session.list_homes()[0]
    assert session.find_readable(home) is None
    session.open_text(OpenText(uri, 2, GOOD))
    session.check(home)
    session.open_text(OpenText(uri, 3, f"{GOOD}a: ["))
    readable = session.find_readable(home)
    assert readable is not None
    assert readable.text == GOOD


@pytest.mark.parametrize(
    "file", ["secret.yaml", "../secret.yaml", "/dev/zero", ".github/workflows/../../a.yaml"]
)
def test_of_what_a_manifest_names_only_workflows_are_read(root: Path, file: str) -> None:
    write_files(
        root, {"secret.yaml": CALLBACK, "../secret.yaml": CALLBACK, "a.yaml": CALLBACK, DEPLOY: CALLBACK}
    )
    session = Session()
    home = session.find_home((root / "headgate.yaml").as_uri())
    assert home is not None
    assert session.find_callback(home, file) is None
    assert session.find_callback(home, DEPLOY) is not None
