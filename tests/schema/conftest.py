"""Manifests that several tests start from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import pytest
from headgate_schema.check import Checked, check
from headgate_schema.document import read_document
from headgate_schema.model import Manifest
from headgate_schema.resolve import resolve
from headgate_schema.resolved import ResolvedManifest

FIRST_SHAPE = """\
version: 1
environments: [dev, test, uat, prod]
deploys:
  - name: app
    strategy: canary
    canary:
      percent: 10
      bake_time: 10m
      promote_callback: .github/workflows/canary-promote.yaml
      rollback_callback: .github/workflows/canary-rollback.yaml
  - name: api
    strategy: blue_green
    blue_green:
      cutover_callback: .github/workflows/cutover.yaml
"""

FULL = """\
version: 1
trunk: trunk
environments:
  - dev
  - {name: prod, promotion: auto, url: "https://example.com"}
runner: {group: large, labels: [linux, x64]}
state: {branch: ops/state}
notify:
  callback: .github/workflows/tell.yaml
  inputs: {room: ops}
  secrets: {T: T}
  permissions: {issues: write}
builds:
  - name: base
  - name: app
    callback: .github/workflows/b.yaml
    needs: [base]
    inputs: {a: 1}
    secrets: inherit
    permissions: {}
deploys:
  - name: app
    callback: .github/workflows/d.yaml
    builds: [app, base]
    environments: [prod, dev]
    inputs: {region: north, replicas: 3}
    environment_inputs: {prod: {replicas: 9}}
    secrets: {TOKEN: APP_TOKEN}
    permissions: {contents: read, id-token: write}
    strategy: canary
    canary:
      environments: [prod]
      approval: {github_environment: release, timeout: 2d, on_timeout: hold}
      on_failure: hold
      bake_mode: park
      timeout: 2d
      steps: [{percent: 5, bake_time: 30m}, {percent: 50, bake_time: 0s}, {percent: 90}]
      callback: .github/workflows/c.yaml
      verify: {callback: .github/workflows/v.yaml, interval: 7m, failure_limit: 1}
      promote_callback: .github/workflows/p.yaml
      rollback_callback: .github/workflows/r.yaml
  - name: api
    needs: [app]
    strategy: blue_green
    blue_green:
      environments: [prod]
      approval: {}
      callback: .github/workflows/preview.yaml
      verify_preview: {callback: .github/workflows/vp.yaml}
      cutover_callback: .github/workflows/cut.yaml
      switchback_callback: .github/workflows/back.yaml
      verify_live: {callback: .github/workflows/vl.yaml}
      bake_time: 1h
      retire_callback: .github/workflows/retire.yaml
  - {name: web, environments: [dev]}
"""


@pytest.fixture
def first_shape() -> str:
    """The manifest that Headgate was made for."""
    return FIRST_SHAPE


@pytest.fixture
def full() -> str:
    """A manifest that uses every field."""
    return FULL


class Files:
    """A repository in memory."""

    def __init__(self, files: Mapping[str, str]) -> None:
        """Take the files by path."""
        self.files = files

    def read(self, path: str) -> bytes | None:
        """Give a file's content."""
        text = self.files.get(path)
        return None if text is None else text.encode()


@pytest.fixture
def check_text() -> Callable[..., Checked]:
    """Check a text, with callback files if some are given."""

    def run(text: str, files: Mapping[str, str] | None = None) -> Checked:
        return check(text.encode(), "headgate.yaml", Files(files) if files is not None else None)

    return run


@pytest.fixture
def resolve_text() -> Callable[[str], ResolvedManifest]:
    """Resolve a text that is a valid manifest."""

    def run(text: str) -> ResolvedManifest:
        document = read_document(text.encode(), "headgate.yaml")
        data: Any = document.data
        return resolve(msgspec.convert(data, Manifest))

    return run
