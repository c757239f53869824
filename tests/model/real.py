"""A state branch of real git behind the simulation engine: every write is a push to a bare origin.

What the engine looks at (its files, its log) is kept beside it, so that it can be compared with what git has.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from headgate.simulate.memory import JobDied, MemoryBranch, Written
from headgate_runtime.branch import Change, StateBranch
from headgate_runtime.git import Git
from headgate_runtime.state import Files


@dataclass
class RealBranch(MemoryBranch):
    """The same port, on `headgate_runtime.branch`; each write is that of another process."""

    remote: str = ""
    git: Git | None = None
    commits: list[str] = field(default_factory=list)

    @property
    def _branch(self) -> StateBranch:
        assert self.git is not None
        return StateBranch(self.remote, self.name, self.git)

    def tip(self) -> str | None:
        return self._branch.tip()

    def fetch(self) -> Any:
        return self._branch.fetch()

    def write(
        self,
        decide: Callable[[Files], Sequence[Change]],
        *,
        patience: float,
        create: bool,
        known: Sequence[str],
    ) -> Written:
        """Push, and remember what was pushed."""

        def attempt(files: Files) -> Sequence[Change]:
            changes = decide(files)
            self.pushes += bool(changes)
            if changes and self._kills("dies_before_push"):
                raise JobDied
            return changes

        written = self._branch.write(attempt, patience=patience, create=create, known=known)
        for change in written.changes:
            self._apply(change)
        if written.changes and self._kills("dies_after_push"):
            raise JobDied
        return Written(written.commit)
