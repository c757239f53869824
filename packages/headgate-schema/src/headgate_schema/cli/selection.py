"""``--select`` and ``--ignore``: which findings are shown, by code or by family."""

from __future__ import annotations

import re

import msgspec

from headgate_schema.check import Checked
from headgate_schema.failure import SchemaError
from headgate_schema.finding import Finding

_CODE = re.compile("HG[0-9]{0,3}X{0,2}")
_FAMILY = len("HG1")


class Selection(msgspec.Struct, frozen=True):
    """Beginnings of codes; no ``select`` selects all."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()

    def apply(self, checked: Checked) -> Checked:
        """Leave out the findings that are not selected, or ignored.

        Errors that kept selected rules from running stay: otherwise a text that nobody could read would pass.
        """
        if not self.select and not self.ignore:
            return checked
        families = [family.removesuffix("xx") for family in checked.skipped if checked.is_at_fault]
        is_blind = any(_overlap(code, family) for code in self.select for family in families)
        kept = tuple(
            finding
            for finding in checked.findings
            if (is_blind and finding.severity == "error") or self._has(finding)
        )
        return msgspec.structs.replace(checked, findings=kept)

    def _has(self, finding: Finding) -> bool:
        is_selected = not self.select or finding.code.startswith(self.select)
        return is_selected and not (self.ignore and finding.code.startswith(self.ignore))


def _overlap(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def read_selection(select: str | None, ignore: str | None) -> Selection:
    """Read the options; raises ``SchemaError`` for what names no rule, and for errors to ignore."""
    if select is None and ignore is None:
        return Selection()
    selection = Selection(_split("--select", select), _split("--ignore", ignore))
    for code in selection.ignore:
        _refuse_errors(code)
    return selection


def _split(option: str, codes: str | None) -> tuple[str, ...]:
    if codes is None:
        return ()
    named = tuple(code.strip() for code in codes.split(",") if code.strip())
    if not named:
        raise SchemaError(f"{option} needs codes or families, for example HG309,HG5")
    return tuple(_read_code(code) for code in named)


def _read_code(written: str) -> str:
    """Give the beginning of codes that is meant: ``HG5`` and ``hg5xx`` are one family."""
    from headgate_schema.rules import SEVERITIES

    code = written.upper()
    beginning = code.rstrip("X")
    if _CODE.fullmatch(code) and any(each.startswith(beginning) for each in SEVERITIES):
        return beginning
    family = beginning[:_FAMILY]
    there = [each for each in SEVERITIES if len(family) == _FAMILY and each.startswith(family)]
    known = f"{family} has {', '.join(there)}" if there else "HG0 to HG6 are families"
    raise SchemaError(f'there is no rule "{written}"; {known}')


def _refuse_errors(code: str) -> None:
    from headgate_schema.rules import SEVERITIES

    severities = {each: severity for each, severity in SEVERITIES.items() if each.startswith(code)}
    warnings = [each for each, severity in severities.items() if severity == "warning"]
    if len(warnings) == len(severities):
        return
    if code in severities:
        raise SchemaError(f'"{code}" is an error, and errors can\'t be ignored: they stop the generating')
    but = f"name its warnings: {','.join(warnings)}" if warnings else "it has no warnings"
    raise SchemaError(f'"{code}" has errors, which can\'t be ignored; {but}')
