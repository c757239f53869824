"""Carry a verb out: check what can be known here, start its workflow with the person's token, follow it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from headgate_runtime.plan import Plan
from headgate_runtime.run import REASON
from headgate_schema.failure import SchemaError

from headgate.failure import GeneratorError, GitHubFailed, Refused
from headgate.project import has_errors, load_project
from headgate.remote.hub import Hub
from headgate.remote.mentions import list_unknown
from headgate.remote.repository import find_site, read_origin
from headgate.remote.screen import Screen
from headgate.remote.start import explain_by_hand, runs_of, start
from headgate.remote.token import explain_places, find_token
from headgate.remote.verbs import Verb
from headgate.remote.watch import watch
from headgate.workflows import control, promote, rollback

FILES = {"promote": promote.FILE, "rollback": rollback.FILE, "control": control.FILE}
INTERRUPTED = 130
"""As shells have it for Ctrl-C: https://tldp.org/LDP/abs/html/exitcodes.html"""


def perform(verb: Verb, inputs: Mapping[str, str], repository: str | None, *, is_watching: bool) -> int:
    """Do it; 0 for started or, when watching, for success. Raises Refused and GeneratorError."""
    _check_texts(verb, inputs)
    here = Path.cwd()
    if repository is None:
        _check_names(verb, inputs, here)
    site = find_site(repository, read_origin(here), os.environ)
    file = FILES[verb.workflow]
    token = find_token(site, os.environ)
    if token is None:
        way = explain_by_hand(site, file, inputs)
        raise GeneratorError(f"{explain_places(site)}; to do it by hand, {way}")
    hub, screen = Hub(site, token), Screen(sys.stdout)
    branch = hub.default_branch()
    run = start(hub, file, branch, inputs)
    screen.line(f"started {file} on {branch} of {site.name}")
    if run is None:
        screen.line(f"which run that is, GitHub does not tell: {site.workflow_page(file)}")
        return 2 if is_watching else 0
    if not is_watching:
        screen.line(site.run_page(run))
        return 0
    return _follow(hub, run, verb, inputs, screen)


def _check_texts(verb: Verb, inputs: Mapping[str, str]) -> None:
    """Refuse what nothing can be called, and a reason that the run would refuse."""
    if not REASON.fullmatch(inputs.get("reason", "")):
        raise Refused("--reason must be one line of 3 to 300 characters, without control characters")
    for option in verb.options:
        value = inputs.get(option.input, "")
        if (option.flag in verb.needs and not value) or not (value.isprintable() or option.input == "reason"):
            raise GeneratorError(f"{option.flag} must be a name, not {value!a}")


def _check_names(verb: Verb, inputs: Mapping[str, str], here: Path) -> None:
    """Refuse names that the manifest here doesn't have. A verb of headgate-control may be about what has left
    it, so there it is only said.
    """
    plan = _plan_of(here)
    if plan is None:
        return
    deploy = inputs.get("deploy", "") or inputs.get("deploys", "")
    unknown = list(list_unknown(plan, inputs["environment"], deploy))
    if unknown and not verb.is_control:
        raise Refused("\n".join(unknown))
    for problem in unknown:
        print(f"headgate: note: {problem}", file=sys.stderr)


def _plan_of(here: Path) -> Plan | None:
    """What the manifest here compiles to; None without a manifest, or with one that has errors."""
    try:
        project = load_project(here)
    except SchemaError:
        return None
    if project.compiled is None or has_errors(project.checked.findings):
        return None
    return project.compiled.plan


def _follow(hub: Hub, run: int, verb: Verb, inputs: Mapping[str, str], screen: Screen) -> int:
    """Watch until all is over; 0 when every run ended in success, 1 when one did not."""
    page = hub.site.run_page(run)
    leads_on = verb.continues and "dry_run" not in inputs
    belongs = runs_of(inputs["environment"], inputs.get("deploy", "") or inputs.get("deploys", ""))
    try:
        succeeded = watch(hub, run, belongs if leads_on else None, screen)
    except KeyboardInterrupt:
        screen.clear()
        print(f"headgate: not watching any more; the run goes on: {page}", file=sys.stderr)
        return INTERRUPTED
    except GitHubFailed as failed:
        screen.clear()
        raise GitHubFailed(f"{failed}; the run goes on: {page}", failed.status) from None
    screen.clear()
    return 0 if succeeded else 1
