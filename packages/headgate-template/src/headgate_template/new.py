"""A new repository from the template.

Rule: nothing is written unless every answer is good; copier validates them, by `copier.yml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from headgate_template.path import template_path


class TemplateError(Exception):
    """The repository can't be made; the message is one line for people."""


def create(destination: Path, answers: Mapping[str, str], *, ask: bool = False) -> None:
    """Copy the template to a folder that doesn't exist yet or is empty.

    `answers` are by the names of the questions in `copier.yml`; the others are asked on a terminal with `ask`
    and have their defaults without. Raises TemplateError, and then leaves no folder behind.
    """
    from copier import run_copy  # copier takes a second to import, so nobody pays for it but this
    from copier.errors import CopierError

    refuse_occupied(destination)
    refuse_unknown(answers)
    try:
        run_copy(
            str(template_path()),
            destination,
            data=dict(answers),
            defaults=not ask,
            quiet=True,
            unsafe=False,
        )
    except (CopierError, ValueError, OSError) as error:
        raise TemplateError(one_line(error)) from error


def refuse_occupied(destination: Path) -> None:
    """Raise TemplateError when the destination is a file or a folder with something in it."""
    if destination.is_dir() and not any(destination.iterdir()):
        return
    if destination.exists() or destination.is_symlink():
        raise TemplateError(f'"{destination}" is already there; name a folder that is new or empty')


def refuse_unknown(answers: Mapping[str, str]) -> None:
    """Raise TemplateError when there is an answer to a question that nobody asks."""
    known = questions()
    for name in answers:
        if name not in known:
            raise TemplateError(f'the template has no question "{name}"; it has {", ".join(known)}')


def questions() -> tuple[str, ...]:
    """Return the names of the questions a person may answer, in order."""
    import yaml

    described = yaml.safe_load((template_path() / "copier.yml").read_text(encoding="utf-8"))
    return tuple(
        name
        for name, question in described.items()
        if not name.startswith("_") and question.get("when", True)
    )


def one_line(error: BaseException) -> str:
    """Return an error's message without line breaks."""
    return " ".join(str(error).split()) or type(error).__name__
