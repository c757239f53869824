"""Where YAML's parser gave up → what a person most likely typed, and where. Imported only when it gave up.

The parsers (libyaml's, and PyYAML's own where that is missing) name the token they could not use, which is
often lines behind the mistake, in words for those who write parsers. They agree on places, not on words: only
the words that both share are looked at, everything else is read from the text around.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from headgate_schema.scene import Scene, count_indent, is_blank, look_around
from headgate_schema.span import START, Span
from headgate_schema.text import split_lines
from headgate_schema.trouble import Mistake, Trouble

# None of these may try a part of a line twice: a line can be a megabyte long.
_KEY = re.compile(
    r"(?P<lead> *(?:- +)*)"
    r"(?P<key>\"[^\"]*\"|'[^']*'|[^\s#\[\]{},&*!|>'\"%@`:-][^#:]*(?::(?![ \t]|$)[^#:]*)*):(?=[ \t]|$)"
)
_FORMS: tuple[tuple[Mistake, re.Pattern[str]], ...] = (
    ("no_space", re.compile(r" *(?:- +)*(?P<all>(?P<key>[A-Za-z_][\w.-]*):(?P<value>[^\s:/].*))")),
    ("equals", re.compile(r" *(?:- +)*(?P<all>(?P<key>[A-Za-z_][\w.-]*) *= *(?P<value>[^\s=].*))")),
    ("dash_space", re.compile(r" *(?P<all>-(?P<key>)(?P<value>[\w\"'].*))")),
)
_OPENERS, _CLOSERS = {"]": "[", "}": "{"}, {"[": "]", "{": "}"}
_FANCY_QUOTES = "\u201c\u201d\u201e\u2018\u2019\u201a\u00ab\u00bb"
_CONFLICT = re.compile(r"<{7}(?: .*)?")
_CONFLICT_END = re.compile(r">{7}(?: .*)?")


Explain = Callable[[Scene], Trouble | None]


def explain_error(text: str, error: Any) -> Trouble:
    """Say what a person did wrong where the parser raised an error; its own words are the last resort."""
    scene = look_around(text, error)
    if scene is None:
        return Trouble("syntax", START, str(error.problem))
    for words, explain in _EXPLANATIONS:
        if words.search(f"{scene.context}: {scene.problem}"):
            found = explain(scene)
            if found is not None:
                return found
    said = ", ".join(part for part in (scene.problem, scene.context) if part)
    here = Span(scene.line + 1, scene.column + 1, scene.line + 1, scene.column + 2)
    return Trouble("syntax", here, said)


def find_conflicts(text: str) -> Iterator[Trouble]:
    """Give every merge conflict that git has written into a text."""
    start: Span | None = None
    for number, line in enumerate(split_lines(text), start=1):
        here = Span(number, 1, number, 1 + len(line))
        if _CONFLICT.fullmatch(line):
            start = start or here
        elif _CONFLICT_END.fullmatch(line) and start is not None:
            yield Trouble("conflict", start, earlier=here)
            start = None


def _found(
    mistake: Mistake, span: Span, detail: str = "", advice: str = "", earlier: Span | None = None
) -> Trouble:
    return Trouble("syntax", span, detail, earlier, mistake, advice)


# -- what a value starts with


def _explain_start(scene: Scene) -> Trouble | None:
    char = scene.char
    if char == "\t":
        end = next(i for i in range(scene.index, len(scene.text) + 1) if scene.text[i : i + 1] != "\t")
        return _found("tab", scene.mark(scene.index, end))
    if scene.open >= 0 and char in ("", ",", "]", "}"):
        return _explain_flow(scene)
    if not char or char.isspace():
        return None
    if char in "]}":
        return _found("stray_close", scene.mark(scene.index, scene.index + 1), char)
    return _found("start", scene.mark(scene.index), char)


def _explain_indicator(scene: Scene) -> Trouble | None:
    """An alias, an anchor or a tag that is none: text that starts with ``*``, ``&`` or ``!``."""
    start = scene.index if scene.since is None else scene.since
    char = scene.text[start : start + 1]
    return _found("start", scene.mark(start), char) if char and char in "*&!" else None


def _explain_alias(scene: Scene) -> Trouble:
    found = re.compile(r"\*([\w-]+)").match(scene.text, scene.index)
    name, end = (found[1], found.end()) if found is not None else ("", scene.index + 1)
    return _found("alias", scene.mark(scene.index, end), name)


def _explain_anchor(scene: Scene) -> Trouble:
    found = re.compile(r"&([\w-]+)").match(scene.text, scene.index)
    name, end = (found[1], found.end()) if found is not None else ("", scene.index + 1)
    return _found("anchor", scene.mark(scene.index, end), name, earlier=_mark_since(scene))


def _mark_since(scene: Scene) -> Span | None:
    return scene.mark(scene.since, scene.since + 1) if scene.since is not None else None


def _explain_dash(scene: Scene) -> Trouble | None:
    found = _KEY.match(scene.lines[scene.line])
    if scene.char != "-" or found is None or found.end() > scene.column:
        return _explain_behind(scene)
    span = scene.mark(scene.index)
    item = scene.words(span).lstrip("- ")
    return _found("dash_value", span, found["key"].rstrip(), item if re.fullmatch(r"[\w.-]+", item) else "")


def _explain_block_text(scene: Scene) -> Trouble | None:
    start = scene.index if scene.since is None else scene.since
    return _found("block_header", scene.mark(start), scene.text[start : start + 1])


# -- quotes and brackets


def _explain_escape(scene: Scene) -> Trouble | None:
    start = scene.text.rfind("\\", scene.since or 0, scene.index + 1)
    if start < 0:
        return None
    return _found("escape", scene.mark(start, start + 2), scene.text[start : start + 2])


def _explain_open_quote(scene: Scene) -> Trouble | None:
    start = scene.index if scene.since is None else scene.since
    char = scene.text[start : start + 1]
    return _say_open_quote(scene, start) if char in ("'", '"') else None


def _say_open_quote(scene: Scene, start: int) -> Trouble:
    quote = scene.text[start]
    return _found("open_quote", scene.mark(start), quote, _escape(quote))


def _escape(quote: str) -> str:
    return "''" if quote == "'" else '\\"'


def _explain_flow(scene: Scene) -> Trouble | None:
    if scene.open < 0:
        return None
    opener = scene.text[scene.open]
    line, column = scene.place(scene.open)
    bracket = Span(line + 1, column + 1, line + 1, column + 2)
    here = scene.mark(scene.index, scene.index + 1)
    if scene.quoted is not None and _is_multi_line(scene, scene.quoted):
        return _say_open_quote(scene, scene.quoted[0])
    if scene.char in _OPENERS and scene.char != _CLOSERS[opener]:
        return _found("wrong_close", here, scene.char, _CLOSERS[opener], bracket)
    is_behind = scene.line > line and count_indent(scene.lines[scene.line]) <= count_indent(scene.lines[line])
    if not scene.char or is_behind:
        return _found("open_bracket", bracket, opener, _CLOSERS[opener])
    if scene.char == ",":
        return _found("empty_entry", here)
    if scene.char == "{" and scene.text[scene.index - 1] == "$":
        return _found("expression", scene.mark(scene.index - 1))
    if scene.char == ":":
        return _found("flow_colon", here)
    return _found("no_comma", here)


def _explain_behind(scene: Scene) -> Trouble | None:
    """Text on the line of a closing quote or bracket."""
    before = scene.lines[scene.line][: scene.column].rstrip()
    if not before.endswith(('"', "'", "]", "}")):
        return None
    if scene.quoted is not None and before.endswith(("'", '"')):
        if _is_multi_line(scene, scene.quoted):
            return _say_open_quote(scene, scene.quoted[0])
        return _found("behind_quote", scene.mark(scene.index), before[-1], _escape(before[-1]))
    template = before.find("{{")
    if template >= 0 and (template == 0 or before[template - 1] != "$"):
        return _found("expression", scene.mark(scene.index - scene.column + template))
    return _found("behind_bracket", scene.mark(scene.index), before[-1])


def _is_multi_line(scene: Scene, part: tuple[int, int]) -> bool:
    return not {"\r", "\n"}.isdisjoint(scene.text[slice(*part)])


# -- keys, colons and indentation


def _explain_colon(scene: Scene) -> Trouble | None:
    """A ``:`` where no key can stand: in a value, or below one."""
    text = scene.lines[scene.line]
    tabs = re.compile(r"[ -]*(\t+)").match(text)
    if tabs is not None:
        return _found("tab", Span(scene.line + 1, tabs.start(1) + 1, scene.line + 1, tabs.end(1) + 1))
    key = _KEY.match(text)
    if key is not None and key.end() - 1 < scene.column:
        start = key.end() + len(text[key.end() :]) - len(text[key.end() :].lstrip())
        kind: Mistake = "fancy_quote" if text[start] in _FANCY_QUOTES else "colon_value"
        return _found(kind, scene.mark_line(scene.line, start), text[start])
    above = scene.find_above(scene.line)
    if above is None:
        return None
    found = _explain_line(scene, above)
    if found is not None:
        return found
    if count_indent(text) > count_indent(scene.lines[above]):
        here = scene.mark_line(scene.line, count_indent(text))
        name = _KEY.match(scene.lines[above])
        depth = str(len(name["lead"])) if name is not None else ""
        words = key["key"].rstrip() if key is not None else scene.words(here)
        return _found("below_value", here, words, depth, scene.mark_line(above))
    return None


def _explain_line(scene: Scene, line: int) -> Trouble | None:
    """A line that would be a key if it had a colon, or a space behind it."""
    span = scene.mark_line(line)
    text = scene.lines[line][: span.end_column - 1]
    for kind, form in _FORMS:
        found = form.match(text)
        if found is not None:
            here = msgspec.structs.replace(span, column=found.start("all") + 1)
            lead = f"{found['key']}: " if found["key"] else "- "
            return _found(kind, here, found["key"], f"{lead}{found['value']}")
    return _found("no_colon", span, scene.words(span)) if _KEY.match(text) is None else None


def _explain_simple_key(scene: Scene) -> Trouble | None:
    if scene.since is None:
        return None
    if scene.text[scene.since] in ("'", '"'):
        return _explain_open_quote(scene)
    return _explain_line(scene, scene.place(scene.since)[0])


def _explain_block(scene: Scene) -> Trouble | None:
    """A token that belongs to none of the blocks above it."""
    if scene.char and scene.char in "]}" and scene.open < 0:
        return _found("stray_close", scene.mark(scene.index, scene.index + 1), scene.char)
    text = scene.lines[scene.line] if scene.line < len(scene.lines) else ""
    if text[: scene.column].strip(" -"):
        return _explain_behind(scene)
    if not scene.char:
        return None
    above = scene.find_above(scene.line)
    if scene.char == "-" and text[scene.column + 1 : scene.column + 2] in ("", " "):
        return _explain_item(scene, above)
    is_key = _KEY.match(text) is not None
    advice = " or ".join(str(depth) for depth in _list_depths(scene)) if is_key else ""
    return _found("indentation", scene.mark(scene.index), "", advice)


def _explain_item(scene: Scene, above: int | None) -> Trouble:
    """A ``-`` where no list goes on."""
    here = scene.mark(scene.index, scene.index + 1)
    for line in range(scene.line - 1, -1, -1):
        text = scene.lines[line]
        depth = count_indent(text)
        if text[depth:].startswith("- ") and depth != scene.column:
            earlier = Span(line + 1, depth + 1, line + 1, depth + 2)
            return _found("item_indentation", here, "", str(depth), earlier)
        if not is_blank(text) and depth < scene.column:
            break
    text = scene.lines[scene.line]
    key = _KEY.match(scene.lines[above]) if above is not None else None
    is_plain = text.strip() != "-" and _KEY.match(text) is None
    if above is not None and key is not None and is_plain and _has_value(scene.lines[above], key):
        return _found("item_below", here, key["key"].rstrip(), "", scene.mark_line(above, key.start("key")))
    return _found("stray_dash", here)


def _has_value(text: str, key: re.Match[str]) -> bool:
    rest = text[key.end() :].strip()
    return bool(rest) and not rest.startswith("#")


def _list_depths(scene: Scene) -> list[int]:
    """Give the depths of the nearest keys above, a deeper one and a shallower one, that this could join."""
    column = scene.column
    deeper = shallower = None
    for line in range(scene.line - 1, -1, -1):
        key = _KEY.match(scene.lines[line])
        if key is None:
            continue
        depth = len(key["lead"])
        if depth > column and deeper is None and shallower is None:
            deeper = depth
        if depth < column:
            shallower = depth
            break
    return [depth for depth in (deeper, shallower) if depth is not None]


def _explain_document(scene: Scene) -> Trouble | None:
    """Something behind the end of the document, or before its start."""
    percent = next((line for line in range(scene.line + 1) if scene.lines[line].startswith("%")), None)
    if percent is not None:
        return _found("start", scene.mark_line(percent, 0), "%")
    return _explain_block(scene)


_EXPLANATIONS: tuple[tuple[re.Pattern[str], Explain], ...] = tuple(
    (re.compile(words), explain)
    for words, explain in (
        ("cannot start any token|tab character|expected (?:the )?node content|mapping keys", _explain_start),
        ("undefined alias", _explain_alias),
        ("second occurrence", _explain_anchor),
        ("scanning an (?:alias|anchor)|(?:scanning|parsing) a tag|undefined tag handle", _explain_indicator),
        ("sequence entries", _explain_dash),
        ("block scalar", _explain_block_text),
        ("escape|hexdecimal", _explain_escape),
        ("unexpected (?:end of stream|document indicator|document separator)", _explain_open_quote),
        ("flow (?:sequence|mapping|node)", _explain_flow),
        ("mapping values", _explain_colon),
        ("could not find expected ':'", _explain_simple_key),
        ("block (?:mapping|collection|sequence)", _explain_block),
        ("directive|<document start>", _explain_document),
    )
)
"""Words of the parsers → what to look for, the first that finds something."""
