"""Which repository on which server is meant: as told, by the remote `origin`, or by the environment."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from headgate.failure import GeneratorError

GITHUB = "github.com"
TIMEOUT = 10.0
"""Seconds for which git is waited for."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*/(?!\.\.?$)[A-Za-z0-9_.-]+")
_REMOTES = (
    r"(?:https?|ssh|git|git\+ssh)://(?:[^/@\s]*@)?(?P<host>[A-Za-z0-9.-]+)(?P<port>:\d+)?/(?P<path>\S+)",
    # What scp and ssh understand: https://git-scm.com/docs/git-clone#_git_urls
    r"(?:[^@/\s]+@)?(?P<host>[A-Za-z0-9.-]+)(?P<port>):/?(?P<path>[^/\s]\S*)",
)
# https://docs.github.com/authentication/troubleshooting-ssh/using-ssh-over-the-https-port
_SSH_HOSTS = {"ssh.github.com": GITHUB}


@dataclass(frozen=True)
class Site:
    """A repository (`owner/name`) on a server; `named_api`: the environment says where the API is."""

    name: str
    server_url: str
    api_url: str
    named_api: bool = False

    @property
    def host(self) -> str:
        """The server's host, with the port if it is unusual."""
        return urlsplit(self.server_url).netloc

    @property
    def url(self) -> str:
        """The repository's page."""
        return f"{self.server_url}/{self.name}"

    def workflow_page(self, file: str) -> str:
        """The page on which a person starts a workflow."""
        return f"{self.url}/actions/workflows/{file}"

    def run_page(self, run: int) -> str:
        """The page of a run."""
        return f"{self.url}/actions/runs/{run}"


def find_site(asked: str | None, origin: str | None, environment: Mapping[str, str]) -> Site:
    """Choose: what was asked for (`owner/name`), else the remote `origin`, else GITHUB_REPOSITORY.

    Raises GeneratorError when none of them names a repository of GitHub.
    """
    cloned = parse_remote(origin) if origin else None
    name = asked or (cloned[1] if cloned else "") or environment.get("GITHUB_REPOSITORY", "")
    if not name:
        where = f"{hide_user(origin)} is none on GitHub" if origin else "there is no remote `origin`"
        raise GeneratorError(f"which repository? {where}: name it with --repository OWNER/NAME")
    if not _NAME.fullmatch(name):
        raise GeneratorError(f'"{name}" is no repository: --repository takes OWNER/NAME')
    server = environment.get("GITHUB_SERVER_URL", "") if asked or not cloned else ""
    server = (server or (cloned[0] if cloned else f"https://{GITHUB}")).rstrip("/")
    named = environment.get("GITHUB_API_URL", "").rstrip("/")
    return Site(name, server, named or derive_api(server), bool(named))


def parse_remote(url: str) -> tuple[str, str] | None:
    """The server's URL and `owner/name` of a git remote, by ssh or https; None when it is neither."""
    found = next(filter(None, (re.fullmatch(form, url, re.IGNORECASE) for form in _REMOTES)), None)
    if found is None:
        return None
    host, path = found["host"].lower(), found["path"]
    # The port of ssh says nothing about the web server.
    port = found["port"] if url.startswith("https:") else ""
    name = path.strip("/").removesuffix(".git")
    if not _NAME.fullmatch(name):
        return None
    return f"https://{_SSH_HOSTS.get(host, host)}{port or ''}", name


def hide_user(url: str) -> str:
    """A remote's URL as it may be shown: people put tokens into them."""
    return re.sub(r"//[^/@]*@", "//", url)


def derive_api(server_url: str) -> str:
    """Where a server's API is, by its URL.

    https://docs.github.com/enterprise-server@latest/rest/using-the-rest-api/getting-started-with-the-rest-api
    and, for the hosts below ghe.com, https://docs.github.com/enterprise-cloud@latest/admin/data-residency.
    """
    host = urlsplit(server_url).netloc
    if host == GITHUB or host.endswith(".ghe.com"):
        return f"https://api.{host}"
    return f"{server_url}/api/v3"


def read_origin(folder: Path) -> str | None:
    """The URL of the remote `origin` around a folder, by the person's own git configuration."""
    try:
        asked = subprocess.run(
            ["git", "remote", "get-url", "origin"],  # noqa: S607 - the person's own git
            cwd=folder,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TIMEOUT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return asked.stdout.strip() or None if asked.returncode == 0 else None
