"""A place in a text that may be half typed → everything that could be typed there.

What there is to propose comes from the schema (``grammar.py``), from the names, files and declarations at
hand (``words.py``) and from ``snippets.py``; where it goes, from ``cursor.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

import msgspec
from msgspec.structs import replace

from headgate_schema.json_schema import Schema
from headgate_schema.lsp.block import read_outline
from headgate_schema.lsp.cursor import Cursor, find_cursors
from headgate_schema.lsp.grammar import (
    find_field,
    find_shapes,
    is_list,
    is_map,
    is_single,
    is_struct,
    list_keys,
    list_presence,
    name_field,
    state_facts,
)
from headgate_schema.lsp.knowledge import Knowledge
from headgate_schema.lsp.mentions import find_owner, list_deploy_environments
from headgate_schema.lsp.outline import Outline, Style
from headgate_schema.lsp.snippets import Facts, find_snippets, print_snippet
from headgate_schema.lsp.words import Scene, Word, WordKind, list_map_keys, list_words
from headgate_schema.model.base import Alternative, Block
from headgate_schema.span import Path, Span

ProposalKind = WordKind | Literal["block", "snippet"]


class Proposal(msgspec.Struct, frozen=True):
    """Something to type: what is shown, and what replaces the text at ``span``.

    ``filter`` is what typed text is compared with; ``has_holes`` tells that ``text`` is in the snippet
    syntax. Proposals come in the order in which they are to be shown.
    """

    label: str
    kind: ProposalKind
    text: str
    span: Span
    detail: str = ""
    documentation: str = ""
    filter: str = ""
    has_holes: bool = False


def complete(
    text: str, line: int, column: int, knowledge: Knowledge, *, has_snippets: bool = False
) -> tuple[Proposal, ...]:
    """List what could be typed at a place, counted from 1, the best first; nothing in comments and texts."""
    outline = read_outline(text, line)
    found: list[Proposal] = []
    for cursor in find_cursors(text, line, column):
        if not cursor.is_text:
            found += _Completion(outline, knowledge, cursor, has_snippets).list_proposals()
    return tuple(found)


class _Completion:
    """The proposals for one cursor."""

    def __init__(self, outline: Outline, knowledge: Knowledge, cursor: Cursor, has_snippets: bool) -> None:
        self.outline, self.knowledge, self.cursor = outline, knowledge, cursor
        self.has_snippets = has_snippets
        self.style: Style = outline.find_style()

    def list_proposals(self) -> Iterator[Proposal]:
        cursor = self.cursor
        shapes = find_shapes(cursor.path)
        if cursor.role == "key":
            yield from self.list_key_proposals(cursor, shapes, cursor.siblings)
            return
        for word in list_words(self.find_scene(cursor.path), shapes):
            if not (isinstance(cursor.path[-1], int) and word.text in cursor.siblings):
                yield self.propose(word)
        if cursor.can_open:
            yield from self.list_openings(cursor, shapes)
        elif not cursor.is_flow:
            yield from self.list_rows(cursor, shapes)

    def find_scene(self, path: Path) -> Scene:
        return Scene(self.outline, self.knowledge, path)

    def propose(self, word: Word, kind: ProposalKind | None = None, text: str | None = None) -> Proposal:
        return Proposal(
            label=word.text,
            kind=kind or word.kind,
            text=f"{self.cursor.lead}{word.text if text is None else text}",
            span=self.cursor.span,
            detail=word.detail,
            documentation=word.documentation,
            filter=word.text,
        )

    # -- where a block may begin

    def list_openings(self, cursor: Cursor, shapes: tuple[Schema, ...]) -> Iterator[Proposal]:
        """Propose the keys of a mapping, or the items of a list, that is not there yet."""
        present = tuple(str(step) for step in self.outline.list_steps(cursor.path))
        yield from self.list_key_proposals(cursor, shapes, present)
        for shape in shapes:
            if is_list(shape):
                item = replace(
                    cursor, path=(*cursor.path, 0), lead=f"{cursor.lead}- ", indent=cursor.indent + 2
                )
                below = _Completion(self.outline, self.knowledge, item, self.has_snippets)
                yield from below.list_proposals()

    def list_rows(self, cursor: Cursor, shapes: tuple[Schema, ...]) -> Iterator[Proposal]:
        """Propose lists of words on one row: all of them, and each alone."""
        if not any(is_list(shape) for shape in shapes):
            return
        items = find_shapes((*cursor.path, 0))
        words = list_words(self.find_scene((*cursor.path, 0)), items)
        names = [word.text for word in words]
        if cursor.path == ("environments",):
            yield self.propose(Word("[dev, test, uat, prod]", "value", "a promotion chain"))
        if len(names) > 1:
            yield self.propose(Word(f"[{', '.join(names)}]", "value", "all of them"))
        for word in words:
            yield replace(self.propose(replace(word, text=f"[{word.text}]")), filter=word.text)

    # -- keys

    def list_key_proposals(
        self, cursor: Cursor, shapes: Iterable[Schema], present: tuple[str, ...]
    ) -> Iterator[Proposal]:
        for shape in shapes:
            if is_struct(shape):
                yield from self.list_struct_keys(cursor, shape, present)
                if not (cursor.is_flow or cursor.has_colon):
                    yield from self.list_snippets(cursor, present)
            elif is_map(shape):
                for word in list_map_keys(self.find_scene(cursor.path)):
                    if word.text not in present:
                        yield self.propose_key(cursor, word)

    def list_struct_keys(
        self, cursor: Cursor, struct: Schema, present: tuple[str, ...]
    ) -> Iterator[Proposal]:
        """Propose the keys that are not there yet and go with those that are, the required ones first."""
        choice = _Choice(self.outline, cursor.path, struct, present)
        # A new item begins with what it can't be without.
        keys = choice.list_required() if cursor.lead.endswith("- ") else ()
        for key in keys or choice.list_keys():
            field = find_field((*cursor.path, key))
            if field is not None:
                is_required = key in choice.list_required()
                detail = "; ".join(state_facts(replace(field, is_required=is_required)))
                yield self.propose_key(cursor, Word(key, "key", detail, field.description), choice.lead(key))

    def propose_key(self, cursor: Cursor, word: Word, before: tuple[str, ...] = ()) -> Proposal:
        if cursor.has_colon:
            return self.propose(word)
        margin = f"{self.style.line_break}{' ' * cursor.indent}"
        below, has_holes = self.open_value(cursor, (*cursor.path, word.text))
        below = below.replace("\n", margin)
        text = margin.join([*before, f"{word.text}:{below}"])
        return replace(self.propose(word, "block" if margin in below else "key", text), has_holes=has_holes)

    def open_value(self, cursor: Cursor, path: Path) -> tuple[str, bool]:
        """Give what follows a key's colon, and whether it has a hole: lists and mappings begin below."""
        shapes = find_shapes(path)
        items = find_shapes((*path, 0))
        if cursor.is_flow or any(is_single(shape) and "const" not in shape for shape in shapes):
            return " ", False
        if any(is_struct(shape) or is_map(shape) for shape in shapes):
            return f"\n{' ' * self.style.step}", False
        if items and all(is_struct(item) for item in items):
            return f"\n{' ' * self.style.list_step}- ", False
        return (" [$1]", True) if items and self.has_snippets else (" ", False)

    # -- snippets

    def list_snippets(self, cursor: Cursor, present: tuple[str, ...]) -> Iterator[Proposal]:
        field = name_field(cursor.path)
        if cursor.role == "value":
            field = field.removesuffix("[]")
        written = {key: self.outline.read((*cursor.path, key)) for key in present}
        margin = f"{self.style.line_break}{' ' * cursor.indent}"
        for snippet, body in find_snippets(field, written):
            rows = print_snippet(body, self.find_facts(cursor.path), self.style, has_holes=self.has_snippets)
            word = Word(snippet.label, "key", "snippet", snippet.description)
            yield replace(self.propose(word, "snippet", margin.join(rows)), has_holes=self.has_snippets)

    def find_facts(self, path: Path) -> Facts:
        names = self.outline.list_names
        owner = find_owner(path)
        own = list_deploy_environments(self.outline, owner) if owner is not None else names(("environments",))
        last = own[-1] if own else "prod"
        return Facts(names(("environments",)), names(("builds",)), names(("deploys",)), last)


