"""From a manifest to a finished and a rolled back canary, on the example repository.

Needs Python and git. Where Node is, the workflows that it wrote are executed too, and must do what the
simulation said: otherwise the demo fails.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from headgate.project import load_project
from headgate.simulate.play import Told, play
from headgate.simulate.scenario import Scenario

from tests.e2e.node import NodeMissing, ensure_node_packages
from tools.demonstration.terminal import Voice

ROOT = Path(__file__).resolve().parent.parent
HEALTHY = Scenario(environment="dev", deploy="app")
SICK = Scenario(environment="dev", deploy="app", outcomes={"verify_1": "failure"})
SIMULATE = ("headgate", "simulate", "--environment", "dev", "--deploy", "app")


def main() -> int:
    """Tell the whole story; 1 when what was executed is not what was simulated."""
    voice = Voice.create()
    folder = Path(tempfile.mkdtemp(prefix="headgate-demo-"))
    shop = take_example(voice, folder)
    compile_it(voice, shop)
    simulate(voice, shop)
    agrees = execute_both(voice, shop, folder)
    point(voice, shop)
    return 0 if agrees else 1


def take_example(voice: Voice, folder: Path) -> Path:
    """Copy the example repository, and show its manifest."""
    voice.headline("The example repository")
    shop = folder / "shop"
    shutil.copytree(ROOT / "examples/shop", shop)
    subprocess.run(["git", "init", "-q", str(shop)], check=True)
    voice.say(f"A copy is in {shop}: an app that goes out as a canary, an api that goes out")
    voice.say("blue-green. Its workflows deploy, verify, promote and roll back. This is its manifest:\n")
    voice.show((shop / "headgate.yaml").read_text(encoding="utf-8"))
    return shop


def compile_it(voice: Voice, shop: Path) -> None:
    """Check, generate and plan."""
    voice.headline("Check the manifest, and whether the callbacks fit it")
    voice.run(shop, ("headgate", "check"))
    voice.headline("Write the workflows")
    voice.run(shop, ("headgate", "generate"), fold_runtime)
    voice.headline("What it compiles to")
    voice.run(shop, ("headgate", "plan"))


def fold_runtime(output: str) -> str:
    """Leave out the files of the runtime from what `generate` says."""
    lines = output.splitlines()
    shown = [line for line in lines if "/headgate_runtime/" not in line]
    return "\n".join(
        (*shown, f"… and the runtime they use, {len(lines) - len(shown)} files of readable Python")
    )


def simulate(voice: Voice, shop: Path) -> None:
    """Show both stories on the simulator's virtual clock."""
    voice.headline("Simulate a healthy canary")
    voice.run(shop, SIMULATE)
    voice.headline("Simulate one whose verification fails")
    voice.run(shop, (*SIMULATE, "--fail", "verify_1"))


def execute_both(voice: Voice, shop: Path, folder: Path) -> bool:
    """Execute both stories where Node is; whether they agree with the simulation."""
    voice.headline("Execute them")
    missing = why_not()
    if missing:
        voice.say(f"Left out: {missing}.")
        return True
    from tools.demonstration.execution import RATE, execute

    voice.say(
        "The files just written, on GitHub's own parser and expression evaluator, with real bash, the real"
    )
    voice.say(f"runtime and a real git origin. The clock goes {RATE} times faster.\n")
    with execute(shop, folder) as executed:
        voice.say("The first release goes to 100 %: there is nothing to compare it with.\n")
        executed.push("app/version", "1\n")
        release = executed.push("app/version", "2\n")
        good = compare(voice, shop, "a healthy release", HEALTHY, release, executed.trace(release))
        release = executed.push("app/health", "broken\n")
        bad = compare(voice, shop, "one that is not healthy", SICK, release, executed.trace(release))
        voice.say("What the balancer was told about the app:\n")
        voice.show(executed.told())
    return good and bad


def why_not() -> str:
    """Say why nothing can be executed here; empty when it can."""
    try:
        ensure_node_packages()
    except NodeMissing as error:
        return str(error).splitlines()[0]
    return ""


def compare(voice: Voice, shop: Path, title: str, scenario: Scenario, release: str, trace: list[str]) -> bool:
    """Show what was executed and hold it against the simulation, event by event."""
    voice.say(f"Then {title}, {release}:\n")
    voice.show("\n".join(trace))
    expected = simulated_trace(shop, scenario)
    found = [subject.replace(release, "RELEASE") for subject in trace]
    voice.verdict(good=found == expected, text=f"{len(found)} events executed, {len(expected)} simulated")
    if found != expected:
        voice.show("simulated:\n" + "\n".join(expected))
    print()
    return found == expected


def simulated_trace(shop: Path, scenario: Scenario) -> list[str]:
    """Return the events of a simulation, with a word for the release's id."""
    compiled = load_project(shop).compiled
    if compiled is None:
        raise SystemExit("the example does not compile")
    played = play(compiled.plan, scenario)
    events = (entry.subject for entry in played.trace if isinstance(entry, Told))
    return [subject.replace(played.release, "RELEASE") for subject in events]


def point(voice: Voice, shop: Path) -> None:
    """Say where to look now."""
    voice.headline("Where to look")
    voice.say(f"In {shop}, which stays until you remove it:\n")
    voice.show(
        ".github/workflows/headgate-deploy-app.yaml   the canary, job by job\n"
        ".github/headgate/                            the plan, and the runtime that the jobs run\n"
        "deploy/balancer.sh                           what the callbacks call in place of a load balancer"
    )
    voice.say("In this repository: docs/tutorial.md tells how to write one yourself.")


if __name__ == "__main__":
    sys.exit(main())
