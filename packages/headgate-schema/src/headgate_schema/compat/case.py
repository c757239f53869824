"""A schema as a list of cases: each one kind of value, with no alternatives left.

``anyOf`` and ``if`` become more cases, ``allOf`` narrower ones; a case that no value can be in is left out.
What stands inside of values (properties, items) stays a list of subschemas, all of which hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any

import msgspec

from headgate_schema.compat.acceptance import accepts
from headgate_schema.compat.language import CannotTell, Language, both, either, has_word, other, word
from headgate_schema.compat.pattern import read_pattern
from headgate_schema.compat.subset import ANNOTATIONS, BOUNDS, EXCEPT, KINDS, Node
from headgate_schema.json_values import Kind, kind_of

MOST_CASES = 200
MOST_PATTERNS = 6
"""Patterns for names in one object; every combination of them is looked at."""
FAMILIAR_DEPTH = 2
"""How deep inside of a value a contradiction is looked for; deeper ones only cost a proof."""

Nodes = tuple[Node, ...]


class Case(msgspec.Struct, frozen=True):
    """Values of one kind.

    ``nodes`` are the schemas that it was made of; ``values`` are the only ones if there are finitely many.
    ``least`` and ``most`` bound the number itself, the length, or the entries.
    """

    kind: Kind
    nodes: Nodes = ()
    values: tuple[Any, ...] | None = None
    excluded: tuple[Any, ...] = ()
    is_whole: bool = False
    least: float | None = None
    most: float | None = None
    patterns: tuple[str, ...] = ()
    items: Nodes = ()
    layers: Nodes = ()
    """The schemas that say something about properties."""
    names: Nodes = ()
    required: frozenset[str] = frozenset()


class NameClass(msgspec.Struct, frozen=True):
    """Names of properties that schemas treat alike: one that is declared, or all others that match the same
    patterns.
    """

    declared: str | None
    language: Language
    matching: frozenset[str]


def expand(nodes: Iterable[Node], depth: int = FAMILIAR_DEPTH) -> list[Case]:
    """Give the cases of values that all schemas accept; without a schema, of any value."""
    cases = [
        Case(kind, values={"boolean": (True, False), "null": (None,)}.get(kind)) for kind in KINDS
    ]  # fmt: skip
    for node in nodes:
        cases = [narrowed for case in cases for narrowed in _intersect(case, node)]
    return [case for case in cases if _is_possible(case, depth)]


def narrow(case: Case, node: Node) -> list[Case]:
    """Give the cases of the values of a case that a schema accepts as well."""
    return [narrowed for narrowed in _intersect(case, node) if _is_possible(narrowed, FAMILIAR_DEPTH)]


def _intersect(case: Case, node: Node) -> list[Case]:
    node = node.resolve()
    if isinstance(node.schema, bool):
        return [case] if node.schema else []
    case = msgspec.structs.replace(case, nodes=(*case.nodes, node))
    values = case.values
    if values is None and ("enum" in node.schema or "const" in node.schema):
        listed = node.schema.get("enum", [node.schema.get("const")])
        values = tuple(value for value in listed if kind_of(value) == case.kind)
    if values is not None:
        kept = tuple(value for value in values if all(accepts(each, value) for each in case.nodes))
        return [msgspec.structs.replace(case, values=kept)] if kept else []
    cases = [case]
    for keyword in node.schema:
        cases = [narrowed for each in cases for narrowed in _apply(each, node, keyword)]
        if len(cases) > MOST_CASES:
            raise CannotTell(f"more than {MOST_CASES} combinations of alternatives are not compared")
    return cases


def _apply(case: Case, node: Node, keyword: str) -> list[Case]:
    """Narrow a case by one keyword."""
    wanted = node.schema[keyword]
    match keyword:
        case "type":
            return _apply_types(case, [wanted] if isinstance(wanted, str) else wanted)
        case "anyOf":
            return [
                each for index in range(len(wanted)) for each in _intersect(case, node.at(keyword, index))
            ]
        case "allOf":
            cases = [case]
            for index in range(len(wanted)):
                cases = [each for one in cases for each in _intersect(one, node.at(keyword, index))]
            return cases
        case "if":
            met = [
                each for one in _intersect(case, node.at("if")) for each in _intersect(one, node.at("then"))
            ]
            return met + [
                each
                for negation in negate(node.at("if"))
                for one in _intersect(case, negation)
                for each in _intersect(one, node.at("else"))
            ]
        case _:
            return [_add(case, node, keyword)]


def _apply_types(case: Case, types: list[str]) -> list[Case]:
    if case.kind in types:
        return [case]
    is_narrower = case.kind == "number" and "integer" in types
    return [msgspec.structs.replace(case, is_whole=True)] if is_narrower else []


def _add(case: Case, node: Node, keyword: str) -> Case:
    """Add what one keyword says about the kind of the case, if it does."""
    wanted, replace = node.schema[keyword], msgspec.structs.replace
    match case.kind, keyword:
        case (kind, _) if BOUNDS.get(keyword, ("", ""))[0] == kind:
            side = BOUNDS[keyword][1]
            old = getattr(case, side)
            tighter = max if side == "least" else min
            return replace(case, **{side: wanted if old is None else tighter(old, wanted)})
        case "string", "pattern":
            return replace(case, patterns=(*case.patterns, wanted))
        case "array", "items":
            return replace(case, items=(*case.items, node.at("items")))
        case "object", "required":
            return replace(case, required=case.required | set(wanted))
        case "object", "propertyNames":
            return replace(case, names=(*case.names, node.at("propertyNames")))
        case "object", "properties" | "patternProperties" | "additionalProperties":
            return replace(case, layers=(*(each for each in case.layers if each.key != node.key), node))
        case _ if keyword == EXCEPT:
            return replace(case, excluded=(*case.excluded, *wanted))
    return case


def _is_possible(case: Case, depth: int) -> bool:
    """Tell whether a case may hold values; says so, too, when it did not look deep enough."""
    if case.values is not None:
        return True
    if case.least is not None and case.most is not None and case.least > case.most:
        return False
    if depth == 0:
        return True
    if case.kind == "array" and (case.least or 0) > 0:
        return bool(expand(case.items, depth - 1))
    return all(
        all(accepts(node, name) for node in case.names) and bool(expand(list_says(case, name), depth - 1))
        for name in case.required
    )


def negate(condition: Node) -> list[Node]:
    """Give schemas one of which accepts whatever a condition does not.

    Where a keyword is not turned around they accept more, which costs a proof, but never makes a wrong one.
    """
    node = condition.resolve()
    found: list[dict[str, Any]] = []
    if node.schema is True:
        return []
    if not isinstance(node.schema, dict):
        return [node.write({}, "not")]
    for keyword, wanted in node.schema.items():
        match keyword:
            case "const":
                found.append({EXCEPT: [wanted]})
            case "enum":
                found.append({EXCEPT: wanted})
            case "required":
                found += [{"type": "object", "properties": {name: False}} for name in wanted]
            case "properties":
                for name in wanted:
                    found += [
                        {"type": "object", "required": [name], "properties": {name: inner.schema}}
                        for inner in negate(node.at("properties", name))
                    ]
            case _ if keyword not in ANNOTATIONS:
                found.append({})
    return [node.write(schema, f"not/{index}") for index, schema in enumerate(found)]


def split_names(layers: Iterable[Node]) -> Iterator[NameClass]:
    """Split all names into those that the schemas of one object treat alike."""
    layers = tuple(layers)
    declared = list(dict.fromkeys(name for layer in layers for name in layer.schema.get("properties", ())))
    patterns = list(
        dict.fromkeys(pattern for layer in layers for pattern in layer.schema.get("patternProperties", ()))
    )
    if len(patterns) > MOST_PATTERNS:
        raise CannotTell(f"more than {MOST_PATTERNS} patterns for names are not compared")
    read = {pattern: read_pattern(pattern) for pattern in patterns}
    for name in declared:
        yield NameClass(name, word(name), frozenset(each for each in patterns if has_word(read[each], name)))
    rest = other(either(*map(word, declared)))
    for choice in product((True, False), repeat=len(patterns)):
        chosen = dict(zip(patterns, choice, strict=True))
        parts = (read[each] if is_in else other(read[each]) for each, is_in in chosen.items())
        matching = frozenset(each for each, is_in in chosen.items() if is_in)
        yield NameClass(None, both(rest, *parts), matching)


def list_said(layer: Node, names: NameClass) -> Nodes:
    """List what one schema says about the properties of such names."""
    declared = (name for name in layer.schema.get("properties", ()) if name == names.declared)
    found = [layer.at("properties", name) for name in declared]
    found += [
        layer.at("patternProperties", pattern)
        for pattern in layer.schema.get("patternProperties", ())
        if pattern in names.matching
    ]
    if not found and layer.has("additionalProperties"):
        found.append(layer.at("additionalProperties"))
    return tuple(found)


def list_says(case: Case, name: str) -> Nodes:
    """List what a case says about the property of a name."""
    patterns = {each for layer in case.layers for each in layer.schema.get("patternProperties", ())}
    matching = frozenset(each for each in patterns if has_word(read_pattern(each), name))
    return tuple(
        node for layer in case.layers for node in list_said(layer, NameClass(name, word(name), matching))
    )
