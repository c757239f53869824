"""What ends a command early: usage, files. Findings are values, not failures."""

from __future__ import annotations


class SchemaError(Exception):
    """A failure that a person can do something about; ``exit_code`` is the program's."""

    exit_code = 2
