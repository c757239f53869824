"""HG41x: whether the callback files do what their action means; this keeps "canary 10 %" honest."""

from __future__ import annotations

from collections.abc import Iterator

from headgate_schema.callback import Callback, Checkout
from headgate_schema.contract import (
    CHECKS_OUT_RELEASE,
    DEPLOY_INPUTS,
    MUST_DECLARE,
    RECOVERIES,
    TOLD_APART,
    Action,
    Call,
)
from headgate_schema.finding import Fix, Place, Related, SetValue
from headgate_schema.resolved import ResolvedDeploy
from headgate_schema.rules.rule import Problem, rule
from headgate_schema.rules.subjects import Calling, place_in
from headgate_schema.wording import list_words, quote


@rule("HG411", "checkout of the trunk's tip", fixes=("unsafe",))
def checkout_without_ref(calling: Calling) -> Iterator[Problem]:
    """A deploy callback checks out this repository without saying which commit. Callbacks run at the trunk's
    tip, so another commit than the release would be deployed, above all in a rollback.

    Add `ref: ${{ inputs.sha }}` to the step, and declare the input `sha`.
    """
    for calls, callback in calling.group():
        serving = [call for call in calls if call.action in CHECKS_OUT_RELEASE]
        for checkout in callback.checkouts if serving else ():
            is_own = checkout.repository.replace(" ", "") in ("", "${{github.repository}}")
            if is_own and not checkout.ref:
                yield Problem(
                    "this checks out the trunk's tip, not the release",
                    Place(callback.file, checkout.path),
                    tuple(calling.relate_call(call) for call in serving[:1]),
                    hint='add "ref: ${{ inputs.sha }}" under "with"',
                    fix=_check_out_release(callback, checkout),
                )


def _check_out_release(callback: Callback, checkout: Checkout) -> Fix:
    step = checkout.path[:-1]
    ref = SetValue(Place(callback.file, (*step, "with", "ref")), "${{ inputs.sha }}")
    if not callback.document.has((*step, "with")):
        ref = SetValue(Place(callback.file, (*step, "with")), {"ref": "${{ inputs.sha }}"})
    return Fix('add "ref: ${{ inputs.sha }}"', (ref, *_declare(callback, "sha")))


def _declare(callback: Callback, name: str) -> Iterator[SetValue]:
    """Declare an input of text, unless it is."""
    if name in callback.inputs:
        return
    declared = {"type": "string", "required": True}
    path = ("on", "workflow_call", "inputs")
    if callback.inputs:
        yield SetValue(Place(callback.file, (*path, name)), declared)
    else:
        yield SetValue(Place(callback.file, path), {name: declared})


@rule("HG412", "blind callback")
def blind_callback(calling: Calling) -> Iterator[Problem]:
    """The callback does not declare the input without which its action means nothing: a canary without
    `percent` would get all the traffic, a cutover without `color` could only guess.

    Declare the input under `on.workflow_call.inputs` and use it; or declare `context`, which contains it.
    """
    for calls, callback in calling.group():
        needed = {call.action: MUST_DECLARE[call.action] for call in calls if call.action in MUST_DECLARE}
        for name in dict.fromkeys(needed.values()):
            if callback.declares(name, "context"):
                continue
            blind = [call for call in calls if needed.get(call.action) == name]
            yield Problem(
                f"{quote(callback.file)} is called for {list_words((call.action for call in blind), 'and')} "
                f'and declares neither {quote(name)} nor "context"',
                _place_inputs(callback),
                (calling.relate_call(blind[0]),),
                hint=f'add "{name}: {{type: {_TYPES[name]}}}" to "on.workflow_call.inputs"',
            )


_TYPES = {item.name: item.type for item in DEPLOY_INPUTS}


def _place_inputs(callback: Callback) -> Place:
    for path in (("on", "workflow_call", "inputs"), ("on", "workflow_call")):
        if callback.document.has(path):
            return place_in(callback, path)
    return place_in(callback, ("on",))


@rule("HG413", "one callback, two actions")
def mixed_actions(calling: Calling) -> Iterator[Problem]:
    """One file serves several actions of a deploy and declares nothing by which it could tell them apart, so
    it would do the same for each.

    Declare `action` (or `context`) and act on it, or use one file for each action.
    """
    for calls, callback in calling.group():
        if callback.declares("action", "context"):
            continue
        mixed = _find_mixed(calls, callback)
        if mixed:
            related = {item.place: item for item in map(calling.relate_call, calls)}
            yield Problem(
                f"{quote(callback.file)} serves {list_words(mixed, 'and')} and can't tell them apart: "
                'declare "action" or "context"',
                _place_inputs(callback),
                tuple(related.values()),
                hint='add "action: {type: string}" to "on.workflow_call.inputs", and act on it',
            )


def _find_mixed(calls: tuple[Call, ...], callback: Callback) -> tuple[Action, ...]:
    actions = tuple(dict.fromkeys(call.action for call in calls))
    mixed: dict[Action, None] = {}
    for index, one in enumerate(actions):
        for other in actions[index + 1 :]:
            telling = TOLD_APART.get(frozenset((one, other)))
            if telling is None or not callback.declares(telling):
                mixed.update({one: None, other: None})
    return tuple(mixed)


@rule("HG414", "approval environment that a callback names")
def shared_environment(calling: Calling) -> Iterator[Problem]:
    """The GitHub environment of the approval is also named by a job of a callback. Its reviewers would be
    asked twice, and the second question would stop the callback while traffic is split.

    Give the approval a GitHub environment of its own.
    """
    for calls, callback in calling.group():
        owner = calls[0].owner
        block = owner.canary or owner.blue_green if isinstance(owner, ResolvedDeploy) else None
        approval = block.approval if block is not None else None
        if block is None or approval is None or approval.github_environment is None:
            continue
        everywhere = {name for call in calls for name in call.environments}
        for named in callback.environments:
            names = everywhere if _is_environment_input(named.name) else (named.name,)
            if approval.github_environment.lower() in (name.lower() for name in names):
                yield Problem(
                    f"the callback {quote(callback.file)} also names the environment "
                    f"{quote(approval.github_environment)}",
                    Place(calling.document.name, (*block.path, "approval", "github_environment")),
                    (Related(Place(callback.file, named.path), f"the job {quote(named.job)} names it"),),
                )


def _is_environment_input(name: str) -> bool:
    return name.replace(" ", "") == "${{inputs.environment}}"


@rule("HG415", "recovery that may wait for a reviewer", "warning")
def guarded_recovery(calling: Calling) -> Iterator[Problem]:
    """A rollback, cutover or switchback callback has a job with an `environment:`. If that environment has
    reviewers, the way back waits for them while users see the bad release.

    Use a second GitHub environment without reviewers, or OIDC instead of environment secrets.
    """
    for calls, callback in calling.group():
        serving = [call for call in calls if call.action in RECOVERIES]
        for named in callback.environments if serving else ():
            actions = list_words(dict.fromkeys(call.action for call in serving), "and")
            yield Problem(
                f"the job {quote(named.job)} serves {actions} and may wait for the reviewers of "
                f"{quote(named.name)}",
                Place(callback.file, named.path),
                tuple(calling.relate_call(call) for call in serving[:1]),
                hint="name an environment without reviewers there, or use OIDC",
            )


ACTIONS = (
    checkout_without_ref,
    blind_callback,
    mixed_actions,
    shared_environment,
    guarded_recovery,
)
