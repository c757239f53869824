"""Manifests and repositories of a wanted size, so that every part measures the same kind of input."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

ENVIRONMENTS = ("dev", "test", "uat", "stage", "prod")
EXAMPLE = Path(__file__).resolve().parent.parent.parent / "examples/shop"

HEAD = f"version: 1\nenvironments: [{', '.join(ENVIRONMENTS)}]\n\ndeploys:\n"
SHARE = "      percent: 10\n      bake_time: 10m\n"
STEPS = "      steps:\n" + "".join(
    f"        - percent: {percent}\n          bake_time: 10m\n" for percent in range(5, 55, 5)
)
INPUT = re.compile(r"(key-[0-9]+): value")
CANARY = """\
  - name: {name}
    callback: .github/workflows/deploy-app.yaml
    strategy: canary
    canary:
      percent: 10
      bake_time: 10m
      verify:
        callback: .github/workflows/canary-verify.yaml
      promote_callback: .github/workflows/canary-promote.yaml
      rollback_callback: .github/workflows/canary-rollback.yaml
"""


def canaries(deploys: int) -> str:
    """Write a manifest of that many canary deploys in five environments."""
    return HEAD + "".join(CANARY.format(name=f"app-{number}") for number in range(1, deploys + 1))


def lines(wanted: int) -> str:
    """Write a manifest of that many lines without findings: canaries of ten steps, filled up with inputs."""
    short = CANARY.replace("    canary:\n", "    canary:\n      environments: [prod]\n")
    long = short.replace(SHARE, STEPS)
    rest = wanted - HEAD.count("\n")
    many = min(49, rest // (long.count("\n") + 10))
    deploys = [long.format(name=f"app-{number}") for number in range(1, many + 1)]
    deploys.append(short.format(name="last"))
    spare, more = divmod(rest - sum(deploy.count("\n") for deploy in deploys) - len(deploys), len(deploys))
    return HEAD + "".join(deploy + inputs(spare + (number < more)) for number, deploy in enumerate(deploys))


def inputs(count: int) -> str:
    """Write a map of that many constant inputs."""
    return "    inputs:\n" + "".join(f"      key-{number}: value {number}\n" for number in range(count))


MISTAKES = (("promote_callback", "promot_callback"), ("strategy: canary", "strategy: canery"), ("10m", "ten"))


def misspell(manifest: str) -> str:
    """Make three mistakes of shape in a manifest that `lines` wrote; it keeps its length."""
    for right, wrong in MISTAKES:
        manifest = manifest.replace(right, wrong, 1)
    return manifest


def repository(folder: Path, manifest: str) -> Path:
    """Lay out the example's callbacks with another manifest beside them."""
    shutil.copytree(EXAMPLE, folder)
    (folder / "headgate.yaml").write_text(manifest, encoding="utf-8")
    return folder


def declare_inputs(where: Path) -> None:
    """Let the deploy's callback take every constant input that `lines` writes."""
    callback = where / ".github/workflows/deploy-app.yaml"
    keys = dict.fromkeys(INPUT.findall((where / "headgate.yaml").read_text(encoding="utf-8")))
    declared = "".join(f"      {key}:\n        type: string\n" for key in keys)
    text = callback.read_text(encoding="utf-8")
    callback.write_text(text.replace("    inputs:\n", f"    inputs:\n{declared}", 1), encoding="utf-8")
