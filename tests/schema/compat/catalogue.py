"""Edits of a schema and what they are: each a description, what changes, and the verdict there and back.

``EDITS`` patch the published schema, ``PAIRS`` are as small as the keyword that they are about.
"""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any, NamedTuple

from headgate_schema.compat import Verdict
from headgate_schema.json_schema import read_version

PUBLISHED: dict[str, Any] = json.loads(read_version("1.0"))
GONE = object()
YES: Verdict = "compatible"
NO: Verdict = "breaking"
UNKNOWN: Verdict = "undecided"


class Edit(NamedTuple):
    """One edit; ``field`` is where a break shows, in either direction."""

    title: str
    old: Any
    new: Any
    verdict: Verdict
    back: Verdict
    field: str = ""


def patch(**places: Any) -> dict[str, Any]:
    """The published schema with a value put, or taken away, at each place (`__` for `/`)."""
    schema = deepcopy(PUBLISHED)
    for place, value in places.items():
        *steps, last = place.split("__")
        if steps and steps[0] in schema["definitions"]:
            steps.insert(0, "definitions")
        holder = schema
        for step in steps:
            holder = holder[int(step) if isinstance(holder, list) else step]
        if value is GONE:
            del holder[int(last) if isinstance(holder, list) else last]
        elif isinstance(holder, list):
            holder.append(value)
        else:
            holder[last] = value
    return schema


def edit(title: str, verdict: Verdict, back: Verdict, field: str = "", **places: Any) -> Edit:
    return Edit(title, PUBLISHED, patch(**places), verdict, back, field)


def rename_definition(old: str, new: str) -> Any:
    return json.loads(json.dumps(PUBLISHED).replace(f'"{old}": {{"title"', f'"{new}": {{"title"').replace(
        f'"#/definitions/{old}"', f'"#/definitions/{new}"'))  # fmt: skip


def say_otherwise(node: Any) -> Any:
    """Another text in every annotation that may change."""
    if isinstance(node, list):
        return [say_otherwise(item) for item in node]
    if not isinstance(node, dict):
        return node
    other = {"title": "Other", "description": "Other.", "$comment": "Other"}
    return {key: other[key] if isinstance(value, str) and key in other else say_otherwise(value)
            for key, value in node.items()}  # fmt: skip


NAME = PUBLISHED["definitions"]["Deploy"]["properties"]["name"]
CALLBACK = PUBLISHED["definitions"]["Deploy"]["properties"]["callback"]
CANARY_RULE, BLUE_GREEN_RULE = PUBLISHED["definitions"]["Deploy"]["allOf"]
INPUTS = PUBLISHED["definitions"]["Deploy"]["properties"]["inputs"]
SCALARS = INPUTS["additionalProperties"]["anyOf"]
WEB = {"if": {"properties": {"promotion": {"const": "auto"}}, "required": ["promotion"]},
       "then": {"properties": {"url": {}}, "required": ["url"]}}  # fmt: skip
NAMED = {**WEB, "then": {"required": ["name"]}}

