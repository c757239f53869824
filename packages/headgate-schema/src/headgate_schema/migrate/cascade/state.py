"""What cascade's state says is live → the commands that tell Headgate so.

``headgate adopt`` takes a commit; the state branch then knows it, and the next release is a canary instead of
a first one. The form of the state stands in ``internal/config/types.go`` (``EnvState``, ``DeployState``) of
https://github.com/stablekernel/cascade (November 2026).
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from headgate_schema.migrate.cascade.ledger import Ledger, is_empty
from headgate_schema.migrate.cascade.names import Names
from headgate_schema.span import Path
from headgate_schema.wording import quote

_COMMIT = re.compile("[0-9a-fA-F]{40}")
_VERSION = re.compile("[A-Za-z0-9][A-Za-z0-9._+/-]{0,99}")
"""Versions that are said in the reason; others could break out of a line or a shell's word."""


def list_adoptions(
    ledger: Ledger, state: Any, source: Path, names: Names, strategies: Mapping[str, str]
) -> tuple[str, ...]:
    """Give a command for each deploy that is live somewhere, in the order of the environments.

    ``strategies`` says how each deploy, by its new name, goes live.
    """
    if not isinstance(state, dict):
        return ()
    for name in state:
        if name not in names.environments:
            known = name in ("release", "prerelease", "components")
            ledger.drop((*source, name), "" if known else "there is no such environment")
    commands: list[str] = []
    for name, environment in names.environments.items():
        inner = state.get(name)
        deploys = inner.get("deploys") if isinstance(inner, dict) else None
        if isinstance(deploys, dict):
            place = (*source, name, "deploys")
            commands += _list_of_environment(ledger, deploys, place, environment, names, strategies)
    return tuple(commands)


def _list_of_environment(
    ledger: Ledger,
    deploys: dict[str, Any],
    source: Path,
    environment: str,
    names: Names,
    strategies: Mapping[str, str],
) -> Iterator[str]:
    for name, record in deploys.items():
        place = (*source, name)
        if name not in names.deploys:
            ledger.drop(place, "there is no such deploy")
        elif isinstance(record, dict) and not is_empty(record.get("sha")):
            deploy = names.deploys[name]
            command = _write_command(ledger, record, place, environment, deploy)
            if command is not None:
                yield command
                if strategies.get(deploy) == "blue_green":
                    ledger.change(
                        place,
                        "blue is taken for the live colour; if it is green, adopt it with --color green",
                    )


def _write_command(
    ledger: Ledger, record: dict[str, Any], source: Path, environment: str, deploy: str
) -> str | None:
    commit, place = record["sha"], (*source, "sha")
    if not isinstance(commit, str) or not _COMMIT.fullmatch(commit):
        problem = f"{quote(commit)} is no commit of 40 hexadecimal digits: adopt what is live by hand"
        for field in [field for field in record if field in ("sha", "version")]:
            ledger.drop((*source, field), problem)
        return None
    ledger.use(place)
    reason, version = "live before Headgate", record.get("version")
    if isinstance(version, str) and _VERSION.fullmatch(version):
        reason = f"{reason}: {version}"
        ledger.use((*source, "version"))
    elif not is_empty(version):
        ledger.drop((*source, "version"), "it is no version that fits into the reason of a command")
    words = ("headgate", "adopt", "--environment", environment, "--deploy", deploy)
    return shlex.join((*words, "--release", commit.lower(), "--reason", reason))
