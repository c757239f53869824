"""Whether the manifest has what a command line names. Pure: problems come back as text."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from headgate_runtime.plan import Plan
from headgate_schema.wording import hint_suggestion, quote

from headgate.workflows.promote import ALL


def list_unknown(plan: Plan, environment: str, deploy: str) -> Iterator[str]:
    """What is wrong with the names; `all` and nothing are no deploy's name."""
    environments = [each.name for each in plan.environments]
    if environment not in environments:
        yield _unknown(f"environment {quote(environment)}", environment, environments)
    if deploy in ("", ALL):
        return
    deploys = [each.name for each in plan.deploys]
    here = [each.name for each in plan.deploys_in(environment)]
    if deploy not in deploys:
        yield _unknown(f"deploy {quote(deploy)}", deploy, deploys)
    elif here and deploy not in here:
        yield _unknown(f"deploy {quote(deploy)} in {quote(environment)}", deploy, here)


def _unknown(what: str, name: str, known: Collection[str]) -> str:
    meant = hint_suggestion(name, known)
    return f"the manifest has no {what}{f' ({meant})' if meant else ''}; it has: {', '.join(known)}"
