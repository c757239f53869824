"""The explorer: every world that can be reached, breadth first, each looked at once.

On every edge the invariants are asked; from every world the way to rest is walked (I10): whatever has
happened, sweeps with enough time lead to an end, or to a rollout that is held.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass, field

from headgate_runtime.entry import unmet_needs
from headgate_runtime.machine import HELD

from tests.model.canon import key
from tests.model.moves import free_move, moves, time_and_sweep
from tests.model.sealing import sealed_files
from tests.model.world import Setup, World

MOST_STEPS = 400
"""More than any way to rest needs."""


@dataclass(frozen=True)
class Found:
    """An invariant that does not hold, and the shortest way there."""

    wrong: str
    path: tuple[str, ...]

    def __str__(self) -> str:
        return "\n  ".join([self.wrong, *self.path])


@dataclass
class Explored:
    """How much there was to see; `found` is the first thing that is wrong, which ends the exploration."""

    name: str
    states: int = 0
    transitions: int = 0
    found: Found | None = None
    rows: set[tuple[str, str, str, str]] = field(default_factory=set)
    """The rows of the machine that were taken: table, state, event, to."""


class Explorer:
    """Explores one setup, with so many things that may go wrong or be asked for on each path."""

    def __init__(self, setup: Setup, disturbances: int) -> None:
        self.setup = setup
        self.seen = Explored(setup.name)
        self.first = World.begin(setup, disturbances)
        self.came_from: dict[Hashable, tuple[Hashable, str] | None] = {}
        self.most_left: dict[Hashable, int] = {}
        self.restful: set[Hashable] = set()

    def explore(self) -> Explored:
        """See everything, or the first thing that is wrong."""
        start = key(self.first)
        self.came_from[start], self.most_left[start] = None, self.first.left
        todo = deque([(start, self.first)])
        while todo and not self.seen.found:
            at, world = todo.popleft()
            if self.most_left[at] > world.left:
                continue
            self._check_rest(at, world)
            for move in moves(world):
                found = world.after(move)
                self.seen.transitions += 1
                self.seen.rows |= found.rows
                if found.wrong:
                    self.seen.found = Found("; ".join(found.wrong), (*self.path(at), move.label))
                    break
                name = key(found)
                if self.most_left.get(name, -1) < found.left:
                    self.came_from.setdefault(name, (at, move.label))
                    self.most_left[name] = found.left
                    todo.append((name, found))
        self.seen.states = len(self.most_left)
        missing = [event for event in self.setup.must if event not in {row[2] for row in self.seen.rows}]
        if missing and not self.seen.found:
            self.seen.found = Found(f"{self.setup.name}: nobody ever said {', '.join(missing)}", ())
        return self.seen

    def path(self, at: Hashable) -> tuple[str, ...]:
        """The labels of the moves that lead there."""
        labels: list[str] = []
        while (step := self.came_from[at]) is not None:
            at, label = step
            labels.append(label)
        return tuple(reversed(labels))

    def _check_rest(self, at: Hashable, world: World) -> None:
        """I10: let everything go well from here; it comes to rest."""
        start, walked, labels = at, list[Hashable](), list[str]()
        while at not in self.restful and not self.seen.found:
            walked.append(at)
            move, waiting = free_move(world), what_waits(world)
            if move is None and not waiting:
                break
            move = move or time_and_sweep()
            world = world.after(move)
            labels.append(move.label)
            at = key(world)
            if world.wrong or len(labels) > MOST_STEPS:
                wrong = world.wrong or [f"i10_nothing_waits_for_ever: {waiting}"]
                self.seen.found = Found(
                    "; ".join(wrong), (*self.path(start), "from here on all goes well", *labels[-40:])
                )
        self.restful.update(walked)


def what_waits(world: World) -> str:
    """What is neither over nor waits for a person; nothing when the world is at rest."""
    found, plan = world.state(), world.setup.plans[world.plan_at]
    for record in found.records():
        if record.open and record.open.state != HELD:
            return f"{record.open.id} is {record.open.state}"
        queued, deploy = record.queued, plan.deploy(record.deploy)
        if queued is None or record.open or queued.waits_for_person or deploy is None:
            continue
        frozen = found.environment(record.environment).frozen
        if not frozen and not unmet_needs(plan, found, record.environment, deploy, queued.release):
            return f"{queued.release.id} is queued in {record.path}"
    return ""


def explore(setup: Setup, disturbances: int) -> Explored:
    """Everything that can happen in a setup when so many things go wrong."""
    with sealed_files():
        return Explorer(setup, disturbances).explore()
