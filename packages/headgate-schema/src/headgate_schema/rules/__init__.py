"""Every rule there is, in the order of the codes."""

from collections.abc import Mapping
from typing import Any

from headgate_schema.finding import Severity
from headgate_schema.rules.access import ACCESS
from headgate_schema.rules.actions import ACTIONS
from headgate_schema.rules.callbacks import CALLBACKS
from headgate_schema.rules.conditions import CONDITIONS
from headgate_schema.rules.ignoring import IGNORING
from headgate_schema.rules.limits import LIMITS
from headgate_schema.rules.reading import READING
from headgate_schema.rules.references import REFERENCES
from headgate_schema.rules.rollout import ROLLOUT
from headgate_schema.rules.rule import Rule
from headgate_schema.rules.security import SECURITY
from headgate_schema.rules.shape import SHAPE
from headgate_schema.rules.wiring import WIRING

OF_CALLBACKS: tuple[Rule[Any], ...] = (
    *CALLBACKS,
    *ACCESS,
    *ACTIONS,
    *CONDITIONS,
    *WIRING,
    *SECURITY,
    *LIMITS,
)
"""HG4xx to HG6xx, which need the repository."""

RULES: tuple[Rule[Any], ...] = tuple(
    sorted((*READING, *IGNORING, *SHAPE, *REFERENCES, *ROLLOUT, *OF_CALLBACKS), key=lambda each: each.code)
)

SEVERITIES: Mapping[str, Severity] = {each.code: each.severity for each in RULES}

__all__ = [
    "IGNORING",
    "OF_CALLBACKS",
    "READING",
    "REFERENCES",
    "ROLLOUT",
    "RULES",
    "SEVERITIES",
    "SHAPE",
    "Rule",
]
