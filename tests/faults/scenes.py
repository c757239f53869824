"""Where a fault can strike: every state of every strategy, and how a repository gets there.

A scene holds the rollout in its state: a callback hangs, a bake waits, or nobody runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from headgate_runtime.jobs import APPROVE, FINISH, START
from headgate_runtime.machine import EVENTS, HELD, TABLES, takes
from headgate_runtime.plan import ALL_AT_ONCE, BLUE_GREEN, CANARY, Stages
from headgate_runtime.record import PROMOTE, Release, Rollout

from tests.e2e.stories.manifests import Manifest
from tests.e2e.stories.stage import FAIL, Stage, says
from tests.e2e.stories.story import Play, ends_red, first_release

RUNTIME = ".github/headgate/headgate_runtime"
HURRIED = (
    (f"{RUNTIME}/run.py", "RESULT_PATIENCE = 600.0", "RESULT_PATIENCE = 4.0"),
    (f"{RUNTIME}/run.py", "\nPATIENCE = 120.0", "\nPATIENCE = 4.0"),
    (f"{RUNTIME}/branch.py", "READ_PATIENCE: Final = 60.0", "READ_PATIENCE: Final = 2.0"),
    (f"{RUNTIME}/github.py", "return 2.0 ** (number - 1) *", "return 0.02 * number *"),
    (f"{RUNTIME}/verbs/gate.py", "POLL_SECONDS = 15.0", "POLL_SECONDS = 0.5"),
)
"""What the played repositories change in the runtime they carry: it waits for seconds, not for minutes."""

FILES = ("deploy_app", "deploy_anew", "promote", "rollback", "verify", "cutover", "retire")
CALLBACK = "deploy-app.yaml"


def manifest(name: str, strategy: str) -> Manifest:
    """One deploy `app` in one environment, with the hurried runtime."""
    text = f"""\
version: 1
environments: [{{name: dev, promotion: manual}}]
builds: [{{name: app}}]
deploys:
  - name: app
    callback: .github/workflows/{CALLBACK}
{strategy}"""
    callbacks = {"build_app": "build", **dict.fromkeys(FILES, "callback")}
    return Manifest(f"faults-{name}", text, callbacks, rewritten=HURRIED)


def changed(before: Manifest) -> Manifest:
    """The same, with another callback: a plan with another digest."""
    return replace(before, text=before.text.replace(CALLBACK, "deploy-anew.yaml"))


def removed(before: Manifest) -> Manifest:
    """The same, without the deploy; it has another one now."""
    return replace(before, text=before.text.replace("  - name: app", "  - name: other"))


PLAIN = manifest("plain", "")
CANARY_BARE = manifest(
    "canary",
    """\
    strategy: canary
    canary:
      percent: 10
      bake_time: 8s
      promote_callback: .github/workflows/promote.yaml
      rollback_callback: .github/workflows/rollback.yaml
""",
)
CANARY_VERIFIED = replace(
    CANARY_BARE,
    name="faults-canary-verified",
    text=CANARY_BARE.text.replace("8s", "1s") + "      verify: {callback: .github/workflows/verify.yaml}\n",
)
CANARY_QUICK = replace(CANARY_BARE, name="faults-canary-quick", text=CANARY_BARE.text.replace("8s", "0s"))
CANARY_PARKED = replace(
    CANARY_BARE,
    name="faults-canary-parked",
    text=CANARY_BARE.text.replace("8s", "10m") + "      bake_mode: park\n",
)
CANARY_APPROVED = replace(
    CANARY_QUICK, name="faults-canary-approved", text=CANARY_QUICK.text + "      approval: {}\n"
)
CANARY_REVIEWED = replace(
    CANARY_QUICK,
    name="faults-canary-reviewed",
    text=CANARY_QUICK.text + "      approval: {github_environment: reviewed}\n",
)
BLUE_GREEN_BARE = manifest(
    "blue-green",
    """\
    strategy: blue_green
    blue_green:
      cutover_callback: .github/workflows/cutover.yaml
      retire_callback: .github/workflows/retire.yaml
