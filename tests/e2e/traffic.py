"""A recording fake of the traffic, and callbacks that write to it.

The callbacks in `callbacks/` run `bin/fake-traffic`, which appends to the log of a `Traffic` and behaves
as it says.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from tests.e2e.node import FOLDER
from tests.e2e.world import Repository

CALLBACKS = FOLDER / "callbacks"
WORKFLOW_FOLDER = ".github/workflows"


@dataclass(frozen=True)
class Call:
    """One call of a callback. `finished` becomes true when it ends well.

    `begun_on` and `ended_on` are the tips of the state branch then, if it was told to look.
    """

    workflow: str
    run: int
    attempt: int
    inputs: Mapping[str, Any]
    finished: bool
    begun_on: str = ""
    ended_on: str = ""

    @classmethod
    def read(cls, begin: Mapping[str, Any], end: Mapping[str, Any] | None) -> Self:
        """The call that one or two lines of the log tell of."""
        file = begin["workflow"].rpartition("/")[2]
        told = (begin["run"], begin["attempt"], begin["inputs"])
        return cls(file, *told, end is not None, begin["tip"], "" if end is None else end["tip"])

    @property
    def action(self) -> str:
        """The contract input `action`."""
        return str(self.inputs.get("action", ""))

    @property
    def deploy(self) -> str:
        """The contract input `deploy`."""
        return str(self.inputs.get("deploy", ""))

    @property
    def environment(self) -> str:
        """The contract input `environment`."""
        return str(self.inputs.get("environment", ""))

    @property
    def release(self) -> str:
        """The contract input `release`."""
        return str(self.inputs.get("release", ""))

    @property
    def percent(self) -> int:
        """The contract input `percent`."""
        return int(self.inputs.get("percent", 0))

    @property
    def step(self) -> int:
        """The contract input `step`."""
        return int(self.inputs.get("step", 0))

    @property
    def color(self) -> str:
        """The contract input `color`."""
        return str(self.inputs.get("color", ""))

    @property
    def rollout_id(self) -> str:
        """The contract input `rollout_id`."""
        return str(self.inputs.get("rollout_id", ""))


class Traffic:
    """The log of all calls to the callbacks of one repository, and their behaviour."""

    def __init__(self, folder: Path) -> None:
        """A folder of its own, outside of any repository."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._log = folder / "log.jsonl"
        self._behaviour = folder / "behaviour.tsv"
        self._gates = 0
        self._log.touch()
        self._behaviour.touch()

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which callbacks find it."""
        return {"TRAFFIC_LOG": str(self._log), "TRAFFIC_BEHAVIOUR": str(self._behaviour)}

    def attach(self, repository: Repository, state_branch: str = "") -> None:
        """Let the callbacks of this repository write here; with the tip of that branch at each time."""
        tip = (
            {"TRAFFIC_TIP": str(repository.git_dir / "refs" / "heads" / state_branch)} if state_branch else {}
        )
        repository.configure(stepEnvironment={**self.environment, **tip})

    def behave(
        self,
        outcome: str,
        argument: str = "",
        *,
        deploy: str = "*",
        environment: str = "*",
        action: str = "*",
        step: int | str = "*",
        times: int | str = "*",
    ) -> None:
        """Add a behaviour (see `bin/fake-traffic`): fail, hang, sleep, result, reason, url, say.

        times: how many of the calls that match, `#2` for the second alone.
        """
        fields = (deploy, environment, action, step, times, outcome, argument)
        with self._behaviour.open("a") as file:
            file.write("\t".join(map(str, fields)) + "\n")

    def hang(self, **where: Any) -> Path:
        """Let calls hang until the returned path exists (`path.touch()`)."""
        self._gates += 1
        gate = self.folder / f"gate-{self._gates}"
        self.behave("hang", str(gate), **where)
        return gate

    def calm(self) -> None:
        """Forget all behaviours: from now on every call succeeds."""
        self._behaviour.write_text("")
        for counter in self.folder.glob("log.jsonl.line-*"):
            counter.unlink()

    @property
    def records(self) -> list[dict[str, Any]]:
        """The log itself: one record when a call begins, another when it ends well."""
        return [json.loads(line) for line in self._log.read_text().splitlines()]

    @property
    def calls(self) -> list[Call]:
        """Every call, in the order in which they began."""
        records = self.records
        ended = {_identity(one): one for one in records if one["event"] == "end"}
        return [Call.read(one, ended.get(_identity(one))) for one in records if one["event"] == "begin"]

    @property
    def actions(self) -> list[str]:
        """`deploy/environment action percent` of every call, as short text to compare with."""
        return [f"{call.deploy}/{call.environment} {call.action} {call.percent}" for call in self.calls]


def _identity(record: Mapping[str, Any]) -> str:
    return json.dumps({**record, "event": "", "tip": ""}, sort_keys=True)


def callback_files(**variants: str) -> dict[str, str]:
    """`.github/workflows/<name>.yaml` for each keyword (`_` stands for `-`), which is one of `callbacks/`.

    `callback_files(deploy_app="callback", build_app="build", canary_promote="skipped-inside")`
    """
    return {
        f"{WORKFLOW_FOLDER}/{name.replace('_', '-')}.yaml": (CALLBACKS / f"{variant}.yaml").read_text()
        for name, variant in variants.items()
    }
