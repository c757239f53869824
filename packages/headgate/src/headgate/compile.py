"""Checked manifest → every file that Headgate keeps in the repository.

Rule: reads nothing but Headgate's own sources; with a finding of severity error nothing may be written.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import msgspec
from headgate_runtime.plan import Plan
from headgate_runtime.vendor import vendored_files
from headgate_schema.callback import Callback
from headgate_schema.finding import Finding
from headgate_schema.json_schema import read_schema
from headgate_schema.resolved import ResolvedManifest

from headgate import VERSION
from headgate.files import MARK, PLAN, RUNTIME_FOLDER, SUMS, print_sums
from headgate.limits import Emitted, check_limits
from headgate.plan.build import build_plan
from headgate.unsupported import Source, list_refusals
from headgate.workflows import build_workflows
from headgate.workflows.layout import print_workflow


class Compiled(msgspec.Struct, frozen=True):
    """What became of a manifest: the files by path, without .gitattributes, which is not ours alone."""

    plan: Plan
    files: Mapping[str, bytes]
    findings: tuple[Finding, ...]


def compile_manifest(manifest: ResolvedManifest, callbacks: Mapping[str, Callback], source: str) -> Compiled:
    """Compile a manifest that has no errors; `source` is its path in the repository."""
    plan = build_plan(manifest, callbacks, VERSION)
    refusals = list_refusals(Source(manifest, source, callbacks))
    if refusals:
        return Compiled(plan, {}, refusals)
    files: dict[str, bytes] = {}
    findings: list[Finding] = []
    header = print_header(source)
    for workflow in build_workflows(manifest, plan, callbacks):
        text = print_workflow(workflow, header)
        findings += check_limits(Emitted(workflow, text, callbacks))
        files[workflow.path] = text.encode()
    files |= {f"{RUNTIME_FOLDER}/{path}": content for path, content in vendored_files().items()}
    files[PLAN] = print_plan(plan)
    files[f"{RUNTIME_FOLDER}/manifest.schema.json"] = read_schema()
    files[SUMS] = f"# {header}\n".encode() + print_sums(files)
    return Compiled(plan, files, tuple(findings))


def print_header(source: str) -> str:
    """Give the first line of a file that can have comments, without its `#`."""
    what = MARK.decode().removeprefix("# ")
    return f"{what}{source}. To change this file, change that one and run: headgate generate"


def print_plan(plan: Plan) -> bytes:
    """Give plan.json: for machines first, with lines that a diff can show."""
    return (json.dumps(plan.to_json(), indent=1, ensure_ascii=False) + "\n").encode()
