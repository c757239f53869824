"""Which repository is meant: remotes in all their spellings, servers and their APIs, whose token they get."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest
from headgate.failure import GeneratorError
from headgate.remote.repository import Site, derive_api, find_site, parse_remote, read_origin
from headgate.remote.token import Token, ask_gh, find_token

SHOP = "acme/shop"
SITE = Site(SHOP, "https://github.com", "https://api.github.com")
ENTERPRISE = Site(SHOP, "https://git.acme.example", "https://git.acme.example/api/v3")


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("git@github.com:acme/shop.git", "https://github.com"),
        ("git@github.com:acme/shop", "https://github.com"),
        ("git@github.com:/acme/shop.git", "https://github.com"),
        ("github.com:acme/shop.git", "https://github.com"),
        ("org-1234@GitHub.com:acme/shop.git", "https://github.com"),
        ("ssh://git@github.com/acme/shop.git", "https://github.com"),
        ("ssh://git@ssh.github.com:443/acme/shop.git", "https://github.com"),
        ("ssh://git@git.acme.example:2222/acme/shop.git", "https://git.acme.example"),
        ("https://github.com/acme/shop.git", "https://github.com"),
        ("https://github.com/acme/shop/", "https://github.com"),
        ("https://ann:ghp_secret@github.com/acme/shop", "https://github.com"),
        ("https://git.acme.example:8443/acme/shop.git", "https://git.acme.example:8443"),
        ("git://github.com/acme/shop.git", "https://github.com"),
        ("https://acme.ghe.com/acme/shop", "https://acme.ghe.com"),
    ],
)
def test_a_remote_is_read_in_every_spelling(url: str, server: str) -> None:
    assert parse_remote(url) == (server, SHOP)


@pytest.mark.parametrize(
    "url",
    [
        "/srv/git/acme/shop.git",
        "file:///srv/acme/shop.git",
        "../acme/shop",
        "https://github.com/shop",
        "https://github.com/a/b/c",
        "https://github.com/acme/sh op",
        "git@github.com:shop.git",
        "https:///acme/shop",
        "https://github.com:port/acme/shop",
        "https://[::1/acme/shop",
        "",
    ],
)
def test_what_is_no_repository_of_a_server_is_none(url: str) -> None:
    assert parse_remote(url) is None


@pytest.mark.parametrize(
    ("server", "api"),
    [
        ("https://github.com", "https://api.github.com"),
        ("https://acme.ghe.com", "https://api.acme.ghe.com"),
        ("https://git.acme.example:8443", "https://git.acme.example:8443/api/v3"),
    ],
)
def test_the_api_follows_from_the_server(server: str, api: str) -> None:
    assert derive_api(server) == api


def test_what_was_asked_for_comes_before_origin_and_that_before_the_environment() -> None:
    environment = {"GITHUB_REPOSITORY": "acme/third"}
    origin = "git@git.acme.example:acme/second.git"
    assert find_site("acme/first", origin, environment).url == "https://git.acme.example/acme/first"
    assert find_site(None, origin, environment).url == "https://git.acme.example/acme/second"
    assert find_site(None, None, environment).url == "https://github.com/acme/third"
    assert find_site(None, "/srv/shop", environment).name == "acme/third"


def test_the_environment_says_where_the_server_and_its_api_are() -> None:
    environment = {
        "GITHUB_SERVER_URL": "https://git.acme.example/",
        "GITHUB_API_URL": "https://api.acme.example/",
    }
    found = find_site(SHOP, None, environment)
    assert (found.host, found.api_url, found.named_api) == (
        "git.acme.example",
        "https://api.acme.example",
        True,
    )
    elsewhere = find_site(None, "git@github.com:acme/shop", {"GITHUB_SERVER_URL": "https://git.acme.example"})
    assert (elsewhere.server_url, elsewhere.api_url) == ("https://github.com", "https://api.github.com")


@pytest.mark.parametrize(
    ("asked", "origin", "said"),
    [
        (None, None, "there is no remote `origin`: name it with --repository OWNER/NAME"),
        (None, "https://ann:ghp_secret@example.invalid/x", "https://example.invalid/x is none on GitHub"),
        ("shop", None, '"shop" is no repository: --repository takes OWNER/NAME'),
        ("a/b/../../c", None, "is no repository"),
        ("acme/..", None, "is no repository"),
    ],
)
def test_no_repository_is_said_without_the_password_in_a_remote(
    asked: str | None, origin: str | None, said: str
) -> None:
    with pytest.raises(GeneratorError) as caught:
        find_site(asked, origin, {})
    assert said in str(caught.value)
    assert "secret" not in str(caught.value)


def test_origin_is_read_from_git(tmp_path: Path) -> None:
    assert read_origin(tmp_path) is None
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    assert read_origin(tmp_path) is None
    subprocess.run(
        ["git", "-C", str(tmp_path), "remote", "add", "origin", "git@github.com:acme/shop"], check=True
    )
    (tmp_path / "below").mkdir()
    assert read_origin(tmp_path / "below") == "git@github.com:acme/shop"


def test_the_token_of_the_environment_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    both = {"GH_TOKEN": " ghp_a ", "GITHUB_TOKEN": "ghp_b"}
    assert find_token(SITE, both) == Token("GH_TOKEN", "ghp_a")
    assert find_token(SITE, {"GH_TOKEN": " ", "GITHUB_TOKEN": "ghp_b"}) == Token("GITHUB_TOKEN", "ghp_b")
    assert find_token(SITE, {}) is None
    assert "ghp" not in repr(find_token(SITE, both))


def test_another_server_never_gets_the_token_for_github(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    assert find_token(ENTERPRISE, {"GH_TOKEN": "ghp_a", "GITHUB_TOKEN": "ghp_b"}) is None
    theirs = {"GH_TOKEN": "ghp_a", "GH_ENTERPRISE_TOKEN": "ghp_e"}
    assert find_token(ENTERPRISE, theirs) == Token("GH_ENTERPRISE_TOKEN", "ghp_e")
    named = find_site(
        SHOP, None, {"GITHUB_SERVER_URL": ENTERPRISE.server_url, "GITHUB_API_URL": ENTERPRISE.api_url}
    )
    assert find_token(named, {"GITHUB_TOKEN": "ghs_run"}) == Token("GITHUB_TOKEN", "ghs_run")


def install_gh(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program = folder / "gh"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def test_gh_is_asked_for_the_server_that_is_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install_gh(tmp_path, f'echo "$@" > {tmp_path}/asked; echo gho_mine', monkeypatch)
    assert find_token(ENTERPRISE, {}) == Token("gh auth token", "gho_mine")
    assert (tmp_path / "asked").read_text() == "auth token --hostname git.acme.example\n"


@pytest.mark.parametrize("script", ["echo no oauth token >&2; exit 1", "exit 0", "exec sleep 20"])
def test_a_gh_that_has_no_token_or_hangs_gives_none(
    script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("headgate.remote.token.TIMEOUT", 0.3)
    install_gh(tmp_path, script, monkeypatch)
    assert ask_gh("github.com") == ""
