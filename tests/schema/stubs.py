"""Manifests whose callbacks are all missing: together they call for every action, in every company."""

from __future__ import annotations

import msgspec
from headgate_schema.check import Checked
from headgate_schema.mend import Source, mend

from .conftest import FIRST_SHAPE, FULL, Files

ONE_FOR_ALL = """\
version: 1
environments: [dev, prod]
notify:
  callback: .github/workflows/all.yaml
  inputs: {room: ops}
  secrets: {BOTH: A}
builds:
  - name: app
    callback: .github/workflows/all.yaml
    secrets: {BOTH: A, ONE: B}
deploys:
  - name: app
    callback: .github/workflows/all.yaml
    environment_inputs: {dev: {replicas: 1, "on": true}}
    secrets: inherit
    strategy: canary
    canary:
      percent: 10
      bake_time: 10m
      verify: {callback: .github/workflows/all.yaml}
      promote_callback: .github/workflows/all.yaml
      rollback_callback: .github/workflows/all.yaml
  - name: api
    callback: .github/workflows/all.yaml
    secrets: {BOTH: A}
    strategy: blue_green
    blue_green:
      cutover_callback: .github/workflows/all.yaml
      retire_callback: .github/workflows/all.yaml
      verify_live: {callback: .github/workflows/all.yaml}
      verify_preview: {callback: .github/workflows/all.yaml}
      bake_time: 10m
"""
MANIFESTS = {"the first shape": FIRST_SHAPE, "every field": FULL, "one for all": ONE_FOR_ALL}


def list_stubs(manifest: str) -> dict[str, str]:
    """Give the callback files that are created for a manifest that has none."""
    source = Source(manifest.encode(), "headgate.yaml", Files({}))
    created = mend(source, is_guessing=True, select=_select_missing).files
    return {file: content.decode() for file, content in created.items()}


def _select_missing(checked: Checked) -> Checked:
    missing = tuple(finding for finding in checked.findings if finding.code == "HG401")
    return msgspec.structs.replace(checked, findings=missing)
