"""May a release enter? Which one is the newest that may, and where does a rollback go?"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from headgate_runtime.entry import (
    ENTER,
    HERE,
    REFUSED,
    SUPERSEDED,
    WAIT,
    may_enter,
    newest_for,
    rollback_target,
    unmet_needs,
)
from headgate_runtime.errors import StateCorrupt
from headgate_runtime.plan import Deploy, Environment, Part, Plan
from headgate_runtime.record import (
    BuiltRelease,
    Queued,
    Record,
    Release,
    record_path,
    release_path,
    to_file,
)
from headgate_runtime.state import State

from tests.runtime.rollouts import NOW, STAGES, rollout

ONE, TWO, THREE = (Release(f"{n}-{str(n) * 7}", n, str(n) * 40) for n in (1, 2, 3))
PART = Part(STAGES["all_at_once"], {})
APP = Deploy("app", "app.yaml", ("api", "db"), (), {"dev": PART, "prod": PART})
API = Deploy("api", "api.yaml", (), (), {"dev": PART, "test": PART, "prod": PART})
DB = Deploy("db", "db.yaml", (), (), {"dev": PART})
PLAN = Plan(
    "0.1.0", "main", "headgate/state",
    tuple(Environment(name, False) for name in ("dev", "test", "prod")), (), (APP, API, DB),
)  # fmt: skip


@dataclass
class Files:
    """A snapshot in memory."""

    files: dict[str, bytes] = field(default_factory=dict)
    commit: str = "c" * 40

    def read(self, path: str) -> bytes | None:
        return self.files.get(path)

    def paths(self, prefix: str = "") -> tuple[str, ...]:
        return tuple(sorted(path for path in self.files if path.startswith(prefix)))


def state(*records: Record) -> State:
    files = {record.path: to_file(record) for record in records}
    built = [BuiltRelease(r.id, r.order, r.sha, NOW, {}) for r in (ONE, TWO, THREE)]
    return State(Files(files | {release_path(item.id): to_file(item) for item in built}))


def live(deploy: str, release: Release, environment: str = "dev", **changes: object) -> Record:
    found = Record(environment, deploy, live=release, promoted=(release.id,))
    return replace(found, **changes)  # type: ignore[arg-type]


def word(
    found: State, release: Release, deploy: Deploy = API, place: str = "dev", force: bool = False
) -> str:
    return may_enter(PLAN, found, place, deploy, release, force=force).word


def test_anything_may_enter_the_first_environment() -> None:
    assert word(state(), TWO) == ENTER


def test_what_is_there_or_on_its_way_is_skipped() -> None:
    assert word(state(live("api", TWO)), TWO) == HERE
    under_way = Record("dev", "api", open=rollout("all_at_once", release=TWO))
    assert word(state(under_way), TWO) == HERE
    assert word(state(under_way), THREE) == ENTER


def test_a_lower_order_is_superseded_by_what_is_live_or_queued() -> None:
    assert word(state(live("api", TWO)), ONE) == SUPERSEDED
    queued = Record("dev", "api", queued=Queued(TWO, "somebody", "promote", NOW))
    assert word(state(queued), ONE) == SUPERSEDED
    assert word(state(queued), THREE) == ENTER
    assert word(state(live("api", TWO)), ONE, force=True) == ENTER


def test_quarantine_refuses_and_force_does_not() -> None:
    found = state(live("api", ONE, quarantine=(TWO.id,)))
    assert word(found, TWO) == REFUSED
    assert word(found, TWO, force=True) == ENTER


def test_a_release_must_have_been_promoted_in_the_nearest_environment_before() -> None:
    assert word(state(), TWO, place="test") == REFUSED
    assert word(state(live("api", TWO)), TWO, place="test") == ENTER
    assert word(state(live("api", TWO)), TWO, place="prod") == REFUSED
    assert word(state(live("app", TWO)), TWO, APP, "prod", force=True) == WAIT
    moved_on = live("api", THREE, promoted=(THREE.id, TWO.id))
    assert word(state(moved_on), TWO, place="test") == ENTER
    baking = live("api", TWO, promoted=())
    assert word(state(baking), TWO, place="test") == REFUSED
    taken_back = live("api", ONE, promoted=(TWO.id, ONE.id), quarantine=(TWO.id,))
    assert word(state(taken_back), TWO, place="test") == REFUSED
    assert word(state(), TWO, place="test", force=True) == ENTER


def test_needs_wait_for_the_same_release_or_a_newer_one_that_was_promoted() -> None:
    assert word(state(), TWO, APP) == WAIT
    assert unmet_needs(PLAN, state(live("api", TWO)), "dev", APP, TWO) == ("db",)
    assert word(state(live("api", TWO), live("db", THREE)), TWO, APP) == ENTER
    assert word(state(live("api", TWO), live("db", ONE)), TWO, APP) == WAIT
    assert word(state(live("api", TWO), live("db", TWO, promoted=())), TWO, APP) == WAIT


def test_a_need_that_the_environment_does_not_have_is_ignored() -> None:
    found = state(live("app", TWO), live("api", TWO, "prod"))
    assert word(found, TWO, APP, "prod") == ENTER


def test_the_newest_release_is_the_newest_that_all_the_deploys_may_take() -> None:
    assert newest_for(PLAN, state(), "dev", (API, DB)) == THREE
    half = state(live("api", THREE), live("db", THREE, quarantine=()))
    assert newest_for(PLAN, half, "dev", (API, DB)) == THREE
    bad = state(live("api", ONE, quarantine=(THREE.id,)))
    assert newest_for(PLAN, bad, "dev", (API, DB)) == TWO
    assert newest_for(PLAN, state(), "prod", (API,)) is None


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (live("api", THREE, previous=(ONE, TWO)), TWO),
        (live("api", THREE, previous=(TWO, ONE), quarantine=(TWO.id,)), ONE),
        (live("api", TWO, previous=(THREE, ONE)), ONE),
        (live("api", ONE), None),
        (Record("dev", "api"), None),
        (live("api", TWO, previous=(ONE,), last=(rollout("all_at_once", "failed"),)), TWO),
        (live("api", TWO, previous=(ONE,), last=(rollout("canary", "rolled_back"),)), ONE),
    ],
)
def test_a_rollback_goes_to_the_newest_lower_release_that_is_not_in_quarantine(
    record: Record, expected: Release | None
) -> None:
    assert rollback_target(record, None) == expected


def test_a_rollback_goes_where_it_is_told() -> None:
    record = live("api", THREE, previous=(TWO,), quarantine=(ONE.id,))
    assert rollback_target(record, ONE) == ONE


def test_the_record_of_another_place_is_a_corrupt_file() -> None:
    found = State(Files({record_path("dev", "api"): to_file(Record("dev", "app"))}))
    with pytest.raises(StateCorrupt, match="another place"):
        found.record("dev", "api")
    damaged = State(Files({record_path("dev", "api"): b"{"}))
    with pytest.raises(StateCorrupt, match=r"environments/dev/api\.json.*c{40}"):
        damaged.records()
