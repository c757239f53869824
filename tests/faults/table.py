"""Plays many cells at a time and prints a line for each, in their order; then how many there were of what."""

from __future__ import annotations

import time
import traceback
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TextIO

from tests.e2e.stories.story import Theatre
from tests.faults.cells import Cell
from tests.faults.play import play


@dataclass(frozen=True)
class Played:
    """How a cell ended; `wrong` is the story of a failed one."""

    cell: Cell
    ended: str
    seconds: float
    wrong: str = ""


class Table:
    """Lines on a stream; on a terminal also how far it is."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._live = stream.isatty()

    def head(self) -> None:
        """The titles of the columns."""
        self._print(_line("fault", "state", "recovery", "ended", ""))

    def row(self, played: Played, place: str) -> None:
        """One cell."""
        cell, word = played.cell, "FAILED" if played.wrong else "ok"
        self._print(_line(str(cell.fault), str(cell.scene), cell.recovery, played.ended, word))
        if played.wrong:
            self._print("\n".join(f"    {line}" for line in played.wrong.splitlines()))
        if self._live:
            self._stream.write(f"\r{place}")
            self._stream.flush()

    def foot(self, text: str) -> None:
        """The last line."""
        self._print(text)

    def _print(self, text: str) -> None:
        start = "\r\x1b[K" if self._live else ""
        print(f"{start}{text}", file=self._stream, flush=True)


def play_all(theatre: Theatre, cells: Sequence[Cell], jobs: int, table: Table) -> int:
    """Play them, `jobs` at a time; 1 when one failed."""
    begun = time.monotonic()
    table.head()
    failed = 0
    with ThreadPoolExecutor(jobs) as pool:
        for number, played in enumerate(pool.map(lambda cell: perform(theatre, cell), cells), 1):
            failed += bool(played.wrong)
            table.row(played, f"{number} of {len(cells)}, {failed} failed")
    parts = [
        f"{len({str(read(cell)) for cell in cells})} {name}"
        for name, read in {
            "faults": lambda cell: cell.fault,
            "states": lambda cell: (cell.scene.strategy, cell.scene.state),
            "recoveries": lambda cell: cell.recovery,
        }.items()
    ]
    taken = time.monotonic() - begun
    table.foot(f"\n{len(cells)} cells ({', '.join(parts)}), {failed} failed, {taken:.0f} s")
    return 1 if failed else 0


def perform(theatre: Theatre, cell: Cell) -> Played:
    """Play one cell and say how it ended; whatever goes wrong is the cell's failure."""
    begun = time.monotonic()
    try:
        ended, wrong = play(theatre, cell), ""
    except Exception as error:
        ended, wrong = type(error).__name__, "".join(traceback.format_exception(error, limit=-3))
    return Played(cell, ended, time.monotonic() - begun, wrong)


def _line(fault: str, state: str, recovery: str, ended: str, word: str) -> str:
    return f"{fault:38} {state:42} {recovery:19} {ended:40} {word}".rstrip()
