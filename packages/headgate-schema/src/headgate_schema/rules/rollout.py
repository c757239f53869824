"""HG3xx: rollouts that would not work as written: bakes, timeouts, steps, checks."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import UnsetType

from headgate_schema.finding import Related
from headgate_schema.model import Deploy, duration
from headgate_schema.model.duration import Limits, parse_duration, show_duration
from headgate_schema.model.strategy import MAX_CHECKS_PER_BAKE, MAX_CHECKS_PER_ROLLOUT, Strategy
from headgate_schema.resolved import Bake, ResolvedBlueGreen, ResolvedCanary, ResolvedVerify
from headgate_schema.rules import remedies
from headgate_schema.rules.rule import Problem, rule
from headgate_schema.rules.subjects import Sense
from headgate_schema.span import Path, show_path
from headgate_schema.wording import quote

ResolvedBlock = ResolvedCanary | ResolvedBlueGreen


_BAKES = ("bake_time", "steps")
_CHECKS = (*_BAKES, "verify", "verify_live")


def _blocks(sense: Sense, *fields: str) -> Iterator[ResolvedBlock]:
    """Give the blocks of which these fields are known."""
    for deploy in sense.resolved.deploys:
        block = deploy.canary or deploy.blue_green
        if block is None or not sense.knows(*deploy.path, "strategy"):
            continue
        if all(sense.knows(*block.path, field) for field in fields):
            yield block


def _bakes(block: ResolvedBlock) -> tuple[tuple[Path, Bake], ...]:
    """Give each bake with the path of what it belongs to: the block, or one of its steps."""
    if isinstance(block, ResolvedBlueGreen):
        return ((block.path, block.bake),)
    if len(block.steps) == 1:
        return ((block.path, block.steps[0].bake),)
    return tuple(((*block.path, "steps", index), step.bake) for index, step in enumerate(block.steps))


def _verify(block: ResolvedBlock) -> tuple[Path, ResolvedVerify | None]:
    if isinstance(block, ResolvedCanary):
        return (*block.path, "verify"), block.verify
    return (*block.path, "verify_live"), block.verify_live


def _sum_bakes(block: ResolvedBlock) -> int:
    return sum(bake.seconds for _, bake in _bakes(block))


@rule("HG301", "duration out of bounds")
def duration_bounds(sense: Sense) -> Iterator[Problem]:
    """The duration is shorter or longer than the field allows.

    `bake_time` is at most `7d`, `interval` at least `1m`, `timeout` at most `30d`, `approval.timeout` from
    `1m` to `30d`.
    """
    for path, written, limits in _durations(sense):
        seconds = parse_duration(written)
        if not limits.least <= seconds <= limits.most:
            yield Problem(
                f"{quote(written)} is out of bounds: {show_path(path)} takes {show_duration(limits.least)} "
                f"to {show_duration(limits.most)}",
                sense.place(*path),
            )


def _durations(sense: Sense) -> Iterator[tuple[Path, str, Limits]]:
    for index, deploy in enumerate(sense.manifest.deploys):
        for path, written, limits in _list_durations(deploy):
            if not isinstance(written, UnsetType):
                yield ("deploys", index, *path), written, limits


def _list_durations(deploy: Deploy) -> Iterator[tuple[Path, str | UnsetType, Limits]]:
    if not isinstance(deploy.canary, UnsetType):
        canary = deploy.canary
        yield ("canary", "bake_time"), canary.bake_time, duration.BAKE_TIME
        for index, step in enumerate(() if isinstance(canary.steps, UnsetType) else canary.steps):
            yield ("canary", "steps", index, "bake_time"), step.bake_time, duration.BAKE_TIME
        if not isinstance(canary.verify, UnsetType):
            yield ("canary", "verify", "interval"), canary.verify.interval, duration.INTERVAL
        yield from _list_shared_durations("canary", canary)
    if not isinstance(deploy.blue_green, UnsetType):
        blue_green = deploy.blue_green
        yield ("blue_green", "bake_time"), blue_green.bake_time, duration.BAKE_TIME
        if not isinstance(blue_green.verify_live, UnsetType):
            interval = blue_green.verify_live.interval
            yield ("blue_green", "verify_live", "interval"), interval, duration.INTERVAL
        yield from _list_shared_durations("blue_green", blue_green)


def _list_shared_durations(name: str, block: Strategy) -> Iterator[tuple[Path, str | UnsetType, Limits]]:
    yield (name, "timeout"), block.timeout, duration.TIMEOUT
    if not isinstance(block.approval, UnsetType):
        yield (name, "approval", "timeout"), block.approval.timeout, duration.APPROVAL_TIMEOUT


@rule("HG302", "bakes too long", fixes=("unsafe",))
def bake_sum(sense: Sense) -> Iterator[Problem]:
    """All bakes of one rollout together are longer than can be waited for. With `bake_mode: runner` a job
    waits, and a hosted job lives six hours; with `park` nobody waits, and the limit is two weeks.

    Shorten the bakes, or set `bake_mode: park`.
    """
    for block in _blocks(sense, *_BAKES, "bake_mode"):
        limit = duration.RUNNER_BAKE_SUM if block.bake_mode == "runner" else duration.PARK_BAKE_SUM
        total = _sum_bakes(block)
        if total > limit:
            can_park = block.bake_mode == "runner" and total <= duration.PARK_BAKE_SUM
            yield Problem(
                f"the bakes of {show_path(block.path)} take {show_duration(total)} together, more than the "
                f'{show_duration(limit)} of "bake_mode: {block.bake_mode}"',
                sense.key(*_longest_bake(block)),
                hint='set "bake_mode: park"' if can_park else "",
                fix=remedies.set_field(sense.place(*block.path), "bake_mode", "park") if can_park else None,
            )


def _longest_bake(block: ResolvedBlock) -> Path:
    path, _ = max(_bakes(block), key=lambda item: item[1].seconds)
    return (*path, "bake_time")


@rule("HG303", "timeout within the bakes", fixes=("unsafe",))
def short_timeout(sense: Sense) -> Iterator[Problem]:
    """The rollout's timeout is not longer than all its bakes together, so it would always run out before the
    decision.

    Raise `timeout`, shorten the bakes, or leave `timeout` out: it is then six hours more than the bakes.
    """
    for block in _blocks(sense, *_BAKES, "timeout"):
        total = _sum_bakes(block)
        if block.timeout_seconds <= total:
            path = (*block.path, "timeout")
            yield Problem(
                f"{show_path(path)} is {show_duration(block.timeout_seconds)}, not more than the "
                f"{show_duration(total)} of all bakes together",
                sense.place(*path),
                (Related(sense.key(*_longest_bake(block)), "the longest bake is here"),),
                fix=remedies.remove(sense.place(*path)),
            )


@rule("HG304", "steps not ascending")
def descending_steps(sense: Sense) -> Iterator[Problem]:
    """A step does not take more of the traffic than the step before it. A canary only grows; less traffic is
    a rollback.

    Order the steps by `percent`, each more than the one before.
    """
    for block in _blocks(sense):
        if not isinstance(block, ResolvedCanary):
            continue
        for index, (before, step) in enumerate(zip(block.steps, block.steps[1:], strict=False), start=1):
            if step.percent <= before.percent:
                earlier = sense.place(*block.path, "steps", index - 1, "percent")
                yield Problem(
                    f"{step.percent} percent is not more than the {before.percent} of the step before",
                    sense.place(*block.path, "steps", index, "percent"),
                    (Related(earlier, "the step before is here"),),
                )


@rule("HG305", "too many checks in a bake")
def many_checks(sense: Sense) -> Iterator[Problem]:
    """The interval would give more checks in one bake than the compiled workflow has jobs for.

    Raise `interval`, or shorten the bake.
    """
    for block in _blocks(sense, *_CHECKS):
        for path, bake in _bakes(block):
            if len(bake.checks) > MAX_CHECKS_PER_BAKE:
                least = -(-bake.seconds // MAX_CHECKS_PER_BAKE)
                yield Problem(
                    f"the interval gives {len(bake.checks):,} checks in the {show_duration(bake.seconds)} of "
                    f"{show_path(path)}; at most {MAX_CHECKS_PER_BAKE}",
                    sense.place(*_verify(block)[0], "interval"),
                    (Related(sense.key(*path, "bake_time"), "the bake is here"),),
                    hint=f'an interval of "{show_duration(least)}" or more',
                )


@rule("HG306", "too many checks in a rollout")
def many_checks_together(sense: Sense) -> Iterator[Problem]:
    """All bakes together have more checks than one compiled workflow has jobs for.

    Raise `interval`, or take fewer steps.
    """
    for block in _blocks(sense, *_CHECKS):
        counts = [len(bake.checks) for _, bake in _bakes(block)]
        total = sum(counts)
        if total > MAX_CHECKS_PER_ROLLOUT and max(counts) <= MAX_CHECKS_PER_BAKE:
            yield Problem(
                f"the interval gives {total:,} checks in all bakes of {show_path(block.path)} together; "
                f"at most {MAX_CHECKS_PER_ROLLOUT}",
                sense.place(*_verify(block)[0], "interval"),
            )


@rule("HG307", "interval longer than a bake", "warning")
def long_interval(sense: Sense) -> Iterator[Problem]:
    """The interval between checks is longer than a bake. That bake is checked once, at its end, as without an
    interval.

    Shorten `interval`, or leave it out.
    """
    for block in _blocks(sense, *_CHECKS):
        path, verify = _verify(block)
        interval = verify.interval_seconds if verify is not None else None
        if interval is None:
            continue
        bake_path, bake = min(_bakes(block), key=lambda item: item[1].seconds)
        if bake.seconds < interval:
            yield Problem(
                f"the interval {show_duration(interval)} is longer than a bake of "
                f"{show_duration(bake.seconds)}, which is checked once, at its end",
                sense.place(*path, "interval"),
                (Related(sense.key(*bake_path, "bake_time"), "the bake is here"),),
            )


@rule("HG308", "verification that can't fail", "warning")
def toothless_verification(sense: Sense) -> Iterator[Problem]:
    """As many failed checks are tolerated as a bake has checks, so the verification can never fail and a bad
    release is promoted.

    Lower `failure_limit`, or shorten `interval` for more checks.
    """
    for block in _blocks(sense, *_CHECKS):
        path, verify = _verify(block)
        for bake_path, bake in _bakes(block):
            if verify is not None and verify.failure_limit >= len(bake.checks):
                checks = "one check" if len(bake.checks) == 1 else f"{len(bake.checks)} checks"
                yield Problem(
                    f"failure_limit {verify.failure_limit} tolerates every failure: {show_path(bake_path)} "
                    f"has {checks}",
                    sense.place(*path, "failure_limit"),
                )
                break


@rule("HG309", "bake in every environment", "warning")
def bake_everywhere(sense: Sense) -> Iterator[Problem]:
    """The strategy applies in every environment of the deploy, so its bakes hold up the chain in each of
    them. Mostly only the last environment has traffic worth watching.

    Name the environments in the strategy's `environments`: those that should bake, or all of them if that is
    meant.
    """
    if not sense.knows_names("environments"):
        return
    for block in _blocks(sense, *_BAKES, "environments"):
        if not sense.knows(*block.path[:2], "environments"):
            continue
        deploy = sense.manifest.deploys[int(block.path[1])]
        written = deploy.canary if isinstance(block, ResolvedCanary) else deploy.blue_green
        is_chosen = isinstance(written, UnsetType) or not isinstance(written.environments, UnsetType)
        if is_chosen or len(block.environments) < 2 or not _sum_bakes(block):
            continue
        yield Problem(
            f"{show_path(block.path)} bakes {show_duration(_sum_bakes(block))} in each of "
            f"{', '.join(block.environments)}",
            sense.key(*block.path),
            hint=f'add "environments: [{block.environments[-1]}]" if only the last should; else list all',
        )


ROLLOUT = (
    duration_bounds,
    bake_sum,
    short_timeout,
    descending_steps,
    many_checks,
    many_checks_together,
    long_interval,
    toothless_verification,
    bake_everywhere,
)
