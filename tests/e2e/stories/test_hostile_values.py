"""Values that would like to be code go through the whole chain unharmed, or are refused; none is executed."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path

import pytest

from tests.e2e.stories.executed import ExecutedSide
from tests.e2e.stories.manifests import CANARY, PLAIN, Manifest, workflow_path
from tests.e2e.stories.stage import Stage
from tests.e2e.stories.story import Theatre, first_release
from tests.e2e.traffic import CALLBACKS
from tests.e2e.world import DispatchRefused

BRANCH = "headgate/state"
LINES = [
    """'; touch pwned; '""",
    '''"; touch pwned; "''',
    "$(touch pwned) `touch pwned` ${IFS}",
    "${{ github.token }} ${{ secrets.GITHUB_TOKEN }}",
    "::error::boo",
    "::set-output name=next::promote",
    "##[error]boo",
    "::stop-commands::x",
    "%0A::error::boo%0D",
    "\\n::error::boo \\u0000 \\",
    "yaml: [a, *b, &c, !!d, {e: f}] # g | > - ? @ `",
    "- 'x': ~",
    "null",
    "0o17 1e3 .inf yes 2026-01-01",
    "<script>alert(1)</script> @octocat #1 [x](javascript:alert(1)) **b** | c |",
    "🦊🏳️‍🌈 é 漢字 \u202egnp.exe",
    "</details> EOF <<EOF --force -x --upload-pack=touch",
    "{{7*7}} {% x %} }} ${{",
]
SEVERAL_LINES = (
    "first\n::error::boo\n::set-output name=next::promote\n\nEOF\n${{ github.token }}\r##[error]boo"
)
REFUSED = ["ab", "x" * 301, "a\nb", "a\rb", "a\x00b", "a\x1b[31mb", "a\u2028b", "   "]


def keep_folders(theatre: Theatre, manifest: Manifest) -> tuple[Stage, ExecutedSide]:
    """A stage whose jobs leave their work folders behind, to be looked through."""
    stage, side = theatre.execute(manifest, first_release)
    side.repository.configure(options={"keepFolders": True})
    return stage, side


def assert_nothing_was_obeyed(side: ExecutedSide, *texts: str) -> None:
    """No workflow command came of them, no program, and the log of the branch has one line for each event."""
    for run in side.repository.runs():
        for job in run.jobs:
            wrong = [one for one in job.commands if one["properties"].get("title") != "Headgate"]
            assert wrong == [], f"{run.title} {job.key}: {wrong}"
    for commit in side.repository.log(BRANCH)[1:]:
        assert json.loads(commit.body)
        assert commit.body.isascii()
        assert len(commit.body.splitlines()) == 1
    assert not [place for place, _, files in os.walk(side.repository.world.folder) if "pwned" in files]
    assert not (Path.cwd() / "pwned").exists()
    for text in texts:
        assert all(text not in job.summary for run in side.repository.runs() for job in run.jobs)


def test_reasons_of_one_line_reach_the_log_as_they_are(theatre: Theatre) -> None:
    stage, side = keep_folders(theatre, PLAIN)
    for place, line in enumerate(LINES):
        stage.control("unfreeze" if place % 2 else "freeze", deploy="", reason=line)
        assert stage.conclusion_of("control") == "success", line
    events = [json.loads(commit.body) for commit in side.repository.log(BRANCH)[1:]]
    assert [event["reason"] for event in events[-len(LINES) :]] == LINES
    assert_nothing_was_obeyed(side, "<script>", "::error::boo\n")


@pytest.mark.parametrize("reason", REFUSED, ids=ascii)
def test_a_reason_that_is_no_line_is_refused(theatre: Theatre, reason: str) -> None:
    stage, side = keep_folders(theatre, PLAIN)
    tip = side.repository.tip(BRANCH)
    with suppress(DispatchRefused):
        stage.control("freeze", deploy="", reason=reason)
    assert all(run.conclusion == "failure" for run in side.repository.runs())
    assert side.repository.tip(BRANCH) == tip


@pytest.mark.parametrize("start", range(0, len(LINES), 6))
def test_a_reason_reaches_the_rollback_callback_as_it_is(theatre: Theatre, start: int) -> None:
    reason = " ".join(LINES[start : start + 6])[:300].strip()
    stage, side = keep_folders(theatre, CANARY)
    stage.meanwhile("canary_1", stage.order("abort", reason=reason))
    stage.promote()
    assert stage.inputs("rollback")["reason"] == reason
    assert stage.record()["last"][0]["because"] == reason
    assert_nothing_was_obeyed(side)


def test_the_reason_of_a_callback_is_kept_as_one_line(theatre: Theatre, tmp_path: Path) -> None:
    stage, side = keep_folders(theatre, CANARY)
    file = tmp_path / "reason"
    file.write_text(SEVERAL_LINES)
    side.traffic.behave("output", "result=" + str(written(tmp_path / "result", "failure")), action="verify")
    side.traffic.behave("output", f"reason={file}", action="verify")
    stage.promote()
    told = stage.inputs("rollback")["reason"]
    assert "\n" not in told
    assert "\r" not in told
    assert told.split() == SEVERAL_LINES.split()
    assert_nothing_was_obeyed(side)


def written(path: Path, text: str) -> Path:
    """A file with this text."""
    path.write_text(text)
    return path


BUILD = (
    (CALLBACKS / "build.yaml")
    .read_text()
    .replace("registry.example/app:${{ inputs.release }}", "${{ steps.build.outputs.image }}")
    .replace("      - name: traffic\n", "      - name: traffic\n        id: build\n")
)


@pytest.mark.parametrize(
    "value", ["\n".join(LINES), SEVERAL_LINES, '{"a": "${{ github.token }}"}', "x" * 60_000]
)
def test_the_output_of_a_build_reaches_the_deploy_as_it_is(
    theatre: Theatre, tmp_path: Path, value: str
) -> None:
    stage, side = keep_folders(theatre, PLAIN)
    side.repository.commit({workflow_path("build-app"): BUILD})
    side.traffic.behave("output", f"image={written(tmp_path / 'image', value)}")
    stage.push()
    release = side.names().releases[-1][0]
    kept = json.loads(side.repository.read(f"releases/{release}.json", BRANCH) or "")
    assert kept["outputs"]["app"]["image"] == value
    side.traffic.calm()
    stage.promote(release="r3")
    assert side.traffic.calls[-1].inputs["image"] == value
    assert_nothing_was_obeyed(side)


def test_an_output_that_is_too_long_is_refused(theatre: Theatre, tmp_path: Path) -> None:
    stage, side = keep_folders(theatre, PLAIN)
    side.repository.commit({workflow_path("build-app"): BUILD})
    tip = side.repository.tip(BRANCH)
    side.traffic.behave("output", f"image={written(tmp_path / 'image', 'x' * 65_537)}")
    stage.push()
    register = side.repository.runs("headgate-release.yaml")[-1].job("register")
    assert "65537 bytes; 65536 are allowed" in register.errors[0]
    assert side.repository.tip(BRANCH) == tip


TALKATIVE = (
    (CALLBACKS / "callback.yaml")
    .read_text()
    .replace(
        "      image: { type: string }\n",
        "      image: { type: string }\n      greeting: { type: string }\n      place: { type: string }\n",
    )
)


@pytest.mark.parametrize("start", range(0, len(LINES), 6))
def test_a_constant_input_reaches_the_callback_as_it_is(theatre: Theatre, start: int) -> None:
    # A manifest with `${{` or with a character that turns the direction of text is refused as a whole.
    # A manifest with `${{` or with a character that turns the direction of text is refused as a whole.
    lines = [line.replace("${{", "$ {{").replace("\u202e", "") for line in LINES[start : start + 6]]
    greeting, here, there = " ".join(lines), "\n".join(lines), json.dumps(lines)
    inputs = {"greeting": greeting, "place": here}
    more = {"inputs": inputs, "environment_inputs": {"test": {"place": there}}}
    lines = [f"    {key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in more.items()]
    text = PLAIN.text.replace("- {name: app}\n", "- name: app\n" + "".join(lines))
    manifest = Manifest(f"greeting-{start}", text, {"build_app": "build", "deploy_app": TALKATIVE})
    stage, side = keep_folders(theatre, manifest)
    stage.promote()
    assert {name: side.traffic.calls[-1].inputs[name] for name in inputs} == inputs
    stage.promote("test")
    assert side.traffic.calls[-1].inputs["place"] == there
    assert_nothing_was_obeyed(side)


@pytest.mark.parametrize("name", [*LINES[:3], "../../x", "--force"], ids=ascii)
def test_a_name_that_nobody_gave_is_refused(theatre: Theatre, name: str) -> None:
    stage, side = keep_folders(theatre, PLAIN)
    tip = side.repository.tip(BRANCH)
    orders: list[tuple[str, dict[str, str]]] = [
        stage.order("abort", deploy=name),
        stage.order("abort", environment=name),
        stage.order("adopt", release=name),
        ("headgate-rollback.yaml", {"environment": "dev", "to": name, "reason": "it is slow"}),
        ("headgate-deploy-app.yaml", {"environment": "dev", "release": name}),
    ]
    for order in orders:
        with suppress(DispatchRefused):
            stage.dispatch(order)
    assert side.repository.runs()
    for run in side.repository.runs():
        assert run.conclusion == "failure", run.title
    assert side.repository.tip(BRANCH) == tip
    assert_nothing_was_obeyed(side)
