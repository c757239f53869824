"""The demo's voice: numbered headlines, the commands it runs, and what they answer."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

BOLD, DIM, GREEN, RED, PLAIN = "\033[1m", "\033[2m", "\033[32m", "\033[31m", "\033[0m"


def is_colored() -> bool:
    """Whether to use colour: on a terminal, unless NO_COLOR says no; always with FORCE_COLOR."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or sys.stdout.isatty()


@dataclass(frozen=True)
class Voice:
    """Writes to standard output."""

    colored: bool
    numbers: count[int]

    @classmethod
    def create(cls) -> Voice:
        """A voice that starts to count at 1."""
        return cls(is_colored(), count(1))

    def paint(self, color: str, text: str) -> str:
        """Colour a text where colour is wanted."""
        return f"{color}{text}{PLAIN}" if self.colored else text

    def headline(self, text: str) -> None:
        """Begin the next part."""
        print(f"\n{self.paint(BOLD, f'{next(self.numbers)}. {text}')}\n", flush=True)

    def say(self, text: str) -> None:
        """Say a sentence or two."""
        print(f"   {text}", flush=True)

    def show(self, text: str) -> None:
        """Show what a program or a file says."""
        print("".join(f"     {line}\n" for line in text.rstrip("\n").split("\n")), flush=True)

    def verdict(self, *, good: bool, text: str) -> None:
        """Say how something came out."""
        mark = self.paint(GREEN, "✓") if good else self.paint(RED, "✗")
        print(f"   {mark} {text}", flush=True)

    def run(
        self, where: Path, command: Sequence[str], fold: Callable[[str], str] = lambda output: output
    ) -> None:
        """Run a command of ours and show what it answers; raises SystemExit when it fails."""
        print(f"   {self.paint(DIM, '$')} {' '.join(command)}")
        program = str(Path(sys.executable).with_name(command[0]))
        ended = subprocess.run(
            [program, *command[1:]], cwd=where, capture_output=True, text=True, check=False
        )
        self.show(fold(ended.stdout + ended.stderr))
        if ended.returncode:
            raise SystemExit(f"{' '.join(command)} exited with {ended.returncode}")
