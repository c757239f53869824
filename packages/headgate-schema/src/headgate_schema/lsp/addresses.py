"""Files ↔ the addresses under which an editor knows them."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit


def find_path(uri: str) -> Path | None:
    """Give the file of an address; ``None`` for a text that is no file, as ``untitled:Untitled-1``."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    if parts.scheme != "file":
        return None
    if os.name == "nt":
        from urllib.request import url2pathname

        return Path(url2pathname(f"//{parts.netloc}{parts.path}" if parts.netloc else parts.path))
    return Path(os.path.normpath(unquote(parts.path)))


def find_name(uri: str) -> str:
    """Give the last part of an address."""
    return unquote(uri.replace(":", "/").rpartition("/")[2])
