"""The manifests of the stories: small ones, with bakes that real time can wait for, and their callbacks."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from headgate_runtime.plan import Plan

from tests.e2e.traffic import callback_files

FASTER = 8
PLAN = ".github/headgate/plan.json"


@dataclass(frozen=True)
class Manifest:
    """A manifest and the callback files beside it (name → one of `callbacks/`, or a whole file's text).

    `fast` divides the bakes of plan.json by 8: the shortest interval that a manifest may say is a minute.
    `rewritten` are changes of generated files: (path, text, other text).
    """

    name: str
    text: str
    callbacks: Mapping[str, str] = field(hash=False)
    fast: bool = False
    rewritten: tuple[tuple[str, str, str], ...] = ()

    def with_callback(self, **variants: str) -> Manifest:
        """The same with other callback files."""
        name = "-".join([self.name, *variants.values()])
        return Manifest(name, self.text, {**self.callbacks, **variants}, self.fast, self.rewritten)


@dataclass(frozen=True)
class Compiled:
    """What `headgate generate` made of a manifest: every file of the repository, and the plan among them."""

    files: Mapping[str, bytes]
    plan: Plan


def compile_manifest(manifest: Manifest) -> Compiled:
    """Run `headgate generate` in a folder with the manifest and its callbacks; once for each manifest."""
    compiled = _compile(manifest.text, tuple(sorted(manifest.callbacks.items())), manifest.fast)
    files = dict(compiled.files)
    for path, text, other in manifest.rewritten:
        assert files[path].count(text.encode()) == 1, f"{path} does not say {text!r} once"
        files[path] = files[path].replace(text.encode(), other.encode())
    return replace(compiled, files=files)


@cache
def _compile(text: str, callbacks: tuple[tuple[str, str], ...], fast: bool) -> Compiled:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        written = {"headgate.yaml": text, **_callbacks(dict(callbacks))}
        for path, content in written.items():
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content)
        command = [sys.executable, "-m", "headgate", "generate"]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        found = (path for path in root.rglob("*") if path.is_file())
        files = {str(path.relative_to(root)): path.read_bytes() for path in found}
    if fast:
        files[PLAN] = _divide_times(files[PLAN])
    return Compiled(files, Plan.from_json(json.loads(files[PLAN])))


def _callbacks(variants: Mapping[str, str]) -> dict[str, str]:
    """The files for names of `callbacks/`, and for whole texts."""
    named = {name: variant for name, variant in variants.items() if "\n" not in variant}
    whole = {name.replace("_", "-"): text for name, text in variants.items() if "\n" in text}
    return {**callback_files(**named), **{workflow_path(name): text for name, text in whole.items()}}


def _divide_times(plan: bytes) -> bytes:
    content = json.loads(plan)
    for deploy in content["deploys"]:
        for part in deploy["parts"].values():
            stages = part["stages"]
            for bake in (stages["bake"], *(step["bake"] for step in stages["steps"])):
                bake["seconds"] //= FASTER
                bake["checks"] = [check // FASTER for check in bake["checks"]]
    return json.dumps(content, indent=1).encode()


def workflow_path(name: str) -> str:
    """The path of a callback file."""
    return f".github/workflows/{name}.yaml"


CANARY_FILES = {
    "build_app": "build",
    "deploy_app": "callback",
    "promote": "callback",
    "rollback": "callback",
    "verify": "callback",
}
CANARY_CALLBACKS = """
      promote_callback: .github/workflows/promote.yaml
      rollback_callback: .github/workflows/rollback.yaml
"""

CANARY = Manifest(
    "canary",
    f"""\
version: 1
environments: [{{name: dev, promotion: manual}}, test]
builds: [{{name: app}}]
deploys:
  - name: app
    strategy: canary
    canary:
      percent: 10
      bake_time: 1s
      verify: {{callback: .github/workflows/verify.yaml}}{CANARY_CALLBACKS}""",
    CANARY_FILES,
)

TWO_STEPS = Manifest(
    "two-steps",
    f"""\
version: 1
environments: [{{name: dev, promotion: manual}}, test]
builds: [{{name: app}}]
deploys:
  - name: app
    strategy: canary
    canary:
      steps:
        - {{percent: 10, bake_time: 1s}}
        - {{percent: 50, bake_time: 1s}}
      verify: {{callback: .github/workflows/verify.yaml}}{CANARY_CALLBACKS}""",
    CANARY_FILES,
)

INTERVAL = Manifest(
    "interval",
    f"""\
version: 1
environments: [{{name: dev, promotion: manual}}]
builds: [{{name: app}}]
deploys:
  - name: app
    strategy: canary
    canary:
      percent: 10
      bake_time: 2m
      verify: {{interval: 1m, callback: .github/workflows/verify.yaml, failure_limit: 1}}
{CANARY_CALLBACKS}""",
    CANARY_FILES,
    fast=True,
)

STRICT_INTERVAL = Manifest(
    "strict-interval", INTERVAL.text.replace(", failure_limit: 1", ""), CANARY_FILES, fast=True
)

HOLDING = Manifest("holding", CANARY.text + "      on_failure: hold\n", CANARY_FILES)

LONG_BAKE = Manifest("long-bake", CANARY.text.replace("bake_time: 1s", "bake_time: 25s"), CANARY_FILES)

PARKED = Manifest(
    "parked",
    TWO_STEPS.text.replace("10, bake_time: 1s", "10, bake_time: 2d")
    .replace("50, bake_time: 1s", "50, bake_time: 1d")
    .replace("verify: {", "verify: {interval: 1d, ")
    + "      bake_mode: park\n",
    CANARY_FILES,
)

APPROVED = Manifest("approved", CANARY.text + "      approval: {timeout: 2d}\n", CANARY_FILES)

REVIEWED = Manifest(
    "reviewed",
    CANARY.text + "      approval: {github_environment: dev-approval, timeout: 2d}\n",
    CANARY_FILES,
)

NOTIFIED = Manifest(
    "notified",
    APPROVED.text + "notify: {callback: .github/workflows/notify.yaml}\n",
    {**CANARY_FILES, "notify": "callback"},
)

BLUE_GREEN_FILES = {
    "build_api": "build",
    "deploy_api": "callback",
    "cutover": "callback",
    "verify_preview": "callback",
    "verify_live": "callback",
    "retire": "callback",
}

BLUE_GREEN = Manifest(
    "blue-green",
    """\
version: 1
environments: [{name: dev, promotion: manual}, test]
builds: [{name: api}]
deploys:
  - name: api
    strategy: blue_green
    blue_green:
      cutover_callback: .github/workflows/cutover.yaml
""",
    {name: BLUE_GREEN_FILES[name] for name in ("build_api", "deploy_api", "cutover")},
)

BLUE_GREEN_WATCHED = Manifest(
    "blue-green-watched",
    BLUE_GREEN.text
    + """\
      bake_time: 1s
      verify_preview: {callback: .github/workflows/verify-preview.yaml}
      verify_live: {callback: .github/workflows/verify-live.yaml}
      retire_callback: .github/workflows/retire.yaml
""",
    BLUE_GREEN_FILES,
)

LONG_WATCH = Manifest(
    "long-watch", BLUE_GREEN_WATCHED.text.replace("bake_time: 1s", "bake_time: 25s"), BLUE_GREEN_FILES
)

BLUE_GREEN_WARM = Manifest(
    "blue-green-warm",
    BLUE_GREEN.text
    + """\
      bake_time: 1s
      verify_live: {callback: .github/workflows/verify-live.yaml}
""",
    {name: file for name, file in BLUE_GREEN_FILES.items() if name not in ("retire", "verify_preview")},
)

BLUE_GREEN_PARKED = Manifest(
    "blue-green-parked",
    BLUE_GREEN.text
    + """\
      bake_time: 3d
      bake_mode: park
      approval: {timeout: 2d, on_timeout: hold}
      verify_live: {callback: .github/workflows/verify-live.yaml}
""",
    {name: BLUE_GREEN_FILES[name] for name in ("build_api", "deploy_api", "cutover", "verify_live")},
)

BLUE_GREEN_REVIEWED = Manifest(
    "blue-green-reviewed",
    BLUE_GREEN.text + "      approval: {github_environment: dev-approval, timeout: 2d}\n",
    {name: BLUE_GREEN_FILES[name] for name in ("build_api", "deploy_api", "cutover")},
)

NEEDS = Manifest(
    "needs",
    """\
version: 1
environments: [{name: dev, promotion: manual}, test]
builds: [{name: app}]
deploys:
  - {name: web, needs: [api]}
  - {name: api, needs: [db]}
  - {name: db}
""",
    {"build_app": "build", "deploy_web": "callback", "deploy_api": "callback", "deploy_db": "callback"},
)

CHAIN = Manifest(
    "chain",
    """\
version: 1
environments: [dev, {name: test, promotion: auto}, {name: uat, promotion: auto}, prod]
builds: [{name: app}]
deploys:
  - {name: app}
  - {name: api, environments: [dev, uat, prod]}
""",
    {"build_app": "build", "deploy_app": "callback", "deploy_api": "callback"},
)

PLAIN = Manifest(
    "plain",
    """\
version: 1
environments: [{name: dev, promotion: manual}, test]
builds: [{name: app}]
deploys:
  - {name: app}
""",
    {"build_app": "build", "deploy_app": "callback"},
)
