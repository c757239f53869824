"""HG001 and HG018: what is said about a text that is no YAML, and what is advised."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from headgate_schema.document import Document
from headgate_schema.finding import Place, Related
from headgate_schema.rules.rule import Problem, rule
from headgate_schema.trouble import Mistake, Trouble, TroubleKind
from headgate_schema.wording import quote


def list_troubles(document: Document, kind: TroubleKind) -> Iterator[tuple[Trouble, Place]]:
    """Give a document's troubles of one kind with their places."""
    for trouble in document.troubles:
        if trouble.kind == kind:
            yield trouble, Place(document.name, span=trouble.span)


_IN_QUOTES = "put the whole value in quotes"
_MISTAKES: Mapping[Mistake, tuple[str, str]] = {
    "": ("{}", ""),
    "tab": ("a tab stands where only spaces may", "indent with spaces"),
    "start": ("a value can't start with {}", _IN_QUOTES),
    "alias": ("nothing before this is called {}", "put it in quotes if the * belongs to the text"),
    "anchor": ("two values are called {}", "give one of them another name"),
    "dash_value": (
        "a list can't start on the line of its key {}",
        "write [{}] ;; put the - on the next line",
    ),
    "block_header": ("nothing can stand behind {}, which starts a text", "start the text on the next line"),
    "escape": (
        "{} has no meaning in double quotes",
        "use single quotes, or write two backslashes for one",
    ),
    "open_quote": ("this {} is never closed", "close it; where the text itself contains one, write {}"),
    "open_bracket": ("this {} is never closed", 'close it with "{}"'),
    "wrong_close": ("{} does not close what was opened", 'write "{}"'),
    "stray_close": ("{} closes nothing", "remove it, or put the whole value in quotes"),
    "empty_entry": ("an entry is missing in front of this comma", "remove one comma"),
    "expression": ("a value can't start with two braces", _IN_QUOTES),
    "flow_colon": (
        "a second colon stands in one entry",
        "put a comma between entries, or quotes around a value that contains a colon",
    ),
    "no_comma": ("a comma is missing in front of this", "put a comma between entries"),
    "behind_quote": ("text stands behind the closing {}", "where the text itself contains one, write {}"),
    "behind_bracket": ("text stands behind the closing {}", _IN_QUOTES),
    "fancy_quote": ("{} is no quote that YAML knows", "use \" or '"),
    "colon_value": ("a value that contains a colon needs quotes", _IN_QUOTES),
    "below_value": (
        "the key {} stands below something that already has a value",
        "indent it by {}, or remove that value ;; indent it less",
    ),
    "no_space": ("a space is missing behind the colon of {}", 'write "{}"'),
    "equals": ("{} has an equals sign instead of a colon", 'write "{}"'),
    "dash_space": ("a space is missing behind the dash", 'write "{}"'),
    "no_colon": ("{} is no key: a colon is missing behind it", "put a colon and a space behind the key"),
    "indentation": ("this is indented like nothing above it", "indent it by {} ;; indent it evenly"),
    "item_indentation": ("this item is indented otherwise than the one above", "indent it by {}"),
    "item_below": ("an item of a list stands below {}, which already has a value", "remove that value"),
    "stray_dash": (
        "an item of a list stands among keys",
        "remove the -, or start all entries with one",
    ),
}
"""What is said about a mistake, and what would be right: with the advice that could be given ;; without."""

_EARLIER: Mapping[Mistake, str] = {
    "anchor": "the first is here",
    "wrong_close": "opened here",
    "below_value": "the value is here",
    "item_indentation": "the one above is here",
    "item_below": "the value is here",
}


@rule("HG001", "not valid YAML")
def invalid_yaml(document: Document) -> Iterator[Problem]:
    """The text breaks YAML's own grammar, so nothing in it can be trusted and nothing else is checked.

    Most often a quote or bracket is not closed, a line is indented with a tab, or a value that contains `: `
    or starts with `*`, `&`, `@` or `%` lacks quotes. Correct the place shown, or the lines just above it.
    """
    for trouble, place in list_troubles(document, "syntax"):
        message, hint = _MISTAKES[trouble.mistake]
        detail = quote(trouble.detail) if trouble.mistake else trouble.detail
        yield Problem(
            f"this is not YAML: {message.replace('{}', detail)}",
            place,
            tuple(_relate(document, trouble)),
            hint=_say_advice(hint, trouble.advice),
        )


def _relate(document: Document, trouble: Trouble) -> Iterator[Related]:
    if trouble.earlier is not None:
        yield Related(Place(document.name, span=trouble.earlier), _EARLIER[trouble.mistake])


def _say_advice(hint: str, advice: str) -> str:
    """Fill the advice into a hint; where there is none, give what the hint says behind ``;;``."""
    with_advice, _, without = hint.partition(" ;; ")
    return with_advice.replace("{}", advice) if advice or "{}" not in hint else without


@rule("HG018", "merge conflict")
def merge_conflict(document: Document) -> Iterator[Problem]:
    """Git could not join two versions of the file and has left both in it, between lines of `<`, `=` and `>`.

    Keep what is right of the two, and delete those lines.
    """
    for trouble, place in list_troubles(document, "conflict"):
        end = Related(Place(document.name, span=trouble.earlier), "it ends here")
        yield Problem(
            "a merge conflict is not resolved", place, (end,), hint="keep one side, delete git's lines"
        )
