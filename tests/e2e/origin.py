"""A local bare repository as a remote: written and read without ever checking out."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

AUTHOR = "Test <test@example.com>"


@dataclass(frozen=True)
class Commit:
    """One commit of a branch."""

    sha: str
    subject: str
    body: str


def create(git_dir: Path, default_branch: str) -> None:
    """Make an empty bare repository from which any commit may be fetched, as from GitHub."""
    git_dir.parent.mkdir(parents=True, exist_ok=True)
    _git(git_dir, "init", "--quiet", "--bare", "--initial-branch", default_branch)
    with (git_dir / "config").open("a") as config:
        config.write("[uploadpack]\n\tallowFilter = true\n\tallowAnySHA1InWant = true\n[gc]\n\tauto = 0\n")
        config.write("[receive]\n\tautogc = false\n")


def commit(
    git_dir: Path, branch: str, files: Mapping[str, str | bytes], *, message: str, remove: Sequence[str] = ()
) -> str:
    """Commit files on top of a branch, which is made from nothing if missing; returns the commit."""
    parent = tip(git_dir, branch)
    lines = [
        f"commit refs/heads/{branch}\n".encode(),
        f"committer {AUTHOR} now\n".encode(),
        _data(message.encode()),
    ]
    if parent is not None:
        lines.append(f"from {parent}\n".encode())
    lines += [f"D {path}\n".encode() for path in remove]
    for path, content in files.items():
        raw = content.encode() if isinstance(content, str) else content
        mode = "100755" if raw.startswith(b"#!") else "100644"
        lines.append(f'M {mode} inline "{path}"\n'.encode() + _data(raw))
    _git(git_dir, "fast-import", "--quiet", "--date-format=now", stdin=b"".join(lines))
    made = tip(git_dir, branch)
    assert made is not None
    return made


def _data(raw: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(raw), raw)


def tip(git_dir: Path, branch: str) -> str | None:
    """The commit at the tip of a branch, or None."""
    found = _try_git(git_dir, "rev-parse", "--verify", "--quiet", f"refs/heads/{branch}")
    return None if found is None else found.strip()


def read(git_dir: Path, branch: str, path: str) -> str | None:
    """The text of a file at the tip of a branch, or None."""
    return _try_git(git_dir, "cat-file", "blob", f"refs/heads/{branch}:{path}")


def read_all(git_dir: Path, names: Sequence[tuple[str, str]]) -> list[bytes | None]:
    """The contents of many (commit, path), None where there is none, by one process."""
    asked = "".join(f"{commit}:{path}\n" for commit, path in names).encode()
    answer = _answer(git_dir, "cat-file", "--batch", stdin=asked)
    found: list[bytes | None] = []
    for _ in names:
        head, _, answer = answer.partition(b"\n")
        if head.endswith(b" missing"):
            found.append(None)
            continue
        size = int(head.split()[2])
        found.append(answer[:size])
        answer = answer[size + 1 :]
    return found


def point(git_dir: Path, branch: str, commit: str | None) -> None:
    """Move a branch by force, or delete it."""
    where = ("-d", f"refs/heads/{branch}") if commit is None else (f"refs/heads/{branch}", commit)
    _git(git_dir, "update-ref", *where)


def files(git_dir: Path, branch: str) -> list[str]:
    """The paths at the tip of a branch, sorted; none if it is missing."""
    listed = _try_git(git_dir, "ls-tree", "-r", "-z", "--name-only", f"refs/heads/{branch}")
    return [] if listed is None else listed.split("\0")[:-1]


def log(git_dir: Path, branch: str) -> list[Commit]:
    """The commits of a branch, oldest first; none if it is missing."""
    text = _try_git(git_dir, "log", "--reverse", "--format=%H%x00%s%x00%b%x01", f"refs/heads/{branch}")
    if text is None:
        return []
    records = [record.lstrip("\n").split("\0") for record in text.split("\x01") if record.strip()]
    return [Commit(sha, subject, body.strip("\n")) for sha, subject, body in records]


def _try_git(git_dir: Path, *arguments: str) -> str | None:
    try:
        return _git(git_dir, *arguments)
    except subprocess.CalledProcessError:
        return None


def _git(git_dir: Path, *arguments: str, stdin: bytes | None = None) -> str:
    return _answer(git_dir, *arguments, stdin=stdin).decode()


def _answer(git_dir: Path, *arguments: str, stdin: bytes | None = None) -> bytes:
    # The caller's git settings (a hook's GIT_DIR, a user's config) must not reach the tests' repositories.
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    environment |= {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
    command = ["git", "--git-dir", str(git_dir), *arguments]
    return subprocess.run(command, input=stdin, env=environment, capture_output=True, check=True).stdout
