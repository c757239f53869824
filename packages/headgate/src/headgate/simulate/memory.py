"""A state branch in memory: the same compare-and-swap port as the real one, with nobody to race against."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from headgate_runtime.branch import Change
from headgate_runtime.errors import StateMissing, StateRewound
from headgate_runtime.record import FORMAT
from headgate_runtime.state import Files

from headgate.simulate.story import Fault


class JobDied(Exception):
    """The runner of a virtual job is lost, before or after its push."""


@dataclass(frozen=True)
class Snapshot:
    """The files at one commit."""

    commit: str
    files: dict[str, bytes]

    def read(self, path: str) -> bytes | None:
        """The content of a file, or None."""
        return self.files.get(path)

    def paths(self, prefix: str = "") -> tuple[str, ...]:
        """The paths that start so, sorted."""
        return tuple(sorted(path for path in self.files if path.startswith(prefix)))


@dataclass(frozen=True)
class Written:
    """What a write left."""

    commit: str


@dataclass
class MemoryBranch:
    """The whole branch; `log` has every change in order. `threaten` makes a push kill its job. `trunk` is the
    commit at the tip of the trunk.
    """

    name: str
    files: dict[str, bytes] = field(default_factory=dict)
    log: list[Change] = field(default_factory=list)
    threat: Fault | None = None
    pushes: int = 0
    trunk: str = ""

    def tip(self) -> str | None:
        """The commit, which is a number here; None before the first."""
        return f"{len(self.log):040x}" if self.files else None

    def head(self, branch: str) -> str | None:
        """The commit at the tip of the state branch, or of the trunk."""
        return self.tip() if branch == self.name else self.trunk

    def fetch(self) -> Snapshot:
        """The present state."""
        tip = self.tip()
        if tip is None:
            raise StateMissing(f"the state branch {self.name} is missing")
        return Snapshot(tip, dict(self.files))

    def write(
        self,
        decide: Callable[[Files], Sequence[Change]],
        *,
        patience: float,  # noqa: ARG002 - nobody to race against
        create: bool,
        known: Sequence[str],
    ) -> Written:
        """Apply what `decide` makes of the present state."""
        if create and not self.files:
            self.files["format"] = f"{FORMAT}\n".encode()
        base = self.fetch()
        if lost := [commit for commit in known if commit > base.commit]:
            raise StateRewound(f"the state branch {self.name} went back behind {lost[0]}")
        changes = decide(base)
        if not changes:
            return Written(base.commit)
        self.pushes += 1
        if self._kills("dies_before_push"):
            raise JobDied
        for change in changes:
            self._apply(change)
        if self._kills("dies_after_push"):
            raise JobDied
        return Written(self.tip() or "")

    def threaten(self, fault: Fault | None) -> None:
        """Let a push of the job that runs now kill it, the fault's `nth`; None: let it live."""
        self.threat, self.pushes = fault, 0

    def _kills(self, kind: str) -> bool:
        return self.threat is not None and self.threat.kind == kind and self.threat.nth == self.pushes

    def _apply(self, change: Change) -> None:
        self.log.append(change)
        for path, content in change.files.items():
            if content is None:
                self.files.pop(path, None)
            else:
                self.files[path] = content
