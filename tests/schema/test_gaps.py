"""What does not fit is set aside: the other rules still speak, but never about what was set aside."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import msgspec
import pytest
from headgate_schema.check import Checked, check
from headgate_schema.document import read_document
from headgate_schema.gaps import Gaps, surround
from headgate_schema.report import render
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .conftest import FIRST_SHAPE, FULL

Check = Callable[..., Checked]
Plant = Callable[[dict[str, Any]], None]
bounded = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))


def codes(checked: Checked) -> set[str]:
    return {finding.code for finding in checked.findings}


def check_data(data: dict[str, Any]) -> Checked:
    """Check a manifest that is written as JSON, which YAML contains."""
    return check(msgspec.json.encode(data), "headgate.yaml")


def read(text: str) -> dict[str, Any]:
    data = read_document(text.encode(), "x").data
    assert data is not None
    return data


HEALTHY = [read(FIRST_SHAPE), read(FULL)]


def test_a_gap_contains_what_is_inside_and_touches_what_is_around() -> None:
    gaps = surround([("deploys", 0, "canary")])
    assert gaps.contain(("deploys", 0, "canary", "percent")) and not gaps.contain(("deploys", 0))
    assert gaps.touch(("deploys", 0)) and gaps.touch(()) and not gaps.touch(("deploys", 1))
    assert not Gaps().touch(())


@pytest.mark.parametrize(
    ("gap", "hides"),
    [
        (("builds",), True),
        (("builds", 0), True),
        (("builds", 0, "name"), True),
        (("builds", 0, "needs"), False),
    ],
)
def test_a_name_is_hidden_if_it_or_something_around_it_is_a_gap(
    gap: tuple[str | int, ...], hides: bool
) -> None:
    assert surround([gap]).hide_name("builds") is hides
    assert not surround([gap]).hide_name("deploys")


def test_callback_rules_wait_for_the_shape_and_that_is_said(check_text: Check) -> None:
    checked = check_text("version: 1\nenvironments: [dev]\ndeploys: [{name: app, needs: app}]\n", {})
    assert codes(checked) == {"HG103"} and checked.skipped == ("HG4xx", "HG5xx", "HG6xx")
    assert "(HG4xx, HG5xx, HG6xx not checked: the shape is wrong)" in render("full", [checked])


def test_wrong_keys_alone_do_not_keep_callback_rules_waiting(check_text: Check) -> None:
    checked = check_text("version: 1\nenvironments: [dev]\ndeploys: [{name: app, foo: 1}]\n", {})
    assert codes(checked) == {"HG101", "HG401"} and checked.skipped == ()


def test_what_stands_in_below_a_misspelt_key_keeps_callback_rules_waiting_too(check_text: Check) -> None:
    checked = check_text("version: 1\nenvironments: [dev]\ndloys: [{ame: app}]\n", {})
    assert codes(checked) == {"HG101"} and "HG4xx" in checked.skipped


def test_an_unreadable_text_leaves_everything_else_unchecked(check_text: Check) -> None:
    checked = check_text("version: [\n", {})
    assert codes(checked) == {"HG001"}
    assert checked.skipped == ("HG1xx", "HG2xx", "HG3xx", "HG4xx", "HG5xx", "HG6xx")
    assert "not checked: the text can't be read" in render("full", [checked])


def test_what_stands_in_never_takes_a_name_that_is_written(check_text: Check) -> None:
    text = "version: 1\nenvironments: [dev]\ndeploys:\n  - name: stand-in-0\n  - name: App\n"
    assert codes(check_text(text)) == {"HG105"}


def plant_at(*path: str | int, value: Any) -> Plant:
    def plant(data: dict[str, Any]) -> None:
        holder: Any = data
        for step in path[:-1]:
            holder = holder[step]
        holder[path[-1]] = value

    return plant


def repeat_deploy(data: dict[str, Any]) -> None:
    data["deploys"].append({"name": data["deploys"][0]["name"]})


def add_deploy(**fields: Any) -> Plant:
    return lambda data: data["deploys"].append({"name": "planted", **fields})


MISTAKES: list[tuple[str, Plant]] = [
    ("HG204", repeat_deploy),
    ("HG203", add_deploy(needs=["nowhere"])),
    ("HG206", add_deploy(needs=["planted"])),
    ("HG201", add_deploy(environments=["nowhere"])),
    ("HG202", add_deploy(builds=["nowhere"])),
    ("HG205", add_deploy(needs=["app", "app"])),
    ("HG208", lambda data: data["deploys"].append({"name": "all"})),
    ("HG209", add_deploy(environments=["dev"], environment_inputs={"prod": {"a": 1}})),
    ("HG210", plant_at("trunk", value="a..b")),
    ("HG212", add_deploy(callback=".github/workflows/headgate-release.yaml")),
    ("HG213", add_deploy(inputs={"sha": "x"})),
    ("HG214", add_deploy(permissions={"id-token": "read"})),
]

RESTS_ON = {
    "HG201": "environments",
    "HG202": "builds",
    "HG203": "deploys",
    "HG204": "deploys",
    "HG209": "environments",
}


def may_hide(path: tuple[str | int, ...], code: str) -> bool:
    """Tell whether a planted mistake is no longer known to be one: a name on which it rests can't be read."""
    is_name = path[2:] in ((), ("name",)) and path[0] == RESTS_ON.get(code)
    return is_name or path == ("deploys",) or (code == "HG210" and path == ("trunk",))


