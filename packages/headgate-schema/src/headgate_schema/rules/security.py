"""HG5xx: callbacks that hold more than they need, or run what they should not."""

from __future__ import annotations

import re
from collections.abc import Iterator

from headgate_schema.callback import Callback
from headgate_schema.contract import FREE_TEXT, FromBuild, FromContract, pass_inputs
from headgate_schema.expressions import Access, find_expressions, parse, walk
from headgate_schema.finding import Fix, Place, Related, SetValue
from headgate_schema.jobs import Script
from headgate_schema.rules.rule import Problem, rule
from headgate_schema.rules.subjects import Calling, place_in
from headgate_schema.wording import list_words, quote


@rule("HG501", "every permission", "warning")
def write_all(calling: Calling) -> Iterator[Problem]:
    """A callback asks for `write-all`, so each of its steps, and each action that it uses, may change
    everything in the repository. Unless the manifest names `permissions`, the calling job grants just that.

    List the scopes that are needed: `permissions: {contents: read, id-token: write}`.
    """
    seen = set()
    for visit in calling.visit():
        for ask in visit.callback.asks:
            place = Place(visit.callback.file, ask.path)
            if (ask.scope, ask.level) == ("*", "write") and place not in seen:
                seen.add(place)
                granted = visit.call.owner.permissions is None
                yield Problem(
                    '"write-all" allows every job here to change everything'
                    + (", and the calling job grants it" if granted else ""),
                    place,
                    (calling.relate_call(visit.call),),
                    hint='list the scopes that are needed, for example "{contents: read, id-token: write}"',
                )


@rule("HG502", "every secret", "warning", fixes=("unsafe",))
def inherited_secrets(calling: Calling) -> Iterator[Problem]:
    """`secrets: inherit` hands every secret of the repository and the organisation to each callback, and no
    job there names a GitHub environment, whose secrets could reach it in no other way.

    Name the secrets that the callbacks need: `secrets: {TOKEN: TOKEN}`, each declared under
    `on.workflow_call.secrets` of the callback.
    """
    for owner in calling.owners():
        callbacks = calling.find_all(owner) if owner.secrets == "inherit" else None
        if not callbacks or any(item.environments or not item.is_whole for item in callbacks):
            continue
        place = Place(calling.document.name, (*owner.path, "secrets"))
        files = "the callback" if len(callbacks) == 1 else f"each of {len(callbacks)} callbacks"
        needed = _list_secrets(callbacks)
        yield Problem(
            f'"secrets: inherit" passes every secret to {files}, and no job there names an environment',
            place,
            tuple(Related(place_in(callback, ("jobs",)), "called with it") for callback in callbacks),
            hint=_hint_secrets(needed),
            fix=_name_secrets(place, needed, callbacks),
        )


def _list_secrets(callbacks: tuple[Callback, ...]) -> tuple[str, ...] | None:
    """Name every secret that is declared or read; ``None`` if they can't be told, as in ``secrets[x]``."""
    needed = {name for callback in callbacks for name in callback.secrets}
    for callback in callbacks:
        for read in callback.reads:
            match read.access.names:
                case ("secrets", str(name), *_):
                    needed |= {name.upper()} - {known.upper() for known in needed} - {"GITHUB_TOKEN"}
                case ("secrets", *_):
                    return None
        if any(job.passes_all_secrets for job in callback.jobs):
            return None
    return tuple(sorted(needed))


def _hint_secrets(needed: tuple[str, ...] | None) -> str:
    if needed is None:
        return "name the secrets that are needed"
    if not needed:
        return 'leave "secrets" out: nothing reads one'
    return f"name those that are needed: {list_words(needed, 'and')}"


def _name_secrets(
    place: Place, needed: tuple[str, ...] | None, callbacks: tuple[Callback, ...]
) -> Fix | None:
    declared = {name for callback in callbacks for name in callback.secrets}
    if not needed or not declared.issuperset(needed):
        return None
    return Fix(f"pass only {list_words(needed, 'and')}", (SetValue(place, {name: name for name in needed}),))


_COMMIT = re.compile("[0-9a-f]{40}|[0-9a-f]{64}", re.IGNORECASE)
_DIGEST = re.compile("sha256:[0-9a-f]{64}", re.IGNORECASE)
OWN_OWNERS = ("actions", "github")
"""GitHub itself: it runs the job and holds its token, so pinning keeps nobody out. (zizmor is stricter.)"""


