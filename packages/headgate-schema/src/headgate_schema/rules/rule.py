"""What a rule is: one small function with a code, a title and a docstring that explains it.

A rule gets exactly what its family looks at and yields problems; the code and the severity, which never
change, are the rule's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic, Literal, TypeVar

import msgspec

from headgate_schema.finding import Finding, Fix, Place, Related, Severity

Subject = TypeVar("Subject")
FixKind = Literal["safe", "unsafe"]


class Problem(msgspec.Struct, frozen=True):
    """What a rule found, without the rule."""

    message: str
    place: Place
    related: tuple[Related, ...] = ()
    hint: str = ""
    fix: Fix | None = None


class Rule(msgspec.Struct, Generic[Subject], frozen=True):
    """A rule; ``explanation`` says what is wrong, why it matters and how to fix it, ``fixes`` which kinds of
    fixes its findings may bring.
    """

    code: str
    title: str
    severity: Severity
    explanation: str
    find: Callable[[Subject], Iterator[Problem]]
    fixes: tuple[FixKind, ...] = ()

    def apply(self, subject: Subject) -> Iterator[Finding]:
        """Give the findings of this rule."""
        for problem in self.find(subject):
            yield Finding(
                code=self.code,
                severity=self.severity,
                message=problem.message,
                place=problem.place,
                related=problem.related,
                hint=problem.hint,
                fix=problem.fix,
            )


def rule(
    code: str, title: str, severity: Severity = "error", *, fixes: tuple[FixKind, ...] = ()
) -> Callable[[Callable[[Subject], Iterator[Problem]]], Rule[Subject]]:
    """Make a rule of the function below."""

    def make(find: Callable[[Subject], Iterator[Problem]]) -> Rule[Subject]:
        return Rule(code, title, severity, find.__doc__ or "", find, fixes)

    return make
