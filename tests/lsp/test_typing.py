"""Manifests written by taking proposals, step by step."""

from __future__ import annotations

from pathlib import Path

import pytest
from headgate_schema.check import check

from tests.lsp.typist import Typist

SEED = """version: 1
environments: [dev, test, uat, prod]
deploys:
  - name: app
    strategy: canary
    canary:
      percent: 10
      promote_callback: .github/workflows/canary-promote.yaml
      rollback_callback: .github/workflows/canary-rollback.yaml
      bake_time: 10m
  - name: api
    strategy: blue_green
    blue_green:
      cutover_callback: .github/workflows/cutover.yaml
"""


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_the_first_proposals_write_the_whole_first_manifest(line_break: str) -> None:
    """Only names are typed, and the first letters of what is not the first proposal."""
    typist = Typist(f"# 🚀{line_break}‸")
    for _ in range(2):
        typist.take()  # version, environments
        typist.take()
        typist.enter()
    typist.take()  # deploys
    typist.take()  # name
    typist.type("app")
    typist.enter(4)
    typist.type("str")
    typist.take()
    typist.type("ca")
    typist.take()
    typist.enter()
    typist.take()  # the block that the strategy wants
    for _ in range(4):
        typist.take()  # percent, the two callbacks, bake_time
        typist.take()
        typist.enter()
    typist.column = 3
    typist.lines[-1] = "  "
    typist.take()  # a second deploy
    typist.type("api")
    typist.enter(4)
    typist.type("blue")
    typist.take()  # with its strategy
    typist.take()
    typist.take()
    typist.enter(0)
    assert typist.text == (f"# 🚀\n{SEED}").replace("\n", line_break)
    assert not check(typist.text.encode(), "headgate.yaml").has_errors


def test_required_keys_come_first_until_a_manifest_has_no_errors() -> None:
    typist = Typist("‸")
    typist.take("new manifest")
    assert not check(typist.text.encode(), "headgate.yaml").has_errors


def test_a_list_in_brackets_is_filled_with_what_is_left() -> None:
    deploy = "deploys:\n  - name: app\n    environments: [‸\n    strategy: canary\n"
    typist = Typist(f"environments: [dev, test]\n{deploy}")
    typist.take()
    typist.type(", ")
    assert [each.label for each in typist.propose()] == ["test"]
    typist.take()
    typist.type(", ")
    assert typist.propose() == ()
    assert "[dev, test, \n    strategy" in typist.text


MANIFESTS = sorted((Path(__file__).parents[1] / "cases").glob("*/headgate.yaml"))
NEVER = {"HG001", "HG010", "HG101", "HG109", "HG110", "HG190"}
"""What no key that was proposed may be: unreadable, there already, unknown, reserved, of another strategy."""


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.parent.name)
def test_a_key_that_is_proposed_in_an_empty_row_belongs_there(path: Path) -> None:
    rows = path.read_text(encoding="utf-8").splitlines()
    tried = 0
    for row in range(1, len(rows) + 1):
        for column in range(0, 11, 2):
            marked = "\n".join([*rows[:row], f"{' ' * column}‸", *rows[row:]])
            proposals = Typist(marked).propose()
            for proposal in proposals[(row + column) % 2 :: 2]:
                typist = Typist(marked)
                typist.take(proposal.label)
                found = {finding.code for finding in check(typist.text.encode(), "headgate.yaml").findings}
                assert not found & NEVER, (proposal, typist.text)
                tried += 1
    assert tried > 100


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.parent.name)
def test_something_is_proposed_or_nothing_but_never_a_failure(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for cut in range(0, len(text), 2):
        for has_snippets in (False, True):
            Typist(f"{text[:cut]}‸", has_snippets=has_snippets).propose()
