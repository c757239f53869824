"""HG408 to HG410: whether callbacks get the permissions and the secrets that they ask for."""

from __future__ import annotations

from collections.abc import Iterator

from headgate_schema.callback import Ask
from headgate_schema.contract import Owner, covers
from headgate_schema.finding import Fix, Place, Related
from headgate_schema.resolved import Permissions
from headgate_schema.rules import remedies
from headgate_schema.rules.rule import Problem, rule
from headgate_schema.rules.subjects import Calling, place_in
from headgate_schema.span import Path
from headgate_schema.wording import hint_suggestion, quote, suggest


@rule("HG408", "permission wider than granted", fixes=("unsafe",))
def wider_permission(calling: Calling) -> Iterator[Problem]:
    """The callback asks for more than the manifest's `permissions` grant. GitHub would refuse the whole run
    before any job starts.

    Grant it in `permissions`, ask for less in the callback, or leave `permissions` out to grant what is asked
    for.
    """
    for calls, callback in calling.group():
        owner = calls[0].owner
        if owner.permissions is None:
            continue
        for ask in callback.asks:
            if not covers(owner.permissions, ask):
                path: Path = (*owner.path, "permissions", ask.scope)
                yield Problem(
                    f"{quote(callback.file)} asks for {_say_ask(ask, owner.permissions)} is granted",
                    Place(calling.document.name, path if calling.document.has(path) else path[:-1], "key"),
                    (Related(place_in(callback, ask.path), "asked for here"),),
                    hint="" if ask.scope == "*" else f'write "{ask.scope}: {ask.level}"',
                    fix=_grant(calling, owner, ask),
                )


def _grant(calling: Calling, owner: Owner, ask: Ask) -> Fix | None:
    if ask.scope == "*":
        return None
    permissions = {ask.scope: str(ask.level)}
    return remedies.add_to_map(
        Place(calling.document.name, owner.path), "permissions", permissions, has_field=True
    )


def _say_ask(ask: Ask, granted: Permissions) -> str:
    if ask.scope == "*":
        return f'"{ask.level}-all", but not every scope'
    return f'"{ask.scope}: {ask.level}", but "{ask.scope}: {granted.get(ask.scope, "none")}"'


@rule("HG409", "secret that no callback declares", fixes=("unsafe",))
def unknown_secret(calling: Calling) -> Iterator[Problem]:
    """An entry of `secrets` is declared by none of the callbacks it could go to. GitHub refuses undeclared
    secrets, so it would never be passed.

    Correct the name on the left, declare the secret under `on.workflow_call.secrets` of a callback, or remove
    it.
    """
    for owner in calling.owners():
        callbacks = calling.find_all(owner)
        if owner.secrets == "inherit" or callbacks is None:
            continue
        declared = {name for callback in callbacks for name in callback.secrets}
        files = ", ".join(callback.file for callback in callbacks)
        for name in owner.secrets:
            if name not in declared:
                yield Problem(
                    f"no callback declares the secret {quote(name)}: {files}",
                    Place(calling.document.name, (*owner.path, "secrets", name), "key"),
                    hint=hint_suggestion(name, declared),
                    fix=remedies.rename_key(
                        Place(calling.document.name, (*owner.path, "secrets", name)), suggest(name, declared)
                    ),
                )


@rule("HG410", "required secret not passed", fixes=("unsafe",))
def missing_secret(calling: Calling) -> Iterator[Problem]:
    """The callback requires a secret that the manifest does not pass. GitHub would refuse the whole run.

    Add it to `secrets`, or set `secrets: inherit`.
    """
    for calls, callback in calling.group():
        owner = calls[0].owner
        if owner.secrets == "inherit":
            continue
        for secret in callback.secrets.values():
            if secret.is_required and secret.name not in owner.secrets:
                yield Problem(
                    f"{quote(callback.file)} requires the secret {quote(secret.name)}, which is not passed",
                    calling.place_owner(owner, "secrets"),
                    (Related(place_in(callback, secret.path), "declared here"),),
                    hint=f'add {quote(f"{secret.name}: {secret.name}")} to "secrets"',
                    fix=remedies.add_to_map(
                        Place(calling.document.name, owner.path),
                        "secrets",
                        {secret.name: secret.name},
                        has_field=calling.document.has((*owner.path, "secrets")),
                    ),
                )


ACCESS = (
    wider_permission,
    unknown_secret,
    missing_secret,
)
