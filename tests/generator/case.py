"""A manifest with its callbacks, in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from headgate.compile import Compiled, compile_manifest
from headgate_schema.check import Checked, check
from headgate_schema.contract import contract_inputs, list_calls

FOLDER = ".github/workflows"


@dataclass(frozen=True)
class Case:
    """A manifest and those callbacks that are not the usual ones (which declare all of the contract)."""

    manifest: str
    callbacks: Mapping[str, str] = field(default_factory=dict)
    path: str = "headgate.yaml"

    def files(self) -> dict[str, str]:
        """Every file of the repository before `generate`."""
        text = "version: 1\n" + self.manifest.lstrip("\n")
        given = {f"{FOLDER}/{name}": content for name, content in self.callbacks.items()}
        probe = check(text.encode(), self.path)
        assert probe.resolved is not None, probe.findings
        usual: dict[str, set[str]] = {}
        for call in list_calls(probe.resolved):
            usual.setdefault(call.callback, set()).update(item.name for item in contract_inputs(call.action))
        types = {"percent": "number", "step": "number"}
        made = {
            path: callback({name: types.get(name, "string") for name in sorted(names)})
            for path, names in usual.items()
            if path not in given
        }
        return {self.path: text, **given, **made}

    def check(self) -> Checked:
        """Check the manifest with its callbacks."""
        files = self.files()
        return check(files[self.path].encode(), self.path, Files(files))

    def compile(self) -> Compiled:
        """Compile it; the manifest must have no errors."""
        checked = self.check()
        errors = [finding for finding in checked.findings if finding.severity == "error"]
        assert checked.resolved is not None and not errors, errors
        return compile_manifest(checked.resolved, checked.callbacks, self.path)


@dataclass(frozen=True)
class Files:
    """A repository in memory."""

    files: Mapping[str, str]

    def read(self, path: str) -> bytes | None:
        """The content of a file, or None."""
        return self.files[path].encode() if path in self.files else None


def callback(
    inputs: Mapping[str, str] | None = None,
    *,
    outputs: tuple[str, ...] = (),
    secrets: str = "",
    permissions: str = "permissions: {contents: read}",
    defaults: Mapping[str, str] | None = None,
    required: bool = False,
) -> str:
    """A reusable workflow: inputs by type, outputs of one job, secrets in braces, a line of permissions."""
    lines = ["name: A callback", "on:", "  workflow_call:"]
    if inputs:
        lines.append("    inputs:")
        for name, kind in inputs.items():
            default = (defaults or {}).get(name)
            rest = f", default: {default}" if default is not None else f", required: {str(required).lower()}"
            lines.append(f"      {name}: {{type: {kind}{rest}}}")
    if outputs:
        lines.append("    outputs:")
        lines += [f"      {name}: {{value: '${{{{ jobs.work.outputs.{name} }}}}'}}" for name in outputs]
    if secrets:
        lines.append(f"    secrets: {secrets}")
    lines += [permissions, "jobs:", "  work:", "    runs-on: ubuntu-latest", "    timeout-minutes: 5"]
    if outputs:
        lines.append("    outputs:")
        lines += [f"      {name}: ${{{{ steps.it.outputs.{name} }}}}" for name in outputs]
    return "\n".join([*lines, "    steps:", "      - id: it", '        run: "true"', ""])
