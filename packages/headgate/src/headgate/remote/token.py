"""The token of the person: where it is found. It is sent to the API, and shown or handed to nobody else."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field

from headgate.remote.repository import GITHUB, Site

TIMEOUT = 10.0
"""Seconds for which `gh` is waited for."""

VARIABLES = ("GH_TOKEN", "GITHUB_TOKEN")
ENTERPRISE_VARIABLES = ("GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN")
GH = "gh auth token"


@dataclass(frozen=True)
class Token:
    """A token, and where it came from."""

    source: str
    value: str = field(repr=False)


def find_token(site: Site, environment: Mapping[str, str]) -> Token | None:
    """Look into the environment, then ask `gh`; None when there is none for this server."""
    for name in variables_for(site):
        value = environment.get(name, "").strip()
        if value:
            return Token(name, value)
    value = ask_gh(site.host)
    return Token(GH, value) if value else None


def variables_for(site: Site) -> tuple[str, ...]:
    """The variables whose token is meant for a server.

    As with `gh` (https://cli.github.com/manual/gh_help_environment), GH_TOKEN is for github.com, so that a
    clone from elsewhere never gets it; unless GITHUB_API_URL says that the environment means that server.
    """
    if site.named_api or site.host == GITHUB or site.host.endswith(".ghe.com"):
        return VARIABLES
    return ENTERPRISE_VARIABLES


def explain_places(site: Site) -> str:
    """Where a token was looked for in vain."""
    return f"there is no token in {' or '.join(variables_for(site))}, and `{GH}` gives none"


def ask_gh(host: str) -> str:
    """The token that `gh` keeps for a server; empty without one, without `gh`, or when it takes too long."""
    program = shutil.which("gh")
    if program is None:
        return ""
    try:
        asked = subprocess.run(  # noqa: S603 - no shell, and the host is all that it gets
            [program, "auth", "token", "--hostname", host],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TIMEOUT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return asked.stdout.strip() if asked.returncode == 0 else ""
