"""The runner: what it tells, and text that stays text in outputs, summaries and the log."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from headgate_runtime import runner as runner_files
from headgate_runtime.errors import HeadgateError
from headgate_runtime.runner import Runner

from tests.runtime.conftest import ENVIRONMENT, HOSTILE


def outputs_as_the_runner_reads_them(path: Path) -> dict[str, str]:
    """The file format of https://docs.github.com/actions: name<<delimiter, lines, delimiter."""
    lines, found = path.read_bytes().decode().split("\n"), {}
    while lines and lines[0]:
        name, _, delimiter = lines.pop(0).partition("<<")
        end = lines.index(delimiter)
        found[name], lines = "\n".join(lines[:end]), lines[end + 1 :]
    return found


def is_command(line: str) -> bool:
    """What actions/runner takes for a command: `::` after leading white space, `##[` anywhere."""
    return line.lstrip().startswith("::") or "##[" in line


def test_the_runner_is_read_from_its_environment(runner: Runner) -> None:
    assert (runner.run_id, runner.attempt, runner.run_number) == (4711, 2, 128)
    assert runner.actor == "bob"
    assert runner.run_url == "https://github.example/acme/shop/actions/runs/4711"
    assert runner.remote == "https://github.example/acme/shop.git"
    assert runner.token == "ghs_secret"
    assert "ghs_secret" not in repr(runner)


def test_outside_of_a_run_everything_missing_is_named() -> None:
    wrong = {**ENVIRONMENT, "GITHUB_RUN_ID": "x1", "GITHUB_REPOSITORY": " ", "GITHUB_RUN_ATTEMPT": ""}
    with pytest.raises(HeadgateError, match="GITHUB_RUN_ID, GITHUB_RUN_ATTEMPT, GITHUB_REPOSITORY") as caught:
        Runner.from_environment(wrong)
    assert caught.value.exit_code == 2
    with pytest.raises(HeadgateError, match="this is no workflow run"):
        Runner.from_environment({})


def test_outputs_arrive_whatever_they_contain(runner: Runner) -> None:
    values = {f"v{number}": text for number, text in enumerate(HOSTILE) if "\udcff" not in text}
    values |= {"fake": "x\nnext<<EOF\npromote\nEOF", "headgate": "headgate_\nheadgate_", "lines": "\n\na\n\n"}
    runner_files.set_outputs(runner, {"first": "1"})
    runner_files.set_outputs(runner, values)
    assert runner.output_path
    assert outputs_as_the_runner_reads_them(runner.output_path) == {"first": "1", **values}


def test_an_output_never_uses_the_same_delimiter_twice(runner: Runner) -> None:
    runner_files.set_outputs(runner, {"a": "1", "b": "2"})
    runner_files.set_outputs(runner, {"a": "1"})
    assert runner.output_path
    assert len(set(re.findall("<<(.*)", runner.output_path.read_text()))) == 3


def test_without_the_runners_files_nothing_is_written(runner: Runner) -> None:
    alone = replace(runner, output_path=None, summary_path=None)
    runner_files.set_outputs(alone, {"a": "1"})
    runner_files.add_summary(alone, "text")


def test_a_file_that_cannot_be_written_is_a_clear_failure(runner: Runner, tmp_path: Path) -> None:
    with pytest.raises(HeadgateError, match="can't be written"):
        runner_files.set_outputs(replace(runner, output_path=tmp_path), {"a": "1"})


def test_summaries_add_up_and_stay_below_the_limit(runner: Runner) -> None:
    assert runner.summary_path
    runner_files.add_summary(runner, "# One\n")
    runner_files.add_summary(runner, "two \udcff\n")
    assert runner.summary_path.read_text() == "# One\ntwo \\udcff\n"
    runner_files.add_summary(runner, "ü" * 60 + "\n" + ("€" * 50 + "\n") * 10_000)
    runner_files.add_summary(runner, "too late\n" * 100)
    content = runner.summary_path.read_bytes()
    assert len(content) <= runner_files.SUMMARY_LIMIT
    text = content.decode()
    assert text.count("a summary holds at most 1 MiB") == 1
    assert "too late" not in text
    assert {line for line in text.splitlines() if line.startswith("€")} == {"€" * 50}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain words, 10 % (v1.2-3) done; ok?", "plain words, 10 % (v1.2-3) done; ok?"),
        ("a|b", "a&#124;b"),
        ("<img src=x onerror=y>", "&#60;img src=x onerror=y&#62;"),
        ("[x](javascript:y) ![i](z)", "&#91;x&#93;(javascript:y) &#33;&#91;i&#93;(z)"),
        ("`code` *b* _i_ ~s~", "&#96;code&#96; &#42;b&#42; &#95;i&#95; &#126;s&#126;"),
        ("&amp; \\ $x$", "&#38;amp; &#92; &#36;x&#36;"),
        ("@team closes #12", "&#64;&#8203;team closes &#35;&#8203;12"),
        ("https://evil.example", "https&#58;&#8203;//evil.example"),
        ("www.evil.example", "www&#46;&#8203;evil.example"),
        ("# title", "&#35;&#8203; title"),
        ("- item", "&#45; item"),
        ("1. item", "1&#46;&#8203; item"),
        ("one\n\n| two\r\n\x00three\u2028four", "one &#124; two three four"),
        ("", ""),
    ],
)
def test_text_in_a_summary_is_shown_as_written(text: str, shown: str) -> None:
    assert runner_files.escape_markdown(text) == shown


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_said_is_never_a_command(text: str, capfd: pytest.CaptureFixture[str]) -> None:
    runner_files.say(text)
    lines = re.split(r"[\n\r\u2028\x85\x0b]", capfd.readouterr().out)
    assert lines
    assert not [line for line in lines if is_command(line)]


def test_harmless_text_is_said_as_it_is(capfd: pytest.CaptureFixture[str]) -> None:
    runner_files.say("prod/app: baking → promoting\n  a::b ## [x]")
    assert capfd.readouterr().out == "prod/app: baking → promoting\n  a::b ## [x]\n"


def test_annotations_are_one_command_each(capfd: pytest.CaptureFixture[str]) -> None:
    runner_files.notice("fine")
    runner_files.warning("100 %\n::error::x\r", "a:b,c\n%")
    runner_files.error("bad \udcff 🚀", "held")
    assert capfd.readouterr().out.split("\n") == [
        "::notice::fine",
        "::warning title=a%3Ab%2Cc%0A%25::100 %25%0A::error::x%0D",
        "::error title=held::bad \\udcff 🚀",
        "",
    ]


def test_stdout_of_another_encoding_gets_what_it_can_show(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with (tmp_path / "log").open("w", encoding="ascii") as log:
        monkeypatch.setattr("sys.stdout", log)
        runner_files.say("baking → promoting")
    assert (tmp_path / "log").read_text() == f"baking \\u2192 promoting{os.linesep}"
