"""Every way a verb can end badly. One base, one `except HeadgateError` at the top of the program.

`exit_code` 1 is "refused by the rules" (nothing was written, trying again changes nothing); 2 is a failure of
the surroundings: git, network, files, or a state branch that must not be touched.
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


class ApiFailed(HeadgateError):
    """The GitHub API refused or could not be reached; `status` is the HTTP status, 0 without an answer."""

    def __init__(self, message: str, status: int, hint: str = "") -> None:
        super().__init__(message, hint)
        self.status = status


class Contended(HeadgateError):
    """Others wrote the state branch first, every time, until the patience was over."""


class StateMissing(HeadgateError):
    """The state branch is not there, and only a first `register` may create it."""


class StateRewound(HeadgateError):
    """A commit that was written is no longer in the branch's history: somebody moved the branch back."""


class StateNewer(HeadgateError):
    """The branch was written by a newer Headgate."""


class StateForeign(HeadgateError):
    """The branch does not hold Headgate's state."""


class StateCorrupt(HeadgateError):
    """A file of the state branch can't be read as what it should be."""

    def __init__(self, path: str, commit: str, why: str) -> None:
        super().__init__(
            f"{path} on the state branch is corrupt: {why} (commit {commit})",
            f"nothing was overwritten; look at it: `git show {commit}:{path}`; mend it in a new commit",
        )
