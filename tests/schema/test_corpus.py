"""The corpus of v1: every reader of a manifest says of every document what its first lines say.

With `--update` the places in the first lines follow the command line; the codes never do.
"""

from __future__ import annotations

import json
from itertools import groupby
from typing import Any

import jsonschema
import pytest
from headgate_schema.cli import main
from headgate_schema.json_schema import read_schema
from headgate_schema.rules import RULES
from headgate_schema.validator import list_errors

from tests.schema.corpus import CORPUS, Entry, is_decodable, list_entries, list_readable
from tests.schema.coverage import UNREACHABLE, Coverage
from tests.schema.pattern_edges import list_unnoticed
from tools.reference.corpus import Expected, compile_meaning

SCHEMA = json.loads(read_schema())
PUBLISHED = jsonschema.Draft7Validator(SCHEMA)

WARNINGS_OF_V1 = frozenset({"HG016", "HG017", "HG215", "HG307", "HG308", "HG309"})
"""Expected exactly. A warning that is newer may come to any document: it refuses nothing."""

OUTSIDE_A_REPOSITORY = ("HG0", "HG1", "HG2", "HG3")
TOO_LARGE_TO_KEEP = {"HG004"}
"""A mebibyte does not belong into a repository: tests/schema/test_document.py makes one."""


def is_warning(code: str) -> bool:
    return any(rule.code == code and rule.severity == "warning" for rule in RULES)


def test_there_are_documents_enough() -> None:
    assert sum(entry.is_valid for entry in list_entries()) >= 120
    assert sum(not entry.is_valid for entry in list_entries()) >= 200


def find_all(capsys: pytest.CaptureFixture[str]) -> dict[str, list[Expected]]:
    """What the command line finds, by document; without warnings that came after v1."""
    names = {str(CORPUS / entry.name): entry.name for entry in list_entries()}
    main(["check", "--format", "json", *names])
    found: dict[str, list[Expected]] = {name: [] for name in names.values()}
    for record in json.loads(capsys.readouterr().out)["findings"]:
        place, code = record["place"], record["code"]
        if code in WARNINGS_OF_V1 or not is_warning(code):
            found[names[place["file"]]].append((code, place["span"]["line"], place["span"]["column"]))
    return found


def correct_places(entry: Entry, found: list[Expected]) -> None:
    """Rewrite the first lines of a document: where its findings are, never which."""
    if sorted(code for code, _, _ in found) == sorted(code for code, _, _ in entry.expected):
        lines = "".join(f"# {code} {line}:{column}\n" for code, line, column in found)
        (CORPUS / entry.name).write_bytes(lines.encode() + entry.document)


def test_each_document_gets_exactly_the_findings_that_it_names(
    capsys: pytest.CaptureFixture[str], is_updating: bool
) -> None:
    found = find_all(capsys)
    surprises = [entry for entry in list_entries() if sorted(entry.expected) != sorted(found[entry.name])]
    for entry in surprises if is_updating else ():
        correct_places(entry, found[entry.name])
    assert [(entry.name, entry.expected, found[entry.name]) for entry in surprises] == []


def test_the_folder_says_whether_there_are_errors() -> None:
    for entry in list_entries():
        assert entry.is_valid == all(is_warning(code) for code, _, _ in entry.expected), entry.name


def test_what_cannot_be_read_reaches_no_validator() -> None:
    readable = {entry.name for entry, _ in list_readable()}
    for entry in list_entries():
        # An expression is text like any other to whoever does not know that it gets a meaning later.
        is_unreadable = any(code <= "HG014" or code == "HG018" for code, _, _ in entry.expected)
        assert (entry.name in readable) != is_unreadable, entry.name


@pytest.mark.parametrize(
    "accepts",
    [PUBLISHED.is_valid, is_decodable, lambda data: not list_errors(data)],
    ids=["jsonschema", "msgspec", "our validator"],
)
def test_validators_and_the_decoder_refuse_exactly_what_has_a_wrong_shape(accepts: Any) -> None:
    wrong = [entry.name for entry, data in list_readable() if accepts(data) == ("HG1" in entry.families)]
    assert wrong == []


def test_a_document_is_refused_for_one_reason_unless_it_is_about_several() -> None:
    for entry in list_entries():
        if not entry.is_valid:
            assert (len(entry.expected) > 1) == ("/several-" in entry.name), entry.name


def test_every_code_of_the_manifest_alone_is_in_the_corpus() -> None:
    codes = {rule.code for rule in RULES if rule.code.startswith(OUTSIDE_A_REPOSITORY)}
    named = {code for entry in list_entries() for code, _, _ in entry.expected}
    assert codes - named == TOO_LARGE_TO_KEEP
    assert named <= codes


def test_no_two_documents_are_the_same() -> None:
    # Of one meaning there may be the same words in several groups.
    contents = [entry.content for entry in list_entries() if not entry.name.startswith("valid/same-")]
    assert len(set(contents)) == len(contents)


def test_documents_of_one_group_mean_the_same_and_those_of_two_do_not() -> None:
    same = [entry for entry in list_entries() if entry.name.startswith("valid/same-")]
    meanings = []
    for _, entries in groupby(same, key=lambda entry: entry.name.split("-")[1]):
        compiled = {entry.name: compile_meaning(entry.content) for entry in entries}
        first = next(iter(compiled.values()))
        assert [name for name, meaning in compiled.items() if meaning != first] == []
        assert len(compiled) > 1 and first not in meanings
        meanings.append(first)
    assert len(meanings) >= 8


class TestCoverage:
    """What is in the schema and not in the corpus is a gap with a name."""

    coverage = Coverage(SCHEMA)
    accepted, refused = coverage.list_demands()

    def shown(self, *, is_shape_wrong: bool) -> set[str]:
        documents = [data for entry, data in list_readable() if ("HG1" in entry.families) == is_shape_wrong]
        return {fact for data in documents for fact in self.coverage.list_shown(data)}

    def test_the_schema_demands_much(self) -> None:
        assert len(self.accepted) > 250 and len(self.refused) > 200

    def test_accepted_documents_show_every_field_bound_default_word_and_condition(self) -> None:
        assert sorted(self.accepted - self.shown(is_shape_wrong=False)) == []

    def test_refused_documents_break_everything_that_can_be_broken(self) -> None:
        assert sorted(self.refused - self.shown(is_shape_wrong=True)) == []

    def test_what_is_said_to_be_unreachable_is(self) -> None:
        shown = self.shown(is_shape_wrong=False) | self.shown(is_shape_wrong=True)
        assert shown.isdisjoint(UNREACHABLE)

    def test_nothing_is_broken_in_what_is_accepted(self) -> None:
        assert sorted(self.refused & self.shown(is_shape_wrong=False)) == []

    def test_every_change_of_a_pattern_would_be_noticed(self) -> None:
        texts = {
            (part["pattern"], value)
            for _, data in list_readable()
            for _, part, value in self.coverage.walk("Manifest", SCHEMA, data)
            if "pattern" in part and isinstance(value, str)
        }
        assert sorted(list_unnoticed(texts)) == []
