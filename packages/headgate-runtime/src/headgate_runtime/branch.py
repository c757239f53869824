"""The state branch: fetch the tip, decide on it, push commits on top of it, and start over if it moved.

Rule: only fast-forwards are pushed, so what somebody else wrote is never lost; and what can't be read as
Headgate's state is never written to. All of it is plumbing in a scratch repository, never in the work tree.
A write fetches one commit, however long the history.
"""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, TypeVar

from headgate_runtime.errors import (
    Contended,
    GitFailed,
    Refused,
    StateForeign,
    StateMissing,
    StateNewer,
    StateRewound,
)
from headgate_runtime.git import Git
from headgate_runtime.record import FORMAT

T = TypeVar("T")

READ_PATIENCE: Final = 60.0
"""Seconds for which a read is tried again when the network fails."""

_README = b"""# Headgate's state

This branch is the database of Headgate: what is live where, which rollouts are open, which releases exist.
The files are the present, the log is the history, one commit for each event.

Do not edit, merge, rebase or delete it: only Headgate's workflows write here.
"""

_TIP = "refs/headgate/tip"
_NEXT = "refs/headgate/next"
_FETCH = ("fetch", "--quiet", "--no-tags", "--no-write-fetch-head")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_PATH = re.compile(r"(?!.*(^|/)\.)[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*")
_SUBJECT_LENGTH = 200
# No address of anybody: https://www.rfc-editor.org/rfc/rfc2606#section-2
_COMMITTER = "headgate <noreply@headgate.invalid>"
# The shortest unit, in seconds, by which the pauses between attempts grow.
_PAUSE = {"moved": 0.05, "passing": 1.0}
_SLOWEST = 8


@dataclass(frozen=True)
class Change:
    """One event, which becomes one commit: a subject for people, the event, and the files it changes."""

    subject: str
    event: Mapping[str, object]
    files: Mapping[str, bytes | None]
    """Path → new content; None deletes."""


class Snapshot:
    """The files of the state branch at one commit. Reads are lazy; those of a folder are fetched together."""

    def __init__(self, git: Git, commit: str) -> None:
        self.commit: Final = commit
        self._git = git
        self._contents: dict[str, bytes] = {}

    def read(self, path: str) -> bytes | None:
        """Return the content of a file, None if there is none."""
        if path not in self._blobs:
            return None
        if path not in self._contents:
            self._load([other for other in self._blobs if _folder(other) == _folder(path)])
        return self._contents[path]

    def paths(self, prefix: str = "") -> tuple[str, ...]:
        """Return the paths of all files that start with `prefix`, sorted."""
        return tuple(sorted(path for path in self._blobs if path.startswith(prefix)))

    @cached_property
    def _blobs(self) -> dict[str, str]:
        listed = self._git.run("ls-tree", "-r", "-z", "--full-tree", self.commit)
        rows = (row.partition("\t") for row in listed.decode("utf-8", "surrogateescape").split("\0") if row)
        return {path: about.split()[2] for about, _, path in rows if about.split()[1] == "blob"}

    def _load(self, paths: Sequence[str]) -> None:
        wanted = "".join(f"{self._blobs[path]}\n" for path in paths).encode()
        answer = memoryview(self._git.run("cat-file", "--batch", stdin=wanted))
        for path in paths:
            head, _, _ = bytes(answer[:100]).partition(b"\n")
            begin, size = len(head) + 1, int(head.split()[2])
            self._contents[path] = bytes(answer[begin : begin + size])
            answer = answer[begin + size + 1 :]


@dataclass(frozen=True)
class Written:
    """What a write did: the last commit, its changes (none: nothing was due), and the state after it."""

    commit: str
    changes: tuple[Change, ...]
    attempts: int
    snapshot: Snapshot