class _Choice:
    """Which keys of an object with fixed keys go with those that are there."""

    def __init__(self, outline: Outline, path: Path, struct: Schema, present: tuple[str, ...]) -> None:
        self.outline, self.path, self.struct, self.present = outline, path, struct, present
        self.presence = list_presence(struct)

    def list_keys(self) -> tuple[str, ...]:
        """List them, those first that have to be there."""
        required = self.list_required()
        return (*required, *(key for key in self.list_allowed() if key not in required))

    def list_required(self) -> tuple[str, ...]:
        required = {*self.struct.get("required", ()), *self.list_needed()}
        return tuple(key for key in self.list_allowed() if key in required)

    def list_allowed(self) -> tuple[str, ...]:
        refused = {*self.present, *self.list_refused()}
        return tuple(key for key in list_keys(self.struct) if key not in refused)

    def list_refused(self) -> Iterator[str]:
        for rule in self.presence:
            match rule:
                case Block() if rule.field in self.present:
                    if self.outline.read((*self.path, rule.field)) != rule.value:
                        yield rule.block
                case Block():
                    blocks = {each.block for each in self.presence if isinstance(each, Block)}
                    if blocks & set(self.present):
                        yield rule.block
                case Alternative() if rule.instead in self.present:
                    yield from (rule.needed, *rule.others)
                case Alternative():
                    if {rule.needed, *rule.others} & set(self.present):
                        yield rule.instead

    def list_needed(self) -> Iterator[str]:
        for rule in self.presence:
            match rule:
                case Block():
                    if self.outline.read((*self.path, rule.field)) == rule.value:
                        yield rule.block
                case Alternative() if rule.instead not in self.present:
                    yield rule.needed

    def lead(self, key: str) -> tuple[str, ...]:
        """Give the rows that a key needs before it: the field that chooses a block, if that is not there."""
        for rule in self.presence:
            if isinstance(rule, Block) and rule.block == key and rule.field not in self.present:
                return (f"{rule.field}: {rule.value}",)
        return ()
