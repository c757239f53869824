"""The only module that knows the runner: its environment, its files and its commands.

Rule: text that comes from people or callbacks stays text, in the log, in outputs and in summaries.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from headgate_runtime.errors import HeadgateError

SUMMARY_LIMIT: Final = 1024 * 1024
"""Bytes; GitHub drops a larger step summary whole."""

_CUT = b"\n\n*The rest was left out: a summary holds at most 1 MiB.*\n"


@dataclass(frozen=True)
class Runner:
    """The workflow run that this process is part of, as the runner's environment tells it."""

    run_id: int
    attempt: int
    run_number: int
    repository: str
    server_url: str
    api_url: str
    sha: str
    ref: str
    actor: str
    event_name: str
    workflow_ref: str
    job: str
    token: str | None = field(default=None, repr=False)
    output_path: Path | None = None
    summary_path: Path | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Runner:
        """Read it once; raises HeadgateError naming everything that is missing or no number."""

        def text(name: str) -> str:
            return environment.get(f"GITHUB_{name}", "").strip()

        def path(name: str) -> Path | None:
            return Path(text(name)) if text(name) else None

        numbers = ("RUN_ID", "RUN_ATTEMPT", "RUN_NUMBER")
        wrong = [name for name in numbers if not re.fullmatch("[0-9]{1,18}", text(name))]
        wrong += [name for name in ("REPOSITORY", "SERVER_URL", "API_URL", "SHA", "REF") if not text(name)]
        if wrong:
            names = ", ".join(f"GITHUB_{name}" for name in wrong)
            raise HeadgateError(
                f"this is no workflow run: {names} missing or malformed",
                "the runtime runs inside the workflows that `headgate generate` writes",
            )
        return cls(
            run_id=int(text("RUN_ID")),
            attempt=int(text("RUN_ATTEMPT")),
            run_number=int(text("RUN_NUMBER")),
            repository=text("REPOSITORY"),
            server_url=text("SERVER_URL").rstrip("/"),
            api_url=text("API_URL").rstrip("/"),
            sha=text("SHA"),
            ref=text("REF"),
            actor=text("TRIGGERING_ACTOR") or text("ACTOR"),
            event_name=text("EVENT_NAME"),
            workflow_ref=text("WORKFLOW_REF"),
            job=text("JOB"),
            token=text("TOKEN") or None,
            output_path=path("OUTPUT"),
            summary_path=path("STEP_SUMMARY"),
        )

    @property
    def run_url(self) -> str:
        """The page of the run."""
        return f"{self.server_url}/{self.repository}/actions/runs/{self.run_id}"

    @property
    def remote(self) -> str:
        """The repository as git reaches it; carries no credentials."""
        return f"{self.server_url}/{self.repository}.git"


def set_outputs(runner: Runner, values: Mapping[str, str]) -> None:
    """Hand values to later jobs. A random delimiter keeps a value from setting outputs of its own."""
    blocks = []
    for name, value in values.items():
        delimiter = f"headgate_{os.urandom(16).hex()}"
        blocks.append(f"{name}<<{delimiter}\n{value}\n{delimiter}\n")
    _append(runner.output_path, "".join(blocks).encode("utf-8", "backslashreplace"))


def add_summary(runner: Runner, markdown: str) -> None:
    """Append to the job's summary; past 1 MiB the rest is left out, which the summary then says."""
    path = runner.summary_path
    room = SUMMARY_LIMIT - (path.stat().st_size if path and path.exists() else 0)
    content = markdown.encode("utf-8", "backslashreplace")
    if len(content) > room:
        lines_that_fit = content[: max(room - len(_CUT), 0)].rpartition(b"\n")[0]
        # Filled up with empty lines, so that nothing follows the note.
        content = (lines_that_fit + _CUT).ljust(room, b"\n") if room >= len(_CUT) else b""
    _append(path, content)


def _append(path: Path | None, content: bytes) -> None:
    if path is None:
        return
    try:
        with path.open("ab") as file:
            file.write(content)
    except OSError as error:
        raise HeadgateError(f"the runner's file can't be written: {error}") from None


# What Markdown, HTML, GitHub's mentions and bare links start with.
_MARKUP = re.compile(r"[\\`*_{}\[\]<>&|~!$\"'^]|[@#]|:(?=//)|(?i:(?<=www))\.|^[-+=]|(?<=^[0-9])[.)]")
_BREAK = "&#8203;"


def escape_markdown(text: str) -> str:
    """Return `text` as one line that GitHub shows as it was written, wherever in a summary it stands."""

    def escape(found: re.Match[str]) -> str:
        character = found[0]
        # Looked for after entities are resolved: an invisible character keeps these apart from what follows.
        return f"&#{ord(character)};{_BREAK if character in '@#:.' else ''}"

    line = "".join(character if character.isprintable() else " " for character in text)
    return _MARKUP.sub(escape, " ".join(line.split()))


def say(text: str) -> None:
    """Print lines that the runner never takes for a command (`::` first in a line, `##[` anywhere)."""
    for line in text.splitlines() or [""]:
        harmless = line.replace("##[", "## [")
        if harmless.lstrip().startswith("::"):
            harmless = harmless.replace("::", ": :", 1)
        _print(harmless)


def notice(message: str, title: str = "") -> None:
    """Annotate the run with something worth knowing."""
    _annotate("notice", message, title)


def warning(message: str, title: str = "") -> None:
    """Annotate the run with something that should be looked at."""
    _annotate("warning", message, title)


def error(message: str, title: str = "") -> None:
    """Annotate the run with what went wrong."""
    _annotate("error", message, title)


def _annotate(kind: str, message: str, title: str) -> None:
    # https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
    text = message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    name = title.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    name = name.replace(":", "%3A").replace(",", "%2C")
    _print(f"::{kind} title={name}::{text}" if name else f"::{kind}::{text}")


def _print(line: str) -> None:
    encoding = sys.stdout.encoding or "utf-8"
    print(line.encode(encoding, "backslashreplace").decode(encoding), flush=True)