class StateBranch:
    """Reads and writes the state branch of one remote, through the scratch repository of `git`."""

    def __init__(
        self,
        remote: str,
        branch: str,
        git: Git,
        *,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._remote = remote
        self._branch = branch
        self._ref = f"refs/heads/{branch}"
        self._git = git
        self._sleep = sleep
        self._monotonic = monotonic
        self._jitter = jitter
        # Whether the scratch repository already holds a commit of the branch to which a fetch can connect.
        self._connected = False

    def tip(self) -> str | None:
        """Return the commit at the tip, None without a branch. One cheap request, tried once: for polling."""
        return self.head(self._branch)

    def head(self, branch: str) -> str | None:
        """Return the commit at the tip of any branch of the remote, as cheaply."""
        listed = self._git.run("ls-remote", "--quiet", self._remote, f"refs/heads/{branch}").decode()
        return listed.split()[0] if listed.strip() else None

    def fetch(self) -> Snapshot:
        """Return the present state; raises StateMissing, StateForeign or StateNewer instead of guessing."""
        return self._patiently(READ_PATIENCE, lambda _: self._checked(self._fetch()))

    def require_ancestors(self, commits: Sequence[str]) -> None:
        """Raise StateRewound unless all of `commits` are part of the branch's history."""
        self._patiently(READ_PATIENCE, lambda _: self._require_ancestors(self._fetch(), commits))

    def write(
        self,
        decide: Callable[[Snapshot], Sequence[Change]],
        *,
        patience: float,
        create: bool = False,
        known: Sequence[str] = (),
    ) -> Written:
        """Push what `decide` makes of the freshest state: one commit for each change, all in one push.

        `decide` is asked again whenever somebody else was faster; what it raises is the answer, and nothing
        is written. Races and passing failures of the network are tried again for `patience` seconds. `create`
        founds a missing branch; `known` are commits written earlier that must still be part of the history.
        """
        unanswered: list[Written] = []

        def attempt(number: int) -> Written:
            base = self._found_or_fetch() if create else self._checked(self._fetch())
            for written in unanswered:
                if self._is_ancestor(written.commit, base.commit):
                    return replace(written, attempts=number)
            self._require_ancestors(base.commit, known)
            changes = tuple(decide(base))
            if not changes:
                return Written(base.commit, (), number, base)
            commit = self._commit(base.commit, changes)
            written = Written(commit, changes, number, Snapshot(self._git, commit))
            try:
                self._git.run("push", "--quiet", "--porcelain", self._remote, f"{commit}:{self._ref}")
            except GitFailed as error:
                # The answer was lost, not necessarily the push: look for it before anything is decided again.
                if error.failure == "passing":
                    unanswered.append(written)
                raise
            return written

        return self._patiently(patience, attempt)

    def _patiently(self, patience: float, attempt: Callable[[int], T]) -> T:
        """Attempt until it works, the failure is lasting or `patience` seconds are over.

        The pauses grow with the number of attempts and with what one attempt takes here, so that many writers
        spread out as far as they must, and no further; the cap keeps the early losers from starving.
        """
        started = self._monotonic()
        number = 0
        while True:
            number += 1
            begun = self._monotonic()
            try:
                return attempt(number)
            except GitFailed as error:
                left = started + patience - self._monotonic()
                if error.failure == "lasting" or (left <= 0 and error.failure == "passing"):
                    raise
                if left <= 0:
                    raise Contended(
                        f"{self._branch}: others wrote first in all of {number} attempts in {patience:.0f} s",
                        "nothing was written; run it again",
                    ) from error
                unit = max(self._monotonic() - begun, _PAUSE[error.failure])
                self._sleep(min(left, unit * min(number, _SLOWEST) * self._jitter()))

    def _fetch(self) -> str:
        """Fetch the tip: alone the first time, later with all that came since, which shows the ancestry."""
        depth = () if self._connected else ("--depth=1",)
        try:
            self._git.run(*_FETCH, *depth, self._remote, f"+{self._ref}:{_TIP}")
        except GitFailed:
            if self.tip() is None:
                raise StateMissing(
                    f"the state branch {self._branch} is missing",
                    "every run's summary prints the state commit it wrote; bring the last one back with: "
                    f"gh api repos/{{owner}}/{{repo}}/git/refs -f ref={self._ref} -f sha=<commit>",
                ) from None
            raise
        self._connected = True
        return self._git.run("rev-parse", _TIP).decode().strip()

    def _found_or_fetch(self) -> Snapshot:
        try:
            return self._checked(self._fetch())
        except StateMissing:
            files = {"README.md": _README, "format": f"{FORMAT}\n".encode()}
            founding = Change("found the state branch", {}, files)
            self._connected = True
            return Snapshot(self._git, self._commit(None, [founding]))

    def _checked(self, commit: str) -> Snapshot:
        snapshot = Snapshot(self._git, commit)
        content = snapshot.read("format")
        if content is None:
            raise self._foreign(commit, "there is no file `format`")
        if not re.fullmatch(rb"[1-9][0-9]{0,8}\n?", content):
            raise self._foreign(commit, f"its file `format` holds {content[:40]!r}, not a number")
        if int(content) > FORMAT:
            raise StateNewer(
                f"the state on {self._branch} has format {int(content)}, this Headgate knows {FORMAT}"
                f" (file `format`, commit {commit})",
                "run `headgate generate` with a newer Headgate",
            )
        return snapshot

    def _foreign(self, commit: str, why: str) -> StateForeign:
        return StateForeign(
            f"{self._branch} is no state branch of Headgate: {why} (commit {commit})",
            "nothing was overwritten; something else wrote this branch: put the last state commit back",
        )

    def _require_ancestors(self, tip: str, commits: Sequence[str]) -> None:
        """Deepen the history as far as needed; all of it is fetched only where a commit really is missing."""
        deepen, seen = 32, 0
        while lost := [commit for commit in commits if not self._is_ancestor(commit, tip)]:
            before, seen = seen, int(self._git.run("rev-list", "--count", tip))
            shallow = self._git.run("rev-parse", "--is-shallow-repository").strip() == b"true"
            if not shallow or seen == before:
                raise StateRewound(
                    f"{self._branch} went back: {lost[0]}, written earlier, is not in the history of {tip}",
                    "nothing was written; if that was a mistake, put it forward again with: gh api -X PATCH "
                    f"repos/{{owner}}/{{repo}}/git/{self._ref} -f sha={lost[0]} -F force=true",
                )
            self._git.run(*_FETCH, f"--deepen={deepen}", self._remote, f"+{self._ref}:{_TIP}")
            deepen *= 8

    def _is_ancestor(self, commit: str, tip: str) -> bool:
        if commit == tip:
            return True
        if not _COMMIT.fullmatch(commit):
            return False
        return self._git.succeeds("merge-base", "--is-ancestor", commit, tip)

    def _commit(self, base: str | None, changes: Sequence[Change]) -> str:
        """Build the chain of commits on `base` in one process; return the last one."""
        start = f"reset {_NEXT}\n" + (f"from {base}\n" if base else "")
        stream = b"".join([start.encode(), *map(_describe, changes), b"get-mark :1\ndone\n"])
        options = ("--quiet", "--force", "--done", "--date-format=now")
        return self._git.run("fast-import", *options, stdin=stream).decode().strip()


def _describe(change: Change) -> bytes:
    """One commit, on top of the one before it, in the language of git fast-import."""
    body = f"\n{event_line(change.event)}\n" if change.event else ""
    message = f"{_one_line(change.subject)}\n{body}".encode("utf-8", "replace")
    parts = [f"commit {_NEXT}\nmark :1\ncommitter {_COMMITTER} now\n".encode(), _data(message)]
    for path, content in change.files.items():
        if not _PATH.fullmatch(path):
            raise Refused(f"no path for the state branch: {path!r}")
        if content is None:
            parts.append(f"D {path}\n".encode())
        else:
            parts += [f"M 100644 inline {path}\n".encode(), _data(content)]
    return b"".join(parts)


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)


def _one_line(text: str) -> str:
    printable = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(printable.split())[:_SUBJECT_LENGTH] or "(no subject)"


def event_line(event: Mapping[str, object]) -> str:
    """One event as one line of JSON; pure ASCII, so nothing that splits or shows lines sees anything else."""
    return json.dumps(event, separators=(",", ":"), allow_nan=False)


def _folder(path: str) -> str:
    return path.rpartition("/")[0]
