"""Ajv, in strict mode, judges the corpus and its mutants by the published schema as the decoder does."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable

import pytest
from headgate_schema.json_schema import read_schema

from tests.e2e.node import FOLDER, node_program
from tests.e2e.prerequisites import require_node_packages
from tests.schema.corpus import is_decodable, list_readable
from tests.schema.mutants import COUNT, list_mutants

SCHEMA = json.loads(read_schema())


def validate(schema: object, documents: Iterable[object]) -> list[bool]:
    """Ask Ajv about documents; raises for a schema that it refuses."""
    require_node_packages()
    lines = "\n".join(json.dumps(each) for each in (schema, *documents))
    program = str(FOLDER / "validators/ajv.mjs")
    done = subprocess.run(
        [node_program(), program], input=lines, capture_output=True, text=True, check=False, encoding="utf-8"
    )
    if done.returncode != 0:
        raise ValueError(done.stderr)
    return [digit == "1" for digit in done.stdout]


def test_ajv_refuses_exactly_the_documents_with_a_wrong_shape() -> None:
    entries, documents = zip(*list_readable(), strict=True)
    answers = validate(SCHEMA, documents)
    wrong = [
        entry.name
        for entry, is_accepted in zip(entries, answers, strict=True)
        if is_accepted == ("HG1" in entry.families)
    ]
    assert wrong == []


def test_ajv_accepts_exactly_the_mutants_that_the_decoder_accepts() -> None:
    mutants = list(list_mutants())
    answers = validate(SCHEMA, mutants)
    assert len(answers) == COUNT
    assert [each for each, answer in zip(mutants, answers, strict=True) if answer != is_decodable(each)] == []


def test_strict_mode_refuses_what_it_would_ignore() -> None:
    with pytest.raises(ValueError, match="unknown keyword"):
        validate({**SCHEMA, "maxPropertis": 3}, [])
