"""``rollout`` of a deploy, which cascade reserves and refuses to run → a strategy that works.

What a strategy can't do without is refused, never made up: a canary that silently went to 100 % would be the
worst of all results.
"""

from __future__ import annotations

from typing import Any

from headgate_schema.migrate.cascade.ledger import Ledger, is_empty
from headgate_schema.migrate.cascade.values import convert_callback, convert_duration, explain_callback
from headgate_schema.model import duration
from headgate_schema.model.duration import parse_duration
from headgate_schema.span import Path
from headgate_schema.wording import quote

TYPES = {"canary": "canary", "blue_green": "blue_green"}
_FULL = 100


def convert_rollout(ledger: Ledger, rollout: Any, source: Path, deploy: Path) -> dict[str, Any]:
    """Give the fields of a deploy that say its strategy; none for one that goes live all at once."""
    if is_empty(rollout):
        return {}
    if not isinstance(rollout, dict):
        ledger.refuse(source, f"a rollout is a mapping, not {quote(rollout)}")
        return {}
    place, kind = (*source, "type"), rollout.get("type")
    for block in TYPES:
        if block in rollout and block != kind and not is_empty(rollout[block]):
            ledger.drop((*source, block), f"the rollout's type is {quote(kind or 'default')}")
    if kind in (None, "default"):
        ledger.use(place)
        return {}
    if kind == "rolling":
        ledger.drop(place, "a strategy that Headgate does not have yet; the deploy goes live all at once")
        return {}
    if not isinstance(kind, str) or kind not in TYPES:
        ledger.refuse(place, f'{quote(kind)} is no type of a rollout: "default", "canary" or "blue_green"')
        return {}
    ledger.link(source, (*deploy, "strategy"))
    ledger.carry(place, (*deploy, "strategy"))
    convert = _convert_canary if kind == "canary" else _convert_blue_green
    return {"strategy": kind, kind: convert(ledger, rollout.get(kind), (*source, kind), (*deploy, kind))}


def _convert_blue_green(ledger: Ledger, block: Any, source: Path, target: Path) -> dict[str, Any]:
    if not _is_block(ledger, block, source, target):
        return {}
    named = _convert_callback(ledger, block, "switch", (source, target), "cutover_callback")
    return {"cutover_callback": named}


def _convert_canary(ledger: Ledger, block: Any, source: Path, target: Path) -> dict[str, Any]:
    if not _is_block(ledger, block, source, target):
        return {}
    bake = _convert_bake(ledger, block, source)
    if is_empty(block.get("steps")):
        converted = _convert_percent(ledger, block, source, target)
        if bake:
            ledger.carry((*source, "bake_time"), (*target, "bake_time"))
            converted["bake_time"] = bake
    else:
        converted = {"steps": _convert_steps(ledger, block, source, target, bake)}
    total = parse_duration(bake or duration.CANARY_BAKE_TIME) * len(converted.get("steps", [0]))
    if total > duration.RUNNER_BAKE_SUM:
        ledger.change((*source, "bake_time"), "a runner waits for at most 5h in all, so the bake is parked")
        converted["bake_mode"] = "park"
    for field in ("promote_callback", "rollback_callback"):
        converted[field] = _convert_callback(ledger, block, field, (source, target), field)
    return converted


def _is_block(ledger: Ledger, block: Any, source: Path, target: Path) -> bool:
    if isinstance(block, dict):
        ledger.link(source, target)
        return True
    holder = source[:-1]
    ledger.refuse(holder if block is None else source, f"the rollout needs a mapping {quote(source[-1])}")
    return False


def _convert_bake(ledger: Ledger, block: dict[str, Any], source: Path) -> str | None:
    written, place = block.get("bake_time"), (*source, "bake_time")
    if is_empty(written) or written == "":
        ledger.use(place)
        return None
    converted = convert_duration(written)
    if converted is None:
        default = duration.CANARY_BAKE_TIME
        ledger.drop(
            place, f"{quote(written)} is no duration of whole seconds; what holds is the default, {default}"
        )
    return converted


def _convert_percent(ledger: Ledger, block: dict[str, Any], source: Path, target: Path) -> dict[str, Any]:
    percent, place = block.get("percent"), (*source, "percent")
    if percent in (None, 0):
        ledger.refuse(source if percent is None else place, 'a canary needs "percent" or "steps"')
    elif not _is_share(percent):
        ledger.refuse(place, f"{quote(percent)} is no share of the traffic: 1 to 99")
    else:
        ledger.carry(place, (*target, "percent"))
    return {"percent": percent}


def _convert_steps(
    ledger: Ledger, block: dict[str, Any], source: Path, target: Path, bake: str | None
) -> list[dict[str, Any]]:
    steps, place = block["steps"], (*source, "steps")
    if not isinstance(steps, list) or not all(_is_share(step) or step == _FULL for step in steps):
        ledger.refuse(place, "the steps of a canary are whole numbers from 1 to 99, each a share")
        return []
    ledger.link(place, (*target, "steps"))
    shares: list[int] = []
    for index, step in enumerate(steps):
        if step == _FULL:
            ledger.drop((*place, index), "100 % is no step: it is what the promote_callback does")
        else:
            ledger.carry((*place, index), (*target, "steps", len(shares)))
            shares.append(step)
    if not shares:
        ledger.refuse(place, "a canary needs a step below 100 %")
    percent = block.get("percent")
    if percent in (None, 0) or [percent] == shares[:1]:
        ledger.use((*source, "percent"))
    else:
        ledger.drop((*source, "percent"), "the steps say how the canary goes on from the start")
    if bake:
        ledger.carry((*source, "bake_time"), (*target, "steps"))
    return [{"percent": share} | ({"bake_time": bake} if bake else {}) for share in shares]


def _convert_callback(
    ledger: Ledger, block: dict[str, Any], field: str, places: tuple[Path, Path], new: str
) -> str | None:
    source, target = places
    written, place = block.get(field), (*source, field)
    if is_empty(written) or written == "":
        ledger.refuse(place if field in block else source, f"the rollout needs {quote(field)}, a workflow")
        return None
    converted = convert_callback(written)
    if converted is None:
        ledger.refuse(place, f"{quote(written)} can't be called: {explain_callback(written)}")
    else:
        ledger.carry(place, (*target, new))
    return converted


def _is_share(percent: Any) -> bool:
    return isinstance(percent, int) and not isinstance(percent, bool) and 1 <= percent < _FULL
