"""What there is to say about a rule or a field, as values and as text for a terminal."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from inspect import cleandoc
from textwrap import wrap
from typing import Any

import msgspec

from headgate_schema.examples import show_example
from headgate_schema.finding import Severity
from headgate_schema.pages import find_page
from headgate_schema.reference import Field
from headgate_schema.rules.families import FAMILIES
from headgate_schema.rules.rule import FixKind, Rule

WIDTH = 90
_NAMED = re.compile(r"`([a-z_]+(?:\.[a-z_]+)*)`")


class ExplainedRule(msgspec.Struct, frozen=True):
    """A rule; ``explanation`` is Markdown, ``fixes`` the kinds of fixes that its findings may bring, ``page``
    relative to the documentation site.
    """

    code: str
    family: str
    title: str
    severity: Severity
    can_be_ignored: bool
    explanation: str
    fixes: tuple[FixKind, ...]
    page: str
    url: str | None


class ExplainedField(msgspec.Struct, frozen=True):
    """A field; ``default`` is JSON, ``example`` a piece of a manifest, ``rules`` the codes that name it."""

    path: str
    type: str
    bounds: str
    allowed: tuple[str, ...]
    is_required: bool
    default: str | None
    is_reserved: bool
    description: str
    example: str
    rules: tuple[str, ...]


def explain_rule(rule: Rule[Any], docs: str | None = None) -> ExplainedRule:
    """Gather what there is to say about a rule."""
    return ExplainedRule(
        code=rule.code,
        family=FAMILIES[rule.code[:3]],
        title=rule.title,
        severity=rule.severity,
        can_be_ignored=rule.severity == "warning",
        explanation=cleandoc(rule.explanation),
        fixes=rule.fixes,
        page=find_page(rule.code),
        url=find_page(rule.code, docs) if docs else None,
    )


def explain_field(field: Field, rules: Iterable[Rule[Any]]) -> ExplainedField:
    """Gather what there is to say about a field, with the rules whose explanations name it."""
    return ExplainedField(
        path=field.path,
        type=field.type,
        bounds=field.bounds,
        allowed=field.allowed,
        is_required=field.is_required,
        default=field.default,
        is_reserved=field.reserved,
        description=field.description,
        example=show_example(field.path),
        rules=list_rules(field, rules),
    )


def list_rules(field: Field, rules: Iterable[Rule[Any]]) -> tuple[str, ...]:
    """List the codes whose explanations name a field; those about reading a file name it only by the way."""
    if field.reserved:
        return ("HG190",)
    path = f".{field.path.replace('[]', '')}"
    return tuple(
        rule.code
        for rule in rules
        if not rule.code.startswith("HG0")
        and any(path.endswith(f".{name}") for name in _NAMED.findall(rule.explanation))
    )


def print_rule(rule: ExplainedRule) -> str:
    """Print a rule for people."""
    ignoring = "can be ignored" if rule.can_be_ignored else "can't be ignored"
    head = f"{rule.code} ({rule.severity}, {ignoring}): {rule.title}"
    fix = say_fixes(rule.fixes)
    more = "\n".join((*([f"fix: {fix}"] if fix else []), f"page: {rule.url or rule.page}"))
    return "\n\n".join((head, *_wrap_paragraphs(rule.explanation), more)) + "\n"


def say_fixes(kinds: Collection[FixKind]) -> str:
    """Say what a program can do about a rule's findings; empty if nothing."""
    match "safe" in kinds, "unsafe" in kinds:
        case True, False:
            return "often by `check --fix`"
        case True, True:
            return "often by `check --fix`, or by `check --fix --unsafe` where it is a guess"
        case False, True:
            return "often by `check --fix --unsafe`, as it is a guess"
    return ""


def print_field(field: ExplainedField) -> str:
    """Print a field for people."""
    if field.is_reserved:
        said = f"{field.description} Until then it is refused ({field.rules[0]})."
        return "\n".join((field.path, *_wrap(said, "  "))) + "\n"
    default = f"default {field.default}" if field.default else "optional"
    facts = (field.type, field.bounds, "required" if field.is_required else default)
    blocks = ["\n".join((f"  {'; '.join(filter(None, facts))}", *_wrap(field.description, "  ")))]
    if field.example:
        blocks.append("\n".join(f"    {line}" for line in field.example.splitlines()))
    if field.rules:
        blocks.append("\n".join(_wrap(f"rules: {', '.join(field.rules)}", "  ")))
    return f"{field.path}\n" + "\n\n".join(blocks) + "\n"


def print_list(rules: Sequence[ExplainedRule]) -> str:
    """Print one line per rule, under the titles of their families."""
    lines = []
    for start, title in FAMILIES.items():
        family = [rule for rule in rules if rule.code.startswith(start)]
        lines += [f"{start}xx {title}"] if family else []
        lines += [f"  {rule.code}  {rule.severity:<7}  {rule.title}" for rule in family]
    return "".join(f"{line}\n" for line in lines)


def _wrap_paragraphs(text: str) -> Iterator[str]:
    for paragraph in text.split("\n\n"):
        is_laid_out = re.search(r"^(?:[ \t]|[-*|>] |```)", paragraph, re.MULTILINE)
        yield paragraph if is_laid_out else "\n".join(_wrap(paragraph))


def _wrap(text: str, indent: str = "") -> list[str]:
    return wrap(
        " ".join(text.split()),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
