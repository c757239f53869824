"""HG2xx: names that lead nowhere, twice to the same, or in circles."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from msgspec import UnsetType

from headgate_schema.circles import find_circles
from headgate_schema.contract import CONTRACT_NAMES, SCOPES, list_calls
from headgate_schema.finding import Place, Related
from headgate_schema.model import Build, Deploy, Environment, Manifest
from headgate_schema.model.fields import NO_NAMES
from headgate_schema.resolved import ResolvedDeploy, ResolvedManifest
from headgate_schema.rules import remedies
from headgate_schema.rules.rule import Problem, rule
from headgate_schema.rules.subjects import Sense
from headgate_schema.span import Path, show_path
from headgate_schema.wording import hint_suggestion, list_words, quote, suggest


def _find_unknown(
    sense: Sense, names: Sequence[str], path: Path, known: Collection[str], kind: str
) -> Iterator[Problem]:
    for index, name in enumerate(names):
        yield from _refuse_unknown(name, sense.place(*path, index), known, kind)


def _refuse_unknown(name: str, place: Place, known: Collection[str], kind: str) -> Iterator[Problem]:
    if name not in known:
        there = list_words(dict.fromkeys(known), "and") or "none"
        meant = suggest(name, known)
        yield Problem(
            f"there is no {kind} {quote(name)}; there is {there}",
            place,
            hint=hint_suggestion(name, known),
            fix=remedies.replace_word(place, meant),
        )


def _blocks(deploy: Deploy) -> Iterator[tuple[str, Sequence[str]]]:
    for name, block in (("canary", deploy.canary), ("blue_green", deploy.blue_green)):
        if not isinstance(block, UnsetType) and not isinstance(block.environments, UnsetType):
            yield name, block.environments


@rule("HG201", "unknown environment", fixes=("unsafe",))
def unknown_environment(sense: Sense) -> Iterator[Problem]:
    """A deploy, a strategy or `environment_inputs` names an environment that the chain does not have. Nothing
    would ever happen there.

    Correct the name, or add the environment to `environments`.
    """
    if not sense.knows_names("environments"):
        return
    chain = [environment.name for environment in sense.resolved.environments]
    for index, deploy in enumerate(sense.manifest.deploys):
        path: Path = ("deploys", index)
        if not isinstance(deploy.environments, UnsetType):
            yield from _find_unknown(
                sense, deploy.environments, (*path, "environments"), chain, "environment"
            )
        for block, names in _blocks(deploy):
            yield from _find_unknown(sense, names, (*path, block, "environments"), chain, "environment")
        for name in deploy.environment_inputs:
            place = sense.key(*path, "environment_inputs", name)
            yield from _refuse_unknown(name, place, chain, "environment")


@rule("HG202", "unknown build", fixes=("unsafe",))
def unknown_build(sense: Sense) -> Iterator[Problem]:
    """A build or a deploy names a build that the manifest does not have, so its outputs would be missing.

    Correct the name, or add the build to `builds`.
    """
    if not sense.knows_names("builds"):
        return
    known = [build.name for build in sense.manifest.builds]
    for index, build in enumerate(sense.manifest.builds):
        yield from _find_unknown(sense, build.needs, ("builds", index, "needs"), known, "build")
    for index, deploy in enumerate(sense.manifest.deploys):
        if not isinstance(deploy.builds, UnsetType):
            yield from _find_unknown(sense, deploy.builds, ("deploys", index, "builds"), known, "build")


@rule("HG203", "unknown deploy")
def unknown_deploy(sense: Sense) -> Iterator[Problem]:
    """A deploy needs another one that the manifest does not have, so it would wait for ever.

    Correct the name, or add the deploy to `deploys`.
    """
    if not sense.knows_names("deploys"):
        return
    known = [deploy.name for deploy in sense.manifest.deploys]
    for index, deploy in enumerate(sense.manifest.deploys):
        yield from _find_unknown(sense, deploy.needs, ("deploys", index, "needs"), known, "deploy")


def _name_places(sense: Sense) -> Iterator[tuple[str, str, Place]]:
    for index, item in enumerate(sense.manifest.environments):
        if isinstance(item, Environment):
            yield "environment", item.name, sense.place("environments", index, "name")
        else:
            yield "environment", item, sense.place("environments", index)
    for index, build in enumerate(sense.manifest.builds):
        yield "build", build.name, sense.place("builds", index, "name")
    for index, deploy in enumerate(sense.manifest.deploys):
        yield "deploy", deploy.name, sense.place("deploys", index, "name")


@rule("HG204", "name used twice")
def duplicate_name(sense: Sense) -> Iterator[Problem]:
    """Two environments, two builds or two deploys have the same name, so nobody can tell which one is meant.

    Rename one.
    """
    first: dict[tuple[str, str], Place] = {}
    for kind, name, place in _name_places(sense):
        earlier = first.setdefault((kind, name), place)
        if earlier is not place:
            yield Problem(
                f"there are two {kind}s named {quote(name)}", place, (Related(earlier, "the first is here"),)
            )


@rule("HG205", "name listed twice", fixes=("safe",))
def repeated_name(sense: Sense) -> Iterator[Problem]:
    """A list of names has the same name twice. It means nothing more than once, so most likely another one is
    meant.

    Remove it, or write the name that is meant.
    """
    for path, names in _name_lists(sense.manifest):
        for index, name in enumerate(names):
            earlier = names.index(name)
            if earlier < index:
                first = Related(sense.place(*path, earlier), "the first is here")
                yield Problem(
                    f"{quote(name)} is listed twice in {show_path(path)}",
                    sense.place(*path, index),
                    (first,),
                    fix=remedies.remove(sense.place(*path, index), is_safe=True),
                )


def _name_lists(manifest: Manifest) -> Iterator[tuple[Path, Sequence[str]]]:
    for index, build in enumerate(manifest.builds):
        yield ("builds", index, "needs"), build.needs
    for index, deploy in enumerate(manifest.deploys):
        path: Path = ("deploys", index)
        yield (*path, "needs"), deploy.needs
        for field in ("builds", "environments"):
            names = getattr(deploy, field)
            if not isinstance(names, UnsetType):
                yield (*path, field), names
        for block, names in _blocks(deploy):
            yield (*path, block, "environments"), names


@rule("HG206", "needs in a circle")
def needs_cycle(sense: Sense) -> Iterator[Problem]:
    """Builds or deploys need each other in a circle, so none of them could ever start.

    Remove one of the `needs` of the circle that the message shows.
    """
    families: tuple[tuple[str, Sequence[Build | Deploy]], ...] = (
        ("builds", sense.manifest.builds),
        ("deploys", sense.manifest.deploys),
    )
    for kind, items in families:
        graph = {item.name: item.needs for item in items}
        index_of = {item.name: index for index, item in enumerate(items)}
        for circle in find_circles(graph):
            start = index_of[circle[0]]
            needed = graph[circle[0]].index(circle[1])
            yield Problem(
                f"the {kind} need each other in a circle: {' → '.join(circle)}",
                sense.place(kind, start, "needs", needed),
            )


@rule("HG207", "environment without deploys")
def empty_environment(sense: Sense) -> Iterator[Problem]:
    """No deploy goes to this environment, so a promotion there would do nothing and hold up the chain behind
    it.

    Remove the environment, or add it to a deploy's `environments`.
    """
    if not all(sense.knows("deploys", index, "environments") for index in range(len(sense.manifest.deploys))):
        return
    used = {name for deploy in sense.resolved.deploys for name in deploy.environments}
    for kind, name, place in _name_places(sense):
        if kind == "environment" and name not in used:
            yield Problem(f"no deploy goes to the environment {quote(name)}", place)


@rule("HG208", "name with a meaning of its own")
def forbidden_name(sense: Sense) -> Iterator[Problem]:
    """`all` and `none` are choices that a dispatch offers beside the names of the manifest.

    Choose another name.
    """
    for kind, name, place in _name_places(sense):
        if name in NO_NAMES:
            yield Problem(
                f"the {kind} can't be named {quote(name)}: that is a choice beside the names", place
            )


@rule("HG209", "environment that the deploy does not have")
def foreign_environment(sense: Sense) -> Iterator[Problem]:
    """A strategy or `environment_inputs` names an environment of the chain to which this deploy does not go.
    It would have no effect.

    Add the environment to the deploy's `environments`, or remove it here.
    """
    chain = {environment.name for environment in sense.resolved.environments}
    for index, deploy in enumerate(sense.manifest.deploys):
        path: Path = ("deploys", index)
        if not (sense.knows(*path, "environments") and sense.knows(*path, "name")):
            continue
        own = sense.resolved.deploys[index].environments
        for block, names in _blocks(deploy):
            for position, name in enumerate(names):
                if name in chain and name not in own:
                    yield _say_foreign(
                        sense, deploy, name, sense.place(*path, block, "environments", position)
                    )
        for name in deploy.environment_inputs:
            if name in chain and name not in own:
                yield _say_foreign(sense, deploy, name, sense.key(*path, "environment_inputs", name))


def _say_foreign(sense: Sense, deploy: Deploy, name: str, place: Place) -> Problem:
    related = Related(sense.key(*place.path[:2], "environments"), "its environments stand here")
    return Problem(f"the deploy {quote(deploy.name)} does not go to {quote(name)}", place, (related,))


_BAD_BRANCH = re.compile(r"\.\.|//|/\.|\.lock(?:/|$)|[./]$")


@rule("HG210", "not a branch name")
def bad_branch(sense: Sense) -> Iterator[Problem]:
    """Git does not accept this name for a branch (`git check-ref-format --branch`).

    No `..`, no `//`, no part that starts with a dot or ends with `.lock`, no dot or slash at the end.
    """
    for name, place in _branches(sense):
        if _BAD_BRANCH.search(name):
            yield Problem(f"git does not accept {quote(name)} as the name of a branch", place)


def _branches(sense: Sense) -> tuple[tuple[str, Place], tuple[str, Place]]:
    return (
        (sense.resolved.trunk, sense.place("trunk")),
        (sense.resolved.state_branch, sense.place("state", "branch")),
    )


@rule("HG211", "state on the trunk")
def state_on_trunk(sense: Sense) -> Iterator[Problem]:
    """The state branch is the trunk, or one of the two names is a folder of the other, which git can't store
    side by side. The state has a branch without any of your files; on the trunk every rollout would start a
    build.

    Give `state.branch` another name, or leave it out.
    """
    if not (sense.knows("trunk") and sense.knows("state", "branch")):
        return
    (trunk, _), (state, place) = _branches(sense)
    related = (
        (Related(sense.place("trunk"), "the trunk is chosen here"),) if sense.manifest.trunk != "main" else ()
    )
    if state == trunk:
        yield Problem(f"the state can't be kept on the trunk {quote(trunk)}", place, related)
    elif state.startswith(f"{trunk}/") or trunk.startswith(f"{state}/"):
        yield Problem(f"git can't have both branches {quote(trunk)} and {quote(state)}", place, related)


_GENERATED = re.compile(
    r"\.github/workflows/headgate-(?:release|promote|rollback|control|notify|cron|check|deploy-.*)\.ya?ml"
)


@rule("HG212", "callback is a generated file")
def generated_callback(sense: Sense) -> Iterator[Problem]:
    """The callback has the name of a workflow that Headgate writes; generating would replace it.

    Rename the callback file: names of your own do not start with `headgate-`.
    """
    for path, file in sorted({(call.path, call.callback) for call in list_calls(sense.resolved)}, key=str):
        if _GENERATED.fullmatch(file):
            yield Problem(f"{quote(file)} is a file that Headgate generates", sense.place(*path))


@rule("HG213", "contract name as an input")
def contract_input(sense: Sense) -> Iterator[Problem]:
    """An entry of `inputs` has the name of an input that Headgate itself provides. The contract's value would
    win, and the one written here would never arrive.

    Rename the input, here and in the callback.
    """
    for path, names in _input_maps(sense.resolved):
        for name in names:
            if name in CONTRACT_NAMES:
                yield Problem(
                    f"{quote(name)} is provided by Headgate; it can't be a constant input",
                    sense.key(*path, name),
                )


def _input_maps(resolved: ResolvedManifest) -> Iterator[tuple[Path, Collection[str]]]:
    owners = (*resolved.builds, *resolved.deploys, *((resolved.notify,) if resolved.notify else ()))
    for owner in owners:
        yield (*owner.path, "inputs"), owner.inputs
        if isinstance(owner, ResolvedDeploy):
            for environment, inputs in owner.environment_inputs.items():
                yield (*owner.path, "environment_inputs", environment), inputs


_ACCESS: Mapping[str, tuple[str, ...]] = {"id-token": ("write", "none"), "models": ("read", "none")}


@rule("HG214", "access that a scope does not have")
def wrong_access(sense: Sense) -> Iterator[Problem]:
    """GitHub knows this scope, but not with this access, and refuses the whole workflow.

    `id-token` is `write` or `none`; `models` is `read` or `none`.
    """
    for path, scope, access in _permissions(sense.resolved):
        allowed = _ACCESS.get(scope, (access,))
        if access not in allowed:
            yield Problem(
                f"the scope {quote(scope)} can't be {quote(access)}; allowed: {list_words(allowed)}",
                sense.place(*path),
            )


@rule("HG215", "unknown permission scope", "warning", fixes=("unsafe",))
def unknown_scope(sense: Sense) -> Iterator[Problem]:
    """The scope is none that GitHub documents. GitHub refuses a workflow with a scope it does not know, but
    may have added this one since.

    Correct the spelling. Scopes:
    https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax
    """
    for path, scope, _ in _permissions(sense.resolved):
        if scope not in SCOPES:
            yield Problem(
                f"{quote(scope)} is no permission scope that GitHub documents; there are {', '.join(SCOPES)}",
                Place(sense.file, path, "key"),
                hint=hint_suggestion(scope, SCOPES),
                fix=remedies.rename_key(Place(sense.file, path, "key"), suggest(scope, SCOPES)),
            )


def _permissions(resolved: ResolvedManifest) -> Iterator[tuple[Path, str, str]]:
    owners = (*resolved.builds, *resolved.deploys, *((resolved.notify,) if resolved.notify else ()))
    for owner in owners:
        for scope, access in (owner.permissions or {}).items():
            yield (*owner.path, "permissions", scope), scope, access


REFERENCES = (
    unknown_environment,
    unknown_build,
    unknown_deploy,
    duplicate_name,
    repeated_name,
    needs_cycle,
    empty_environment,
    forbidden_name,
    foreign_environment,
    bad_branch,
    state_on_trunk,
    generated_callback,
    contract_input,
    wrong_access,
    unknown_scope,
)
