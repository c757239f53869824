"""Manifests written by taking proposals, step by step."""

from __future__ import annotations

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
