"""20,000 mutants of the corpus: the decoder and the published schema agree on every one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from headgate_schema.decode import without_extensions
from headgate_schema.json_schema import read_schema
from headgate_schema.misfits import list_misfits
from headgate_schema.validator import list_errors

from tests.schema.corpus import is_decodable
from tests.schema.mutants import COUNT, list_mutants

PUBLISHED = jsonschema.Draft7Validator(json.loads(read_schema()))
PARTS = 4
SIZE = COUNT // PARTS


def without_final_breaks(mutants: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    # Python's `$` matches before a final line break as well; Ajv judges the mutants as they are.
    return (json.loads(json.dumps(mutant).replace('\\n"', '"')) for mutant in mutants)


@pytest.mark.parametrize("part", range(PARTS))
def test_the_decoder_and_the_schema_accept_the_same_mutants(part: int) -> None:
    mutants = without_final_breaks(list_mutants(part * SIZE, (part + 1) * SIZE))
    assert [mutant for mutant in mutants if is_decodable(mutant) != PUBLISHED.is_valid(mutant)] == []


def test_our_validator_agrees_on_line_breaks_too() -> None:
    assert [each for each in list_mutants(0, 2_000) if is_decodable(each) != (not list_errors(each))] == []


def test_mutants_meet_every_kind_of_misfit_and_many_are_valid() -> None:
    mutants = [without_extensions(mutant) for mutant in list_mutants(0, 2_000)]
    misfits = [list_misfits(mutant) for mutant in mutants if not is_decodable(mutant)]
    assert 0.25 < len(misfits) / len(mutants) < 0.75
    assert {misfit.kind for found in misfits for misfit in found} == {
        "unknown_key",
        "missing_key",
        "reserved",
        "wrong_type",
        "wrong_value",
        "wrong_form",
        "out_of_bounds",
        "missing_block",
        "stray_block",
        "stray_alternative",
        "missing_alternative",
    }
    # A single misfit shows whether one check is there; more of them hide each other.
    assert sum(len(found) == 1 for found in misfits) > len(mutants) / 4
