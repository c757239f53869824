"""A callback that `headgate check --fix --unsafe` created and nobody wrote: the rollout stops there."""

from __future__ import annotations

from tests.e2e.stories.manifests import PLAIN, Manifest, workflow_path
from tests.e2e.stories.story import Theatre, nothing
from tests.schema.stubs import list_stubs

STUB = list_stubs(PLAIN.text)[workflow_path("deploy-app")]
UNWRITTEN = Manifest("unwritten", PLAIN.text, {**PLAIN.callbacks, "deploy_app": STUB})


def test_a_rollout_fails_at_a_callback_that_is_not_written_yet(theatre: Theatre) -> None:
    stage, side = theatre.execute(UNWRITTEN, nothing)
    try:
        stage.push()
        stage.promote()
        assert stage.jobs()[-1] == "start deploy finish"
        assert stage.history() == ["queued", "started → deploying", "failed → failed", "quarantined"]
        assert (stage.live(), stage.conclusions()[-1]) == (None, "failure")
        assert "deploy-app.yaml is not written yet: it does nothing" in side.describe()
    finally:
        side.repository.stop()
