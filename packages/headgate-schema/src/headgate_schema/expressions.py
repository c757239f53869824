"""Expressions of GitHub Actions: where they stand in a text, and what they read and call. The language:
https://docs.github.com/actions/reference/workflows-and-actions/expressions
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

Known = str | int | float | bool | None


class Literal(msgspec.Struct, frozen=True):
    """A constant."""

    value: Known


class Access(msgspec.Struct, frozen=True):
    """A value of a context, ``inputs.sha``: its names in lower case (GitHub does not tell cases apart),
    ``None`` for one that is computed or ``*``, and as it is written.
    """

    names: tuple[str | None, ...]
    written: str
    indexes: tuple[Node, ...] = ()


class Call(msgspec.Struct, frozen=True):
    """A call of a function; its name in lower case."""

    function: str
    arguments: tuple[Node, ...]


class Operation(msgspec.Struct, frozen=True):
    """An operator with its operands, two or, of ``&&`` and ``||``, more; ``.`` takes something out of a
    computed value, and nothing is the operator of comparisons in a row.
    """

    operator: str
    operands: tuple[Node, ...]


Node = Literal | Access | Call | Operation

LONGEST = 21_000
"""Characters: GitHub refuses a file with a longer text that has expressions."""

MAX_DEPTH = 50
_TOKEN = re.compile(
    r"\s*(?:(?P<string>'(?:[^']|'')*')|(?P<number>[-+]?(?:0x[0-9a-fA-F]+|0o[0-7]+|[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?))"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_-]*)|(?P<operator>&&|\|\||==|!=|<=|>=|[<>!()\[\],.*]))"
)
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_LEVELS: tuple[tuple[str, ...], ...] = (("||",), ("&&",), ("==", "!="), ("<", "<=", ">", ">="))
_FIRST_COMPARING = 2


def find_expressions(text: str) -> Iterator[str]:
    """Give what stands between ``${{`` and ``}}`` in a text, nothing of one longer than LONGEST."""
    start = text.find("${{") if len(text) <= LONGEST else -1
    while start >= 0:
        end = _find_end(text, start + 3)
        if end < 0:
            return
        yield text[start + 3 : end]
        start = text.find("${{", end)


def _find_end(text: str, index: int) -> int:
    while True:
        end, quote = text.find("}}", index), text.find("'", index)
        if quote < 0 or end < quote:
            return end
        index = text.find("'", quote + 1) + 1
        if index == 0:
            return -1


def parse(text: str) -> Node | None:
    """Parse one expression; ``None`` if it is none."""
    if len(text) > LONGEST:
        return None
    try:
        return _Parser(text).parse()
    except _Malformed:
        return None


class _Malformed(ValueError):
    pass


class _Token(msgspec.Struct, frozen=True):
    kind: str
    text: str
    start: int
    end: int


def _split(text: str) -> Iterator[_Token]:
    index = 0
    text = text.rstrip()
    while index < len(text):
        found = _TOKEN.match(text, index)
        if found is None or found.lastgroup is None:
            raise _Malformed(text)
        kind = found.lastgroup
        yield _Token(kind, found[kind], found.start(kind), found.end(kind))
        index = found.end()
    yield _Token("end", "", index, index)


class _Parser:
    """By recursive descent, one method per kind of thing."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tuple(_split(text))
        self.index = 0
        self.depth = 0

    def parse(self) -> Node:
        node = self.parse_level(0)
        if self.peek().kind != "end":
            raise _Malformed(self.text)
        return node

    def peek(self) -> _Token:
        return self.tokens[self.index]

    def take(self) -> _Token:
        token = self.tokens[self.index]
        self.index += token.kind != "end"
        return token

    def accept(self, *operators: str) -> str | None:
        token = self.peek()
        return self.take().text if token.kind == "operator" and token.text in operators else None

    def expect(self, operator: str) -> None:
        if self.accept(operator) is None:
            raise _Malformed(self.text)

    def parse_level(self, level: int) -> Node:
        if level == len(_LEVELS):
            return self.parse_unary()
        operands, operators = [self.parse_level(level + 1)], [""]
        while (operator := self.accept(*_LEVELS[level])) is not None:
            operators.append(operator)
            operands.append(self.parse_level(level + 1))
        if len(operands) == 1:
            return operands[0]
        is_plain = level < _FIRST_COMPARING or len(operands) == 2
        return Operation(operators[1] if is_plain else "", tuple(operands))

    def parse_unary(self) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _Malformed(self.text)
        node = Operation("!", (self.parse_unary(),)) if self.accept("!") else self.parse_postfix()
        self.depth -= 1
        return node

    def parse_postfix(self) -> Node:
        start = self.peek().start
        names: list[str | None] = []
        if self.peek().kind == "name" and self.tokens[self.index + 1].text != "(":
            word = self.take().text.lower()
            if word in _WORDS:
                return Literal(_WORDS[word])
            base: Node | None = None
            names.append(word)
        else:
            base = self.parse_primary()
        indexes = tuple(self.parse_steps(names))
        if base is None:
            return Access(tuple(names), self.text[start : self.tokens[self.index - 1].end], indexes)
        return Operation(".", (base, *indexes)) if names else base

    def parse_steps(self, names: list[str | None]) -> Iterator[Node]:
        while (opened := self.accept(".", "[")) is not None:
            if opened == "[":
                index = None if self.accept("*") else self.parse_level(0)
                self.expect("]")
                is_name = isinstance(index, Literal) and isinstance(index.value, str)
                names.append(str(index.value).lower() if is_name else None)  # type: ignore[union-attr]
                if index is not None and not is_name:
                    yield index
            elif self.accept("*"):
                names.append(None)
            elif self.peek().kind == "name":
                names.append(self.take().text.lower())
            else:
                raise _Malformed(self.text)

    def parse_primary(self) -> Node:
        token = self.take()
        match token.kind:
            case "string":
                return Literal(token.text[1:-1].replace("''", "'"))
            case "number":
                return Literal(_read_number(token.text))
            case "name":
                return Call(token.text.lower(), tuple(self.parse_arguments()))
            case "operator" if token.text == "(":
                node = self.parse_level(0)
                self.expect(")")
                return node
        raise _Malformed(self.text)

    def parse_arguments(self) -> Iterator[Node]:
        self.expect("(")
        if self.accept(")"):
            return
        yield self.parse_level(0)
        while self.accept(","):
            yield self.parse_level(0)
        self.expect(")")


def _read_number(text: str) -> float:
    return float(int(text, 0)) if text.lstrip("+-")[:2] in ("0x", "0o") else float(text)


def walk(node: Node) -> Iterator[Node]:
    """Give a node and everything in it."""
    yield node
    match node:
        case Access():
            inner = node.indexes
        case Call():
            inner = node.arguments
        case Operation():
            inner = node.operands
        case Literal():
            inner = ()
    for each in inner:
        yield from walk(each)


def has_call(node: Node, *functions: str) -> bool:
    """Tell whether one of these functions is called."""
    return any(isinstance(each, Call) and each.function in functions for each in walk(node))
