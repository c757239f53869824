"""HG1xx: what does not fit the schema. Schema validators refuse exactly the documents that these rules
refuse.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from headgate_schema.convention import suggest_callback
from headgate_schema.decode import Misfit, find_meant
from headgate_schema.finding import Fix, Place, Related
from headgate_schema.model import duration, fields
from headgate_schema.model.duration import CANARY_BAKE_TIME, guess_duration, states_units
from headgate_schema.model.environment import URL
from headgate_schema.model.reserved import RESERVED_FORMS
from headgate_schema.rules import remedies
from headgate_schema.rules.rule import Problem, rule
from headgate_schema.rules.subjects import Shape
from headgate_schema.span import show_path
from headgate_schema.wording import join_words, list_words, quote, suggest

FIRST_PERCENT = 10
"""What a fix writes where a share of the traffic is missing: little enough to be harmless."""

_FIRST_BLOCKS: Mapping[str, Mapping[str, object]] = {
    "canary": {
        "percent": FIRST_PERCENT,
        "bake_time": CANARY_BAKE_TIME,
        "promote_callback": suggest_callback("canary.promote_callback", None),
        "rollback_callback": suggest_callback("canary.rollback_callback", None),
    },
    "blue_green": {"cutover_callback": suggest_callback("blue_green.cutover_callback", None)},
}


@rule("HG101", "unknown key", fixes=("unsafe",))
def unknown_key(shape: Shape) -> Iterator[Problem]:
    """The key is not a field of the manifest here. A misspelt field would otherwise be ignored, and its
    default used.

    Correct the spelling, or move it where it belongs. Keys that start with `x-` are yours and are never read.
    """
    for misfit, place in shape.select("unknown_key"):
        key = misfit.path[-1]
        meant = find_meant(misfit)
        yield Problem(
            f"unknown key {quote(key)} in {show_path(misfit.path[:-1])}; "
            f"allowed: {', '.join(misfit.expected)}",
            place,
            hint=f"did you mean {quote(meant)}?" if meant else "",
            fix=remedies.rename_key(place, meant),
        )


@rule("HG102", "missing key", fixes=("safe", "unsafe"))
def missing_key(shape: Shape) -> Iterator[Problem]:
    """A required field is not there, and nothing can stand in for it.

    Add it.
    """
    for misfit, place in shape.select("missing_key"):
        yield Problem(
            f"{quote(misfit.path[-1])} is missing in {show_path(misfit.path[:-1])}",
            place,
            fix=_complete(shape, misfit),
        )


def _complete(shape: Shape, misfit: Misfit) -> Fix | None:
    """Add what is missing, where there is something usual to write."""
    key, holder = str(misfit.path[-1]), Place(shape.file, misfit.path[:-1])
    match misfit.path:
        case ("version",):
            return remedies.add_key(holder, key, 1, is_safe=True, is_first=True)
        case (*_, "percent"):
            return remedies.add_key(holder, key, FIRST_PERCENT)
        case _ if key.endswith("callback"):
            field = show_path(tuple(step for step in misfit.path if isinstance(step, str)))
            file = suggest_callback(field.replace("deploys.", "deploys[]."), None)
            return remedies.add_key(holder, key, file) if file is not None else None
        case _:
            return None


_TYPES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "a boolean",
    "array": "a list",
    "object": "a mapping",
}


@rule("HG103", "wrong type", fixes=("safe", "unsafe"))
def wrong_type(shape: Shape) -> Iterator[Problem]:
    """The value is of another type than the field: text instead of a number, one value instead of a list.

    Write it as the message says. Text that looks like a number needs quotes.
    """
    for misfit, place in shape.select("wrong_type"):
        names = misfit.expected if isinstance(misfit.expected, list) else [misfit.expected]
        expected = join_words((_TYPES.get(str(name), str(name)) for name in names), "or")
        yield Problem(
            f"{quote(misfit.value)} is not {expected}, which {show_path(misfit.path)} needs",
            place,
            hint=_hint_type(misfit),
            fix=_write_type(misfit, place),
        )


def _write_type(misfit: Misfit, place: Place) -> Fix | None:
    """Write what the hint says, where that can only be meant so; a number may be written in many ways."""
    match misfit.expected, misfit.value:
        case "array", str() if _WORD.fullmatch(misfit.value):
            return remedies.write_value(place, [misfit.value], is_safe=True)
        case "integer", str() if _hint_type(misfit):
            return remedies.write_value(place, int(misfit.value.strip("% ")), is_safe=True)
        case "string", int() | float() if not isinstance(misfit.value, bool):
            return remedies.write_value(place, str(misfit.value))
        case _:
            return None


_WORD = re.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,60}")


def _hint_type(misfit: Misfit) -> str:
    match misfit.expected, misfit.value:
        case "string", int() | float():
            return "put it in quotes"
        case "array", str():
            is_word = _WORD.fullmatch(misfit.value)
            return f"write [{misfit.value}]" if is_word else "write a list"
        case "integer", str() if (
            misfit.value.strip("%").strip().isascii() and misfit.value.strip("% ").isdigit()
        ):
            return f"write {misfit.value.strip('% ')}"
        case _, None:
            is_item = isinstance(misfit.path[-1], int)
            return "write one, or remove it" if is_item else "write one; a key with a default may be left out"
        case _:
            return ""


@rule("HG104", "value not allowed", fixes=("safe", "unsafe"))
def wrong_value(shape: Shape) -> Iterator[Problem]:
    """The field takes one of a few words, and this is none of them.

    Write one of those listed.
    """
    for misfit, place in shape.select("wrong_value"):
        allowed = misfit.expected if isinstance(misfit.expected, list) else [misfit.expected]
        meant = suggest(misfit.value, [str(word) for word in allowed])
        yield Problem(
            f"{quote(misfit.value)} is not allowed for {show_path(misfit.path)}; "
            f"allowed: {list_words(allowed)}",
            place,
            hint=_hint_value(misfit, meant),
            fix=_write_allowed(misfit, place, meant),
        )


def _write_allowed(misfit: Misfit, place: Place, meant: str | None) -> Fix | None:
    is_safe = _is_quoted(misfit)
    return remedies.write_value(place, misfit.expected if is_safe else meant, is_safe=is_safe)


def _is_quoted(misfit: Misfit) -> bool:
    """Tell whether it is the right number, as text: ``version: "1"`` can only be meant to be the number."""
    return misfit.keyword == "const" and str(misfit.value) == str(misfit.expected)


def _hint_value(misfit: Misfit, meant: str | None) -> str:
    if _is_quoted(misfit):
        return f"write {misfit.expected}"
    if meant is not None:
        return f"did you mean {quote(meant)}?"
    return "or map the callback's names to this repository's" if misfit.path[-1] == "secrets" else ""


_FORMS: Mapping[str, str] = {
    fields.NAME: "a name: lower-case letters, digits and hyphens, starting with a letter, not ending with a "
    "hyphen, at most 40",
    fields.BRANCH: "a branch name: letters, digits and . _ / -, starting with a letter or digit",
    fields.CALLBACK: "a callback: .github/workflows/<file>.yaml or .yml, directly in that folder",
    fields.INPUT_NAME: "the name of an input: letters, digits, _ and -, starting with a letter or _",
    fields.SECRET_NAME: "the name of a secret: letters, digits and _, not starting with a digit",
    fields.SCOPE: "a permission scope: lower-case letters and hyphens",
    URL: "an address that starts with http:// or https://, without spaces",
}


@rule("HG105", "wrong form", fixes=("unsafe",))
def wrong_form(shape: Shape) -> Iterator[Problem]:
    """The text does not have the form of the field. Names become part of file names, job ids and choices;
    callbacks are files of this repository that GitHub can call.

    Write it in the form that the message gives.
    """
    for misfit, place in shape.select("wrong_form"):
        if misfit.expected == duration.PATTERN:
            continue
        yield Problem(
            f"{quote(misfit.value)} is not {_FORMS[misfit.expected]}",
            place,
            hint=f"write {quote(meant)}" if (meant := _guess_form(misfit)) is not None else "",
            fix=remedies.write_value(place, meant) if misfit.part == "value" else None,
        )


def _guess_form(misfit: Misfit) -> str | None:
    text = str(misfit.value)
    if misfit.expected == fields.NAME:
        name = "-".join(re.findall("[a-z0-9]+", text.lower()))
        return name if re.fullmatch(fields.NAME, name) else None
    if misfit.expected == fields.CALLBACK:
        file = text.rpartition("/")[2].removesuffix(".yaml").removesuffix(".yml")
        return f".github/workflows/{file}.yaml" if _WORD.fullmatch(file) else None
    return None


_BOUNDS = {
    "minimum": "{value} is below {bound}, the least that {field} takes",
    "maximum": "{value} is above {bound}, the most that {field} takes",
    "minLength": "{field} must not be empty",
    "maxLength": "{field} has {size} characters, more than {bound}",
    "minItems": "{field} must not be empty",
    "maxItems": "{field} has {size} entries, more than {bound}",
    "maxProperties": "{field} has {size} entries, more than {bound}",
}


@rule("HG106", "out of bounds")
def out_of_bounds(shape: Shape) -> Iterator[Problem]:
    """A number is too small or too large, a text too long, or a list or mapping too long or empty.

    The bounds come from what the compiled workflows can hold; stay within them.
    """
    for misfit, place in shape.select("out_of_bounds"):
        message = _BOUNDS[misfit.keyword].format(
            value=quote(misfit.value),
            field=show_path(misfit.path),
            bound=misfit.expected,
            size=len(misfit.value) if isinstance(misfit.value, str | list | dict) else "",
        )
        yield Problem(message, place)


@rule("HG107", "not a duration", fixes=("safe", "unsafe"))
def wrong_duration(shape: Shape) -> Iterator[Problem]:
    """The text is not a duration. Durations are whole numbers with a unit, each unit once, the largest first:
    `10m`, `1h30m`, `90s`, `2d`; `0s` means none.

    Write it in that form.
    """
    for misfit, place in shape.select("wrong_form"):
        if misfit.expected != duration.PATTERN:
            continue
        meant = guess_duration(misfit.value)
        yield Problem(
            f"{quote(misfit.value)} is not a duration: whole numbers with the units d, h, m, s",
            place,
            hint=f"write {quote(meant)}" if meant else 'for example "10m" or "1h30m"',
            fix=remedies.write_value(place, meant, is_safe=states_units(misfit.value)),
        )


@rule("HG108", "strategy without its block", fixes=("unsafe",))
def missing_block(shape: Shape) -> Iterator[Problem]:
    """The deploy has a strategy whose callbacks and times stand in a block of the same name, and there is
    none.

    Add the block: `canary` needs at least `percent`, `promote_callback` and `rollback_callback`; `blue_green`
    needs `cutover_callback`.
    """
    for misfit, place in shape.select("missing_block"):
        block = str(misfit.path[-1])
        strategy = Place(place.file, (*misfit.path[:-1], "strategy"))
        deploy = Place(place.file, misfit.path[:-1])
        yield Problem(
            f'"strategy: {block}" needs the block {quote(block)} beside it',
            strategy,
            fix=remedies.add_key(deploy, block, _FIRST_BLOCKS[block]),
        )


@rule("HG109", "block without its strategy", fixes=("unsafe",))
def stray_block(shape: Shape) -> Iterator[Problem]:
    """The deploy has the block of a strategy that it does not use. The block would be ignored, and the
    release would go live all at once.

    Set `strategy` to the name of the block, or remove the block.
    """
    for misfit, place in shape.select("stray_block"):
        block = str(misfit.path[-1])
        written = misfit.value.get("strategy")
        strategy = Place(place.file, (*misfit.path[:-1], "strategy"))
        related = (Related(strategy, "the strategy is chosen here"),) if written is not None else ()
        used = (
            f"here it is {quote(written)}"
            if written is not None
            else 'without "strategy" it is "all_at_once"'
        )
        yield Problem(
            f'the block {quote(block)} needs "strategy: {block}"; {used}',
            place,
            related,
            fix=remedies.set_field(Place(place.file, misfit.path[:-1]), "strategy", block)
            if len(_FIRST_BLOCKS.keys() & misfit.value) == 1
            else None,
        )


@rule("HG110", "percent beside steps", fixes=("unsafe",))
def stray_alternative(shape: Shape) -> Iterator[Problem]:
    """`percent` and `bake_time` are one step, `steps` lists several; both together contradict each other.

    Move them into `steps`, or remove `steps`.
    """
    for misfit, place in shape.select("stray_alternative"):
        steps = Place(place.file, (*misfit.path[:-1], "steps"), "key")
        key = quote(misfit.path[-1])
        yield Problem(
            f'{key} is not allowed beside "steps"',
            place,
            (Related(steps, "the steps stand here"),),
            fix=remedies.remove(place),
        )


@rule("HG111", "neither percent nor steps", fixes=("unsafe",))
def missing_alternative(shape: Shape) -> Iterator[Problem]:
    """A canary needs to know how much of the traffic it takes.

    Add `percent` for one step, or `steps` for several.
    """
    for misfit, place in shape.select("missing_alternative"):
        yield Problem(
            f'{show_path(misfit.path[:-1])} needs "percent" or "steps"',
            place,
            fix=remedies.add_key(Place(place.file, misfit.path[:-1]), "percent", FIRST_PERCENT),
        )


@rule("HG190", "reserved", fixes=("safe",))
def reserved(shape: Shape) -> Iterator[Problem]:
    """The name or form is kept for a later minor version of the schema. It does nothing today, so it is
    refused instead of being ignored.

    Remove it.
    """
    for misfit, place in shape.select("reserved"):
        shown = misfit.path[-1] if misfit.part == "key" else misfit.value
        meant = guess_duration(misfit.value) if misfit.expected == _RESERVED_DURATION else None
        yield Problem(
            f"{quote(shown)} is reserved for {misfit.expected}",
            place,
            hint=f"write {quote(meant)}" if meant else "",
            fix=remedies.write_value(place, meant, is_safe=True),
        )


_RESERVED_DURATION = RESERVED_FORMS["duration"]

SHAPE = (
    unknown_key,
    missing_key,
    wrong_type,
    wrong_value,
    wrong_form,
    out_of_bounds,
    wrong_duration,
    missing_block,
    stray_block,
    stray_alternative,
    missing_alternative,
    reserved,
)
