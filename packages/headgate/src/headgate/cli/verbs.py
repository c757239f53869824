"""`headgate promote`, `rollback`, `abort` and the other verbs: each starts the workflow that does it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from headgate.remote.verbs import VERBS, Option, Verb

DISPATCHES = """\
It starts headgate-{workflow} on GitHub, which writes the history; nothing is written from here. The token is
taken from GH_TOKEN, GITHUB_TOKEN or `gh auth token`; without one, the page to open is printed."""


class VerbCommand:
    """The command of one verb; in everything but the table they are alike."""

    def __init__(self, name: str) -> None:
        """For a name of the table."""
        self.verb = VERBS[name]

    @property
    def DESCRIPTION(self) -> str:  # noqa: N802 - as the modules of other commands call it
        """What it does."""
        about = f"{self.verb.summary[0].upper()}{self.verb.summary[1:]}."
        how = DISPATCHES.format(workflow=self.verb.workflow)
        return "\n\n".join((f"{about} {self.verb.detail}".rstrip(), how))

    @property
    def EXAMPLES(self) -> str:  # noqa: N802 - as the modules of other commands call it
        """Command lines."""
        return "examples:\n" + "".join(_examples(self.verb))

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Describe the command line of this verb."""
        for option in self.verb.options:
            _add(parser, option, is_required=option.flag in self.verb.needs)
        parser.add_argument(
            "--watch",
            action="store_true",
            help="follow the run and the deploys it leads to; exit 1 if one of them fails",
        )
        parser.add_argument(
            "--repository",
            metavar="OWNER/NAME",
            help="which one (default: that of the remote `origin`)",
        )

    def run(self, arguments: argparse.Namespace) -> int:
        """Carry the verb out and give the exit code."""
        from headgate.remote.perform import perform

        inputs = self.verb.inputs({name: _text(value) for name, value in vars(arguments).items()})
        return perform(self.verb, inputs, arguments.repository, is_watching=arguments.watch)


def _examples(verb: Verb) -> Iterator[str]:
    for line, about in verb.examples:
        if about:
            yield f"  # {about}\n"
        yield f"  headgate {verb.name} {line}\n"


def _add(parser: argparse.ArgumentParser, option: Option, *, is_required: bool) -> None:
    if option.is_switch:
        parser.add_argument(option.flag, dest=option.input, action="store_true", help=option.about)
        return
    parser.add_argument(
        option.flag,
        dest=option.input,
        required=is_required,
        metavar=option.metavar or None,
        choices=option.choices or None,
        default=option.default or None,
        help=option.about,
    )


def _text(value: object) -> str:
    """A value of the command line as the input of a workflow; empty when it was not given."""
    if isinstance(value, bool):
        return "true" if value else ""
    return value.strip() if isinstance(value, str) else ""
