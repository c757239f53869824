"""What is published never changes: the frozen versions are what they were, and the newest accepts no less."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from headgate_schema.compat import compare
from headgate_schema.json_schema import (
    build_schema,
    generated_files,
    list_versions,
    print_canonical,
    read_version,
)

ROOT = Path(__file__).parents[2]
HASHES = {
    name: digest
    for digest, name in (line.split("  ") for line in (ROOT / "schema/v1/FROZEN").read_text().splitlines())
}
"""As ``sha256sum --check`` reads it."""
PLACES = ("schema/v1", "packages/headgate-schema/src/headgate_schema/v1", "docs/schema/v1")


def test_every_published_version_is_frozen_and_every_frozen_one_published() -> None:
    published = {path.name for path in (ROOT / "schema/v1").glob("1.*.json")}
    assert set(HASHES) == published == {f"{version}.json" for version in list_versions()}
    assert "1.0" in list_versions()


@pytest.mark.parametrize("name", HASHES)
@pytest.mark.parametrize("place", PLACES)
def test_a_frozen_version_is_byte_for_byte_what_it_was(place: str, name: str) -> None:
    content = (ROOT / place / name).read_bytes()
    assert hashlib.sha256(content).hexdigest() == HASHES[name]
    assert generated_files()[f"{place}/{name}"] == content


@pytest.mark.parametrize("version", list_versions())
def test_the_newest_schema_accepts_what_each_version_accepted(version: str) -> None:
    comparison = compare(json.loads(read_version(version)), json.loads(print_canonical(build_schema())))
    assert comparison.reasons == ()