@rule("HG503", "unpinned third-party action", "warning")
def unpinned_action(calling: Calling) -> Iterator[Problem]:
    """A job that may write uses an action, or calls a workflow, of a third party by a tag or a branch.
    Whoever can move it runs code with the job's token. (GitHub's own actions, `actions/` and `github/`, are
    no third party's; images need a digest.)

    Write the full commit and the version behind it: `owner/action@<40 hexadecimal digits> # v1.2.3`.
    """
    seen = set()
    for visit in calling.visit():
        writing = {job.name for job in visit.callback.jobs if visit.may_write(job)}
        for path, uses in visit.callback.uses:
            place = Place(visit.callback.file, path)
            if path[1] in writing and place not in seen and not _is_pinned(uses):
                seen.add(place)
                yield Problem(
                    f"{quote(uses)} can change without notice, and the job {quote(path[1])} may write",
                    place,
                    (calling.relate_call(visit.call),),
                    hint=_hint_pin(uses),
                )


def _is_pinned(uses: str) -> bool:
    if uses.startswith(("./", "$/", "../")) or "${{" in uses:
        return True
    name, _, version = uses.rpartition("@")
    if uses.startswith("docker://"):
        return _DIGEST.fullmatch(version) is not None
    return name.partition("/")[0].lower() in OWN_OWNERS or _COMMIT.fullmatch(version) is not None


def _hint_pin(uses: str) -> str:
    name, _, version = uses.rpartition("@")
    if uses.startswith("docker://"):
        return "pin the image by its digest: docker://image@sha256:…"
    return f'write "{name}@<full commit> # {version}"' if name else "write the full commit behind @"


@rule("HG504", "free text in a script", "warning")
def injection(calling: Calling) -> Iterator[Problem]:
    """An expression puts words that somebody else wrote into a script before the shell reads it: the
    contract's `reason` or `context`, the output of a build, or a text of the event. Quotes or `$(…)` in it
    are run as code, with the callback's token and secrets. What of an event is free text:
    https://docs.github.com/actions/concepts/security/script-injections

    Pass the value through `env` and use the variable: `env: {REASON: "${{ inputs.reason }}"}` and
    `"$REASON"`.
    """
    seen = set()
    for visit in calling.visit():
        found = [(script, access) for script in visit.callback.scripts for access in _list_accesses(script)]
        free = _list_free_inputs(calling, visit.callback) if found else frozenset()
        for script, access in found:
            place = Place(visit.callback.file, script.path, fragment=access.written)
            if place not in seen and _is_free_text(access, free):
                seen.add(place)
                yield Problem(
                    f"{quote(access.written)} puts free text into a script, which may run it",
                    place,
                    (calling.relate_call(visit.call),),
                    hint=_hint_variable(access, script),
                )


def _list_free_inputs(calling: Calling, callback: Callback) -> frozenset[str]:
    """Name the inputs of a callback that may hold anything at all: not constants, numbers, or names."""
    outputs = calling.outputs()
    calls = [call for call in calling.calls if call.callback == callback.file]
    return frozenset(
        passed.declared.name.lower()
        for call in calls
        for passed in pass_inputs(call, callback, outputs)
        if passed.declared.type == "string"
        and (
            isinstance(passed.source, FromBuild)
            or (isinstance(passed.source, FromContract) and passed.declared.name in FREE_TEXT)
        )
    )


def _list_accesses(script: Script) -> Iterator[Access]:
    for text in find_expressions(script.text) if "${{" in script.text else ():
        for node in walk(tree) if (tree := parse(text)) is not None else ():
            if isinstance(node, Access):
                yield node


_FREE_NAMES = frozenset(
    {
        "body",
        "client_payload",
        "default_branch",
        "description",
        "email",
        "head_ref",
        "label",
        "message",
        "name",
        "page_name",
        "ref",
        "title",
    }
)


def _is_free_text(access: Access, free: frozenset[str]) -> bool:
    match access.names:
        case ("inputs", str(name)):
            return name in free
        case ("github", "head_ref") | ("github", "event"):
            return True
        case ("github", "event", "inputs" | "client_payload", *_):
            return True
        case ("github", "event", "repository" | "organization" | "enterprise", *_):
            return False  # only an administrator chooses these
        case ("github", "event", *_, last):
            return last is None or last in _FREE_NAMES
        case _:
            return False


def _hint_variable(access: Access, script: Script) -> str:
    words = [name for name in access.names[1:] if name]
    variable = re.sub("[^A-Z0-9_]", "_", (words[-1] if words else "value").upper())
    read = f"process.env.{variable}" if script.path[-1] == "script" else f'"${variable}"'
    return f'pass it through "env" as {variable}, and write {read} here'


SECURITY = (
    write_all,
    inherited_secrets,
    unpinned_action,
    injection,
)
