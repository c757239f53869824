"""Nothing of an old manifest gets lost without a word.

Proved from outside, without the account that the migration keeps: whoever changes or removes any one value of
any case either sees another result, or the value is among what is said to be lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import msgspec
import pytest
from headgate_schema.check import check
from headgate_schema.document import read_document
from headgate_schema.migrate import REGISTRY, Migration, migrate
from headgate_schema.migrate.cascade.reasons import is_known
from headgate_schema.migrate.item import name_paths
from headgate_schema.span import Path as Way
from headgate_schema.text import FORBIDDEN
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

HERE = Path(__file__).parent / "cascade"
SOURCES = {
    path.parent.name: read_document(path.read_bytes(), "manifest.yaml").data
    for path in sorted(HERE.glob("*/manifest.yaml"))
    if (path.parent / "headgate.yaml").exists()
}
OPEN_MAPS = ("inputs", "secrets", "permissions", "env_inputs")


def migrate_data(data: Any) -> Migration:
    """Migrate data as one line of JSON, which is YAML too: so that no place depends on a value's length."""
    return migrate(read_document(msgspec.json.encode(data), "manifest.yaml"), REGISTRY, "cascade")


def see(migration: Migration) -> tuple[object, ...]:
    """What a person sees, beside the places."""
    body = (migration.text or "").rpartition("\n\nversion: 1\n")[2]
    return body, [item.text for item in migration.items], migration.commands


def list_leaves(value: Any, way: Way = ()) -> Iterator[Way]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    steps = list(inner)
    if not steps and way:
        yield way
    for step, item in steps:
        yield from list_leaves(item, (*way, step))


def list_mappings(value: Any, way: Way = ()) -> Iterator[Way]:
    if isinstance(value, dict):
        yield way
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, item in inner:
        yield from list_mappings(item, (*way, step))


def find(value: Any, way: Way) -> Any:
    for step in way:
        value = value[step]
    return value


def is_said(migration: Migration, way: Way) -> bool:
    """Whether an item speaks of a place or of something around it."""
    return any(
        way[: len(path)] == path
        for item in migration.items
        for path in item.paths
        if item.kind != "changed" and path
    )


def is_nothing(value: Any, way: Way) -> bool:
    """Whether an empty value of a field that cascade has is the same as none."""
    inner = way[1:] if way[0] == "ci" else way
    inner = inner[1:] if inner[0] == "config" else inner
    return value in (None, [], {}) and is_known(inner)


def change(value: Any) -> Any:
    if isinstance(value, bool) or value is None:
        return not value
    return value + 1 if isinstance(value, int | float) else "another" if isinstance(value, str) else [1]


@pytest.mark.parametrize("case", SOURCES)
def test_whoever_changes_a_value_sees_it_or_was_told_that_it_gets_lost(case: str) -> None:
    source = SOURCES[case]
    before = migrate_data(source)
    for way in list_leaves(source):
        old = find(source, way)
        changed = deepcopy(source)
        find(changed, way[:-1])[way[-1]] = change(old)
        after = migrate_data(changed)
        assert see(after) != see(before) or is_said(before, way), way


@pytest.mark.parametrize("case", SOURCES)
def test_whoever_removes_a_value_sees_it_or_was_told_that_it_gets_lost(case: str) -> None:
    source = SOURCES[case]
    before = migrate_data(source)
    says_what_is_so = {"schema_version"}
    for way in list_leaves(source):
        if is_nothing(find(source, way), way) or way[-1] in says_what_is_so:
            continue
        changed = deepcopy(source)
        del find(changed, way[:-1])[way[-1]]
        same = see(migrate_data(changed)) == see(before)
        assert not same or is_said(before, way) or is_said_elsewhere(source, way), way


def is_said_elsewhere(source: Any, way: Way) -> bool:
    """Whether a value only repeats what is so without it."""
    value = find(source, way)
    repeats_default = way[-1] == "type" and value == "default"
    is_no_inheritance = way[-1] == "inherit" and value is False
    repeats_first_step = way[-1] == "percent" and find(source, way[:-1]).get("steps", [None])[0] == value
    return repeats_default or is_no_inheritance or repeats_first_step or value == ""


@pytest.mark.parametrize("case", SOURCES)
@pytest.mark.parametrize("value", ["text", {"a": {"b": [1]}}, []], ids=repr)
def test_an_unknown_key_anywhere_is_reported(case: str, value: object) -> None:
    for way in list_mappings(SOURCES[case]):
        changed = deepcopy(SOURCES[case])
        find(changed, way)["zz_unknown"] = value
        migration = migrate_data(changed)
        is_carried = any(step in OPEN_MAPS for step in way) and "zz_unknown" in str(see(migration)[0])
        assert is_said(migration, (*way, "zz_unknown")) or is_carried or migration.text is None, way


@pytest.mark.parametrize("case", SOURCES)
def test_every_path_of_an_item_leads_somewhere_and_is_named(case: str) -> None:
    migration = migrate_data(SOURCES[case])
    for item in migration.items:
        assert all(migration.document.has(path) for path in item.paths)
        if item.kind == "dropped":
            names = item.subject.split(", ")
            assert all(name_paths((path[-1:],))[:50] in item.subject for path in item.paths), names


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 200) | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["app", "dev", "canary", "10m", "1.5h", "deploy.yaml", "inherit", "build:app", "x y",
                       "a\nb: c", "# no", "::error::x", "${{ x }}", "'; true #", "\t", "🚀", "all", "a" * 99])
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["name", "workflow", "type", "canary", "steps", "sha", "config", "::x", "a\nb", ""]),
        inner, max_size=3,
    ),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_any_value_anywhere_gives_a_valid_result_or_reasons(data: st.DataObject) -> None:
    source = deepcopy(SOURCES[data.draw(st.sampled_from(sorted(SOURCES)))])
    for _ in range(data.draw(st.integers(1, 3))):
        ways = [way for way in [*list_leaves(source), *list_mappings(source)] if len(way) > 1]
        way = data.draw(st.sampled_from(ways))
        find(source, way[:-1])[way[-1]] = data.draw(VALUES)
    document = read_document(msgspec.json.encode(source), "manifest.yaml")
    if document.data is None or document.troubles:
        return
    migration = migrate(document, REGISTRY, "cascade")
    for line in (*(item.text for item in migration.items), *migration.commands):
        assert FORBIDDEN.search(line) is None and len(line.splitlines()) == 1, line
    if migration.text is None:
        assert any(item.kind == "error" for item in migration.items)
        return
    header = migration.text.partition("\n\n")[0]
    assert all(line.startswith("#") for line in header.splitlines())
    assert not check(migration.text.encode(), "headgate.yaml").has_errors
    again = migrate(read_document(migration.text.encode(), "headgate.yaml"), REGISTRY)
    assert (again.text, again.items, again.origin) == (migration.text, (), 1)
