"""The registry: kinds are told apart, steps put in a row, and a generation 2 that lives only here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import pytest
from headgate_schema.check import Checked, check
from headgate_schema.document import read_document
from headgate_schema.failure import SchemaError
from headgate_schema.finding import AddKey, Place, RenameKey, SetValue
from headgate_schema.migrate import REGISTRY, Item, Migration, Outcome, Registry, Step, migrate
from headgate_schema.migrate.generations import edit_in_place
from headgate_schema.migrate.registry import find_way, recognise
from headgate_schema.splices import DataEdit

FIRST = """\
# the shop
version: 1 # for now
trunk: main   # aligned by hand
environments: [dev,prod]

deploys:
    - name: app # four spaces
      canary:   {percent: 10}
"""
SECOND = """\
# the shop
version: 2 # for now
branch: main   # aligned by hand
environments: [dev,prod]

deploys:
    - name: app # four spaces
      canary:   {percent: 10}
keep: true
"""
CASCADE = """\
ci:
  config:
    trunk_branch: main
    tag_prefix: v
    environments: [DEV]
    deploys: [{name: app, workflow: deploy.yaml}]
"""


def list_edits(file: str, data: Mapping[str, Any]) -> Sequence[DataEdit]:
    """What generation 2 changes: a name, and a word that generation 1 did not have."""
    edits: list[DataEdit] = [SetValue(Place(file, ("version",)), 2), AddKey(Place(file), "keep", True)]
    if "trunk" in data:
        edits.append(RenameKey(Place(file, ("trunk",)), "branch"))
    return edits


def check_second(data: bytes, name: str) -> Checked:
    """The rules of generation 2: none but that it is one."""
    checked = check(data, name)
    assert checked.document.data is not None
    is_it = checked.document.data["version"] == 2 and "trunk" not in checked.document.data
    return msgspec.structs.replace(checked, findings=() if is_it else checked.findings)


NEXT = Registry(2, (*REGISTRY.steps, edit_in_place(1, list_edits)), REGISTRY.foreign, check_second)


def read_and_migrate(text: str, registry: Registry = NEXT, origin: str | None = None) -> Migration:
    return migrate(read_document(text.encode(), "headgate.yaml"), registry, origin)


def test_a_generation_is_edited_in_place_and_keeps_every_comment() -> None:
    migration = read_and_migrate(FIRST)
    assert (migration.text, migration.items, migration.is_in_place) == (SECOND, (), True)


def test_the_newest_generation_stays_as_it_is() -> None:
    for text, registry in ((SECOND, NEXT), (FIRST, REGISTRY)):
        migration = read_and_migrate(text, registry)
        assert (migration.text, migration.items) == (text, ())
        assert migration.origin == registry.newest


def test_there_is_no_way_down() -> None:
    with pytest.raises(SchemaError, match="version 2 is newer than version 1, and there is no way down"):
        read_and_migrate(SECOND, REGISTRY)
    with pytest.raises(SchemaError, match="no way down"):
        find_way(NEXT, 2, 1)


def test_steps_are_put_in_a_row_and_places_stay_those_of_the_old_file() -> None:
    migration = read_and_migrate(CASCADE)
    data = read_document((migration.text or "").encode(), "x").data
    assert data == {
        "version": 2, "branch": "main", "environments": ["dev"],
        "deploys": [{"name": "app", "callback": ".github/workflows/deploy.yaml"}], "keep": True,
    }  # fmt: skip
    assert {item.place for item in migration.items} == {
        ("ci", "config", "tag_prefix"), ("ci", "config", "environments", 0),
    }  # fmt: skip


def test_what_a_later_step_says_leads_to_where_it_was_at_first() -> None:
    said = Step(
        1, 2, lambda document: Outcome(document.text, (Item("changed", (("deploys", 0, "name"),), "x"),))
    )
    registry = msgspec.structs.replace(NEXT, steps=(*REGISTRY.steps, said), check=lambda *_: check(b"", ""))
    failed = read_and_migrate(CASCADE, registry)
    assert failed.text is None and [item.place for item in failed.items] == [("ci",)]
    accepted = msgspec.structs.replace(registry, check=check_nothing)
    items = read_and_migrate(CASCADE, accepted).items
    assert items[-1].place == ("ci", "config", "deploys", 0, "name")


def check_nothing(data: bytes, name: str) -> Checked:
    return msgspec.structs.replace(check(data, name), findings=())


def test_a_result_with_an_error_is_no_result() -> None:
    wrong = edit_in_place(1, lambda file, _: (SetValue(Place(file, ("version",)), 3),))
    migration = read_and_migrate(FIRST, msgspec.structs.replace(NEXT, steps=(wrong,)))
    assert migration.text is None
    assert any("the result would not be valid: HG1" in item.message for item in migration.items)


def test_a_text_that_can_not_be_edited_without_loss_is_refused() -> None:
    shared = "version: &one 1\ntrunk: main\nother: *one\nenvironments: [a]\ndeploys: [{name: a}]\n"
    step = edit_in_place(1, lambda file, _: (SetValue(Place(file, ("version",)), 2),))
    migration = read_and_migrate(shared, msgspec.structs.replace(NEXT, steps=(step,)))
    assert migration.text is None
    assert [item.kind for item in migration.items] == ["error"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [("version: 1\n", 1), ("version: 2\n", 2), (CASCADE, "cascade"),
     ("config: {trunk_branch: x}\n", "cascade"), ("a: 1\nb: {config: {trunk_branch: x}}\n", "cascade"),
     ("ci: {config: {}}\n", "cascade")],
)  # fmt: skip
def test_a_kind_is_told_by_its_content(text: str, kind: object) -> None:
    assert recognise(read_document(text.encode(), "x"), REGISTRY) == kind


@pytest.mark.parametrize(
    "text", ["a: 1\n", "b: {config: {}}\n", "ci: {config: [trunk_branch]}\n", f"version: 1\n{CASCADE}"]
)
def test_what_is_no_kind_or_several_is_refused_with_what_is_known(text: str) -> None:
    known = r'a manifest of cascade \("ci" with "config"\) or a Headgate manifest \("version"\); --from says'
    with pytest.raises(SchemaError, match=known):
        recognise(read_document(text.encode(), "x"), REGISTRY)


def test_a_version_that_is_no_number_or_not_known_is_refused() -> None:
    for version in ('"1"', "true", "1.5", "[1]"):
        with pytest.raises(SchemaError, match='"version" must be a whole number'):
            read_and_migrate(f"version: {version}\n")
    with pytest.raises(
        SchemaError, match='no step from "version 0"; known are "cascade", "version 1" and "ver'
    ):
        read_and_migrate("version: 0\n")


def test_what_is_said_to_be_cascade_but_is_not_has_a_reason() -> None:
    migration = read_and_migrate("version: 1\n", origin="cascade")
    assert migration.text is None
    assert [item.message for item in migration.items] == [
        'nothing here has a "config" with a "trunk_branch", as cascade reads it'
    ]
