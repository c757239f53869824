"""The verbs one by one: what they refuse, what they write, and how their run ends."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest
from headgate.simulate.engine import Seen
from headgate.simulate.github import Attempt, Job, VirtualGitHub
from headgate.simulate.memory import MemoryBranch
from headgate_runtime.advance import Course
from headgate_runtime.errors import ApiFailed, GitFailed, HeadgateError, Refused, StateMissing, StateRewound
from headgate_runtime.github import RunStatus
from headgate_runtime.plan import Part, Plan
from headgate_runtime.record import Owner, Record, Release, Rollout, to_file
from headgate_runtime.run import Facts, Run
from headgate_runtime.state import State, changes
from headgate_runtime.verbs.check import check
from headgate_runtime.verbs.finish import finish
from headgate_runtime.verbs.gate import gate
from headgate_runtime.verbs.register import OUTPUT_LIMIT, preflight, register
from headgate_runtime.verbs.start import start
from headgate_runtime.verbs.sweep import LOOKUPS, sweep

from tests.simulate.world import AT_ONCE, BLUE_GREEN, CANARY, Fault, Outcome, plan, world

OLD, NEW = Release("1-1111111", 1, "1" * 40), Release("2-2222222", 2, "2" * 40)
PLAN = plan(app=CANARY)


@dataclass
class Bench:
    """One verb at a time, on a branch and a GitHub that tests arrange as they like."""

    plan: Plan = PLAN
    branch: MemoryBranch = field(default_factory=lambda: MemoryBranch("headgate/state"))
    github: VirtualGitHub = field(default_factory=VirtualGitHub)
    slept: list[float] = field(default_factory=list)
    outputs: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    def put(self, record: Record) -> None:
        self.branch.files["format"] = b"1\n"
        self.branch.files[record.path] = to_file(record)

    def run(
        self, *, number: int = 1, run: int = 7, attempt: int = 1, ref: str = "main", **inputs: str
    ) -> Run:
        facts = Facts(run, attempt, number, f"{number:x}" * 40, f"refs/heads/{ref}", "somebody", "")
        self.outputs.clear()
        self.branch.trunk = facts.sha
        seen = Seen(self.outputs, self.lines)
        told = {"DEFAULT_BRANCH": "main", "ENVIRONMENT": "dev", "DEPLOY": "app", **inputs}
        return Run(self.plan, facts, told, self.branch, self.github, seen, self.sleep)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.github.time += int(seconds)

    @property
    def record(self) -> Record:
        return State(self.branch.fetch()).record("dev", "app")


def baking(**changes: object) -> Rollout:
    made = Rollout(
        id="dev-app-1", kind="promote", release=NEW, replaces=OLD, stages=CANARY,
        digest=Part(CANARY, {}).digest, state="baking", direct=False, started_at=0, actor="somebody",
        reason="promote", step=1, owner=Owner(7, 1), bake_until=10**10,
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def bench(opened: Rollout | None = None, **changes: object) -> Bench:
    made = Bench()
    made.put(replace(Record("dev", "app", 1, 1, live=OLD, open=opened), **changes))  # type: ignore[arg-type]
    return made


# register and preflight


def test_the_branch_is_founded_on_day_one_and_the_release_is_named_by_number_and_commit() -> None:
    it = Bench()
    assert preflight(it.run()) == 0
    assert it.outputs["release"] == "1-1111111"
    assert register(it.run(OUTPUT_0_0="v1")) == 0
    release = State(it.branch.fetch()).release("1-1111111")
    assert release is not None and (release.order, release.outputs) == (1, {"image": {"tag": "v1"}})


def test_a_promote_that_came_too_early_does_not_keep_the_branch_from_being_founded() -> None:
    it = Bench()
    it.github.new_run("headgate-promote.yaml", {}).attempts.append(Attempt(conclusion="failure"))
    assert preflight(it.run()) == 0
    assert register(it.run(OUTPUT_0_0="v1")) == 0


@pytest.mark.parametrize("workflow", ["headgate-promote.yaml", "headgate-release.yaml"])
def test_a_missing_branch_after_day_one_is_no_day_one(workflow: str) -> None:
    it = Bench()
    it.github.new_run(workflow, {}).attempts.append(Attempt(conclusion="success"))
    for verb in (preflight, register):
        with pytest.raises(StateMissing):
            verb(it.run())
    assert it.branch.files == {}


def test_a_release_is_built_once() -> None:
    it = Bench()
    register(it.run(OUTPUT_0_0="v1"))
    commits = len(it.branch.log)
    assert register(it.run(OUTPUT_0_0="v1")) == 0
    with pytest.raises(Refused, match="other outputs"):
        register(it.run(OUTPUT_0_0="v2"))
    assert len(it.branch.log) == commits


def test_a_run_number_that_went_back_still_makes_the_newest_release() -> None:
    it = Bench()
    register(it.run(number=9))
    register(it.run(number=3))
    assert [(built.id, built.order) for built in State(it.branch.fetch()).releases()] == [
        ("3-3333333", 10), ("9-9999999", 9),
    ]  # fmt: skip


def test_outputs_have_a_limit_each_and_together() -> None:
    it = Bench()
    assert register(it.run(OUTPUT_0_0="x" * OUTPUT_LIMIT)) == 0
    with pytest.raises(Refused, match="65537 bytes"):
        register(it.run(number=2, OUTPUT_0_0="x" * (OUTPUT_LIMIT + 1)))
    builds = tuple(replace(PLAN.builds[0], name=f"b{n}") for n in range(5))
    it.plan = replace(PLAN, builds=builds)
    big = {f"OUTPUT_{n}_0": "x" * OUTPUT_LIMIT for n in range(5)}
    with pytest.raises(Refused, match="together"):
        register(it.run(number=3, **big))


def test_releases_past_the_newest_fifty_are_pruned_unless_a_record_refers_to_them() -> None:
    it = Bench()
    for number in range(1, 53):
        register(it.run(number=number))
    it.put(Record("dev", "app", live=State(it.branch.fetch()).releases()[-1].release))
    register(it.run(number=60))
    kept = [built.order for built in State(it.branch.fetch()).releases()]
    assert kept == [60, *range(52, 3, -1), 3]


def test_an_empty_output_is_warned_of() -> None:
    it = Bench()
    register(it.run())
    assert any("GitHub dropped the output" in line for line in it.lines)


# who may act, and where


@pytest.mark.parametrize("verb", [preflight, start])
def test_entry_verbs_act_on_the_trunk_only(verb: object) -> None:
    it = bench()
    with pytest.raises(Refused, match="not on the trunk"):
        verb(it.run(ref="feature"))  # type: ignore[operator]
    with pytest.raises(Refused, match="default branch"):
        verb(it.run(DEFAULT_BRANCH="master"))  # type: ignore[operator]


def test_a_gate_of_another_run_or_attempt_or_rollout_is_stale_and_changes_nothing() -> None:
    others: list[Mapping[str, object]] = [{"run": 8}, {"attempt": 2}, {"ROLLOUT": "dev-app-9"}]
    for other in others:
        it = bench(baking(callback="verify_1"))
        told = {"GATE": "judge_1", "RESULT_verify_1": "failure", "ROLLOUT": "dev-app-1", **other}
        assert gate(it.run(**told)) == 0  # type: ignore[arg-type]
        assert it.outputs["next"] == "end"
        assert it.branch.log == []
        assert "stale" in it.lines[-1]


def test_a_gate_accepts_only_the_result_of_the_callback_that_the_record_names() -> None:
    it = bench(baking(callback="verify_1"))
    assert gate(it.run(GATE="bake_1", RESULT_canary_1="success", ROLLOUT="dev-app-1")) == 0
    assert it.branch.log == []


def test_a_gate_whose_own_commit_is_gone_is_red_and_writes_nothing() -> None:
    it = bench(baking())
    with pytest.raises(StateRewound):
        gate(it.run(GATE="bake_1", COMMITS="f" * 40))
    assert it.branch.log == []


def test_a_bake_survives_a_look_at_the_branch_that_fails() -> None:
    @dataclass
    class Unsteady(MemoryBranch):
        looked: int = 0

        def tip(self) -> str | None:
            if it.slept and self.looked < len(it.slept):
                self.looked += 1
                raise GitFailed("connection refused", "passing")
            return super().tip()

    it = bench()
    it.branch = Unsteady("headgate/state", it.branch.files)
    it.put(Record("dev", "app", 1, 1, live=OLD, open=baking(bake_until=it.github.time + 60)))
    assert gate(it.run(GATE="bake_1", ROLLOUT="dev-app-1")) == 0
    assert it.outputs["next"] == "verify_1"
    assert sum(it.slept) == 60


# finish


def ended(state: str) -> Bench:
    done = baking(state=state, owner=None, ended_at=1)
    return bench(None, last=(done,))


@pytest.mark.parametrize(
    ("state", "code"), [("promoted", 0), ("rolled_back", 1), ("aborted", 1), ("failed", 1)]
)
def test_the_end_of_the_rollout_colours_its_run(state: str, code: int) -> None:
    it = ended(state)
    assert finish(it.run(ROLLOUT="dev-app-1", ATTEMPT="1", CANCELLED="skipped")) == code
    assert it.branch.log == []


def test_held_is_red_and_parked_is_green() -> None:
    held = bench(baking(state="held", cause="inconclusive", held_from="baking", owner=None))
    assert finish(held.run(ROLLOUT="dev-app-1", ATTEMPT="1", CANCELLED="skipped")) == 1
    paused = bench(baking(state="paused", paused_at=10**10, owner=None))
    assert finish(paused.run(ROLLOUT="dev-app-1", ATTEMPT="1", CANCELLED="skipped")) == 0


def test_finish_of_a_run_that_owns_nothing_leaves_everything_alone() -> None:
    it = bench(baking(owner=Owner(8, 1)))
    assert finish(it.run(ATTEMPT="1", CANCELLED="success", RELEASE=NEW.id, KIND="promote")) == 0
    assert it.branch.log == []


def test_an_output_that_github_dropped_is_explained() -> None:
    it = bench(baking())
    finish(it.run(ROLLOUT="dev-app-1", ATTEMPT="1", CANCELLED="skipped", NEXT_bake_1="success "))
    assert any("GitHub dropped the output of bake_1" in line for line in it.lines)


def test_finish_after_a_cancel_gives_the_rollout_up_though_an_abort_was_requested_before() -> None:
    it = bench(baking())
    request = it.run(run=9, VERB="abort")
    request.write(
        lambda state: (
            changes(Course(state.record("dev", "app"), request.moment).request("abort", "x")),
            None,
        )
    )
    finish(it.run(ROLLOUT="dev-app-1", ATTEMPT="1", CANCELLED="success"))
    found = it.record.open
    assert found is not None and (found.state, found.owner) == ("rolling_back", None)
    assert [run.inputs["kind"] for run in it.github.runs] == ["resume"]


# start


def test_a_run_for_a_release_that_is_not_queued_is_refused_or_superseded() -> None:
    it = bench(None, quarantine=("3-3333333",))
    assert start(it.run(RELEASE=OLD.id, KIND="promote")) == 0
    assert start(it.run(RELEASE="3-3333333", KIND="promote")) == 1
    assert "quarantine" in it.lines[-1]
    assert start(it.run(RELEASE="4-4444444", KIND="promote")) == 1
    assert start(it.run(RELEASE="4-4444444", KIND="resume")) == 0
    assert start(it.run(RELEASE="4-4444444", KIND="rollback")) == 1
    assert it.branch.log == []


def test_what_the_manifest_does_not_have_can_not_start() -> None:
    with pytest.raises(Refused, match="no deploy 'other' in dev"):
        start(bench().run(DEPLOY="other"))
    with pytest.raises(Refused, match="no environment 'nowhere'"):
        start(bench().run(ENVIRONMENT="nowhere"))


def test_a_start_that_ends_or_holds_the_rollout_hands_it_to_finish() -> None:
    it = bench(baking(digest="f" * 16, owner=None))
    assert start(it.run(RELEASE=NEW.id, KIND="resume")) == 0
    assert (it.outputs["next"], it.outputs["rollout"]) == ("end", "dev-app-1")
    told = {"ROLLOUT": it.outputs["rollout"], "ATTEMPT": it.outputs["attempt"], "CANCELLED": "skipped"}
    assert finish(it.run(**told)) == 1


def test_a_run_of_an_older_commit_holds_nobody_to_its_plan() -> None:
    it = bench(baking(digest="f" * 16, owner=None))
    again = it.run(RELEASE=NEW.id, KIND="resume")
    it.branch.trunk = "a newer commit"
    with pytest.raises(Refused, match="another plan"):
        start(again)
    assert sweep(again) == 0
    found = it.record.open
    assert found is not None and (found.state, found.cause) == ("baking", None)
    assert [run.inputs["kind"] for run in it.github.waiting] == ["resume"]  # at the trunk's present tip


def test_the_context_of_start_is_the_rest_of_a_json_object() -> None:
    it = world(PLAN)
    it.push()
    start_job = it.engine.github.runs[-1].attempts[-1].jobs["start"]
    context = json.loads('{"format":1,' + start_job.outputs["context"])
    assert (context["deploy"], context["release"], context["strategy"]) == ("app", "2-2222222", "canary")
    assert context["steps"] == [{"percent": 10, "bake_seconds": 600}]


# sweep


def dead(it: Bench, conclusion: str = "failure", **jobs: str) -> None:
    """Run 1000 owns the rollout and is over."""
    run = it.github.new_run("headgate-deploy-app.yaml", {})
    it.github.waiting.clear()
    made = {name: Job(name, f"{name}", result) for name, result in jobs.items()}
    run.attempts.append(Attempt(made, conclusion=conclusion))


@pytest.mark.parametrize(
    ("conclusion", "state"), [("failure", "baking"), ("cancelled", "rolling_back"), ("timed_out", "baking")]
)
def test_the_sweep_records_how_a_dead_run_left_the_rollout(conclusion: str, state: str) -> None:
    it = bench(baking(owner=Owner(1000, 1)))
    dead(it, conclusion)
    assert sweep(it.run()) == 0
    found = it.record.open
    assert found is not None and (found.state, found.owner) == (state, None)
    assert len(it.github.waiting) == 1
    commits = len(it.branch.log)
    sweep(it.run())
    assert (len(it.branch.log), len(it.github.waiting)) == (commits, 1)
    it.github.time += 31 * 60
    sweep(it.run())
    assert len(it.github.waiting) == 2


def test_the_sweep_leaves_a_living_run_alone_and_believes_that_a_gone_one_is_dead() -> None:
    it = bench(baking(owner=Owner(1000, 1)))
    dead(it, conclusion="")
    sweep(it.run())
    assert it.branch.log == []
    gone = bench(baking(owner=Owner(5, 1)))
    sweep(gone.run())
    assert len(gone.github.waiting) == 1


def test_the_sweep_leaves_what_waits_for_a_person_alone() -> None:
    held = baking(state="held", cause="inconclusive", held_from="baking", owner=None)
    paused = baking(state="paused", paused_at=10**10, owner=None)
    for rollout in (held, paused):
        it = bench(rollout)
        sweep(it.run())
        assert (it.branch.log, len(it.github.waiting)) == ([], 0)


def test_a_github_that_does_not_answer_stops_no_verb() -> None:
    class Silent(VirtualGitHub):
        def run_attempt(self, *_: int) -> None:
            raise ApiFailed("no answer", 0)

    it = bench(baking(owner=Owner(1000, 1)))
    it.github = Silent()
    assert sweep(it.run()) == 0
    assert it.branch.log == []


# check


def test_check_fails_a_change_of_what_is_open_and_only_warns_of_what_is_held() -> None:
    it = bench(baking())
    assert check(it.run()) == 0
    it.plan = plan(app=replace(CANARY, timeout_seconds=30_000))
    assert check(it.run()) == 1
    it.plan = plan(api=CANARY)
    assert check(it.run()) == 1
    assert "removes it" in it.lines[-2]
    it.put(replace(it.record, open=baking(state="held", cause="timeout", held_from="baking")))
    assert check(it.run()) == 0
    assert Bench(plan=it.plan).branch.files == {} and check(Bench(plan=it.plan).run()) == 0
    assert it.branch.log == []


# rollback


def test_a_rollback_of_several_deploys_goes_on_where_one_is_refused() -> None:
    it = world(plan(app=AT_ONCE, api=AT_ONCE), releases=1)
    it.push(**{"api/deploy": Outcome("failure")})
    assert it.rollback(deploys="app") == "success"
    assert it.rollback() == "failure", "app has nothing further back"
    assert it.record("api").last[0].kind == "rollback"


def test_a_rollback_needs_a_reason_and_a_known_release() -> None:
    it = world(plan(app=BLUE_GREEN), releases=2)
    assert (
        it.conclusion(it.engine.dispatch("rollback", environment="dev", deploys="all", to="").id) == "failure"
    )
    assert it.rollback(to="9-9999999") == "failure"
    assert it.rollback(deploys="none") == "failure"
    assert it.calls() == []


def test_no_fault_of_the_story_ends_in_anything_but_a_speaking_error() -> None:
    it = world(plan(app=CANARY))
    it.push(faults=(Fault("finish", "dies_before_start"),))
    it.engine.branch.files.clear()
    with pytest.raises(HeadgateError, match="missing"):
        it.engine.branch.fetch()
    assert it.sweep() == "failure"


def test_a_sweep_asks_about_those_first_that_have_been_quiet_for_longest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    it = Bench()
    for number in range(LOOKUPS + 3):
        it.put(Record(f"e{number}", "app", 1, at=100 - number, open=baking(owner=Owner(100 + number, 1))))
    asked: list[int] = []

    def run_attempt(run: int, attempt: int) -> RunStatus:
        asked.append(run)
        return RunStatus(False, "", attempt)

    monkeypatch.setattr(it.github, "run_attempt", run_attempt)
    assert sweep(it.run(run=0)) == 0
    assert sorted(asked) == list(range(103, 103 + LOOKUPS))


def test_a_sweep_asks_about_everybody_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    it = Bench()
    owners = range(100, 100 + 4 * LOOKUPS)
    for number in owners:
        it.put(Record(f"e{number}", "app", 1, at=number, open=baking(owner=Owner(number, 1))))
    asked: set[int] = set()

    def run_attempt(run: int, attempt: int) -> RunStatus:
        asked.add(run)
        return RunStatus(False, "", attempt)

    monkeypatch.setattr(it.github, "run_attempt", run_attempt)
    for run in range(8):
        sweep(it.run(run=run))
    assert asked == set(owners)
