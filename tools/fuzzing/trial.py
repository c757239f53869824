"""One trial: a manifest and what is beside it, through everything that reads them. Broken promises raise."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from random import Random

import msgspec
from headgate_schema.check import Checked, check
from headgate_schema.edit import write_fix
from headgate_schema.explanation import explain_rule, print_rule
from headgate_schema.finding import Finding
from headgate_schema.mend import Source, mend
from headgate_schema.report import FORMATS, render
from headgate_schema.rules import RULES

from tools.fuzzing.mutation import mutate
from tools.fuzzing.seeds import list_manifests, list_workflows

NAME = "headgate.yaml"
MOST_FIXES = 5
"""Fixes that are written in one trial: each takes as long as a check."""


class Trial(msgspec.Struct, frozen=True):
    """What is tried. ``workflow`` is the content of every other file of the repository, ``seed`` chooses
    which of them are there, and where the editor's cursor is.
    """

    manifest: bytes
    workflow: bytes
    seed: int = 0

    def read(self, path: str) -> bytes | None:
        """Be the repository beside the manifest: half of the files are there."""
        return self.workflow if len(path) % 2 or self.seed % 3 else None


def make_trial(random: Random) -> Trial:
    """Make the mutant of a manifest with a mutant of a workflow, or one of the two as it is."""
    manifest, workflow = random.choice(list_manifests()), random.choice(list_workflows())
    which = random.random()
    if which < 0.8:
        manifest = mutate(manifest, random, list_manifests())
    if which > 0.5:
        workflow = mutate(workflow, random, list_workflows())
    return Trial(manifest, workflow, random.randrange(1_000_000))


def run(trial: Trial) -> None:
    """Check, print in every format, explain, fix, and edit; raises whatever is wrong."""
    checked = check(trial.manifest, NAME, trial)
    _judge(checked)
    _print(checked)
    for code in {finding.code for finding in checked.findings}:
        _explain(code)
    _fix(checked)
    if trial.seed % 10 == 0:
        mend(Source(trial.manifest, NAME, trial), is_guessing=True)
    from tools.fuzzing.editor import edit

    edit(trial)


def _judge(checked: Checked) -> None:
    if (checked.manifest is None) != (checked.resolved is None):
        raise AssertionError("a manifest and its resolved form go together")
    if checked.manifest is None and not checked.has_errors:
        raise AssertionError("there is neither a manifest nor an error")
    if checked.manifest is not None and checked.document.troubles:
        raise AssertionError("a text that can't be read as a whole has a manifest")
    for finding in checked.findings:
        span = checked.locate(finding.place)
        if not (1 <= span.line <= span.end_line and span.column >= 1 and span.end_column >= 1):
            raise AssertionError(f"no place: {finding}")
        if any(len(words.splitlines()) > 1 for words in (finding.message, finding.hint)):
            raise AssertionError(f"more than a line: {finding}")
        if "stand-in" in finding.message:
            raise AssertionError(f"about what was never written: {finding}")


def _print(checked: Checked) -> None:
    printed: Mapping[str, str] = {
        form: render(form, [checked], has_color=True, docs="https://example.com/") for form in FORMATS
    }
    for form in ("json", "sarif"):
        json.loads(printed[form].encode())
    if printed["concise"].count("\n") != len(checked.findings):
        raise AssertionError("not one line for each finding")


@cache
def _explain(code: str) -> str:
    return print_rule(explain_rule(next(rule for rule in RULES if rule.code == code)))


def _fix(checked: Checked) -> None:
    for finding in list(_list_fixable(checked))[:MOST_FIXES]:
        if finding.fix is not None:
            write_fix(finding.fix, checked.find_document)


def _list_fixable(checked: Checked) -> Iterator[Finding]:
    return (finding for finding in checked.findings if finding.fix is not None)
