"""What there is to know about a deploy, an environment, a build or a callback file, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable

from headgate_schema.callback import Callback
from headgate_schema.contract import list_calls, list_deploy_calls
from headgate_schema.convention import FOLDER
from headgate_schema.lsp.knowledge import Knowledge
from headgate_schema.lsp.markdown import show_table, show_text, show_word
from headgate_schema.lsp.stages import list_stages
from headgate_schema.resolved import (
    ResolvedBuild,
    ResolvedDeploy,
    ResolvedEnvironment,
    ResolvedManifest,
    ResolvedNotify,
)


def show_deploy(deploy: ResolvedDeploy) -> str:
    """Show a deploy's stages in each environment, and what is called for them."""
    calls = [
        (show_word(call.action), _show_file(call.callback), _show_names(call.environments))
        for call in list_deploy_calls(deploy)
    ]
    return "\n\n".join(
        (
            f"deploy **{show_text(deploy.name)}**",
            show_deploy_stages(deploy),
            show_table(("action", "callback", "environments"), calls),
        )
    )


def show_deploy_stages(deploy: ResolvedDeploy) -> str:
    """Show what happens to a release of a deploy in each environment."""
    rows = [(_show_names(names), stages) for names, stages in list_stages(deploy)]
    return show_table(("environments", "what happens"), rows)


def show_environment(environment: ResolvedEnvironment, resolved: ResolvedManifest) -> str:
    """Show how releases come into an environment, and what happens there."""
    name, chain = environment.name, resolved.environments
    how = "by itself" if environment.promotion == "auto" else "when a person promotes it"
    number = chain.index(environment) + 1
    rows = [
        (show_text(deploy.name), stages)
        for deploy in resolved.deploys
        for names, stages in list_stages(deploy)
        if name in names
    ]
    said = f"environment **{show_text(name)}**, {number} of {len(chain)}: a release comes here {how}"
    return f"{said}\n\n{show_table(('deploy', 'what happens'), rows)}" if rows else said


def show_build(build: ResolvedBuild, resolved: ResolvedManifest, knowledge: Knowledge) -> str:
    """Show a build's callback, its outputs, and who receives them."""
    declared = knowledge.callbacks.get(build.callback)
    facts = [f"build **{show_text(build.name)}**: {_show_file(build.callback)}"]
    if declared is not None and declared.outputs:
        facts.append(f"outputs: {_show_names(declared.outputs)}")
    users = tuple(deploy.name for deploy in resolved.deploys if build.name in deploy.builds)
    if users:
        facts.append(f"received by {_show_names(users)}")
    return "; ".join(facts)


def show_callback(file: str, resolved: ResolvedManifest | None, knowledge: Knowledge) -> str:
    """Show what a callback file declares and what it is called for."""
    callback = knowledge.callbacks.get(file)
    shown = [_show_declared(callback) if callback is not None else "There is no such file yet."]
    rows = [
        (
            show_word(call.action),
            "" if isinstance(call.owner, ResolvedNotify) else show_text(call.owner.name),
            _show_names(call.environments),
        )
        for call in (list_calls(resolved) if resolved is not None else ())
        if call.callback == file
    ]
    if rows:
        shown.append(show_table(("called for", "of", "environments"), rows))
    return "\n\n".join(shown)


def show_input(callback: Callback, name: str) -> str | None:
    """Say what a callback declares an input to be."""
    declared = callback.inputs.get(name)
    if declared is None:
        return None
    need = "required" if declared.is_required else "optional"
    return f"{need} {declared.type or 'input'} of {_show_file(callback.file)}"


def show_secret(callback: Callback, name: str) -> str | None:
    """Say what a callback declares a secret to be."""
    declared = callback.secrets.get(name)
    if declared is None:
        return None
    return f"{'required' if declared.is_required else 'optional'} secret of {_show_file(callback.file)}"


def _show_declared(callback: Callback) -> str:
    if callback.document.troubles:
        return "The file can't be read."
    if not callback.is_callable:
        return "The file is not callable: it has no `workflow_call`."
    rows = [
        (show_word(each.name), f"{each.type or 'unknown'}{', required' if each.is_required else ''}")
        for each in callback.inputs.values()
    ]
    shown = [show_table(("input", "type"), rows) if rows else "It declares no inputs."]
    asked = dict.fromkeys(f"{ask.scope}: {ask.level}" for ask in callback.asks)
    for label, names in (
        ("outputs", callback.outputs),
        ("secrets", callback.secrets),
        ("permissions", asked),
    ):
        if names:
            shown.append(f"{label}: {_show_names(names)}")
    return "\n\n".join(shown)


def _show_file(file: str) -> str:
    return show_word(file.removeprefix(FOLDER))


def _show_names(names: Iterable[str]) -> str:
    return ", ".join(show_word(name) for name in names)
