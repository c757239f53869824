"""The axes of the fault matrix as data, and which of their combinations make a cell.

Pure. A cell is a fault that strikes in a scene, and the path by which the rollout recovers; a combination
that is none has a reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from headgate_runtime.jobs import FINISH, START
from headgate_runtime.machine import EVENTS

from tests.faults.scenes import SCENES, Scene

ITSELF, CRON, RERUN, RELEASE = "itself", "framework run", "re-run failed jobs", "next release"
PATHS = (ITSELF, CRON, RERUN, RELEASE)
"""Recovery paths apart from verbs. `itself`: the run's own `finish` lives and nobody does anything. In every
other path the whole run dies where the fault strikes.
"""

VERBS = (*EVENTS, "resolve")
RECOVERIES = (*PATHS, *VERBS)


@dataclass(frozen=True)
class Fault:
    """One kind of misfortune; `item` is what it is a variant of.

    `strikes`: run (something must be at work), branch (writing or reading the state), world (anything).
    `leaves`: where the rollout is afterwards, if the run dies: there, back (or on its way), or further on.
    """

    name: str
    item: str
    strikes: str
    leaves: str = "back"

    def __str__(self) -> str:
        """Its name."""
        return self.name


CANCELLED = Fault("cancelled", "cancel", "run")
KILLED_BEFORE_PUSH = Fault("gate killed before its push", "SIGKILL before the push", "run", leaves="there")
KILLED_AFTER_PUSH = Fault(
    "gate killed between push and output", "SIGKILL between push and output", "run", leaves="further on"
)
KILLED_AFTER_OUTPUT = Fault(
    "gate killed after its output", "SIGKILL after the output", "run", leaves="further on"
)
RUNNER_LOST = Fault("runner lost", "runner lost", "run")
TIMED_OUT = Fault("job timed out", "job timed out", "run")
API_DOWN = Fault("API down", "API down", "world", leaves="there")
PUSH_FORBIDDEN = Fault("push forbidden by a rule", "push refused for ever", "branch", leaves="there")
PUSH_UNANSWERED = Fault("push never answered", "push refused for ever", "branch", leaves="there")
BRANCH_DELETED = Fault("state branch deleted", "branch deleted or rewound", "branch", leaves="there")
BRANCH_REWOUND = Fault("state branch rewound", "branch deleted or rewound", "branch", leaves="there")
CLOCK_FORWARD = Fault("clock jumps 1 h ahead", "clock jumps", "world")
CLOCK_BACK = Fault("clock jumps 1 h back", "clock jumps", "world", leaves="there")
PLAN_CHANGED = Fault("plan changed on trunk", "plan changed", "world")
DEPLOY_REMOVED = Fault("deploy removed from the manifest", "deploy removed", "world")

FAULTS = (
    CANCELLED,
    KILLED_BEFORE_PUSH,
    KILLED_AFTER_PUSH,
    KILLED_AFTER_OUTPUT,
    RUNNER_LOST,
    TIMED_OUT,
    API_DOWN,
    PUSH_FORBIDDEN,
    PUSH_UNANSWERED,
    BRANCH_DELETED,
    BRANCH_REWOUND,
    CLOCK_FORWARD,
    CLOCK_BACK,
    PLAN_CHANGED,
    DEPLOY_REMOVED,
)

UNWRITABLE = (PUSH_FORBIDDEN, PUSH_UNANSWERED, BRANCH_DELETED, BRANCH_REWOUND)
"""Faults after which nothing can be written: red, and a person restores the branch first."""


@dataclass(frozen=True)
class Cell:
    """One story of the matrix."""

    fault: Fault
    scene: Scene
    recovery: str

    def __str__(self) -> str:
        """`cancelled | canary baking, in the bake | abort`."""
        return f"{self.fault} | {self.scene} | {self.recovery}"

    @property
    def run_dies(self) -> bool:
        """Whether `finish` goes down with the rest of the run."""
        return self.recovery != ITSELF


def excuse(cell: Cell) -> str:
    """Why this combination makes no story; empty if it makes one."""
    return _excuse_of_fault(cell.fault, cell.scene) or _excuse_of_recovery(cell)


def _excuse_of_fault(fault: Fault, scene: Scene) -> str:
    if scene.is_quiet and fault.strikes == "run":
        return "nobody is at work there"
    if scene.is_quiet and fault == PUSH_UNANSWERED:
        return "a push by nobody can't go unanswered"
    if fault == BRANCH_REWOUND and (scene.is_quiet or scene.job == START):
        return "only a run that wrote a later commit can know"
    if fault == KILLED_AFTER_OUTPUT and scene.gate == FINISH:
        return "finish hands nothing on"
    if fault == TIMED_OUT and scene.is_before:
        return "the job has not begun"
    return ""


def _excuse_of_recovery(cell: Cell) -> str:
    fault, scene, recovery = cell.fault, cell.scene, cell.recovery
    if recovery == ITSELF:
        return _excuse_of_itself(fault, scene)
    if recovery == RERUN:
        return "there is no run to run again" if scene.is_quiet else ""
    if recovery in PATHS:
        return ""
    if fault == DEPLOY_REMOVED:
        return "" if recovery == "resolve" and scene.is_held_when_removed else "only resolve is left"
    if recovery not in scene.verbs:
        return f"{scene.state} takes no {recovery}"
    if fault == PLAN_CHANGED and recovery not in ("abort", "resolve"):
        return "the plan is another one: abort or resolve"
    if fault == API_DOWN and scene.is_quiet:
        return "somebody has said `abort` in vain already"
    if fault.leaves == "further on":
        return "the decision is written, so the rollout goes on"
    if fault.leaves == "back" and recovery != "abort" and not scene.is_quiet:
        return "the rollout does not stay where it was"
    return ""


def _excuse_of_itself(fault: Fault, scene: Scene) -> str:
    if scene.is_quiet:
        return "nothing runs that could recover by itself"
    if fault in UNWRITABLE:
        return "finish can't write either"
    if scene.gate == FINISH and fault in (KILLED_BEFORE_PUSH, KILLED_AFTER_PUSH):
        return "it is finish that dies"
    if scene.gate == FINISH and fault in (PLAN_CHANGED, DEPLOY_REMOVED):
        return "the rollout ends with the plan it began with"
    return ""


def every_cell() -> Iterator[Cell]:
    """All combinations that make a story, fault by fault."""
    made = (Cell(fault, scene, path) for fault in FAULTS for scene in SCENES for path in RECOVERIES)
    return (cell for cell in made if not excuse(cell))


def default_cells() -> list[Cell]:
    """A story for each kind of fault in each state; variants, scenes and recoveries take turns."""
    used: Counter[object] = Counter()
    chosen = []
    for _, group in groupby(sorted(every_cell(), key=_kind), key=_kind):
        cell = min(group, key=lambda cell: _uses(used, cell))
        fault, path = cell.fault, cell.recovery
        used.update(((fault.item, path), path, fault, cell.scene))
        chosen.append(cell)
    return chosen


def _kind(cell: Cell) -> tuple[int, int]:
    """The fault's item and the state, by number."""
    items = list(dict.fromkeys(fault.item for fault in FAULTS))
    places = list(dict.fromkeys((scene.strategy, scene.state) for scene in SCENES))
    return items.index(cell.fault.item), places.index((cell.scene.strategy, cell.scene.state))


def _uses(used: Counter[object], cell: Cell) -> tuple[int, ...]:
    """How worn a cell's parts are: the least worn one is played."""
    fault, path = cell.fault, cell.recovery
    return (used[(fault.item, path)] + used[path] // len(SCENES), used[path], used[fault], used[cell.scene])
