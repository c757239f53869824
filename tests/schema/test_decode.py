"""Decoding: extensions are left out, misspelt keys do not hide what else is wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from headgate_schema import misfits
from headgate_schema.check import Checked
from headgate_schema.decode import decode, without_extensions

Check = Callable[..., Checked]
LEAST: dict[str, Any] = {"version": 1, "environments": ["dev"], "deploys": [{"name": "app"}]}


def say(checked: Checked) -> list[str]:
    return [
        f"{(span := checked.locate(finding.place)).line}:{span.column} {finding.code}"
        for finding in checked.findings
    ]


def test_extensions_are_kept_only_where_keys_are_the_users() -> None:
    data = {
        "x-a": 1,
        "deploys": [{"x-b": {"inputs": {}}, "inputs": {"x-c": 1}, "environment_inputs": {"e": {"x-d": 1}}}],
    }
    assert without_extensions(data) == {
        "deploys": [{"inputs": {"x-c": 1}, "environment_inputs": {"e": {"x-d": 1}}}]
    }


def test_a_misspelt_key_is_taken_for_what_it_meant(check_text: Check) -> None:
    text = (
        "version: 1\nenvironmens: [dev]\ndeploys:\n  - name: app\n    need: [api]\n    Environments: [prod]\n"
    )
    assert say(check_text(text)) == [
        "2:1 HG101",
        "2:15 HG207",
        "5:5 HG101",
        "5:12 HG203",
        "6:5 HG101",
        "6:20 HG201",
    ]


def test_below_a_misspelt_key_everything_is_checked_too(check_text: Check) -> None:
    text = "version: 1\nenvironments: [dev]\ndeploys:\n  - name: app\n    strategy: canary\n    cannary:\n"
    text += "      percent: 100\n      rolback_callback: x.yaml\n"
    assert say(check_text(text)) == ["6:5 HG101", "6:5 HG102", "7:16 HG106", "8:7 HG101"]


def test_an_unknown_key_does_not_hide_what_else_is_wrong(check_text: Check) -> None:
    text = "version: 1\nenvironments: [dev]\nsomething: 1\ndeploys:\n  - name: app\n    needs: [app]\n"
    assert say(check_text(text)) == ["3:1 HG101", "6:13 HG206"]


def test_with_misfits_there_is_no_manifest_to_build_from(check_text: Check) -> None:
    checked = check_text("version: 1\nenvironments: [dev]\nsomething: 1\ndeploys: [{name: app}]\n")
    assert checked.manifest is None and checked.resolved is None


def test_a_wrong_value_keeps_later_rules_from_guessing(check_text: Check) -> None:
    text = "version: 1\nenvironments: [dev]\ndeploys:\n  - {name: app, needs: [api]}\n  - {name: Api}\n"
    assert say(check_text(text)) == ["5:12 HG105"]


def test_a_meant_key_that_is_already_there_is_not_suggested() -> None:
    (misfit,) = decode({**LEAST, "enviroments": []}).misfits
    assert misfits.find_meant(misfit) is None


def test_if_only_the_decoder_objects_its_words_are_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(misfits, "list_errors", lambda _data: [])
    (misfit,) = decode({**LEAST, "version": 2}).misfits
    assert (misfit.kind, misfit.keyword) == ("wrong_type", "msgspec")
    assert "Invalid enum value 2" in misfit.expected
