"""The verbs of the command line: what each does, which workflow does it, and what it takes.

Rule: one table. Command line, help and reference page come from it, and so does what is sent to GitHub.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Option(NamedTuple):
    """An option and the input of the workflow that it becomes; without `metavar` and `choices` a switch."""

    flag: str
    input: str
    about: str
    metavar: str = ""
    choices: tuple[str, ...] = ()
    default: str = ""

    @property
    def is_switch(self) -> bool:
        """Whether it takes no value."""
        return not (self.metavar or self.choices)


class Verb(NamedTuple):
    """One verb.

    `workflow` is the module of `headgate.workflows` that builds the workflow; `needs` are the flags that must
    be given; `continues`: a run of the deploy goes on, or starts, because of it.
    """

    name: str
    summary: str
    workflow: str
    options: tuple[Option, ...]
    needs: tuple[str, ...]
    examples: tuple[tuple[str, str], ...]
    detail: str = ""
    continues: bool = True

    @property
    def is_control(self) -> bool:
        """Whether it is a verb of headgate-control, which may name what has left the manifest."""
        return self.workflow == "control"

    def inputs(self, given: Mapping[str, str]) -> dict[str, str]:
        """What is sent for what was given; what is empty is left out, for the workflow has its defaults."""
        told = {option.input: given.get(option.input, "") for option in self.options}
        named = {"verb": self.name} if self.is_control else {}
        return named | {name: value for name, value in told.items() if value}


ENVIRONMENT = Option("--environment", "environment", "in which environment", "NAME")
DEPLOY = Option("--deploy", "deploy", "which deploy", "NAME")
DEPLOYS = Option("--deploy", "deploys", "only this deploy (default: all there)", "NAME", (), "all")
REASON = Option("--reason", "reason", "why, in one line of 3 to 300 characters; stays in the history", "TEXT")


def _control(
    name: str,
    summary: str,
    *more: Option,
    needs: tuple[str, ...] = (),
    examples: tuple[tuple[str, str], ...] = (),
    detail: str = "",
    continues: bool = True,
) -> Verb:
    """A verb for one deploy in one environment."""
    return Verb(
        name,
        summary,
        "control",
        (ENVIRONMENT, DEPLOY, *more, REASON),
        ("--environment", "--deploy", *needs, "--reason"),
        examples,
        detail,
        continues,
    )


def _environment_wide(name: str, summary: str, example: str, *, detail: str, continues: bool) -> Verb:
    """A verb for a whole environment."""
    return Verb(
        name,
        summary,
        "control",
        (ENVIRONMENT, REASON),
        ("--environment", "--reason"),
        ((f'--environment prod --reason "{example}"', ""),),
        detail,
        continues,
    )


PROD_APP = "--environment prod --deploy app"
COMMIT = "1a2b3c4d5e6f708192a3b4c5d6e7f80910213243"

TABLE = (
    Verb(
        "promote",
        "bring a release into an environment",
        "promote",
        (
            ENVIRONMENT,
            DEPLOYS,
            Option(
                "--release", "release", "which release (default: the newest promoted one before)", "RELEASE"
            ),
            Option("--skip-strategy", "skip_strategy", "bring it live directly: no canary, no blue-green"),
            Option("--force", "force", "override order, quarantine and the environment before"),
            Option("--dry-run", "dry_run", "only say what would happen"),
            REASON,
        ),
        ("--environment", "--reason"),
        (
            ('--environment prod --reason "weekly release" --watch', "the newest, and see how it goes"),
            ('--environment prod --release 128-1a2b3c4 --deploy app --reason "fixes #12"', "one of them"),
            ('--environment prod --dry-run --reason "what would go?"', "the answer is in the run's summary"),
        ),
    ),
    Verb(
        "rollback",
        "take an environment back to an earlier release",
        "rollback",
        (
            ENVIRONMENT,
            DEPLOYS,
            Option("--to", "to", "to which release (default: the one before)", "RELEASE"),
            REASON,
        ),
        ("--environment", "--reason"),
        (
            (
                '--environment prod --reason "errors since noon" --watch',
                "all, to the release before",
            ),
            (
                '--environment prod --deploy app --to 127-0f1e2d3 --reason "#40"',
                "one, to this one",
            ),
        ),
        "No approval, order or freeze stands in its way. Where a rollout is open, it is aborted instead.",
    ),
    _control(
        "abort",
        "take the release of an open rollout back, or drop what is queued",
        Option("--now", "now", "also cancel the run that is at it"),
        examples=(
            (f'{PROD_APP} --reason "wrong version" --watch', ""),
            (f'{PROD_APP} --now --reason "checkout is down"', "don't wait for the next gate"),
        ),
    ),
    _control(
        "pause",
        "keep a bake from ending, for 24 hours at most",
        examples=((f'{PROD_APP} --reason "looking at the graphs"', ""),),
    ),
    _control(
        "resume",
        "go on after a pause, or as if what held the rollout had passed",
        examples=((f'{PROD_APP} --reason "graphs are fine" --watch', ""),),
    ),
    _control(
        "approve",
        "let a rollout that waits for approval go on",
        examples=((f'{PROD_APP} --reason "checked with support" --watch', ""),),
        detail="An approval with a `github_environment` is given on GitHub instead.",
    ),
    _control(
        "reject",
        "refuse a rollout that waits for approval: its release is taken back",
        examples=((f'{PROD_APP} --reason "not before the sale"', ""),),
    ),
    _control(
        "promote-now",
        "skip what is left of the bakes",
        examples=((f'{PROD_APP} --reason "hot fix, seen in uat" --watch', ""),),
    ),
    _control(
        "retry",
        "do the step that failed or was lost again",
        examples=((f'{PROD_APP} --reason "registry is back" --watch', ""),),
    ),
    _control(
        "resolve",
        "say how a held rollout really ended; calls nothing",
        Option("--outcome", "outcome", "how it ended", choices=("promoted", "rolled_back")),
        needs=("--outcome",),
        examples=((f'{PROD_APP} --outcome rolled_back --reason "done by hand"', ""),),
    ),
    _control(
        "adopt",
        "tell Headgate what is live already; calls nothing",
        Option("--release", "release", "what is live: a release, or 40 hex digits of a commit", "RELEASE"),
        Option("--color", "color", "blue-green: the live colour (default: blue)", choices=("blue", "green")),
        needs=("--release",),
        examples=(
            (f'{PROD_APP} --release 128-1a2b3c4 --reason "live since May"', ""),
            (f'--environment prod --deploy api --color green --release {COMMIT} --reason "ours"', ""),
        ),
        continues=False,
    ),
    _environment_wide(
        "freeze",
        "let nothing new start in an environment",
        "Black Friday",
        detail="Not even with --force. Open rollouts go on, and rollbacks are always let through.",
        continues=False,
    ),
    _environment_wide(
        "unfreeze",
        "end a freeze: the newest release that waits is started",
        "the sale is over",
        detail="",
        continues=True,
    ),
)
VERBS: Mapping[str, Verb] = {verb.name: verb for verb in TABLE}
