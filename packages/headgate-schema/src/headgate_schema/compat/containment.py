"""The proof: each case of the older schema against each keyword of the newer one.

Where it does not go through is a doubt, with a value that shows why if one can be built; on the way up it
grows into a whole document. Whether a doubt is a break is decided at the root, by asking both schemas.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec
from msgspec import UNSET

from headgate_schema.compat.acceptance import accepts
from headgate_schema.compat.case import (
    Case,
    NameClass,
    Nodes,
    expand,
    list_said,
    narrow,
    negate,
    split_names,
)
from headgate_schema.compat.example import build_example, build_list, build_mapping, find_example
from headgate_schema.compat.language import CannotTell, both, find_word, other
from headgate_schema.compat.leaf import compare_leaf, list_whole, try_build
from headgate_schema.compat.reason import Doubt
from headgate_schema.compat.subset import Node, list_inner
from headgate_schema.compat.texts import find_name, speak, speak_all
from headgate_schema.compat.wording import say_condition, say_kinds, say_refused
from headgate_schema.json_values import is_same

MOST_STEPS = 20_000
_OF_PROPERTIES = ("properties", "patternProperties", "additionalProperties")


class Proof:
    """One comparison: it counts its steps, and remembers what it is about to prove."""

    def __init__(self) -> None:
        """Begin."""
        self._steps = 0
        self._open: set[tuple[frozenset[tuple[str, str]], tuple[str, str]]] = set()

    def compare(self, old: Nodes, new: Node) -> list[Doubt]:
        """List the doubts that every value which all the older schemas accept is valid in the newer one."""
        goal = frozenset(node.resolve().key for node in old), new.resolve().key
        if goal in self._open:
            # It comes again only for a smaller value: induction over the depth of documents.
            return []
        self._open.add(goal)
        try:
            return self._compare_cases(expand(old), new)
        except CannotTell as error:
            return [Doubt(new.pointer, str(error))]
        finally:
            self._open.discard(goal)

    def _compare_cases(self, cases: Iterable[Case], new: Node) -> list[Doubt]:
        new = new.resolve()
        cases = list(cases)
        if new.schema is True or not cases:
            return []
        allowed = {case.kind for case in expand([new], depth=0)}
        doubts = list(_compare_kinds(cases, allowed, new))
        for case in cases:
            if case.kind in allowed and not any(_is_written_alike(node, new) for node in case.nodes):
                doubts += self._compare_case(case, new)
        return doubts

    def _compare_case(self, case: Case, new: Node) -> Iterator[Doubt]:
        self._steps += 1
        for keyword in new.schema:
            try:
                if self._steps > MOST_STEPS:
                    raise CannotTell(f"the comparison takes more than {MOST_STEPS} steps")
                yield from self._compare_by(keyword, case, new)
            except CannotTell as error:
                yield Doubt(new.at(keyword).pointer, str(error))

    def _compare_by(self, keyword: str, case: Case, new: Node) -> Iterable[Doubt]:
        match keyword:
            case "allOf":
                parts = (new.at(keyword, index) for index in range(len(new.schema[keyword])))
                return [doubt for part in parts for doubt in self._compare_cases([case], part)]
            case "if":
                return self._compare_condition(case, new)
            case "anyOf" if case.values is None and list_whole(case) is None:
                return self._compare_alternatives(case, new)
            case "items" if case.kind == "array" and case.values is None:
                return self._compare_items(case, new)
            case "required" | "propertyNames" if case.kind == "object" and case.values is None:
                return _compare_required(case, new) if keyword == "required" else _compare_names(case, new)
            case _ if keyword in _OF_PROPERTIES and case.kind == "object" and case.values is None:
                return self._compare_properties(keyword, case, new)
            case _:
                return compare_leaf(keyword, case, new)

    def _compare_condition(self, case: Case, new: Node) -> Iterator[Doubt]:
        for branch, is_met in (("then", True), ("else", False)):
            if not new.has(branch):
                continue
            conditions = [new.at("if")] if is_met else negate(new.at("if"))
            cases = [narrowed for condition in conditions for narrowed in narrow(case, condition)]
            where = say_condition(new.schema["if"], is_met)
            for doubt in self._compare_cases(cases, new.at(branch)):
                yield msgspec.structs.replace(doubt, message=f"{doubt.message}{where}")

    def _compare_alternatives(self, case: Case, new: Node) -> list[Doubt]:
        branches = [new.at("anyOf", index) for index in range(len(new.schema["anyOf"]))]
        branches = [
            each for each in branches if any(one.kind == case.kind for one in expand([each], depth=0))
        ]
        tried: list[list[Doubt]] = []
        for branch in branches:
            tried.append(self._compare_cases([case], branch))
            if not tried[-1]:
                return []
        if len(tried) == 1:
            return tried[0]
        return _compare_united(case, branches, [doubt for doubts in tried for doubt in doubts])

    def _compare_items(self, case: Case, new: Node) -> Iterator[Doubt]:
        if case.most is None or case.most >= 1:
            for doubt in self.compare(case.items, new.at("items")):
                yield _wrap(doubt, "[]", lambda item: build_list(case, [item], case.least or 0))

    def _compare_properties(self, keyword: str, case: Case, new: Node) -> Iterator[Doubt]:
        # The three keywords are one statement, which is compared once.
        is_first = keyword == next(each for each in _OF_PROPERTIES if new.has(each))
        if is_first and (case.most is None or case.most >= 1):
            for names in split_names([*case.layers, new]):
                yield from self._compare_name_class(case, names, new)

    def _compare_name_class(self, case: Case, names: NameClass, new: Node) -> Iterator[Doubt]:
        targets = list_said(new, names)
        name = find_name(case, names) if targets else None
        if name is None:
            return
        step = ".*" if names.declared is None else f".{name}"
        old = tuple(node for layer in case.layers for node in list_said(layer, names))
        for target in targets:
            for doubt in self.compare(old, target):
                yield _wrap(doubt, step, lambda value: build_mapping(case, {name: value}, case.least or 0))


def _wrap(doubt: Doubt, step: str, build: Callable[[Any], Any]) -> Doubt:
    """Carry a doubt one level up, and its value into a value around it."""
    witness = doubt.witness if doubt.witness is UNSET else try_build(build, doubt.witness)
    return msgspec.structs.replace(doubt, field=f"{step}{doubt.field}", witness=witness)


def _compare_kinds(cases: list[Case], allowed: set[str], new: Node) -> Iterator[Doubt]:
    """Doubt kinds of values that the newer schema does not have at all, once for all of them."""
    foreign = [case for case in cases if case.kind not in allowed]
    if not foreign:
        return
    witness = next((each for case in foreign if (each := try_build(build_example, case)) is not UNSET), UNSET)
    if not allowed:
        yield Doubt(new.pointer, say_refused(new.pointer), witness)
        return
    keyword = next((each for each in ("type", "anyOf", "const", "enum") if new.has(each)), None)
    place = new.at(keyword) if keyword else new
    yield Doubt(place.pointer, say_kinds(dict.fromkeys(case.kind for case in foreign), allowed), witness)


def _compare_united(case: Case, branches: list[Node], doubts: list[Doubt]) -> list[Doubt]:
    """Compare a case with several alternatives of its kind, none of which contains all of it."""
    place = branches[0].pointer.rpartition("/")[0]
    if case.kind == "string":
        text = find_word(both(speak(case), *(other(speak_all((branch,))) for branch in branches)))
        return [] if text is None else [Doubt(place, "fits none of the alternatives any more", text)]
    shown = [
        doubt
        for doubt in doubts
        if doubt.witness is not UNSET and not any(accepts(branch, doubt.witness) for branch in branches)
    ]
    return shown or [
        Doubt(place, "several alternatives of one kind can't be compared with all of the older ones")
    ]


def _compare_required(case: Case, new: Node) -> Iterator[Doubt]:
    for index, name in enumerate(new.schema["required"]):
        absent = new.write({"properties": {name: False}}, f"required/{index}/not")
        for without in narrow(case, absent):
            witness = try_build(build_mapping, without, {}, without.least or 0)
            yield Doubt(new.at("required", index).pointer, "is required now", witness, f".{name}")


def _compare_names(case: Case, new: Node) -> Iterator[Doubt]:
    place = new.at("propertyNames")
    if any(_is_written_alike(node, place) for node in case.names):
        return
    for names in split_names(case.layers):
        nodes = tuple(node for layer in case.layers for node in list_said(layer, names))
        language = both(names.language, speak_all(case.names), other(speak_all((place,))))
        name = find_word(language) if expand(nodes) else None
        if name is not None:
            witness = try_build(_build_around, case, name, nodes)
            yield Doubt(place.pointer, "fewer names are allowed now", witness, f".{names.declared or '*'}")


def _build_around(case: Case, name: str, nodes: Nodes) -> dict[str, Any]:
    return build_mapping(case, {name: find_example(nodes)}, case.least or 0)


def _is_written_alike(one: Node, another: Node) -> bool:
    """Tell whether two schemas without references say the same word for word."""
    return is_same(one.schema, another.schema) and not _has_reference(one)


def _has_reference(node: Node) -> bool:
    return isinstance(node.schema, dict) and (
        "$ref" in node.schema
        or any(_has_reference(inner) for key in node.schema for inner in list_inner(node.at(key), key))
    )
