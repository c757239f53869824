"""Start the workflow of a verb, and know which run that made."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Protocol

from headgate.failure import GitHubFailed
from headgate.remote.hub import Run
from headgate.remote.repository import Site
from headgate.remote.watch import Belongs
from headgate.workflows.names import deploy_of, deploy_title
from headgate.workflows.promote import ALL

LOOKS = 20
PAUSE = 3.0
"""How often, and every how many seconds, the run of a server is looked for that does not name it."""


class Dispatcher(Protocol):
    """What GitHub is asked."""

    def dispatch(self, file: str, ref: str, inputs: Mapping[str, str]) -> int | None:
        """Start a workflow."""

    def runs(self, file: str = "") -> tuple[Run, ...]:
        """The newest runs."""


def start(
    hub: Dispatcher,
    file: str,
    ref: str,
    inputs: Mapping[str, str],
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> int | None:
    """Start a workflow; its run, or None when GitHub does not tell in a minute which it is.

    Older servers don't name the run: it is the first one that was not there before.
    """
    try:
        newest = max((run.id for run in hub.runs(file)), default=0)
        named = hub.dispatch(file, ref, inputs)
    except GitHubFailed as failed:
        if failed.status != 404:
            raise
        hint = "run `headgate generate`, commit what it writes, and push it"
        raise GitHubFailed(f"there is no {file} on {ref}: {hint} ({failed})", 404) from None
    for _ in range(LOOKS):
        if named is not None:
            return named
        named = min((run.id for run in hub.runs(file) if run.id > newest), default=None)
        if named is None:
            sleep(PAUSE)
    return named


def runs_of(environment: str, deploy: str) -> Belongs:
    """Which runs are those of a deploy in an environment; of all its deploys for `all` or nothing."""

    def belongs(run: Run) -> bool:
        name = deploy_of(run.file)
        is_wanted = bool(name) and deploy in ("", ALL, name)
        return is_wanted and run.display_title.startswith(deploy_title(name, environment))

    return belongs


def explain_by_hand(site: Site, file: str, inputs: Mapping[str, str]) -> str:
    """How a person does without a token what would be dispatched."""
    width = max(map(len, inputs))
    values = [f"  {name.ljust(width)}  {value}" for name, value in inputs.items()]
    return "\n".join(["open", f"  {site.workflow_page(file)}", 'choose "Run workflow", and fill in', *values])
