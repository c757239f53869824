"""Manifests of other kinds, and of older generations of ours → the newest generation; nothing silently lost.

``registry.py`` finds the way, ``generations.py`` holds the steps between ours, ``cascade`` a foreign one. To
add a step, write it and name it here.
"""

from headgate_schema.check import check
from headgate_schema.migrate import cascade, generations
from headgate_schema.migrate.item import LABELS, Item, Outcome
from headgate_schema.migrate.registry import Foreign, Migration, Origin, Registry, Step, migrate

REGISTRY = Registry(
    newest=generations.NEWEST,
    steps=(cascade.STEP, *generations.STEPS),
    foreign=(cascade.FOREIGN,),
    check=check,
)

__all__ = [
    "LABELS",
    "REGISTRY",
    "Foreign",
    "Item",
    "Migration",
    "Origin",
    "Outcome",
    "Registry",
    "Step",
    "migrate",
]
