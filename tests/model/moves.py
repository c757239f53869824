"""What may happen next in a world: what runs do by themselves, what befalls them, what people ask for."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from headgate.simulate.github import Job
from headgate_runtime.jobs import FINISH, START

from tests.model.ports import Process
from tests.model.world import CRON, LONG_SECONDS, Callback, Dispatched, Move, Reviewers, Where, World

DEATHS = ("dies_after_push", "dies_before_output")


def moves(world: World) -> Iterator[Move]:
    """All of them; what costs more than is left is left out."""
    for move in _everything(world):
        if move.cost <= world.left:
            yield move


def free_move(world: World) -> Move | None:
    """One of the things that go on by themselves; None when nothing does."""
    if world.alive:
        run_id, where = next(iter(world.alive.items()))
        return next(move for move in _of_run(world, run_id, where) if not move.cost)
    if world.github.waiting:
        return _starting(0)
    if world.github.rerunning:
        return _rerunning(0)
    return None


def time_and_sweep() -> Move:
    """Nothing happens for a long time; then somebody looks what is due."""

    def make(world: World) -> None:
        world.github.time += LONG_SECONDS
        _dispatch(CRON, world)

    return Move("hours later, the sweep", make)


def _everything(world: World) -> Iterator[Move]:
    for run_id, where in world.alive.items():
        yield from _of_run(world, run_id, where)
        if world.setup.forgets and run_id not in world.gone:
            yield Move(f"GitHub forgets run {run_id}", partial(_forget, run_id), 1)
    for at in range(len(world.github.waiting)):
        yield _starting(at)
        yield Move("the run that waits is cancelled before it starts", partial(_cancel_first, at), 1)
        for how in ("only_looks", *DEATHS):
            yield Move(f"the run that waits starts, {how}", partial(_start, at, {how: True}), 1)
    for at in range(len(world.github.rerunning)):
        yield _rerunning(at)
    yield from _of_people(world)
    if (due := world.next_due()) is not None:
        yield Move("time passes until something is due", partial(_wait_until, due), 1)
    yield from _of_plans(world)


def _of_run(world: World, run_id: int, where: Where) -> Iterator[Move]:
    match where:
        case Process():
            yield from _of_process(world, run_id, where)
        case Callback():
            yield from _of_callback(world, run_id, where)
        case Reviewers() if not world.run(run_id).attempts[-1].cancelled:
            yield Move(f"run {run_id}: a reviewer approves", partial(_review, run_id, approved=True))
            yield Move(f"run {run_id}: a reviewer rejects", partial(_review, run_id, approved=False), 1)
    yield from _of_cancelling(world, run_id, where)


def _of_process(world: World, run_id: int, process: Process) -> Iterator[Move]:
    yield _going_on(run_id, process)
    name = f"run {run_id}: {process.job}"
    yield Move(f"{name} dies before its push", partial(_die, run_id, "failure"), 1)
    for how in DEATHS:
        yield Move(f"{name}, {how}", partial(_proceed, run_id, {how: True}), 1)
    if len(world.alive) > 1:
        yield Move(f"{name} looks, and is slow to push", partial(_proceed, run_id, {"only_looks": True}), 1)


def _of_callback(world: World, run_id: int, where: Callback) -> Iterator[Move]:
    run = world.run(run_id)
    if run.attempts[-1].cancelled:
        return
    yield _going_on(run_id, where)
    if not where.begun:
        yield Move(f"run {run_id}: {where.job} is skipped", partial(_answer, run_id, "skipped", ""), 1)
        return
    answers = [("failure", ""), ("cancelled", "")]
    if world.call_of(run).action.startswith("verify"):
        answers += [("success", "failure"), ("success", "inconclusive")]
    for result, verdict in answers:
        label = f"run {run_id}: {where.job} ends as {result} {verdict}".strip()
        yield Move(label, partial(_answer, run_id, result, verdict), 1)


def _of_cancelling(world: World, run_id: int, where: Where) -> Iterator[Move]:
    """Somebody presses Cancel; in a cancelled run everything but finish comes to its end."""
    run = world.run(run_id)
    if world.jobs_of(run) is None or where.job == FINISH:
        return
    label = f"run {run_id}: {where.job} is cancelled"
    if not run.attempts[-1].cancelled:
        yield Move(f"run {run_id} is cancelled at {where.job}", partial(_cancel, run_id), 1)
    elif not isinstance(where, Callback):
        yield Move(label, partial(_die, run_id, "cancelled"))
    elif where.begun:
        yield Move(label, partial(_answer, run_id, "cancelled", ""))
        yield Move(f"{label}, too late", partial(_answer, run_id, "success", ""))
    else:
        yield Move(label, partial(_answer, run_id, "skipped", ""))


def _of_people(world: World) -> Iterator[Move]:
    for one in (CRON, *world.setup.people):
        name = one[0].removeprefix("headgate-").removesuffix(".yaml")
        label = " ".join(["somebody:", name, *filter(None, one[1].values())])
        yield Move(label, partial(_dispatch, one), 1)
        yield Move(f"{label}, but is slow to push", partial(_dispatch, one, only_looks=True), 2)
        yield Move(f"{label}, dies after the push", partial(_dispatch, one, dies_after_push=True), 2)
    done = [run for run in world.github.runs if run.attempts and run.attempts[-1].conclusion]
    deploys = [run for run in done if world.jobs_of(run) and run.workflow.startswith("headgate-deploy")]
    for run in deploys[-1:]:
        label = f"somebody re-runs run {run.id}"
        yield Move(f"{label}, failed jobs", partial(_rerun, run.id, failed=True), 1)
        yield Move(f"{label}, all jobs", partial(_rerun, run.id, failed=False), 1)


def _of_plans(world: World) -> Iterator[Move]:
    for at in range(len(world.setup.plans)):
        if at != world.plan_at:
            yield Move(f"the plan on trunk is number {at} now", partial(_replan, at), 1)


def _going_on(run_id: int, where: Where) -> Move:
    if isinstance(where, Process):
        return Move(f"run {run_id}: {where.job} goes on", partial(_proceed, run_id, {}))
    if not where.begun:
        return Move(f"run {run_id}: {where.job} begins", partial(_call, run_id))
    return Move(f"run {run_id}: {where.job} is over", partial(_answer_as_usual, run_id, where.job))


def _starting(at: int) -> Move:
    return Move("the run that waits starts", partial(_start, at, {}))


def _rerunning(at: int) -> Move:
    def make(world: World) -> None:
        run_id = world.github.rerunning[at]
        del world.github.rerunning[at]
        _rerun(run_id, world, failed=True)

    return Move("the failed jobs are run again", make)


def _proceed(run_id: int, how: dict[str, bool], world: World) -> None:
    world.proceed(world.run(run_id), **how)


def _call(run_id: int, world: World) -> None:
    world.call(world.run(run_id))


def _die(run_id: int, result: str, world: World) -> None:
    job = world.alive[run_id].job
    world.end_job(world.run(run_id), Job(job, job, result))


def _review(run_id: int, world: World, *, approved: bool) -> None:
    world.review(world.run(run_id), approved=approved)


def _answer(run_id: int, result: str, verdict: str, world: World) -> None:
    world.answer(world.run(run_id), result, verdict)


def _answer_as_usual(run_id: int, job: str, world: World) -> None:
    _answer(run_id, world.setup.answers.get(job, "success"), "", world)


def _cancel(run_id: int, world: World) -> None:
    world.github.cancel_run(run_id)


def _start(at: int, how: dict[str, bool], world: World) -> None:
    run = world.github.waiting[at]
    del world.github.waiting[at]
    world.start_run(run)
    _proceed(run.id, how, world)


def _cancel_first(at: int, world: World) -> None:
    run = world.github.waiting[at]
    del world.github.waiting[at]
    world.start_run(run)
    run.attempts[-1].cancelled = True
    world.end_job(run, Job(START, START, "skipped"))


def _dispatch(one: Dispatched, world: World, **how: bool) -> None:
    world.dispatch(*one)
    _start(len(world.github.waiting) - 1, how, world)


def _rerun(run_id: int, world: World, *, failed: bool) -> None:
    run = world.run(run_id)
    if failed:
        world.rerun_failed(run)
    else:
        world.start_run(run)
    _proceed(run_id, {}, world)


def _wait_until(due: int, world: World) -> None:
    world.github.time = due


def _forget(run_id: int, world: World) -> None:
    world.gone |= {run_id}


def _replan(at: int, world: World) -> None:
    world.plan_at = at
