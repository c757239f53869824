"""The environment variables that commands read, and what they mean."""

from __future__ import annotations

import os
from typing import TextIO

from headgate_schema.failure import SchemaError

DOCS = "HEADGATE_DOCS_URL"
"""Where the documentation site is served; findings then link to their pages."""


def wants_color(stream: TextIO) -> bool:
    """Tell whether to colour what goes to a stream; see https://no-color.org and https://force-color.org."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or stream.isatty()


def find_docs() -> str | None:
    """Give the address of the documentation site, if somebody said it; raises ``SchemaError``."""
    address = os.environ.get(DOCS)
    if not address:
        return None
    from headgate_schema.pages import read_base

    try:
        return read_base(address)
    except SchemaError as error:
        raise SchemaError(f"{DOCS}: {error}") from None
