"""What a valid manifest may say and no workflow can carry: refused, never ignored. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec
from headgate_schema.callback import Callback
from headgate_schema.contract import FromDefault, list_calls, pass_inputs
from headgate_schema.finding import Finding, Place
from headgate_schema.resolved import ResolvedManifest
from headgate_schema.rules.rule import Problem, rule


class Source(msgspec.Struct, frozen=True):
    """A manifest, the name of its file, and the callbacks that it names."""

    manifest: ResolvedManifest
    file: str
    callbacks: Mapping[str, Callback]


def list_refusals(source: Source) -> tuple[Finding, ...]:
    """What keeps a manifest that is valid from being generated."""
    return tuple(finding for each in RULES for finding in each.apply(source))


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


RULES = (find_expression_defaults,)
