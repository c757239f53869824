"""Manifests of stablekernel/cascade → version 1.

Facts from https://github.com/stablekernel/cascade, as published in November 2026:
``internal/config/types.go`` and ``docs/public/manifest.schema.json`` for the fields,
``docs/src/content/docs/configuration.md`` for what they mean, and the manifests of the repositories
``stablekernel/cascade-example-*`` for how they are written. The key around everything (``ci`` by default) is
configurable there; early releases had none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from headgate_schema.document import Document
from headgate_schema.migrate.cascade.config import convert_config
from headgate_schema.migrate.cascade.ledger import Ledger
from headgate_schema.migrate.cascade.state import list_adoptions
from headgate_schema.migrate.item import Item, Outcome
from headgate_schema.migrate.manuscript import Origins, write_manuscript
from headgate_schema.migrate.registry import Foreign, Step
from headgate_schema.span import Path

NAME = "cascade"
USUAL_KEY = "ci"


def is_cascade(data: Mapping[str, Any]) -> bool:
    """Tell a manifest of cascade: a mapping ``config`` below one key, or at the root, that has its fields."""
    return find_root(data) is not None


def find_root(data: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Give the path of what cascade reads: the usual key first, then any other."""
    candidates: Iterator[tuple[tuple[str, ...], Any]] = iter(
        [((USUAL_KEY,), data.get(USUAL_KEY)), ((), data), *(((key,), value) for key, value in data.items())]
    )
    return next((path for path, value in candidates if _has_config(value, path)), None)


def _has_config(value: Any, path: Path) -> bool:
    config = value.get("config") if isinstance(value, dict) else None
    return isinstance(config, dict) and (path == (USUAL_KEY,) or "trunk_branch" in config)


def convert(document: Document) -> Outcome:
    """Convert a document; everything that it says is either in the result or among the items."""
    data = document.data or {}
    root = find_root(data)
    if root is None:
        message = 'nothing here has a "config" with a "trunk_branch", as cascade reads it'
        return Outcome(None, (Item("error", ((),), message),))
    body = data[root[0]] if root else data
    ledger = Ledger(document, root)
    if root:
        ledger.link(root, ())
    converted, names = convert_config(ledger, body["config"], (*root, "config"))
    strategies = {deploy["name"]: deploy.get("strategy", "") for deploy in converted.get("deploys", ())}
    commands = list_adoptions(ledger, body.get("state"), (*root, "state"), names, strategies)
    ledger.sweep()
    items = ledger.list_items()
    if ledger.has_errors:
        return Outcome(None, items)
    origins = Origins(NAME, ledger.origins)
    text = write_manuscript(document, converted, origins, items, commands)
    firsts = {target: sources[0] for target, sources in ledger.origins.items()}
    if text is None:
        message = "the result can't be written so that it reads as what was meant"
        return Outcome(None, (*items, Item("error", ((),), message)))
    return Outcome(text, items, commands, firsts)


FOREIGN = Foreign(NAME, is_cascade, '"ci" with "config"')
STEP = Step(NAME, 1, convert)
