"""What can go wrong around the generator and on the way to GitHub.

Findings are values; this is for files, git and servers that fail.
"""

from __future__ import annotations


class GeneratorError(Exception):
    """A failure with a message for people; `exit_code` is the program's."""

    exit_code = 2


class Refused(GeneratorError):
    """The rules say no: trying again changes nothing."""

    exit_code = 1


class GitHubFailed(GeneratorError):
    """GitHub said no, or nothing; `status` is the HTTP status, 0 without an answer."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status
