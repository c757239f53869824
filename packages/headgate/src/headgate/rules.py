"""Every rule of the generator's own, beside those of the schema package: one explicit tuple."""

from __future__ import annotations

from typing import Any

from headgate_schema.rules import Rule

from headgate import drift, limits, unsupported

RULES: tuple[Rule[Any], ...] = (*limits.RULES, *unsupported.RULES, *drift.RULES)
