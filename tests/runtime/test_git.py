"""Git runs the same on every machine, its token is seen by nobody, and its failures are understood."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from headgate_runtime import git as git_module
from headgate_runtime.errors import GitFailed
from headgate_runtime.git import Git, classify, clean_environment, open_scratch, require_version

TOKEN = "ghs_0123456789abcdef"
BASIC = base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()


def test_it_returns_bytes_and_feeds_bytes(scratch: Git) -> None:
    blob = scratch.run("hash-object", "-w", "--stdin", stdin=b"\x00\xff\r\n").decode().strip()
    assert scratch.run("cat-file", "blob", blob) == b"\x00\xff\r\n"


def test_a_failure_carries_the_last_words_of_git(scratch: Git) -> None:
    with pytest.raises(
        GitFailed, match=r"git cat-file failed: fatal: Not a valid object name nothing"
    ) as caught:
        scratch.run("cat-file", "blob", "nothing")
    assert (caught.value.failure, caught.value.exit_code) == ("lasting", 2)


def test_a_question_is_answered_with_yes_or_no(scratch: Git) -> None:
    blob = scratch.run("hash-object", "-w", "--stdin", stdin=b"x").decode().strip()
    assert scratch.succeeds("cat-file", "-e", blob)
    assert not scratch.succeeds("cat-file", "-e", "0" * 40)


def test_a_scratch_repository_is_bare_empty_and_gone_afterwards() -> None:
    with open_scratch() as git:
        folder = Path(git.run("rev-parse", "--absolute-git-dir").decode().strip())
        assert git.run("rev-parse", "--is-bare-repository") == b"true\n"
        assert not (folder / "hooks").exists()
    assert not folder.exists()


def test_the_settings_of_user_and_machine_are_out_of_reach(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".gitconfig").write_text(
        '[url "file:///elsewhere/"]\ninsteadOf = file:///\n[user]\nname = Me\n'
    )
    for name, value in {
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path),
        "GIT_DIR": str(tmp_path / "other.git"),
        "GIT_INDEX_FILE": str(tmp_path / "index"),
        "GIT_CONFIG_PARAMETERS": "'user.name=Me'",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "user.name",
        "GIT_CONFIG_VALUE_0": "Me",
        "GIT_TRACE": str(tmp_path / "trace"),
        "GIT_ASKPASS": "/bin/false",
        "SSH_ASKPASS": "/bin/false",
        "LC_ALL": "de_DE.UTF-8",
        "LANGUAGE": "de",
    }.items():
        monkeypatch.setenv(name, value)
    with open_scratch() as git:
        assert not git.succeeds("config", "user.name")
        assert git.run("config", "--get-regexp", "^url|^maintenance") == b"maintenance.auto false\n"
        with pytest.raises(GitFailed, match="fatal: Not a valid object name"):
            git.run("cat-file", "-p", "nothing")
    assert not (tmp_path / "trace").exists()


def test_what_a_runner_needs_to_reach_its_server_stays() -> None:
    kept = clean_environment(
        {"GIT_SSL_CAINFO": "/ca.pem", "https_proxy": "p", "PATH": "x", "GIT_DIR": "y"}, {}
    )
    assert (kept["GIT_SSL_CAINFO"], kept["https_proxy"], kept["PATH"]) == ("/ca.pem", "p", "x")
    assert "GIT_DIR" not in kept
    assert kept["LC_ALL"] == "C"


def test_the_token_goes_to_its_server_only_and_by_the_environment_only(wrapper: Any) -> None:
    wrapper.install('echo "$@" >> "$folder/arguments"; env > "$folder/environment"')
    with open_scratch(TOKEN, "https://github.example/") as git:
        git.run("init", "--quiet", "--bare", ".")
        header = git.run("config", "--get-urlmatch", "http.extraheader", "https://github.example/o/r.git")
        assert header.decode().strip() == f"AUTHORIZATION: basic {BASIC}"
        assert not git.succeeds("config", "--get-urlmatch", "http.extraheader", "https://elsewhere.example/")
        folder = Path(git.run("rev-parse", "--absolute-git-dir").decode().strip())
        assert b"extraheader" not in (folder / "config").read_bytes()
    arguments = (wrapper.folder / "arguments").read_text()
    assert TOKEN not in arguments
    assert BASIC not in arguments
    assert BASIC in (wrapper.folder / "environment").read_text()


@pytest.mark.parametrize(
    ("status", "failure", "hint"),
    [
        (503, "passing", ""),
        (429, "passing", ""),
        (403, "lasting", "contents: write"),
        (401, "lasting", "contents: write"),
    ],
)
def test_a_server_that_says_no_is_understood_and_got_the_token(
    serve: Any, scratch: Git, status: int, failure: str, hint: str
) -> None:
    server = serve(lambda _: (status, {}))
    git = Git(scratch._directory, TOKEN, server.url)
    said = "terminal prompts disabled" if status == 401 else str(status)
    with pytest.raises(GitFailed, match=said) as caught:
        git.run("fetch", f"{server.url}/o/r.git", "main")
    assert caught.value.failure == failure
    assert hint in caught.value.hint
    assert {request.headers["Authorization"] for request in server.requests} == {f"basic {BASIC}"}


def test_the_token_is_in_no_error(wrapper: Any) -> None:
    wrapper.install(
        f'case "$1" in init | --version) ;; *) echo "fatal: {TOKEN} and {BASIC}" >&2; exit 1 ;; esac'
    )
    with open_scratch(TOKEN, "https://github.example") as git, pytest.raises(GitFailed) as caught:
        git.run("fetch")
    assert str(caught.value) == "git fetch failed: fatal: *** and ***"
    assert TOKEN not in repr(caught.value)


def test_a_command_that_hangs_is_given_up(wrapper: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git_module, "TIMEOUT", 0.2)
    wrapper.install('[ "$1" = fetch ] && exec sleep 20')
    with open_scratch() as git, pytest.raises(GitFailed, match="git fetch failed: timed out") as caught:
        git.run("fetch")
    assert caught.value.failure == "passing"


def test_a_machine_without_git_is_told_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitFailed, match="git can't be started") as caught:
        Git(tmp_path).run("version")
    assert caught.value.failure == "lasting"


# What git, its transports and GitHub really print.
@pytest.mark.parametrize(
    ("said", "failure"),
    [
        ("!\tx:refs/heads/s\t[rejected] (fetch first)", "moved"),
        ("!\tx:refs/heads/s\t[rejected] (non-fast-forward)", "moved"),
        (
            "!\tx:refs/heads/s\t[remote rejected] (cannot lock ref 'refs/heads/s': is at 1 but expected 2)",
            "moved",
        ),
        ("!\tx:refs/heads/s\t[remote rejected] (failed to update ref)", "moved"),
        ("!\tx:refs/heads/s\t[remote rejected] (incorrect old value provided)", "moved"),
        ("!\tx:refs/heads/s\t[remote rejected] (reference already exists)", "moved"),
        ("!\tx:refs/heads/s\t[remote rejected] (pre-receive hook declined)", "lasting"),
        ("!\tx:refs/heads/s\t[remote rejected] (protected branch hook declined)", "lasting"),
        ("!\tx:refs/heads/s\t[remote rejected] (push declined due to repository rule violations)", "lasting"),
        ("remote: error: GH006: Protected branch update failed for refs/heads/s.", "lasting"),
        ("!\tx:refs/heads/s\t[remote rejected] (Internal Server Error)", "passing"),
        ("fatal: unable to access 'https://g/o/r.git/': The requested URL returned error: 403", "lasting"),
        ("remote: Permission to o/r.git denied to github-actions[bot].", "lasting"),
        ("remote: Write access to repository not granted.", "lasting"),
        ("fatal: could not read Username for 'https://g': terminal prompts disabled", "lasting"),
        ("fatal: Authentication failed for 'https://g/o/r.git/'", "lasting"),
        ("remote: Repository not found.\nfatal: repository 'https://g/o/r.git/' not found", "lasting"),
        ("fatal: unable to access 'https://g/': The requested URL returned error: 503", "passing"),
        ("fatal: unable to access 'https://g/': The requested URL returned error: 429", "passing"),
        ("fatal: unable to access 'https://g/': Could not resolve host: g", "passing"),
        ("fatal: unable to access 'https://g/': Failed to connect to g port 443 after 7 ms", "passing"),
        (
            "fatal: unable to access 'https://g/': gnutls_handshake() failed: Error in the pull function.",
            "passing",
        ),
        ("fatal: unable to access 'https://g/': Operation too slow. Less than 1 bytes/sec", "passing"),
        ("error: RPC failed; curl 56 Recv failure: Connection reset by peer", "passing"),
        ("fatal: the remote end hung up unexpectedly", "passing"),
        ("fetch-pack: unexpected disconnect while reading sideband packet\nfatal: early EOF", "passing"),
        ("To https://g/o/access-denied.git\n!\t1:refs/heads/denied\t[rejected] (fetch first)", "moved"),
        ("fatal: repository 'https://g/o/connection.git/' not found", "lasting"),
        ("fatal: detected dubious ownership in repository", "lasting"),
        ("", "lasting"),
    ],
)
def test_each_failure_is_known_as_moved_passing_or_lasting(said: str, failure: str) -> None:
    assert classify(said)[0] == failure


@pytest.mark.parametrize("said", ["git version 2.30.2", "git version 1.99.0", "no version at all", ""])
def test_a_git_that_would_ignore_the_token_is_refused(said: str) -> None:
    with pytest.raises(GitFailed, match="too old"):
        require_version(said)


@pytest.mark.parametrize("said", ["git version 2.31.0", "git version 2.39.5 (Apple)", "git version 3.0.0"])
def test_a_git_that_is_new_enough_is_taken(said: str) -> None:
    require_version(said)
