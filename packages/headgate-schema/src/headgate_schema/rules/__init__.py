"""Every rule there is, in the order of the codes."""

from typing import Any

from headgate_schema.rules.actions import ACTIONS
from headgate_schema.rules.callbacks import CALLBACKS
from headgate_schema.rules.reading import READING
from headgate_schema.rules.references import REFERENCES
from headgate_schema.rules.rollout import ROLLOUT
from headgate_schema.rules.rule import Rule
from headgate_schema.rules.shape import SHAPE

RULES: tuple[Rule[Any], ...] = (*READING, *SHAPE, *REFERENCES, *ROLLOUT, *CALLBACKS, *ACTIONS)

__all__ = ["ACTIONS", "CALLBACKS", "READING", "REFERENCES", "ROLLOUT", "RULES", "SHAPE", "Rule"]
