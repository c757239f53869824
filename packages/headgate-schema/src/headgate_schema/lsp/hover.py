"""A place in a manifest → what there is to know about it, as Markdown.

Where the text can't be read, the place is found by ``cursor.py`` and the facts are those of the manifest as
it last had a valid shape.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from inspect import cleandoc
from typing import Any

import msgspec

from headgate_schema.callback import Callback
from headgate_schema.check import Checked
from headgate_schema.contract import list_calls
from headgate_schema.explanation import list_rules
from headgate_schema.finding import Finding
from headgate_schema.lsp.cards import (
    show_build,
    show_callback,
    show_deploy,
    show_deploy_stages,
    show_environment,
    show_input,
    show_secret,
)
from headgate_schema.lsp.cursor import find_cursors
from headgate_schema.lsp.grammar import find_field, state_facts
from headgate_schema.lsp.knowledge import Knowledge, is_workflow
from headgate_schema.lsp.markdown import show_word
from headgate_schema.lsp.mentions import find_owner
from headgate_schema.lsp.words import say_duration
from headgate_schema.model import duration
from headgate_schema.pages import find_page
from headgate_schema.reference import Field
from headgate_schema.resolved import ResolvedManifest
from headgate_schema.rules import RULES
from headgate_schema.span import Part, Path, Span


class Hover(msgspec.Struct, frozen=True):
    """What to show about the text at a span: Markdown."""

    span: Span
    text: str


class Token(msgspec.Struct, frozen=True):
    """A key or a single value, and where it stands."""

    path: Path
    part: Part
    span: Span
    text: str


def hover(
    checked: Checked,
    line: int,
    column: int,
    resolved: ResolvedManifest | None,
    knowledge: Knowledge,
    docs: str | None = None,
) -> Hover | None:
    """Tell what there is to know about a place, counted from 1; ``None`` between the words.

    ``resolved`` is the manifest with its defaults as it last had a valid shape, ``docs`` the address of the
    documentation.
    """
    token = find_token(checked, line, column)
    found = list(_find_findings(checked, line, column))
    shown = _show_findings((finding for finding, _ in found), docs)
    if token is not None:
        shown += _show_facts(token, checked.resolved or resolved, knowledge, docs)
    if not shown:
        return None
    return Hover(token.span if token is not None else found[0][1], "\n\n---\n\n".join(shown))


def find_token(checked: Checked, line: int, column: int) -> Token | None:
    """Give the key or single value at a place."""
    document = checked.document
    if document.data is None:
        return _find_token_typed(document.text, line, column)
    found = document.find_path(line, column)
    if found is None:
        return None
    path, part = found
    value = _get(document.data, path)
    if part == "value" and (isinstance(value, dict | list) or not path):
        return None
    span = document.locate(path, part)
    return Token(path, part, span, str(path[-1]) if part == "key" else _words(value))


def _find_token_typed(text: str, line: int, column: int) -> Token | None:
    cursor = next(iter(find_cursors(text, line, column)), None)
    if cursor is None or cursor.span.column == cursor.span.end_column or cursor.is_text:
        return None
    row = text.splitlines()[line - 1]
    word = row[cursor.span.column - 1 : cursor.span.end_column - 1].strip("\"'")
    path = (*cursor.path, word) if cursor.role == "key" else cursor.path
    return Token(path, cursor.role, cursor.span, word)


def _get(data: Any, path: Path) -> object:
    """Give the value at a path; nothing where the text says something that reading has left out."""
    try:
        for step in path:
            data = data[step]
    except (LookupError, TypeError):
        return None
    return data


def _words(value: object) -> str:
    return "true" if value is True else "false" if value is False else "" if value is None else str(value)


# -- findings


def _find_findings(checked: Checked, line: int, column: int) -> Iterator[tuple[Finding, Span]]:
    """Give the findings about a place; one about a whole block would be in the way everywhere."""
    for finding in checked.findings:
        if finding.place.file == checked.document.name:
            span = checked.locate(finding.place)
            if span.line == span.end_line == line and span.column <= column <= span.end_column:
                yield finding, span


def _show_findings(findings: Iterable[Finding], docs: str | None) -> list[str]:
    """Explain each code once, however many findings of it there are."""
    return list(dict.fromkeys(_show_finding(finding, docs) for finding in findings))


def _show_finding(finding: Finding, docs: str | None) -> str:
    from headgate_schema.rules import RULES

    rule = next((rule for rule in RULES if rule.code == finding.code), None)
    if rule is None:
        return f"**{finding.code}**"
    head = f"**{_show_code(finding.code, docs)}** {finding.severity}: {rule.title}"
    return f"{head}\n\n{cleandoc(rule.explanation)}"


def _show_code(code: str, docs: str | None) -> str:
    return f"[{code}]({find_page(code, docs)})" if docs else code


# -- what is known about a token


def _show_facts(
    token: Token, resolved: ResolvedManifest | None, knowledge: Knowledge, docs: str | None
) -> Iterator[str]:
    if resolved is not None:
        yield from _show_named(token, resolved, knowledge)
    if token.part == "value":
        if is_workflow(token.text):
            yield show_callback(token.text, resolved, knowledge)
        yield from _show_duration(token)
    if resolved is not None:
        yield from _show_passed(token, resolved, knowledge)
    field = find_field(token.path)
    if field is not None:
        yield _show_field(field, docs)


def _show_named(token: Token, resolved: ResolvedManifest, knowledge: Knowledge) -> Iterator[str]:
    """Show what a name stands for, where it is given and where it is used."""
    match token.path, token.part:
        case ("deploys", int(), "name") | ("deploys", int(), "needs", int()), "value":
            yield from (show_deploy(each) for each in resolved.deploys if each.name == token.text)
        case ("deploys", int(), "strategy"), "value":
            yield from (show_deploy_stages(each) for each in resolved.deploys if each.path == token.path[:2])
        case (("environments", int(), "name") | (*_, "environments", int()), "value") | (
            (*_, "environment_inputs", str()),
            "key",
        ):
            chain = (each for each in resolved.environments if each.name == token.text)
            yield from (show_environment(each, resolved) for each in chain)
        case ("builds", int(), "name") | (_, int(), "needs" | "builds", int()), "value":
            builds = (each for each in resolved.builds if each.name == token.text)
            yield from (show_build(each, resolved, knowledge) for each in builds)


def _show_duration(token: Token) -> Iterator[str]:
    field = find_field(token.path)
    if field is not None and field.type == "duration" and duration.is_duration(token.text):
        normal = duration.show_duration(duration.parse_duration(token.text))
        same = f" is {show_word(normal)}" if normal != token.text else ""
        yield f"{show_word(token.text)}{same}: {say_duration(normal)}"


def _show_passed(token: Token, resolved: ResolvedManifest, knowledge: Knowledge) -> Iterator[str]:
    """Say what the callbacks of its owner declare an input or a secret to be."""
    show: Callable[[Callback, str], str | None]
    match token.path:
        case (*_, "inputs", str(name)) | (*_, "environment_inputs", str(), str(name)):
            show = show_input
        case (*_, "secrets", str(name)):
            show = show_secret
        case _:
            return
    owner = find_owner(token.path)
    files = tuple(call.callback for call in list_calls(resolved) if call.owner.path == owner)
    shown = (show(callback, name) for callback in knowledge.select(files))
    yield from (said for said in shown if said is not None)


def _show_field(field: Field, docs: str | None) -> str:
    facts = "reserved" if field.reserved else "; ".join(state_facts(field))
    blocks = [f"{show_word(field.path)}: {facts}", field.description]
    codes = list_rules(field, RULES)
    if codes:
        more = "" if docs else f" (`headgate-schema explain {codes[0]}`)"
        blocks.append(f"rules: {', '.join(_show_code(code, docs) for code in codes)}{more}")
    return "\n\n".join(blocks)
