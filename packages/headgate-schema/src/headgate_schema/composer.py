"""Text → PyYAML nodes: the C parser where libyaml is there, the pure one elsewhere, with the same limits.

PyYAML's composers call a resolver around every node; that is where a bomb is stopped while it is still small
(the C composer recurses on the C stack, so depth has to be stopped here and not afterwards).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Protocol

import yaml

from headgate_schema.span import START, Span
from headgate_schema.trouble import Trouble, Unreadable

if TYPE_CHECKING:
    from yaml.nodes import Node


class Mark(Protocol):
    """A place as PyYAML's parsers give it, counted from 0."""

    line: int
    column: int


MAX_DEPTH = 64
UNTAGGED = "?"


class _Limits:
    depth = 0

    def resolve(self, _kind: type, _value: str | None, _implicit: object) -> str:
        return UNTAGGED

    def descend_resolver(self, parent: Node | None, _index: object) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            span = find_mark(parent.start_mark) if parent is not None else START
            raise Unreadable(Trouble("too_deep", span, str(MAX_DEPTH)))

    def ascend_resolver(self) -> None:
        self.depth -= 1


if yaml.__with_libyaml__:
    from yaml.cyaml import CParser  # type: ignore[attr-defined]

    class _Composer(_Limits, CParser):
        pass

else:
    from yaml.composer import Composer
    from yaml.parser import Parser
    from yaml.reader import Reader
    from yaml.scanner import Scanner

    class _Composer(_Limits, Reader, Scanner, Parser, Composer):  # type: ignore[no-redef]
        def __init__(self, text: str) -> None:
            Reader.__init__(self, text)
            Scanner.__init__(self)
            Parser.__init__(self)
            Composer.__init__(self)

        def scan_to_next_token(self) -> None:
            """Skip tabs too where they can't be indentation, as libyaml does and YAML allows."""
            super().scan_to_next_token()
            while self.peek() == "\t" and (self.flow_level or not self.allow_simple_key):
                self.forward()
                super().scan_to_next_token()


def compose(text: str) -> Node | None:
    """Give the root node of the only document, ``None`` for a text without content; raises ``Unreadable``."""
    try:
        composer = _Composer(text)
        if not composer.check_node():
            return None
        root = composer.get_node()
        if composer.check_node():
            raise Unreadable(Trouble("many_documents", _find_second(text)))
    except yaml.MarkedYAMLError as error:
        from headgate_schema.mistakes import explain_error

        raise Unreadable(explain_error(text, error)) from None
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        # Escapes of characters that do not exist: the pure parser lets Python refuse them.
        raise Unreadable(Trouble("syntax", START, str(error).splitlines()[0])) from None
    return root


def _find_second(text: str) -> Span:
    """Find where the second document starts; the composers differ in how far they have read by then."""
    starts = [event for event in list_events(text) if isinstance(event, yaml.DocumentStartEvent)]
    return find_mark(starts[1].start_mark)


def list_events(text: str) -> Iterator[Any]:
    """Give the parser's events: unlike nodes, they show each alias. Raises PyYAML's errors."""
    composer = _Composer(text)
    while composer.check_event():
        yield composer.get_event()


def find_mark(mark: Mark | None) -> Span:
    """Turn a parser's mark, which counts from 0, into a place of one character."""
    if mark is None:
        return START
    return Span(mark.line + 1, mark.column + 1, mark.line + 1, mark.column + 2)