EDITS = [
    edit("a field is removed", NO, YES, "trunk", properties__trunk=GONE),
    edit(
        "a field of a block is removed",
        NO,
        YES,
        "deploys[].canary.percent",
        Canary__properties__percent=GONE,
    ),
    edit(
        "a field is renamed",
        NO,
        NO,
        "notify.callback",
        Notify__properties__callback=GONE,
        Notify__properties__workflow=CALLBACK,
        Notify__required=["workflow"],
    ),
    edit("a field is closed", NO, YES, "notify.inputs", Notify__properties__inputs=False),
    edit(
        "an optional field is added",
        YES,
        NO,
        "deploys[].canary.note",
        Canary__properties__note={"type": "string"},
    ),
    edit(
        "a reserved name is opened",
        YES,
        NO,
        "deploys[].retries",
        Deploy__properties__retries={"type": "integer", "minimum": 0, "default": 0},
    ),
    edit(
        "a reserved name is opened and asked for",
        NO,
        NO,
        "deploys[].retries",
        Deploy__properties__retries={"type": "integer"},
        Deploy__required=["name", "retries"],
    ),
    edit(
        "a reserved strategy is opened",
        YES,
        NO,
        "deploys[].strategy",
        Deploy__properties__strategy__enum=["all_at_once", "blue_green", "canary", "rolling"],
    ),
    edit(
        "a field is added that collides with x-*",
        NO,
        YES,
        "deploys[].x-team",
        **{"Deploy__properties__x-team": {"type": "string"}},
    ),
    edit("an object no longer takes x-*", NO, YES, "state.*", State__patternProperties=GONE),
    edit("an object is opened", YES, NO, "state.*", State__additionalProperties=GONE),
    edit("a word is removed from a list of words", NO, YES, "deploys[].canary.bake_mode",
         Canary__properties__bake_mode__enum=["runner"]),
    edit("a list of words becomes any text", YES, NO, "deploys[].canary.bake_mode",
         Canary__properties__bake_mode={"type": "string", "default": "runner"}),
    edit("a constant becomes two", YES, NO, "version", properties__version={"enum": [1, 2]}),
    edit("a constant becomes another", NO, NO, "version", properties__version={"const": 2}),
    edit("a constant becomes any number from it on", YES, NO, "version",
         properties__version={"type": "integer", "minimum": 1}),
    edit("a text may also be a list of texts", YES, NO, "deploys[].canary.callback",
         Canary__properties__callback={"anyOf": [CALLBACK, {"type": "array", "items": CALLBACK}]}),
    edit("a field becomes a list", NO, NO, "notify.callback",
         Notify__properties__callback={"type": "array", "items": CALLBACK}),
    edit("one of three forms is removed", NO, YES, "runner", properties__runner__anyOf__2=GONE),
    edit("a form is added", YES, NO, "environments[]",
         properties__environments__items__anyOf__new={"type": "integer"}),
    edit("forms stand in another order", YES, YES,
         Deploy__properties__inputs__additionalProperties__anyOf=SCALARS[::-1]),
    edit("forms are merged into one", YES, YES, Deploy__properties__inputs__additionalProperties={
        **SCALARS[0], **SCALARS[1], "type": ["string", "number", "boolean"]}),
    edit("a word beside a map is removed", NO, YES, "deploys[].secrets",
         Deploy__properties__secrets__anyOf__0=GONE),
    Edit("a definition is renamed", PUBLISHED, rename_definition("Step", "CanaryStep"), YES, YES),
    edit("a definition is written in place", YES, YES,
         properties__state__allOf=[PUBLISHED["definitions"]["State"]]),
    Edit("annotations change", PUBLISHED, say_otherwise(PUBLISHED), YES, YES),
    edit("examples are added", YES, YES, properties__trunk__examples=["main"]),
    edit("the schema gets another name", YES, YES, **{"$id": "urn:other"}),
    edit("a greatest length is lowered", NO, YES, "trunk", properties__trunk__maxLength=100),
    edit("a greatest length is left to the pattern that implies it", YES, YES,
         properties__trunk__maxLength=GONE),
    edit("a greatest length comes nearer to what the pattern implies", YES, YES,
         Deploy__properties__callback__maxLength=230),
    edit("a list must be longer", NO, YES, "environments", properties__environments__minItems=2),
    edit("a list must be shorter", NO, YES, "deploys", properties__deploys__maxItems=49),
    edit("a least number is raised", NO, YES, "deploys[].canary.percent",
         Canary__properties__percent__minimum=2),
    edit("a greatest number is raised", YES, NO, "deploys[].canary.percent",
         Canary__properties__percent__maximum=100),
    edit("a bound is moved by less than a whole number", YES, YES,
         Canary__properties__percent__maximum=99.5),
    edit("whole numbers become any numbers", YES, NO, "deploys[].canary.percent",
         Canary__properties__percent__type="number"),
    edit("a map may hold fewer", NO, YES, "deploys[].inputs", Deploy__properties__inputs__maxProperties=99),
    edit("a map's names are narrowed", NO, YES, "deploys[].inputs.*",
         Deploy__properties__inputs__propertyNames__pattern="^[A-Za-z_][A-Za-z0-9_]*$"),
    edit("a map takes any name", YES, NO, "deploys[].inputs.*",
         Deploy__properties__inputs__propertyNames=GONE),
    edit("a map's values are widened", YES, NO, "deploys[].permissions.*",
         Deploy__properties__permissions__additionalProperties={"enum": ["admin", "none", "read", "write"]}),
    edit("a pattern is narrowed", NO, YES, "deploys[].name",
         Deploy__properties__name__pattern="^[a-z](?:[a-z-]{0,38}[a-z])?$"),
    edit("a pattern is written otherwise", YES, YES,
         Deploy__properties__name__pattern="^(?:[a-z]|[a-z][a-z0-9-]{0,38}[a-z0-9])$"),
    edit("a pattern is dropped", YES, NO, "environments[].url", Environment__properties__url__pattern=GONE),
    edit("a reserved form is opened beside the one there is", YES, NO, "notify.callback",
         Notify__properties__callback__pattern=f"{CALLBACK['pattern']}|^[a-z]+/[a-z]+@[0-9a-f]{{40}}$"),
    edit("a pattern loses its end", YES, NO, "deploys[].name", Deploy__properties__name__pattern="^[a-z]"),
    edit("a field is required", NO, YES, "deploys[].callback", Deploy__required=["name", "callback"]),
    edit("a field is no longer required", YES, NO, "builds[].name", Build__required=GONE),
    edit("a condition is added", NO, YES, "environments[].url", Environment__allOf=[WEB]),
    edit("a condition is added that asks for what is required anyway", YES, YES, Environment__allOf=[NAMED]),
    edit("a condition is removed", YES, NO, "deploys[].canary", Deploy__allOf__0=GONE),
    edit("a condition's words are written otherwise", YES, YES, Deploy__allOf=[
        {**CANARY_RULE, "if": {"properties": {"strategy": {"enum": ["canary"]}}, "required": ["strategy"]}},
        BLUE_GREEN_RULE]),
    edit("conditions stand in another order", YES, YES, Deploy__allOf=[BLUE_GREEN_RULE, CANARY_RULE]),
    edit("a condition counts for another word, too", NO, NO, "deploys[].canary", Deploy__allOf__0__if={
        "properties": {"strategy": {"enum": ["canary", "all_at_once"]}}, "required": ["strategy"]}),
    edit("what a condition refuses is allowed", YES, NO, "deploys[].canary.bake_time",
         Canary__allOf__0__then__properties__bake_time=GONE),
    edit("a default changes", NO, NO, "state.branch", State__properties__branch__default="state"),
    edit("the default of a block changes", NO, NO, "state", properties__state__default={"branch": "state"}),
    edit("a default is taken back", NO, UNKNOWN, "deploys[].canary.steps[].bake_time",
         Step__properties__bake_time__default=GONE),
    edit("a default is written otherwise", YES, YES,
         Verify__properties__failure_limit__default=0.0),
    edit("an unknown keyword is added", UNKNOWN, UNKNOWN, Environment__properties__url__format="uri"),
    edit("a pattern looks ahead", UNKNOWN, UNKNOWN, Deploy__properties__name__pattern="^(?!all$)[a-z]+$"),
    edit("the dialect changes", UNKNOWN, UNKNOWN,
         **{"$schema": "https://json-schema.org/draft/2020-12/schema"}),
    edit("something stands beside a reference", UNKNOWN, UNKNOWN,
         Canary__properties__steps__items__maxProperties=1),
]  # fmt: skip

