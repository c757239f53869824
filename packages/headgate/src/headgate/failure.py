"""What can go wrong around the generator. Findings are values; this is for files and git that fail."""

from __future__ import annotations


class GeneratorError(Exception):
    """A failure with a message for people; `exit_code` is the program's."""

    exit_code = 2
