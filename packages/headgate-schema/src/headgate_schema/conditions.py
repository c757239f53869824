"""What an ``if`` comes to when only some inputs are known; where that takes more, nothing is guessed."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from headgate_schema.expressions import Access, Call, Known, Literal, Node, Operation, find_expressions

STATUS_FUNCTIONS = ("always", "cancelled", "failure", "success")
"""With one of these in it a condition is taken as it is; without, GitHub puts ``success() &&`` before it:
https://docs.github.com/actions/reference/workflows-and-actions/expressions#status-check-functions
"""


def find_condition(text: str) -> str | None:
    """Give the expression of an ``if``, with or without ``${{ }}``; ``None`` for one with text around it."""
    text = text.strip()
    if "${{" not in text:
        return text
    whole = next(find_expressions(text), None)
    return whole if whole is not None and text == f"${{{{{whole}}}}}" else None


def decide(node: Node, inputs: Mapping[str, Known]) -> bool | None:
    """Tell whether an expression is true when these inputs are known; ``None`` if that takes more."""
    match node:
        case Operation(operator="&&"):
            told = [decide(each, inputs) for each in node.operands]
            return False if False in told else None if None in told else True
        case Operation(operator="||"):
            told = [decide(each, inputs) for each in node.operands]
            return True if True in told else None if None in told else False
        case Operation(operator="!"):
            one = decide(node.operands[0], inputs)
            return None if one is None else not one
        case Operation(operator="==" | "!="):
            same = _compare(*(_evaluate(each, inputs) for each in node.operands))
            return same if same is None or node.operator == "==" else not same
        case Call(function="always"):
            return True
        case Call(function="contains", arguments=(among, sought)):
            return _contains(among, _evaluate(sought, inputs))
        case Literal() | Access():
            value = _evaluate(node, inputs)
            return None if isinstance(value, _Unknown) else bool(value)
        case _:
            return None


class _Unknown(msgspec.Struct, frozen=True):
    pass


def _evaluate(node: Node, inputs: Mapping[str, Known]) -> Known | _Unknown:
    match node:
        case Literal():
            return node.value
        case Access(names=("inputs", str(name))) if name in inputs:
            return inputs[name]
        case _:
            return _Unknown()


def _compare(one: Known | _Unknown, other: Known | _Unknown) -> bool | None:
    """Compare values of one type; between types GitHub converts, which is left alone here."""
    match one, other:
        case str(), str():
            return one.lower() == other.lower()
        case bool(), bool():
            return one == other
        case bool(), _:
            return None
        case _, bool():
            return None
        case int() | float(), int() | float():
            return one == other
        case _:
            return None


def _contains(among: Node, sought: Known | _Unknown) -> bool | None:
    """Decide ``contains(fromJSON('["a", "b"]'), x)``, the way to write a list in an expression."""
    match among, sought:
        case Call(function="fromjson", arguments=(Literal(value=str(text)),)), str():
            try:
                words = msgspec.json.decode(text, type=list[str])
            except msgspec.MsgspecError:
                return None
            return sought.lower() in [word.lower() for word in words]
        case _:
            return None
