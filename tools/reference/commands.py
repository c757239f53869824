"""The page of the commands: what each takes, read from its own parser."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from inspect import cleandoc
from pathlib import Path
from typing import Any

from headgate import cli as headgate
from headgate_schema import cli as headgate_schema

from tools.reference.markdown import cell, code, page, table

INTRODUCTION = """\
`headgate` is what people use; it contains the commands of `headgate-schema`, which can be installed alone and
starts faster. Everywhere: exit code 0 is fine, 1 means findings, drift or a refusal, 2 means wrong usage or a
failure. Colour appears on a terminal only; `NO_COLOR` and `FORCE_COLOR` are respected. `HEADGATE_DOCS_URL`
says where this documentation is served; findings then link to it.

After `pip install "headgate[completion]"` a shell completes commands, options and codes, for example bash
with this line in `~/.bashrc`: `source <(headgate completion bash)`."""


def render(_: Path) -> dict[str, str]:
    """Return the page."""
    ours = {name: about for name, about in headgate.COMMANDS.items() if name not in headgate_schema.COMMANDS}
    sections = (
        *program("headgate", ours, headgate.load),
        *program("headgate-schema", headgate_schema.COMMANDS, load_schema_command),
    )
    return {"docs/reference/commands.md": page("Commands", INTRODUCTION, *sections)}


def load_schema_command(command: str) -> Any:
    """The module of one of its commands."""
    return import_module(f"headgate_schema.cli.{command}")


def program(name: str, commands: Mapping[str, str], load: Callable[[str], Any]) -> Iterator[str]:
    """Yield a section for each command of one program."""
    for command, about in commands.items():
        module = load(command)
        parser = argparse.ArgumentParser(prog=f"{name} {command}")
        module.add_arguments(parser)
        yield section(
            f"{name} {command}",
            getattr(module, "DESCRIPTION", f"{about[0].upper()}{about[1:]}."),
            parser,
            module,
        )


def section(title: str, description: str, parser: argparse.ArgumentParser, module: object) -> str:
    """Describe one command: what it does, what it takes, examples."""
    rows = [argument(action) for action in parser._actions if action.dest != "help"]
    examples = getattr(module, "EXAMPLES", parser.epilog)
    parts = (
        f"## `{title}`",
        cleandoc(description),
        table(("argument", "does"), rows) if rows else "It takes no arguments.",
        f"```text\n{examples.strip()}\n```" if examples else "",
    )
    return "\n\n".join(filter(None, parts))


def argument(action: argparse.Action) -> tuple[str, str]:
    """Name one argument as it is typed, and what it is for."""
    value = action.metavar or ("|".join(map(str, action.choices)) if action.choices else action.dest.upper())
    takes = "" if action.nargs == 0 else str(value)
    shown = " ".join(filter(None, (", ".join(action.option_strings), takes)))
    return code(shown), cell(action.help or "")
