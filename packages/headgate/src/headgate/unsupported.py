"""What a manifest may say already and this version can't generate: refused, never ignored. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec
from headgate_schema.callback import Callback
from headgate_schema.contract import FromDefault, list_calls, pass_inputs
from headgate_schema.finding import Finding, Place
from headgate_schema.resolved import ResolvedBlueGreen, ResolvedCanary, ResolvedManifest
from headgate_schema.rules.rule import Problem, rule
from headgate_schema.span import Path


class Source(msgspec.Struct, frozen=True):
    """A manifest, the name of its file, and the callbacks that it names."""

    manifest: ResolvedManifest
    file: str
    callbacks: Mapping[str, Callback]


def list_refusals(source: Source) -> tuple[Finding, ...]:
    """What keeps a manifest that is valid from being generated."""
    return tuple(finding for each in RULES for finding in each.apply(source))


@rule("HG801", "not in this version yet")
def find_unsupported(source: Source) -> Iterator[Problem]:
    """The field is part of the v1 manifest, but this version of Headgate can't generate workflows for it.

    It is refused rather than ignored, because a rollout without the approval that its manifest asks for would
    be worse than none. Leave the field out, or wait for a version that knows it; the manifest itself is fine.
    """
    if source.manifest.notify is not None:
        hint = "leave it out; a run that needs somebody ends red"
        yield _refuse(source, source.manifest.notify.path, "`notify`", hint)
    for deploy in source.manifest.deploys:
        block = deploy.canary or deploy.blue_green
        if block is not None:
            yield from _refuse_in_block(source, block)


def _refuse_in_block(source: Source, block: ResolvedCanary | ResolvedBlueGreen) -> Iterator[Problem]:
    if block.approval is not None:
        hint = "leave it out; with `promotion: manual` a person decides before the environment"
        yield _refuse(source, (*block.path, "approval"), "`approval`", hint)
    if block.bake_mode == "park":
        hint = "use `runner`, whose bakes are 5h at most"
        yield _refuse(source, (*block.path, "bake_mode"), "`bake_mode: park`", hint)


def _refuse(source: Source, path: Path, what: str, hint: str) -> Problem:
    message = f"{what} is part of v1, but this version of Headgate can't generate it yet"
    return Problem(message, Place(source.file, path, "key"), hint=hint)


@rule("HG809", "default that can't be chosen")
def find_expression_defaults(source: Source) -> Iterator[Problem]:
    """`environment_inputs` gives a value in some environments only, and elsewhere the callback's own default
    would hold, but that is an expression: it can't be copied into the calling job.

    Name the value for the other environments too, in `inputs` or in `environment_inputs`.
    """
    for call in list_calls(source.manifest):
        for passed in pass_inputs(call, source.callbacks[call.callback], {}):
            default = passed.source.value if isinstance(passed.source, FromDefault) else None
            missing = passed.list_missing(call.environments)
            if passed.by_environment and missing and isinstance(default, str) and "${{" in default:
                path = passed.by_environment[0][1].path
                message = (
                    f'"{passed.declared.name}" is not given in {", ".join(missing)}, and its default in '
                    f'"{call.callback}" is an expression'
                )
                yield Problem(message, Place(source.file, path, "key"), hint="give it in `inputs` as well")


RULES = (find_unsupported, find_expression_defaults)
