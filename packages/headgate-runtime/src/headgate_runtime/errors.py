"""Every way a verb can end badly. One base, one `except HeadgateError` at the top of the program.

`exit_code` 1 is "refused by the rules" (nothing was written, trying again changes nothing); 2 is a failure of the
surroundings: git, network, files, or a state branch that must not be touched.
"""

from typing import Literal


class HeadgateError(Exception):
    """A failure with a message for people and, where one exists, a hint that says what to do."""

    exit_code = 2

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class Refused(HeadgateError):
    """The rules say no; the state branch is as it was."""

    exit_code = 1


Failure = Literal["moved", "passing", "lasting"]


class GitFailed(HeadgateError):
    """A git command failed: the branch `moved` under a push, or a `passing` or `lasting` cause."""

    def __init__(self, message: str, failure: Failure, hint: str = "") -> None:
        super().__init__(message, hint)
        self.failure = failure


class Contended(HeadgateError):
    """Others wrote the state branch first, every time, until the patience was over."""

    def __init__(self, branch: str, attempts: int, patience: float) -> None:
        super().__init__(
            f"{branch}: others wrote first in all of {attempts} attempts over {patience:.0f} s",
            "run it again; nothing was written",
        )


class ApiFailed(HeadgateError):
    """The GitHub API refused or could not be reached; `status` is the HTTP status, 0 without an answer."""

    def __init__(self, message: str, status: int, hint: str = "") -> None:
        super().__init__(message, hint)
        self.status = status


class StateMissing(HeadgateError):
    """The state branch is not there, and only a first `register` may create it."""

    def __init__(self, branch: str) -> None:
        super().__init__(
            f"the state branch {branch} is missing",
            "every run's summary prints the state commit it wrote; bring the last one back with: "
            f"gh api repos/{{owner}}/{{repo}}/git/refs -f ref=refs/heads/{branch} -f sha=<commit>",
        )


class StateCorrupt(HeadgateError):
    """A file of the state branch can't be read as what it should be; nothing was overwritten."""

    def __init__(self, path: str, commit: str, why: str) -> None:
        super().__init__(
            f"{path} on the state branch is corrupt: {why} (commit {commit})",
            f"look at it with: git show {commit}:{path}; git log shows the last commit in which it was sound",
        )


class StateForeign(HeadgateError):
    """The branch does not hold Headgate's state; nothing was overwritten."""

    def __init__(self, path: str, commit: str, why: str) -> None:
        super().__init__(
            f"this is no state branch of Headgate: {path} {why} (commit {commit})",
            "something else wrote this branch; give Headgate its own branch, or put the last state commit back",
        )


class StateNewer(HeadgateError):
    """The branch was written by a newer Headgate; `needed` is its format."""

    def __init__(self, needed: int, known: int, commit: str) -> None:
        super().__init__(
            f"the state branch has format {needed}, this Headgate reads up to {known} (commit {commit})",
            f"run `headgate generate` with a version of Headgate that knows state format {needed}",
        )


class StateRewound(HeadgateError):
    """A commit that was written is no longer in the branch's history: somebody moved the branch back."""

    def __init__(self, branch: str, commit: str, tip: str) -> None:
        super().__init__(
            f"the state branch {branch} went back: {commit}, written earlier, is not part of {tip}",
            "nothing was written; if the branch was moved back by mistake, put it forward again with: "
            f"gh api -X PATCH repos/{{owner}}/{{repo}}/git/refs/heads/{branch} -f sha={commit} -F force=true",
        )
