"""What the manifest may say already and this version of Headgate can't generate: refused, never ignored.
Pure.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from headgate_schema.finding import Place
from headgate_schema.resolved import ResolvedBlueGreen, ResolvedCanary, ResolvedManifest
from headgate_schema.rules.rule import Problem, rule
from headgate_schema.span import Path


class Source(msgspec.Struct, frozen=True):
    """A manifest and the name of its file."""

    manifest: ResolvedManifest
    file: str


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


RULES = (find_unsupported,)
