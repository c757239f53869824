"""The corpus of v1 as the tests read it: documents, and what their first lines expect."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from headgate_schema.check import Checked, check
from headgate_schema.decode import without_extensions
from headgate_schema.document import Document, read_document
from headgate_schema.model import Manifest

from tools.reference.corpus import Expected, split_findings

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "schema/v1/corpus"


class Entry(msgspec.Struct, frozen=True):
    """One file of the corpus; ``expected`` is what its first lines name, ``document`` the rest."""

    name: str
    content: bytes
    expected: tuple[Expected, ...]
    document: bytes

    @property
    def is_valid(self) -> bool:
        """Whether it lies where documents without errors lie."""
        return self.name.startswith("valid/")

    @property
    def families(self) -> set[str]:
        """The first digits of the expected codes: ``HG1``."""
        return {code[:3] for code, _, _ in self.expected}

    def read(self) -> Document:
        """Read the text."""
        return read_document(self.content, self.name)

    def check(self) -> Checked:
        """Check it as a file that lies in no repository."""
        return check(self.content, self.name)


@cache
def list_entries() -> tuple[Entry, ...]:
    """List the corpus, by name."""
    return tuple(_read_entry(path) for path in sorted(CORPUS.glob("*/*.yaml")))


@cache
def list_readable() -> tuple[tuple[Entry, dict[str, Any]], ...]:
    """List the entries that can be read as a mapping, all of it, with their data."""
    documents = [(entry, entry.read()) for entry in list_entries()]
    return tuple(
        (entry, read.data) for entry, read in documents if read.data is not None and not read.troubles
    )


def is_decodable(data: dict[str, Any]) -> bool:
    """Tell whether the decoder accepts data; it is given them without extensions, as by ``decode``."""
    try:
        msgspec.convert(without_extensions(data), Manifest)
    except msgspec.ValidationError:
        return False
    return True


def _read_entry(path: Path) -> Entry:
    content = path.read_bytes()
    expected, document = split_findings(content)
    return Entry(path.relative_to(CORPUS).as_posix(), content, expected, document)
