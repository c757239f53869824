"""What a manifest names, read from its outline so that a half-typed one still tells: environments, builds,
deploys, and the callback files of each.
"""

from __future__ import annotations

from collections.abc import Iterator

from headgate_schema.convention import suggest_callback
from headgate_schema.lsp.grammar import name_field
from headgate_schema.lsp.outline import Collection, Outline
from headgate_schema.span import Path


def find_owner(path: Path) -> Path | None:
    """Give the path of the build, the deploy or the notification that a path is in."""
    match path:
        case ("deploys" | "builds", int(), *_):
            return path[:2]
        case ("notify", *_):
            return path[:1]
        case _:
            return None


def find_owner_name(outline: Outline, path: Path) -> str | None:
    """Give the name of the build or deploy that a path is in."""
    owner = find_owner(path)
    return outline.read((*owner, "name")) if owner is not None else None


def list_deploy_environments(outline: Outline, deploy: Path) -> tuple[str, ...]:
    """List the environments of a deploy: those it names, else all."""
    return outline.list_names((*deploy, "environments")) or outline.list_names(("environments",))


def list_callbacks(outline: Outline, owner: Path) -> tuple[str, ...]:
    """List the callback files of an owner, that which the convention names among them."""
    named = tuple(_list_named(outline, owner))
    field = name_field((*owner, "callback"))
    is_named = outline.read((*owner, "callback")) is not None
    usual = None if is_named else suggest_callback(field, outline.read((*owner, "name")))
    return (usual, *named) if usual and field != "notify.callback" else named


def _list_named(outline: Outline, owner: Path) -> Iterator[str]:
    for step in outline.list_steps(owner):
        value = outline.find((*owner, step))
        if isinstance(value, Collection):
            if step in ("canary", "blue_green", "verify", "verify_preview", "verify_live"):
                yield from _list_named(outline, (*owner, step))
        elif value is not None and str(step).endswith("callback"):
            yield value.text


def find_needers(outline: Outline, kind: str, name: str) -> frozenset[str]:
    """Give every build or deploy that needs one, through others too, and itself: it can need none of them."""
    items = [(kind, step) for step in outline.list_steps((kind,))]
    needs = {outline.read((*item, "name")) or "": outline.list_names((*item, "needs")) for item in items}
    found = {name}
    while True:
        more = {each for each, needed in needs.items() if found.intersection(needed)} - found
        if not more:
            return frozenset(found)
        found |= more