WHOLE = {"type": "integer"}
TEXT = {"type": "string"}
AHEAD = {"type": "string", "pattern": "^(?!a)", "maxLength": 3}
TREE = {"$ref": "#/definitions/Tree", "definitions": {"Tree": {
    "type": "object", "properties": {"leaf": {"maximum": 9, "type": "integer"},
                                     "left": {"$ref": "#/definitions/Tree"}},
    "additionalProperties": False}}}  # fmt: skip
PLANT = json.loads(json.dumps(TREE).replace("Tree", "Plant"))
SMALLER = json.loads(json.dumps(PLANT).replace("9", "8"))
GROWN = {"type": "object", "required": ["left"], "properties": {"left": {"$ref": "#/definitions/Grown"}}}
ENDLESS = {"definitions": {"Grown": GROWN}, "$ref": "#/definitions/Grown"}
AB = {"properties": {"a": True, "b": True}, "additionalProperties": False}
A_IS_1 = {"properties": {"a": {"const": 1}}, "required": ["a"]}

PAIRS = [
    Edit("a range of whole numbers is a list of them", {**WHOLE, "minimum": 1, "maximum": 3},
         {"enum": [1, 2, 3]}, YES, YES),
    Edit("a range is two ranges", {**WHOLE, "minimum": 1, "maximum": 9}, {"anyOf": [
        {**WHOLE, "minimum": 1, "maximum": 4}, {**WHOLE, "minimum": 5, "maximum": 9}]}, YES, YES),
    Edit("1 is not true", {"const": 1}, {"const": True}, NO, NO),
    Edit("1 is 1.0", {"const": 1}, {"const": 1.0}, YES, YES),
    Edit("1.0 is a whole number", {"const": 1.0}, WHOLE, YES, NO),
    Edit("a number is not a whole one", {"type": "number", "minimum": 0}, {**WHOLE, "minimum": 0}, NO, YES),
    Edit("words have kinds", {"enum": ["a", 1]}, {"type": ["string", "integer"]}, YES, NO),
    Edit("true and false are all there is", {"type": "boolean"}, {"enum": [True, False]}, YES, YES),
    Edit("a pattern with two texts is a list of two", {**TEXT, "pattern": "^(?:a|b)$"}, {"enum": ["a", "b"]},
         YES, YES),
    Edit("a pattern that is found anywhere", {**TEXT, "pattern": "b"}, {**TEXT, "pattern": "^[ab]*b[ab]*$"},
         NO, YES),
    Edit("a pattern says nothing about other kinds", {"pattern": "a"}, {**TEXT, "pattern": "a"}, NO, YES),
    Edit("texts are split between two patterns", {**TEXT, "pattern": "^[ab]$"},
         {"anyOf": [{**TEXT, "pattern": "^a$"}, {**TEXT, "pattern": "^b$"}]}, YES, YES),
    Edit("the same pattern, though it can't be read", AHEAD, {**AHEAD, "maxLength": 4}, YES, UNKNOWN),
    Edit("characters are counted, not bytes", {**TEXT, "pattern": "^🚀$"}, {**TEXT, "maxLength": 1}, YES, NO),
    Edit("a name moves into a pattern for names",
         {"properties": {"aa": WHOLE}, "additionalProperties": False},
         {"patternProperties": {"^a": WHOLE}, "additionalProperties": False}, YES, NO, "*"),
    Edit("names are listed in another way", {"propertyNames": {"enum": ["a", "b"]}}, AB, YES, YES),
    Edit("a field that no name is allowed for", {"propertyNames": {"enum": ["a"]}, "properties": {"b": TEXT}},
         {"propertyNames": {"const": "a"}, "properties": {"b": False}}, YES, YES),
    Edit("required fields are a least number", {"required": ["a", "b"]}, {"minProperties": 2}, YES, NO, "a"),
    Edit("a closed object has a greatest number", AB, {"maxProperties": 2}, YES, NO, "*"),
    Edit("a required field that is refused",
         {"type": "object", "required": ["a"], "properties": {"a": False}}, False, YES, YES),
    Edit("bounds that cross", {**WHOLE, "minimum": 3, "maximum": 2}, False, YES, YES),
    Edit("a list of nothing is empty", {"type": "array", "items": False}, {"const": []}, UNKNOWN, YES),
    Edit("all of two bounds is the tighter one", {"allOf": [{"maximum": 3}, {"maximum": 2}]},
         {"maximum": 2.5}, YES, NO),
    Edit("a condition that always holds", {"if": True, "then": TEXT}, TEXT, YES, YES),
    Edit("a condition's other half", {"if": {"const": 1}, "else": TEXT}, {"enum": [1, "a"]}, NO, YES),
    Edit("a condition on a field that is always so",
         {"properties": {"a": {"const": 1}}, "required": ["a", "b"]},
         {"if": A_IS_1, "then": {"required": ["b"]}, "else": False}, YES, YES),
    Edit("a definition within itself is renamed", TREE, PLANT, YES, YES),
    Edit("a bound deep in a definition within itself", TREE, SMALLER, NO, YES, "leaf"),
    Edit("a definition without an end has no documents", ENDLESS, False, UNKNOWN, YES),
    Edit("a definition that is nothing but itself", {"definitions": {"A": {"$ref": "#/definitions/A"}}}, True,
         UNKNOWN, UNKNOWN),
    Edit("a reference into nowhere", {"$ref": "#/definitions/A"}, True, UNKNOWN, UNKNOWN),
    Edit("everything and nothing", True, False, NO, YES),
    Edit("no schema at all", [], True, UNKNOWN, UNKNOWN),
]  # fmt: skip
