"""Stories as files: `tests/cases/<story>/` holds a manifest, its callbacks, and what becomes of them.

`plan.txt` is what `headgate plan` prints, `workflows/` holds the generated files worth reading (only those
that are there are compared), `scenario-*.yaml` becomes `trace-*.txt`, `findings.txt` what keeps a valid
manifest from being generated. `--update` rewrites what is there.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from headgate.compile import Compiled, compile_manifest
from headgate.plan.text import show_plan
from headgate.simulate.play import play
from headgate.simulate.scenario import read_scenario
from headgate.simulate.text import show_played
from headgate_schema.check import check

from tests.generator.case import FOLDER, Files

CASES = Path(__file__).parent.parent / "cases"
STORIES = sorted(path.name for path in CASES.iterdir() if path.is_dir())


def compile_story(folder: Path) -> Compiled:
    """Compile the manifest of a story, which must have no errors."""
    manifest = folder / "headgate.yaml"
    callbacks = {f"{FOLDER}/{path.name}": path.read_text() for path in (folder / "callbacks").iterdir()}
    checked = check(manifest.read_bytes(), manifest.name, Files(callbacks))
    assert checked.resolved is not None and not checked.has_errors, checked.findings
    return compile_manifest(checked.resolved, checked.callbacks, manifest.name)


def compare(path: Path, made: str, *, is_updating: bool) -> None:
    """Compare with an expected file, or rewrite it."""
    if is_updating:
        path.write_text(made)
    assert path.read_text() == made


@pytest.mark.parametrize("story", STORIES)
def test_a_story_compiles_to_its_plan_and_workflows(story: str, is_updating: bool) -> None:
    folder = CASES / story
    compiled = compile_story(folder)
    assert compiled.findings == ()
    compare(folder / "plan.txt", show_plan(compiled.plan), is_updating=is_updating)
    for path in sorted((folder / "workflows").glob("*.yaml")):
        compare(path, compiled.files[f"{FOLDER}/{path.name}"].decode(), is_updating=is_updating)


SCENARIOS = sorted(CASES.glob("*/scenario-*.yaml"))


@pytest.mark.parametrize("path", SCENARIOS, ids=[f"{path.parent.name}/{path.stem}" for path in SCENARIOS])
def test_a_scenario_plays_out_as_its_trace(path: Path, is_updating: bool) -> None:
    scenario = read_scenario(path.read_bytes(), path.name)
    played = play(compile_story(path.parent).plan, scenario)
    trace = path.with_name(path.name.replace("scenario-", "trace-")).with_suffix(".txt")
    compare(trace, show_played(played), is_updating=is_updating)


def test_there_are_stories() -> None:
    assert len(STORIES) >= 5
