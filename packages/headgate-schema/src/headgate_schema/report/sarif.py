"""Findings as SARIF 2.1.0, for GitHub code scanning and other programs that gather findings.

GitHub recognises a finding again by ``primaryLocationLineHash``, which its upload action computes from the
file; so no fingerprint of that name is written. Ours is made of the code and the place in the document, for
it should stay when lines move.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from inspect import cleandoc
from typing import Any
from urllib.parse import quote as percent_encode

import msgspec

from headgate_schema import __version__
from headgate_schema.check import Checked
from headgate_schema.edit import FileEdit
from headgate_schema.finding import Finding, Place
from headgate_schema.pages import find_page
from headgate_schema.report.fixes import write_fixes
from headgate_schema.report.sarif_log import (
    ROOT,
    SCHEMA,
    ArtifactChange,
    ArtifactLocation,
    Component,
    Configuration,
    Descriptor,
    Fix,
    Invocation,
    Location,
    Log,
    Notification,
    PhysicalLocation,
    Properties,
    Region,
    Replacement,
    Result,
    Run,
    Text,
    Tool,
)
from headgate_schema.rules import RULES, Rule
from headgate_schema.span import Span

FINGERPRINT = "headgatePlace/v1"
SECURITY = "HG5"
"""The family whose findings GitHub lists as security alerts."""

_WORD = re.compile("[A-Za-z0-9]+")


def render_sarif(checked: Sequence[Checked], *, docs: str | None = None) -> str:
    """Print one log with one run."""
    codes = sorted({finding.code for one in checked for finding in one.findings})
    rules = tuple(_describe(rule, docs) for rule in RULES if rule.code in codes)
    indexes = {rule.id: index for index, rule in enumerate(rules)}
    driver = Component(
        name="headgate-schema", semantic_version=__version__, information_uri=docs or "", rules=rules
    )
    notes = tuple(_note_skipped(one) for one in checked if one.skipped)
    run = Run(
        tool=Tool(driver=driver),
        invocations=(Invocation(execution_successful=True, tool_execution_notifications=notes),),
        original_uri_base_ids={ROOT: ArtifactLocation(description=Text(text="The root of the repository."))},
        column_kind="unicodeCodePoints",
        results=tuple(_list_results(checked, indexes)),
    )
    log = Log(schema=SCHEMA, version="2.1.0", runs=(run,))
    return msgspec.json.format(msgspec.json.encode(log), indent=2).decode() + "\n"


def _describe(rule: Rule[Any], docs: str | None) -> Descriptor:
    explanation = cleandoc(rule.explanation)
    page = find_page(rule.code, docs) if docs else ""
    link = f"\n\n[The page of {rule.code}]({page})" if page else ""
    tags = ("security",) if rule.code.startswith(SECURITY) else ("maintainability",)
    return Descriptor(
        id=rule.code,
        name="".join(word[0].upper() + word[1:] for word in _WORD.findall(rule.title)),
        short_description=Text(text=rule.title),
        full_description=Text(text=" ".join(explanation.partition("\n\n")[0].split())),
        help=Text(text=explanation, markdown=explanation + link),
        help_uri=page,
        default_configuration=Configuration(level=rule.severity),
        properties=Properties(tags=tags, precision="very-high", problem_severity=rule.severity),
    )


def _list_results(checked: Sequence[Checked], indexes: Mapping[str, int]) -> Iterator[Result]:
    seen: Counter[str] = Counter()
    for one in checked:
        for finding, edits in write_fixes(one):
            fingerprint = _compute_fingerprint(one, finding)
            seen[fingerprint] += 1
            yield Result(
                rule_id=finding.code,
                rule_index=indexes[finding.code],
                level=finding.severity,
                message=_say(finding),
                locations=(_locate(one, finding.place),),
                related_locations=tuple(
                    _locate(one, item.place, number, item.message)
                    for number, item in enumerate(finding.related, start=1)
                ),
                fixes=_describe_fix(one, finding, edits),
                partial_fingerprints={FINGERPRINT: f"{fingerprint}:{seen[fingerprint]}"},
            )


def _compute_fingerprint(checked: Checked, finding: Finding) -> str:
    place = finding.place
    facts = (finding.code, checked.show_file(place.file), place.path, place.part, place.fragment)
    return sha256(msgspec.json.encode(facts)).hexdigest()[:32]


def _say(finding: Finding) -> Text:
    """Link to the related places, for GitHub shows only those."""
    text = _escape(finding.message)
    for number, item in enumerate(finding.related, start=1):
        text += f" ([{_escape(item.message)}]({number}))"
    return Text(text=f"{text}\nhint: {_escape(finding.hint)}" if finding.hint else text)


def _escape(text: str) -> str:
    """Keep a text that looks like a link from being one.

    The standard escapes every bracket (3.11.6); done where it changes nothing, readers would only see the
    backslashes.
    """
    if "](" not in text:
        return text
    return text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")


def _locate(checked: Checked, place: Place, number: int | None = None, message: str = "") -> Location:
    return Location(
        id=number,
        physical_location=PhysicalLocation(
            artifact_location=_name_file(checked, place.file), region=_mark(checked.locate(place))
        ),
        message=Text(text=message) if message else None,
    )


def _mark(span: Span) -> Region:
    return Region(
        start_line=span.line,
        start_column=span.column,
        end_line=span.end_line,
        end_column=span.end_column,
    )


def _name_file(checked: Checked, file: str) -> ArtifactLocation:
    return ArtifactLocation(uri=percent_encode(checked.show_file(file), safe="/"), uri_base_id=ROOT)


def _describe_fix(checked: Checked, finding: Finding, files: Sequence[FileEdit]) -> tuple[Fix, ...]:
    if finding.fix is None or not files:
        return ()
    changes = tuple(
        ArtifactChange(
            artifact_location=_name_file(checked, file.file),
            replacements=tuple(
                Replacement(deleted_region=_mark(edit.span), inserted_content=Text(text=edit.text))
                for edit in file.edits
            ),
        )
        for file in files
    )
    properties = {"isSafe": finding.fix.is_safe}
    return (Fix(description=Text(text=finding.fix.title), artifact_changes=changes, properties=properties),)


def _note_skipped(checked: Checked) -> Notification:
    location = Location(
        physical_location=PhysicalLocation(artifact_location=_name_file(checked, checked.document.name))
    )
    said = f"{', '.join(checked.skipped)} not checked: {checked.why_skipped}"
    return Notification(level="note", message=Text(text=said), locations=(location,))
