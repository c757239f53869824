"""The plan as people read it: who goes where, and each deploy's stages with everything derived. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from headgate_runtime.plan import ALL_AT_ONCE, Bake, Deploy, Part, Plan, Scalar, Stages
from headgate_schema.model.duration import show_duration

Row = tuple[str, str, str]
"""What happens, how, and the callback's file."""

LEGEND = "direct: how a first release, a rollback, and a promotion with skip_strategy come live."
FOLDER = ".github/workflows/"


def show_plan(plan: Plan) -> str:
    """Give the text of a plan, or of what was selected of one."""
    blocks = [_show_head(plan), *(_show_deploy(plan, each) for each in plan.deploys)]
    if any(part.stages.strategy != ALL_AT_ONCE for each in plan.deploys for part in each.parts.values()):
        blocks.append(LEGEND)
    return "\n\n".join(blocks) + "\n"


def _show_head(plan: Plan) -> str:
    chain = " → ".join(f"{each.name} ({'auto' if each.auto else 'manual'})" for each in plan.environments)
    builds = [f"{each.name}{_outputs(each.outputs)}" for each in plan.builds]
    rows = [
        ("trunk", plan.trunk),
        ("state branch", plan.state_branch),
        ("environments", chain),
        ("builds", "; ".join(builds) or "none: a release is a commit"),
        *([("notify", plan.notify.removeprefix(FOLDER))] if plan.notify else []),
        ("callbacks", f"in {FOLDER}"),
    ]
    return "\n".join(_align(rows))


def _outputs(outputs: Sequence[str]) -> str:
    return f" (outputs: {', '.join(outputs)})" if outputs else ""


def _show_deploy(plan: Plan, deploy: Deploy) -> str:
    parts = deploy.parts
    rows = [
        ("workflow", deploy.workflow),
        *([("needs", ", ".join(deploy.needs))] if deploy.needs else []),
        *([("receives", _show_received(plan, deploy))] if any(_received(plan, deploy)) else []),
        *_show_inputs(parts),
    ]
    blocks = ["\n".join([deploy.name, *(f"  {line}" for line in _align(rows))])]
    blocks += [_show_part(names, parts[names[0]]) for names in _group(parts)]
    return "\n\n".join(blocks)


def _received(plan: Plan, deploy: Deploy) -> list[str]:
    return [output for build in plan.builds if build.name in deploy.builds for output in build.outputs]


def _show_received(plan: Plan, deploy: Deploy) -> str:
    return f"{', '.join(_received(plan, deploy))} (from {', '.join(deploy.builds)})"


def _show_inputs(parts: Mapping[str, Part]) -> Iterator[tuple[str, str]]:
    """One line for each constant input: the value, or the values by environment where they differ."""
    for name in dict.fromkeys(name for part in parts.values() for name in part.inputs):
        values = {environment: part.inputs.get(name) for environment, part in parts.items()}
        shown = {environment: _show_scalar(value) for environment, value in values.items()}
        same = len(set(shown.values())) == 1
        by_environment = ", ".join(f"{value} in {environment}" for environment, value in shown.items())
        yield f"input {name}", next(iter(shown.values())) if same else by_environment


def _show_scalar(value: Scalar | None) -> str:
    match value:
        case None:
            return "not given"
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{_one_line(value)}"'
        case int() | float():
            return str(value)


def _one_line(text: str) -> str:
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def _group(parts: Mapping[str, Part]) -> list[list[str]]:
    """The environments whose stages and callbacks are the same, together."""
    groups: list[list[str]] = []
    for name, part in parts.items():
        for group in groups:
            first = parts[group[0]]
            if (first.stages, first.callbacks) == (part.stages, part.callbacks):
                group.append(name)
                break
        else:
            groups.append([name])
    return groups


def _show_part(environments: Sequence[str], part: Part) -> str:
    rows = list(_rows(part))
    first = max(len(row[0]) for row in rows)
    second = max(len(how) for _, how, file in rows if file)
    lines = (f"    {act:<{first}}  {how:<{second}}  {file}".rstrip() for act, how, file in rows)
    return "\n".join([f"  {part.stages.strategy} in {', '.join(environments)}", *lines])


def _rows(part: Part) -> Iterator[Row]:
    match part.stages.strategy:
        case "canary":
            yield from _canary(part)
        case "blue_green":
            yield from _blue_green(part)
        case _:
            yield _call(part, "deploy", "100 %")
            yield "on failure", "failed; the next release may come", ""


def _canary(part: Part) -> Iterator[Row]:
    stages = part.stages
    for step in stages.steps:
        yield _call(part, "deploy_canary", f"{step.percent} %")
        yield from _bake(part, step.bake, "verify")
    yield from _approval(stages)
    yield _call(part, "promote", "100 %")
    yield "on failure", "held for a person" if stages.holds else "rollback, 0 %", _file(part, "rollback")
    yield "", "a failed promote is always held", ""
    yield "timeout", f"{_timeout(stages)} until the promotion", ""
    yield "direct", "100 %", _file(part, "deploy")


def _blue_green(part: Part) -> Iterator[Row]:
    stages = part.stages
    yield _call(part, "deploy_preview", "the new colour, no traffic")
    if stages.verifies_preview:
        yield _call(part, "verify_preview", "the new colour")
    yield from _approval(stages)
    yield _call(part, "cutover", "all traffic to the new colour")
    if stages.bake.seconds or stages.bake.checks:
        yield from _bake(part, stages.bake, "verify_live")
    yield (
        "retire",
        "the old colour" if stages.retires else "nothing: the old colour stays warm",
        _file(part, "retire"),
    )
    yield from _withdrawal(part)
    yield "timeout", f"{_timeout(stages)} until the cutover", ""
    yield "direct", "no verification, no bake", ""


def _withdrawal(part: Part) -> Iterator[Row]:
    """What follows a failure: before the cutover, and after it."""
    back = _file(part, "switchback")
    if part.stages.holds:
        yield "on failure", "held for a person", ""
        yield "", "a failed cutover always switches back", back
        return
    unused = "discard, the new colour" if part.stages.retires else "nothing, the new colour stays unused"
    yield "on failure", f"before cutover: {unused}", _file(part, "discard")
    yield "", "after it: switchback, to the old colour", back


def _bake(part: Part, bake: Bake, action: str) -> Iterator[Row]:
    yield "bake", show_duration(bake.seconds) + (" (parked)" if part.stages.parks else ""), ""
    if bake.checks:
        times = ", ".join(show_duration(check) for check in bake.checks)
        limit = part.stages.failure_limit
        tolerated = f", {limit} failed tolerated" if limit else ""
        yield action, f"at {times}{tolerated}", _file(part, action)


def _approval(stages: Stages) -> Iterator[Row]:
    if stages.approval is not None:
        who = stages.approval.github_environment or "the verb approve"
        wait = show_duration(stages.approval.timeout_seconds)
        yield "approval", f"by {who}, within {wait}, else {stages.approval.on_timeout}", ""


def _timeout(stages: Stages) -> str:
    return show_duration(stages.timeout_seconds or 0)


def _call(part: Part, action: str, how: str) -> Row:
    return action, how, _file(part, action)


def _file(part: Part, action: str) -> str:
    return part.callbacks.get(action, "").removeprefix(FOLDER)


def _align(rows: Sequence[tuple[str, str]]) -> list[str]:
    width = max(len(name) for name, _ in rows)
    return [f"{name:<{width}}  {value}" for name, value in rows]
