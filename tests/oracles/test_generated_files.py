"""Every generated file of every manifest in the matrix passes every oracle; what is accepted stands in
`finding.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.e2e.prerequisites import require_node_packages
from tests.generator.matrix import MATRIX, compile_case
from tests.oracles.oracles import findings_by_folder


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[str]]:
    """What the oracles say about each manifest of the matrix, all asked at once."""
    require_node_packages()
    root = tmp_path_factory.mktemp("matrix")
    generated = {root / name: write(root / name, name) for name in MATRIX}
    by_folder = findings_by_folder(generated)
    return {folder.name: lines for folder, lines in by_folder.items()}


def write(folder: Path, name: str) -> list[str]:
    """Write a repository and give the paths of its generated workflows."""
    files = {path: text.encode() for path, text in MATRIX[name].files().items()}
    made = compile_case(name).files
    for path, content in (files | dict(made)).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return [path for path in made if path.startswith(".github/workflows/")]


AS_THE_MANIFEST_SAYS = {
    "runner_labels": "[self-hosted-runner]",
    "runner_group": "[self-hosted-runner]",
    "runner_group_alone": "[self-hosted-runner]",
    "permissions": "[excessive-permissions]",
}
"""What an oracle minds because the user wants it so: a runner of their own, a callback that asks for
`write-all`.
"""


@pytest.mark.parametrize("name", MATRIX)
def test_no_oracle_finds_anything_in_what_is_generated(found: Mapping[str, list[str]], name: str) -> None:
    wanted = AS_THE_MANIFEST_SAYS.get(name)
    assert [line for line in found[name] if wanted is None or wanted not in line] == []
    assert wanted is None or found[name], "no oracle minds it any more"
