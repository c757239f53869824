"""The only module that runs git. Rule: what git does depends on its arguments, not on a machine's settings.

The token reaches git through the environment, so that it stands in no argument list, no URL and no file.
"""

import base64
import contextlib
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from headgate_runtime.errors import Failure, GitFailed

OLDEST = (2, 31)
_INSTALL = f"install git {OLDEST[0]}.{OLDEST[1]} or later on the runner"

TIMEOUT = 120.0
"""Seconds after which one git command is given up."""

_CONFIG = {
    # A background collection would outlive the repository it cleans.
    "maintenance.auto": "false",
    # A stalled transfer ends by itself (under 1 byte/s for 60 s), helpers of git included.
    "http.lowSpeedLimit": "1",
    "http.lowSpeedTime": "60",
}

_KEPT = frozenset({"GIT_EXEC_PATH", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "GIT_HTTP_PROXY_AUTHMETHOD"})

# What git and GitHub say when a command fails: the first match decides, anything else is lasting.
_PROTECTED = r"protected branch|repository rule|push rule|GH0\d\d|hook declined"
_FORBIDDEN = r"error: 40[13]|denied|Authentication failed|could not read (Username|Password)|Write access"
_MOVED = (
    r"\[rejected\]|fetch first|cannot lock ref|failed to update ref|incorrect old value|already exists"
    # The branch was deleted or rewritten since it was fetched; or it was founded since it was missing.
    r"|shallow update not allowed|couldn't find remote ref"
)
_PASSING = (
    r"error: (429|5\d\d)|Internal Server Error|Could not resolve|timed? ?out|Connection|Failed to connect"
    r"|RPC failed|early EOF|hung up|unexpected disconnect|too slow|SSL_|gnutls|TLS"
)
_FAILURES: tuple[tuple[str, Failure, str], ...] = (
    (
        _PROTECTED,
        "lasting",
        "a rule keeps GitHub Actions from pushing: forbid only deletion and force pushes",
    ),
    (_FORBIDDEN, "lasting", "the job's token may not do that: it needs `permissions: contents: write`"),
    (_MOVED, "moved", ""),
    (_PASSING, "passing", ""),
)


class Git:
    """Runs git in one directory."""

    def __init__(self, directory: Path, token: str | None = None, server_url: str | None = None) -> None:
        """Use `token` for requests to `server_url` (such as https://github.com), and for no other server."""
        self._directory = directory
        self._secrets: tuple[str, ...] = ()
        config = dict(_CONFIG)
        if token and server_url:
            basic = base64.b64encode(f"x-access-token:{token}".encode()).decode()
            config[f"http.{server_url.rstrip('/')}/.extraheader"] = f"AUTHORIZATION: basic {basic}"
            self._secrets = (basic, token)
        self._environment = clean_environment(os.environ, config)

    def run(self, *arguments: str, stdin: bytes | None = None) -> bytes:
        """Return what the command printed; raise GitFailed with git's last words if it fails."""
        done = self._finish(arguments, stdin)
        if done.returncode == 0:
            return done.stdout
        # A refused push is told on stdout (--porcelain), everything else on stderr.
        said = (done.stdout[-2000:] if arguments[0] == "push" else b"") + b"\n" + done.stderr[-4000:]
        raise self._failed(arguments[0], said.decode("utf-8", "replace"))

    def succeeds(self, *arguments: str) -> bool:
        """Ask git a yes-or-no question."""
        return self._finish(arguments, None).returncode == 0

    def _finish(self, arguments: tuple[str, ...], stdin: bytes | None) -> subprocess.CompletedProcess[bytes]:
        try:
            return subprocess.run(  # noqa: S603 - arguments are a list, no shell
                ["git", *arguments],  # noqa: S607 - the git on the runner's PATH is the one wanted
                cwd=self._directory,
                env=self._environment,
                input=stdin or b"",
                capture_output=True,
                timeout=TIMEOUT,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise self._failed(arguments[0], f"timed out after {TIMEOUT:.0f} s") from None
        except OSError as error:
            raise GitFailed(f"git can't be started: {error}", "lasting", _INSTALL) from None

    def _failed(self, command: str, said: str) -> GitFailed:
        for secret in self._secrets:
            said = said.replace(secret, "***")
        failure, hint = classify(said)
        lines = [line.strip() for line in said.splitlines() if line.strip() and not line.startswith("hint:")]
        words = " | ".join(lines[-4:]) or "it said nothing"
        return GitFailed(f"git {command} failed: {words}", failure, hint)


def classify(said: str) -> tuple[Failure, str]:
    """Tell from git's words whether another try can help, and what a person could do."""
    # The name of a repository or branch may be anything, "access-denied" too.
    words = re.sub(r"\S*(://|refs/)\S+", " ", said)
    for pattern, failure, hint in _FAILURES:
        if re.search(pattern, words, re.IGNORECASE):
            return failure, hint
    return "lasting", ""


def clean_environment(environment: Mapping[str, str], config: Mapping[str, str]) -> dict[str, str]:
    """Return the environment git runs in.

    `GIT_DIR`, `GIT_INDEX_FILE` and the like, set by a hook or a surrounding git, would send our commands to
    another repository; a user's or machine's configuration could rewrite URLs, or start hooks and helpers.
    So all of it goes, and what we need is added (https://git-scm.com/docs/git#_environment_variables).
    """
    kept = {key: value for key, value in environment.items() if not key.startswith("GIT_") or key in _KEPT}
    ours = {"GIT_CONFIG_COUNT": str(len(config))}
    for index, (key, value) in enumerate(config.items()):
        ours |= {f"GIT_CONFIG_KEY_{index}": key, f"GIT_CONFIG_VALUE_{index}": value}
    return (
        kept
        | ours
        | {
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            # Empty means none at all; unset would fall back to SSH_ASKPASS.
            "GIT_ASKPASS": "",
            # git's words are matched in English.
            "LC_ALL": "C",
        }
    )


def require_version(said: str) -> None:
    """Refuse a git that would silently ignore the configuration in its environment, and with it the token.

    GIT_CONFIG_COUNT came with 2.31 (https://github.com/git/git/blob/master/Documentation/RelNotes/2.31.0.adoc).
    """
    found = re.search(r"(\d+)\.(\d+)", said)
    if found is None or (int(found[1]), int(found[2])) < OLDEST:
        raise GitFailed(f"this git is too old: {said.strip()}", "lasting", _INSTALL)


@contextlib.contextmanager
def open_scratch(token: str | None = None, server_url: str | None = None) -> Iterator[Git]:
    """Give a bare repository that is gone afterwards: the work tree of the job is never touched."""
    with tempfile.TemporaryDirectory(prefix="headgate-", ignore_cleanup_errors=True) as directory:
        git = Git(Path(directory), token, server_url)
        require_version(git.run("--version").decode("utf-8", "replace"))
        git.run("init", "--quiet", "--bare", "--template=", ".")
        yield git
