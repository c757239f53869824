"""The pages of the rules: a table of all codes, and a page for each with its rule's own explanation."""

from __future__ import annotations

from inspect import cleandoc
from pathlib import Path
from typing import Any

from headgate.rules import RULES as GENERATOR_RULES
from headgate_schema.explanation import say_fixes
from headgate_schema.rules import RULES, Rule
from headgate_schema.rules.families import FAMILIES

from tools.reference.markdown import cell, page, table

INTRODUCTION = """\
Every finding has a code. A code means the same thing for ever, and is an error or a warning for ever: errors
stop `headgate generate`, warnings do not. `headgate explain HG101` prints the page of a code."""


def render(_: Path) -> dict[str, str]:
    """Return the table and the pages."""
    rules = sorted(all_rules(), key=lambda rule: rule.code)
    sections = [
        family(title, [rule for rule in rules if rule.code.startswith(start)])
        for start, title in FAMILIES.items()
    ]
    pages = {f"docs/reference/rules/{rule.code}.md": explanation(rule) for rule in rules}
    return {"docs/reference/rules/index.md": page("Rules", INTRODUCTION, *filter(None, sections)), **pages}


def all_rules() -> tuple[Rule[Any], ...]:
    """Return the rules of both packages."""
    return (*RULES, *GENERATOR_RULES)


def family(title: str, rules: list[Rule[Any]]) -> str:
    """Return one family's table, nothing for a family without rules."""
    if not rules:
        return ""
    rows = [(f"[{rule.code}]({rule.code}.md)", rule.severity, cell(rule.title)) for rule in rules]
    return f"## {title}\n\n{table(('code', 'is', 'what'), rows)}"


def explanation(rule: Rule[Any]) -> str:
    """Return the page of one code."""
    fix = say_fixes(rule.fixes)
    parts = (f"*{rule.severity}*", cleandoc(rule.explanation), f"Fix: {fix}." if fix else "")
    return page(f"{rule.code}: {rule.title}", *filter(None, parts))
