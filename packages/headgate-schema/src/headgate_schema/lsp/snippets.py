"""Whole blocks to start from, as values; printed with placeholders for editors that know them, else as plain
text. Callbacks have the names that ``convention.py`` suggests.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Literal

import msgspec

from headgate_schema.convention import suggest_callback
from headgate_schema.lsp.outline import Style


class Hole(msgspec.Struct, frozen=True):
    """A value that is to be looked at: what stands there at first, and what else could.

    ``source`` fills it from the manifest: a name that the list does not have yet, or the last environment.
    """

    text: str
    choices: tuple[str, ...] = ()
    source: Literal["", "environments", "builds", "deploys", "last_environment"] = ""


class Entries(msgspec.Struct, frozen=True):
    """A mapping in block style."""

    entries: tuple[tuple[str, Body], ...]


class Items(msgspec.Struct, frozen=True):
    """A list in block style."""

    items: tuple[Body, ...]


class Row(msgspec.Struct, frozen=True):
    """A list on one row."""

    items: tuple[Hole, ...]


Body = str | Hole | Row | Entries | Items


class Snippet(msgspec.Struct, frozen=True):
    """Entries to add to the mappings, or to a new item of the lists, at some fields; ``""`` is the root."""

    label: str
    description: str
    fields: tuple[str, ...]
    body: Entries


class Facts(msgspec.Struct, frozen=True):
    """What the manifest already has: its names, and the last environment of the deploy at hand."""

    environments: tuple[str, ...] = ()
    builds: tuple[str, ...] = ()
    deploys: tuple[str, ...] = ()
    last_environment: str = "prod"


def _call(field: str) -> Hole:
    file = suggest_callback(field, None)
    assert file is not None, field  # noqa: S101 - a field of the table in convention.py
    return Hole(file)


def _map(**entries: Body) -> Entries:
    return Entries(tuple(entries.items()))


_LAST = Row((Hole("prod", source="last_environment"),))
_CANARY_ENDS = {
    "promote_callback": _call("canary.promote_callback"),
    "rollback_callback": _call("canary.rollback_callback"),
}
_STEPS = Items(
    (
        _map(percent=Hole("5"), bake_time=Hole("10m")),
        _map(percent=Hole("25"), bake_time=Hole("30m")),
        _map(percent=Hole("50"), bake_time=Hole("1h")),
    )
)
_VERIFY_CANARY = _map(callback=_call("canary.verify.callback"), interval=Hole("10m"), failure_limit=Hole("0"))

_CANARY = _map(
    strategy="canary",
    canary=_map(environments=_LAST, percent=Hole("10"), bake_time=Hole("10m"), **_CANARY_ENDS),
)
_CANARY_IN_STEPS = _map(
    strategy="canary",
    canary=_map(environments=_LAST, steps=_STEPS, verify=_VERIFY_CANARY, **_CANARY_ENDS),
)
_BLUE_GREEN = _map(
    strategy="blue_green",
    blue_green=_map(environments=_LAST, cutover_callback=_call("blue_green.cutover_callback")),
)
_VERIFY_LIVE = _map(callback=_call("blue_green.verify_live.callback"), interval=Hole("5m"))
_BLUE_GREEN_WATCHED = _map(
    strategy="blue_green",
    blue_green=_map(
        environments=_LAST,
        verify_preview=_map(callback=_call("blue_green.verify_preview.callback")),
        cutover_callback=_call("blue_green.cutover_callback"),
        bake_time=Hole("30m"),
        verify_live=_VERIFY_LIVE,
        retire_callback=_call("blue_green.retire_callback"),
    ),
)
_NAME = ("name", Hole("app", source="deploys"))

SNIPPETS = (
    Snippet(
        "new manifest",
        "A whole manifest to start from: a chain of environments and one deploy.",
        ("",),
        _map(
            version="1",
            environments=Row((Hole("dev"), Hole("test"), Hole("prod"))),
            deploys=Items((_map(name=Hole("app")),)),
        ),
    ),
    Snippet(
        "canary, one step",
        "A share of the traffic first; then, after the bake, promote or roll back.",
        ("deploys[]",),
        _CANARY,
    ),
    Snippet(
        "canary, steps and verify",
        "Ascending shares of the traffic, each checked during its bake.",
        ("deploys[]",),
        _CANARY_IN_STEPS,
    ),
    Snippet(
        "blue_green, cutover only",
        "The release comes up beside the old one; then all traffic moves at once.",
        ("deploys[]",),
        _BLUE_GREEN,
    ),
    Snippet(
        "blue_green, checks and bake",
        "Checked before the cutover, watched after it, switched back if a check fails.",
        ("deploys[]",),
        _BLUE_GREEN_WATCHED,
    ),
    Snippet(
        "deploy, all at once",
        "One more thing that is brought live; its callback is named after it.",
        ("deploys",),
        Entries((_NAME,)),
    ),
    Snippet(
        "deploy, canary",
        "One more thing that is brought live: a share of the traffic first.",
        ("deploys",),
        Entries((_NAME, *_CANARY.entries)),
    ),
    Snippet(
        "deploy, blue_green",
        "One more thing that is brought live: beside the old one, then all traffic at once.",
        ("deploys",),
        Entries((_NAME, *_BLUE_GREEN.entries)),
    ),
    Snippet(
        "build",
        "One more callback that produces a part of the release; it is named after it.",
        ("builds",),
        _map(name=Hole("app", source="builds")),
    ),
    Snippet(
        "environment",
        "One more place in the promotion chain.",
        ("environments",),
        _map(name=Hole("prod", source="environments"), promotion=Hole("manual", ("manual", "auto"))),
    ),
    Snippet(
        "notify, callback",
        "Tell people when a rollout has ended or needs them.",
        ("",),
        _map(notify=_map(callback=_call("notify.callback"))),
    ),
    Snippet(
        "approval, with timeout",
        "A person's yes before the release gets all the traffic.",
        ("deploys[].canary", "deploys[].blue_green"),
        _map(approval=_map(timeout=Hole("24h"), on_timeout=Hole("rollback", ("rollback", "hold")))),
    ),
    Snippet(
        "verify, every ten minutes",
        "Checks of the canary during each bake.",
        ("deploys[].canary",),
        _map(verify=_VERIFY_CANARY),
    ),
    Snippet(
        "verify_live, while it bakes",
        "Checks of the new colour after the cutover.",
        ("deploys[].blue_green",),
        _map(bake_time=Hole("30m"), verify_live=_VERIFY_LIVE),
    ),
)


def find_snippets(field: str, present: Mapping[str, str | None]) -> Iterator[tuple[Snippet, Entries]]:
    """Give the snippets for a mapping, or for a new item of a list, with what of them is not there yet.

    ``present`` maps the keys that are there to their single values. The last key of a snippet is what it is
    about: where that stands, or another word than the snippet's own for an earlier one, it is left out.
    """
    for snippet in SNIPPETS:
        entries = snippet.body.entries
        if field not in snippet.fields or entries[-1][0] in present:
            continue
        written = [(present[key], value) for key, value in entries if key in present]
        if all(not isinstance(value, str) or value == word for word, value in written):
            yield snippet, Entries(tuple(entry for entry in entries if entry[0] not in present))


def print_snippet(body: Entries, facts: Facts, style: Style, *, has_holes: bool) -> tuple[str, ...]:
    """Print the rows of a mapping; ``has_holes``: in the snippet syntax of editors
    (https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/#snippet_syntax).
    """
    return tuple(_Writer(facts, style, has_holes).write_entries(body, 0))


class _Writer:
    """Prints one snippet and counts its holes."""

    def __init__(self, facts: Facts, style: Style, has_holes: bool) -> None:
        self.facts, self.style, self.has_holes = facts, style, has_holes
        self.holes = 0

    def write_entries(self, body: Entries, indent: int) -> Iterator[str]:
        margin = " " * indent
        for key, value in body.entries:
            if isinstance(value, Entries):
                yield f"{margin}{key}:"
                yield from self.write_entries(value, indent + self.style.step)
            elif isinstance(value, Items):
                yield f"{margin}{key}:"
                yield from self.write_items(value, indent + self.style.list_step)
            else:
                yield f"{margin}{key}: {self.write_single(value)}"

    def write_items(self, body: Items, indent: int) -> Iterator[str]:
        for item in body.items:
            if isinstance(item, Entries):
                first, *others = self.write_entries(item, indent + 2)
                yield f"{' ' * indent}- {first.lstrip()}"
                yield from others

    def write_single(self, value: str | Hole | Row) -> str:
        match value:
            case Row():
                return f"[{', '.join(self.write_single(item) for item in value.items)}]"
            case Hole():
                return self.write_hole(value)
            case _:
                return self.escape(value)

    def write_hole(self, hole: Hole) -> str:
        text = self.fill(hole)
        if not self.has_holes:
            return text
        self.holes += 1
        if len(hole.choices) > 1:
            choices = ",".join(re.sub(r"([\\|,$}])", r"\\\1", choice) for choice in hole.choices)
            return f"${{{self.holes}|{choices}|}}"
        return f"${{{self.holes}:{self.escape(text)}}}"

    def fill(self, hole: Hole) -> str:
        match hole.source:
            case "":
                return hole.text
            case "last_environment":
                return self.facts.last_environment
            case _:
                return _find_free(hole.text, getattr(self.facts, hole.source))

    def escape(self, text: str) -> str:
        return re.sub(r"([\\$}])", r"\\\1", text) if self.has_holes else text


def _find_free(name: str, taken: tuple[str, ...]) -> str:
    numbers = range(2, len(taken) + 3)
    return next(each for each in (name, *(f"{name}-{number}" for number in numbers)) if each not in taken)
