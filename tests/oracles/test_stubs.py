"""A callback that was just created passes every oracle: whoever fills it in starts from a clean file."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.prerequisites import require_node_packages
from tests.oracles.oracles import findings_by_folder
from tests.schema.stubs import MANIFESTS, list_stubs


def test_no_oracle_finds_anything_in_a_created_callback(tmp_path: Path) -> None:
    require_node_packages()
    created = {tmp_path / name: list_stubs(text) for name, text in MANIFESTS.items()}
    for folder, stubs in created.items():
        for file, text in stubs.items():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_text(text)
    found = findings_by_folder({folder: sorted(stubs) for folder, stubs in created.items()})
    assert found == {folder: [] for folder in created}