""",
)
BLUE_GREEN_PREVIEWED = replace(
    BLUE_GREEN_BARE,
    name="faults-blue-green-previewed",
    text=BLUE_GREEN_BARE.text + "      verify_preview: {callback: .github/workflows/verify.yaml}\n",
)
BLUE_GREEN_WATCHED = replace(
    BLUE_GREEN_BARE,
    name="faults-blue-green-watched",
    text=BLUE_GREEN_BARE.text
    + "      bake_time: 8s\n      verify_live: {callback: .github/workflows/verify.yaml}\n",
)
BLUE_GREEN_VERIFIED = replace(
    BLUE_GREEN_WATCHED,
    name="faults-blue-green-verified",
    text=BLUE_GREEN_WATCHED.text.replace("8s", "1s"),
)
BLUE_GREEN_PARKED = replace(
    BLUE_GREEN_BARE,
    name="faults-blue-green-parked",
    text=BLUE_GREEN_BARE.text + "      bake_time: 10m\n      bake_mode: park\n",
)
BLUE_GREEN_APPROVED = replace(
    BLUE_GREEN_BARE,
    name="faults-blue-green-approved",
    text=BLUE_GREEN_BARE.text + "      approval: {}\n",
)
BLUE_GREEN_REVIEWED = replace(
    BLUE_GREEN_BARE,
    name="faults-blue-green-reviewed",
    text=BLUE_GREEN_BARE.text + "      approval: {github_environment: reviewed}\n",
)


def three_releases(stage: Stage) -> None:
    """r1 is live, r2 and r3 are built."""
    first_release(stage)
    stage.push()


@ends_red
def waiting_release(stage: Stage) -> None:
    """An opening: r2 is queued, and the run that was to start it never began."""
    three_releases(stage)
    stage.kill("start", "dies_before_start")
    stage.promote(release="r2")


def parked(stage: Stage) -> None:
    """An opening: r2 is where its run had nothing more to do."""
    three_releases(stage)
    stage.promote(release="r2")


def paused_canary(stage: Stage) -> None:
    """An opening: somebody paused the canary of r2."""
    three_releases(stage)
    stage.meanwhile("verify_1", stage.order("pause"))
    stage.promote(release="r2")


def paused_blue_green(stage: Stage) -> None:
    """An opening: somebody paused the bake of r2, which is live."""
    three_releases(stage)
    stage.meanwhile("verify_live", stage.order("pause"))
    stage.promote(release="r2")


@ends_red
def held_canary(stage: Stage) -> None:
    """An opening: the promotion of r2 failed."""
    three_releases(stage)
    stage.answer("promote", FAIL)
    stage.promote(release="r2")


@ends_red
def held_blue_green(stage: Stage) -> None:
    """An opening: nobody knows whether r2, which is live, is well."""
    three_releases(stage)
    stage.answer("verify_live", says("inconclusive"))
    stage.promote(release="r2")


@dataclass(frozen=True)
class Scene:
    """One state of one strategy, `where` in it, and who is at work there.

    `job` is the callback that hangs, the gate that bakes, or a gate that did not begin yet (`start`, or
    `approve`, for which GitHub asks reviewers); without one nobody runs. `after` is the callback before the
    gate that bakes. `gate` records what comes of the state, by its push number `push`. The callbacks
    `failing` fail on the way there. `held_from` and `cause` are those of held.
    """

    strategy: str
    state: str
    manifest: Manifest
    job: str = ""
    gate: str = ""
    where: str = ""
    after: str = ""
    push: int = 1
    failing: tuple[str, ...] = ()
    opening: Play = waiting_release
    held_from: str | None = None
    cause: str | None = None

    def __str__(self) -> str:
        """`canary baking, while it is verified`."""
        return f"{self.strategy} {self.state}" + (f", {self.where}" if self.where else "")

    @property
    def is_quiet(self) -> bool:
        """Whether nobody runs."""
        return not self.job

    @property
    def is_reviewed(self) -> bool:
        """Whether GitHub asks reviewers there."""
        return self.job == APPROVE

    @property
    def is_before(self) -> bool:
        """Whether the job has not begun."""
        return self.job in (START, APPROVE)

    @property
    def is_held_when_removed(self) -> bool:
        """Whether the rollout is held without its deploy in the manifest, by the machine."""
        rows = TABLES[self.strategy]
        held = {row.state for row in rows if row.event == "removed" and row.to == HELD}
        return self.state in {HELD, *held}

    @property
    def verbs(self) -> tuple[str, ...]:
        """What a person may say there, by the machine."""
        if self.state == QUEUED or self.is_reviewed:
            return ("abort",)
        release = Release("r2", 2, "")
        rollout = Rollout(
            "", PROMOTE, release, release, Stages(self.strategy), "", self.state, False, 0, "", "",
            held_from=self.held_from, cause=self.cause,
        )  # fmt: skip
        said = [verb for verb, event in EVENTS.items() if takes(rollout, event)]
        return (*said, *(("resolve",) if self.state == HELD else ()))


QUEUED = "queued"
"""Not a state of a rollout: the release waits for its first run."""

IN_BAKE, VERIFIED, PARKED = "in the bake", "while it is verified", "parked"
BY_VERB, BY_REVIEW = "by verb", "by reviewers"

SCENES = (
    Scene(CANARY, QUEUED, CANARY_QUICK, START, START),
    Scene(ALL_AT_ONCE, "deploying", PLAIN, "deploy", FINISH),
    Scene(CANARY, "deploying_canary", CANARY_QUICK, "canary_1", "bake_1"),
    Scene(CANARY, "baking", CANARY_BARE, "bake_1", "bake_1", IN_BAKE, after="canary_1", push=2),
    Scene(CANARY, "baking", CANARY_VERIFIED, "verify_1", "judge_1", VERIFIED),
    Scene(CANARY, "baking", CANARY_PARKED, where=PARKED, opening=parked),
    Scene(CANARY, "awaiting_approval", CANARY_APPROVED, where=BY_VERB, opening=parked),
    Scene(CANARY, "awaiting_approval", CANARY_REVIEWED, APPROVE, APPROVE, BY_REVIEW),
    Scene(CANARY, "promoting", CANARY_QUICK, "promote", FINISH),
    Scene(CANARY, "rolling_back", CANARY_QUICK, "rollback", FINISH, failing=("canary_1",)),
    Scene(CANARY, "paused", CANARY_VERIFIED, opening=paused_canary),
    Scene(
        CANARY, HELD, CANARY_VERIFIED, opening=held_canary, held_from="promoting", cause="promote_failed"
    ),
    Scene(BLUE_GREEN, "deploying_preview", BLUE_GREEN_BARE, "preview", "gate_preview"),
    Scene(BLUE_GREEN, "verifying_preview", BLUE_GREEN_PREVIEWED, "verify_preview", "judge_preview"),
    Scene(BLUE_GREEN, "awaiting_approval", BLUE_GREEN_APPROVED, where=BY_VERB, opening=parked),
    Scene(BLUE_GREEN, "awaiting_approval", BLUE_GREEN_REVIEWED, APPROVE, APPROVE, BY_REVIEW),
    Scene(BLUE_GREEN, "cutting_over", BLUE_GREEN_BARE, "cutover", "bake_live"),
    Scene(
        BLUE_GREEN, "live_baking", BLUE_GREEN_WATCHED, "bake_live", "bake_live", IN_BAKE, after="cutover",
        push=2,
    ),
    Scene(BLUE_GREEN, "live_baking", BLUE_GREEN_VERIFIED, "verify_live", "judge_live", VERIFIED),
    Scene(BLUE_GREEN, "live_baking", BLUE_GREEN_PARKED, where=PARKED, opening=parked),
    Scene(BLUE_GREEN, "retiring", BLUE_GREEN_BARE, "retire", FINISH),
    Scene(BLUE_GREEN, "switching_back", BLUE_GREEN_BARE, "switchback", FINISH, failing=("cutover",)),
    Scene(BLUE_GREEN, "discarding", BLUE_GREEN_BARE, "discard", FINISH, failing=("preview",)),
    Scene(BLUE_GREEN, "paused", BLUE_GREEN_VERIFIED, opening=paused_blue_green),
    Scene(
        BLUE_GREEN, HELD, BLUE_GREEN_VERIFIED, opening=held_blue_green, held_from="live_baking",
        cause="inconclusive",
    ),
)  # fmt: skip
"""The states that the fault matrix plays, `queued` beside them."""


def states() -> Iterator[tuple[str, str]]:
    """Every (strategy, state) that a scene stands for."""
    return ((scene.strategy, scene.state) for scene in SCENES if scene.state != QUEUED)
