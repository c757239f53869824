"""GitHub's expressions, built from parts: no text of a user ever becomes code in one.

Rule: an `Expression` is what stands between `${{` and `}}`; names in it are checked, literals are quoted.
Syntax: https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import NewType

Expression = NewType("Expression", str)

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")

NOT_CANCELLED = Expression("!cancelled()")
CANCELLED = Expression("cancelled()")
ALWAYS = Expression("always()")
NOT_A_FORK = Expression("!github.event.repository.fork")
ON_DEFAULT_BRANCH = Expression("github.ref_name == github.event.repository.default_branch")


def embed(expression: Expression) -> str:
    """Give the scalar that GitHub replaces by the expression's value."""
    return f"${{{{ {expression} }}}}"


def literal(text: str) -> str:
    """Give the scalar whose value is this text, whatever stands in it."""
    return embed(quote(text)) if "${{" in text else text


def quote(text: str) -> Expression:
    """Give a string literal."""
    return Expression("'" + text.replace("'", "''") + "'")


def name(text: str) -> str:
    """Give back a name that may stand behind a point; raises ValueError for any other text."""
    if not _NAME.fullmatch(text):
        raise ValueError(f"{text!r} is no name that an expression could hold")
    return text


def need_output(job: str, output: str) -> Expression:
    """An output of a job that is needed."""
    return Expression(f"needs.{name(job)}.outputs.{name(output)}")


def need_result(job: str) -> Expression:
    """The result of a job that is needed: success, failure, cancelled or skipped."""
    return Expression(f"needs.{name(job)}.result")


def step_output(step: str, output: str) -> Expression:
    """An output of a step of the same job."""
    return Expression(f"steps.{name(step)}.outputs.{name(output)}")


def dispatch_input(text: str) -> Expression:
    """An input of the workflow."""
    return Expression(f"inputs.{name(text)}")


def secret(text: str) -> Expression:
    """A secret of the repository, the organisation or the environment."""
    return Expression(f"secrets.{name(text)}")


def equals(left: Expression, right: Expression) -> Expression:
    """A comparison (GitHub's ignores the case of letters)."""
    return Expression(f"{left} == {right}")


def both(*parts: Expression) -> Expression:
    """True when all parts are; each part must be a comparison, a call, or in parentheses."""
    return Expression(" && ".join(parts))


def either(parts: Iterable[Expression]) -> Expression:
    """True when one of the parts is; in parentheses when there are several."""
    listed = tuple(parts)
    return listed[0] if len(listed) == 1 else Expression(f"({' || '.join(listed)})")


def choose(condition: Expression, then: Expression, otherwise: Expression) -> Expression:
    """`then` if the condition holds, else `otherwise`; `then` must not be empty, false or zero."""
    return Expression(f"{condition} && {then} || {otherwise}")


def is_one_of(value: Expression, allowed: Iterable[str]) -> Expression:
    """Whether a value is in a fixed list of one or more."""
    names = list(allowed)
    if len(names) == 1:
        return equals(value, quote(names[0]))
    listed = json.dumps(names, ensure_ascii=False, separators=(",", ":"))
    return Expression(f"contains(fromJSON({quote(listed)}), {value})")


def is_in_needs(output: str, value: str) -> Expression:
    """Whether any needed job has this value in this output; only where all of them are gates."""
    return Expression(f"contains(needs.*.outputs.{name(output)}, {quote(value)})")


def join_needs(output: str) -> Expression:
    """What the needed jobs say in one output, put together."""
    return Expression(f"join(needs.*.outputs.{name(output)}, '')")


def from_json(value: Expression) -> Expression:
    """Turn text into the value that it spells."""
    return Expression(f"fromJSON({value})")


def to_json(value: Expression) -> Expression:
    """Turn a value into its JSON."""
    return Expression(f"toJSON({value})")


def compiled_length(scalar: str) -> int:
    """How long GitHub's parser makes a scalar: several parts become one call of `format`.

    Text outside of expressions is quoted in it, with its braces and quotes doubled.
    """
    pieces = split(scalar)
    expressions = [text for text, is_code in pieces if is_code]
    if not expressions:
        return 0
    if len(pieces) == 1:
        return len(expressions[0])
    text = "".join(text for text, is_code in pieces if not is_code)
    doubled = len(text) + sum(text.count(char) for char in "{}'")
    holes = sum(len(f"{{{number}}}") for number in range(len(expressions)))
    arguments = sum(len(", ") + len(expression) for expression in expressions)
    return len("format('')") + doubled + holes + arguments


_PIECES = re.compile(r"\$\{\{((?:[^'}]|'[^']*'|\}(?!\}))*)\}\}")


def split(scalar: str) -> list[tuple[str, bool]]:
    """Split a scalar into its texts (False) and the expressions embedded in it (True), in order."""
    pieces: list[tuple[str, bool]] = []
    at = 0
    for found in _PIECES.finditer(scalar):
        if found.start() > at:
            pieces.append((scalar[at : found.start()], False))
        pieces.append((found[1].strip(), True))
        at = found.end()
    if at < len(scalar):
        pieces.append((scalar[at:], False))
    return pieces
