"""The texts that a case allows, and the names that properties may have, as sets."""

from __future__ import annotations

import math
from collections.abc import Iterable

from headgate_schema.compat.acceptance import accepts
from headgate_schema.compat.case import Case, NameClass, Nodes, expand
from headgate_schema.compat.language import ANY, Language, both, either, find_word, other, repeated, word
from headgate_schema.compat.pattern import read_pattern


def speak(case: Case) -> Language:
    """Give the texts of a case; raises ``CannotTell``."""
    if case.values is not None:
        return either(*map(word, case.values))
    most = None if case.most is None else math.floor(case.most)
    length = repeated(ANY, math.ceil(case.least or 0), most)
    exceptions = either(*(word(value) for value in case.excluded if isinstance(value, str)))
    return both(length, other(exceptions), *map(read_pattern, case.patterns))


def speak_all(nodes: Nodes) -> Language:
    """Give the texts that all these schemas accept; raises ``CannotTell``."""
    return either(*(speak(case) for case in expand(nodes) if case.kind == "string"))


def find_name(case: Case, names: NameClass, taken: Iterable[str] = ()) -> str | None:
    """Find a name of a class that a case allows, other than those taken; raises ``CannotTell``."""
    taken = tuple(taken)
    if names.declared is not None:
        is_allowed = all(accepts(node, names.declared) for node in case.names)
        return names.declared if is_allowed and names.declared not in taken else None
    return find_word(both(names.language, speak_all(case.names), other(either(*map(word, taken)))))
