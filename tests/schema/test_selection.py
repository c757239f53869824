"""`--select` and `--ignore`: what they take, what they refuse, and what they never hide."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from headgate_schema.check import Checked
from headgate_schema.cli.selection import read_selection
from headgate_schema.failure import SchemaError

Check = Callable[..., Checked]
TEXT = """\
version: 1
environments: [dev]
deploys: [{name: app, needs: [api], permissions: {content: read}}]
"""


def codes(checked: Checked, select: str | None = None, ignore: str | None = None) -> list[str]:
    return [finding.code for finding in read_selection(select, ignore).apply(checked).findings]


def test_codes_and_families_choose_what_is_shown(check_text: Check) -> None:
    checked = check_text(TEXT)
    assert codes(checked) == ["HG203", "HG215"]
    assert codes(checked, select="HG203") == ["HG203"]
    assert codes(checked, select="hg2xx") == ["HG203", "HG215"]
    assert codes(checked, select="HG2", ignore="HG215") == ["HG203"]
    assert codes(checked, ignore="HG5, hg215") == ["HG203"]
    assert codes(checked, select="HG3") == []


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("HG201", '"HG201" is an error, and errors can\'t be ignored: they stop the generating'),
        ("HG3", '"HG3" has errors, which can\'t be ignored; name its warnings: HG307,HG308,HG309'),
        ("HG1xx", '"HG1" has errors, which can\'t be ignored; it has no warnings'),
        ("HG999", 'there is no rule "HG999"; HG0 to HG6 are families'),
        ("hg505", 'there is no rule "hg505"; HG5 has HG501, HG502, HG503, HG504'),
        ("G", 'there is no rule "G"; HG0 to HG6 are families'),
        (" ,", "--ignore needs codes or families, for example HG309,HG5"),
    ],
)
def test_what_cannot_be_ignored_is_refused_with_a_reason(option: str, said: str) -> None:
    with pytest.raises(SchemaError) as raised:
        read_selection(None, option)
    assert str(raised.value).startswith(said)


def test_every_family_of_warnings_can_be_ignored_as_a_whole() -> None:
    assert read_selection(None, "HG5").ignore == ("HG5",)


@pytest.mark.parametrize(
    ("text", "shown"), [("a: [", ["HG001"]), (TEXT.replace("deploys:", "deploys: 3 #"), ["HG103"])]
)
def test_what_kept_selected_rules_from_running_is_shown(
    text: str, shown: list[str], check_text: Check
) -> None:
    assert codes(check_text(text, {}), select="HG5") == shown


def test_want_of_a_repository_hides_no_more_than_asked(check_text: Check) -> None:
    assert codes(check_text(TEXT), select="HG5") == []