BROKEN: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, -1, 5000, 1.5, "", "Not A Name", "10 m", "P1D", [], {}, [[]], ["A B"], {"a b": 1}, [{}],
     "o/r/.github/workflows/x.yaml@v1", "canry", "rolling"]
)  # fmt: skip


def list_places(data: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [place for key, item in items for place in ((*path, key), *list_places(item, (*path, key)))]


@st.composite
def breakages(draw: st.DrawFn) -> tuple[dict[str, Any], tuple[str | int, ...], Plant]:
    """A healthy manifest, a place in it, and what breaks its shape there: a value, or that it is missing."""
    data = draw(st.sampled_from(HEALTHY))
    path = draw(st.sampled_from(list_places(data)))
    if isinstance(path[-1], str) and draw(st.integers(0, 3)) == 0:

        def remove(target: dict[str, Any]) -> None:
            holder: Any = target
            for step in path[:-1]:
                holder = holder[step]
            del holder[path[-1]]

        return data, path, remove
    return data, path, plant_at(*path, value=deepcopy(draw(BROKEN)))


def is_shape(code: str) -> bool:
    return code.startswith("HG1")


@settings(bounded, max_examples=600)
@given(breakages())
def test_a_broken_shape_alone_gives_no_other_findings(
    breakage: tuple[dict[str, Any], tuple[str | int, ...], Plant],
) -> None:
    healthy, _, plant = breakage
    data = deepcopy(healthy)
    plant(data)
    checked = check_data(data)
    if not any(is_shape(code) for code in codes(checked)):
        return  # what was planted is another valid shape
    assert {code for code in codes(checked) if not is_shape(code)} <= codes(check_data(healthy))
    assert "stand-in" not in render("json", [checked])
    assert "HG2xx" not in checked.skipped


@bounded
@given(breakages(), st.sampled_from(MISTAKES))
def test_a_mistake_is_reported_whatever_shape_is_broken_elsewhere(
    breakage: tuple[dict[str, Any], tuple[str | int, ...], Plant], mistake: tuple[str, Plant]
) -> None:
    (healthy, path, break_shape), (code, make_mistake) = breakage, mistake
    mistaken = deepcopy(healthy)
    make_mistake(mistaken)
    assert code in codes(check_data(mistaken))
    data = deepcopy(mistaken)
    break_shape(data)
    found = codes(check_data(data))
    if not any(is_shape(each) for each in found):
        return
    assert {each for each in found if not is_shape(each)} <= codes(check_data(mistaken))
    assert code in found or may_hide(path, code)


DAMAGES = ("duplicate_key", "tag", "number", "character", "merge_key", "odd_key")
CODES = {
    "duplicate_key": "HG010", "tag": "HG012", "number": "HG014", "character": "HG003",
    "merge_key": "HG013", "odd_key": "HG011",
}  # fmt: skip


class Damage(msgspec.Struct, frozen=True):
    """What makes a value, or a mapping itself, not to be relied on; written as it is put into a text."""

    kind: str
    path: tuple[str | int, ...]
    other: Any = None

    def write(self, data: Any, path: tuple[str | int, ...] = ()) -> str:
        """Write data as JSON with the damage in it."""
        match data:
            case dict():
                items = [item for key, value in data.items() for item in self.write_entry(key, value, path)]
                if path == self.path:
                    items += {"merge_key": ["<<: {}"], "odd_key": ["? [a]\n : 1"]}.get(self.kind, [])
                shown = f"{{{', '.join(items)}}}"
            case list():
                shown = f"[{', '.join(self.write(item, (*path, index)) for index, item in enumerate(data))}]"
            case _:
                shown = msgspec.json.encode(data).decode()
        if path != self.path:
            return shown
        marks = {"tag": f"!mine {shown}", "number": "-.inf", "character": '"\\u202e"'}
        return marks.get(self.kind, shown)

    def write_entry(self, key: str, value: Any, path: tuple[str | int, ...]) -> list[str]:
        name = msgspec.json.encode(key).decode()
        items = [f"{name}: {self.write(value, (*path, key))}"]
        if self.kind == "duplicate_key" and (*path, key) == self.path:
            items.append(f"{name}: {msgspec.json.encode(self.other).decode()}")
        return items

    def may_hide(self, data: dict[str, Any], code: str) -> bool:
        """Tell whether a mistake elsewhere is no longer known to be one."""
        if self.kind in ("merge_key", "odd_key"):
            return self.path == () and RESTS_ON.get(code, "deploys") not in data
        return may_hide(self.path, code)


@st.composite
def damages(draw: st.DrawFn, mistake: Plant | None = None) -> tuple[dict[str, Any], Damage]:
    """A healthy manifest, if wanted with a mistake in it, and what damages a place of it."""
    data = deepcopy(draw(st.sampled_from(HEALTHY)))
    if mistake is not None:
        mistake(data)
    kind = draw(st.sampled_from(DAMAGES))
    holders = [path for path in [(), *list_places(data)] if isinstance(find(data, path), dict)]
    keys = [path for path in list_places(data) if isinstance(path[-1], str)]
    places = {"merge_key": holders, "odd_key": holders, "duplicate_key": keys}.get(kind, list_places(data))
    return data, Damage(kind, draw(st.sampled_from(places)), draw(BROKEN))


def find(data: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        data = data[step]
    return data


def said(checked: Checked) -> set[tuple[str, tuple[str | int, ...]]]:
    """What is said about the data, and where; what reading itself says has no path."""
    return {(finding.code, finding.place.path) for finding in checked.findings if finding.place.path}


@settings(bounded, max_examples=600)
@given(damages())
def test_what_reading_has_damaged_is_reported_and_nothing_follows_from_it(
    damaged: tuple[dict[str, Any], Damage],
) -> None:
    data, damage = damaged
    checked = check(damage.write(data).encode(), "headgate.yaml")
    assert CODES[damage.kind] in codes(checked)
    assert said(checked) <= said(check_data(data))
    assert checked.manifest is None and checked.has_errors
    assert "stand-in" not in render("json", [checked]) and "HG2xx" not in checked.skipped


@settings(bounded, max_examples=600)
@given(st.data(), st.sampled_from(MISTAKES))
def test_a_mistake_is_reported_whatever_reading_has_damaged_elsewhere(
    source: st.DataObject, mistake: tuple[str, Plant]
) -> None:
    code, make_mistake = mistake
    data, damage = source.draw(damages(make_mistake))
    checked = check(damage.write(data).encode(), "headgate.yaml")
    expected = said(check_data(data))
    assert said(checked) <= expected
    at_mistake = {path for each, path in expected if each == code}
    is_beside = any(path[: min(2, len(damage.path))] == damage.path[:2] for path in at_mistake)
    assert code in codes(checked) or is_beside or damage.may_hide(data, code)
    if damage.kind not in ("merge_key", "odd_key"):
        inside = {path for _, path in said(checked) if path[: len(damage.path)] == damage.path}
        assert inside <= {damage.path}, "only the key itself is still known"


@bounded
@given(damages(), breakages())
def test_a_broken_shape_is_reported_whatever_reading_has_damaged_elsewhere(
    damaged: tuple[dict[str, Any], Damage], breakage: tuple[dict[str, Any], tuple[str | int, ...], Plant]
) -> None:
    (_, damage), (healthy, path, break_shape) = damaged, breakage
    data = deepcopy(healthy)
    break_shape(data)
    text = damage.write(data)
    expected, found = said(check_data(data)), said(check(text.encode(), "headgate.yaml"))
    assert found <= expected
    if damage.path and not set(list_prefixes(path)) & set(list_prefixes(damage.path)):
        shape = {item for item in expected if is_shape(item[0])}
        assert {item for item in shape if not rests_on(damage, item[1])} <= found


def list_prefixes(path: tuple[str | int, ...]) -> list[tuple[str | int, ...]]:
    """The deploy, build or field that a path is about, and what is below."""
    first = 2 if path[0] in ("deploys", "builds") else 1
    return [path[:length] for length in range(first, len(path) + 1)]


def rests_on(damage: Damage, path: tuple[str | int, ...]) -> bool:
    return path[: len(damage.path)] == damage.path
