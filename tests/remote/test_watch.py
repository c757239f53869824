"""What is told while watching, and when it is over: pictures in, lines out; the clock is the test's."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

import pytest
from headgate.failure import GitHubFailed
from headgate.remote.hub import Run
from headgate.remote.screen import Screen
from headgate.remote.start import LOOKS, runs_of, start
from headgate.remote.watch import GRACE, Picture, describe, led_to, tell, watch
from headgate_runtime.github import JobStatus


def a_run(id: int, status: str = "in_progress", conclusion: str | None = None, **changes: object) -> Run:  # noqa: A002
    values = {
        "run_attempt": 1,
        "path": ".github/workflows/headgate-deploy-app.yaml",
        "display_title": f"run {id}",
    }
    return Run(id=id, html_url=f"u/{id}", status=status, conclusion=conclusion, **{**values, **changes})  # type: ignore[arg-type]


def over(id: int, conclusion: str = "success", **changes: object) -> Run:  # noqa: A002
    return a_run(id, "completed", conclusion, **changes)


def told(before: Picture | None, after: Picture) -> list[str]:
    return list(tell(before, after))


def test_a_run_is_told_as_it_goes_on() -> None:
    start_done = JobStatus("Start", "completed", "success")
    first = Picture(a_run(1), (start_done, JobStatus("Canary", "in_progress", "")))
    second = Picture(
        over(1, "failure"),
        (
            start_done,
            JobStatus("Canary", "completed", "failure"),
            JobStatus("Promote", "completed", "skipped"),
        ),
    )
    assert told(None, first) == ["run 1: u/1", "  Start: success", "  Canary: started"]
    assert told(first, first) == []
    assert told(first, second) == ["  Canary: failure", "run 1: failure"]


def test_another_attempt_begins_again() -> None:
    done = JobStatus("Start", "completed", "success")
    again = Picture(a_run(1, run_attempt=2), (done,))
    assert told(Picture(a_run(1), (done,)), again) == ["run 1: attempt 2", "  Start: success"]


def test_a_job_that_waits_for_a_reviewer_says_so() -> None:
    waiting = Picture(
        a_run(1, "waiting"), (JobStatus("Approve", "waiting", ""), JobStatus("Next", "queued", ""))
    )
    assert told(None, waiting)[1:] == ["  Approve: waits for a reviewer on GitHub"]
    assert describe([waiting]) == "run 1: waiting"


class Story:
    """A GitHub in which runs advance with every look; ids → their pictures, the last one stays."""

    def __init__(self, runs: dict[int, list[Run]], appear: dict[int, int] | None = None) -> None:
        self.told, self.appear, self.now, self.asked = runs, appear or {}, 0.0, 0

    def run(self, run: int) -> Run:
        pictures = self.told[run]
        return pictures.pop(0) if len(pictures) > 1 else pictures[0]

    def runs(self, *_: str) -> tuple[Run, ...]:
        self.asked += 1
        return tuple(
            pictures[0] for number, pictures in self.told.items() if self.asked >= self.appear.get(number, 0)
        )

    def jobs(self, _: Run) -> tuple[JobStatus, ...]:
        return ()

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def follow(
    story: Story, belongs: Callable[[Run], bool] | None = lambda run: run.id != 5
) -> tuple[bool, list[str]]:
    stream = io.StringIO()
    ended = watch(story, 5, belongs, Screen(stream), sleep=story.sleep, monotonic=lambda: story.now)
    return ended, [line for line in stream.getvalue().splitlines() if ": u/" not in line]


def test_alone_a_run_is_followed_to_its_end_and_no_further() -> None:
    story = Story({5: [a_run(5), over(5)], 6: [over(6, "failure")]})
    assert follow(story, None) == (True, ["run 5: success"])
    assert follow(Story({5: [over(5, "failure")]}), None)[0] is False


def test_what_was_led_to_is_followed_also_when_it_shows_up_late() -> None:
    story = Story({5: [over(5)], 6: [a_run(6), over(6)], 7: [over(7, "failure")]}, appear={6: 2, 7: 4})
    assert follow(story) == (False, ["run 5: success", "run 6: success", "run 7: failure"])


def test_the_search_for_what_follows_ends() -> None:
    story = Story({5: [over(5)]})
    assert follow(story) == (True, ["run 5: success"])
    assert GRACE <= story.now <= GRACE + 10


def test_a_run_at_work_is_followed_if_the_verb_was_accepted_and_an_old_one_is_not() -> None:
    recent = (a_run(3), over(4), a_run(6), over(7))
    everything: Callable[[Run], bool] = lambda _: True  # noqa: E731
    assert led_to(over(5), recent, everything) == [3, 6, 7]
    assert led_to(over(5, "failure"), recent, everything) == [6, 7]


@pytest.mark.parametrize(
    ("title", "path", "belongs"),
    [
        ("app → dev · 2-bbbbbbb · canary", "headgate-deploy-app.yaml", True),
        ("app → dev · 2-bbbbbbb · canary", "headgate-deploy-app.yaml@refs/heads/main", True),
        ("app → dev-2 · 2-bbbbbbb · canary", "headgate-deploy-app.yaml", False),
        ("app → prod · 2-bbbbbbb · canary", "headgate-deploy-app.yaml", False),
        ("api → dev · 2-bbbbbbb · canary", "headgate-deploy-api.yaml", False),
        ("Promote app → dev", "headgate-promote.yaml", False),
        ("app → dev · by hand", "other.yaml", False),
    ],
)
def test_which_runs_are_a_deploys_own(title: str, path: str, belongs: bool) -> None:
    run = a_run(6, display_title=title, path=f".github/workflows/{path}")
    assert runs_of("dev", "app")(run) is belongs
    assert runs_of("dev", "all")(run) is (belongs or title.startswith("api"))


class Old:
    """A server that does not name the run that it started."""

    def __init__(self, shows_up: int) -> None:
        self.dispatched, self.shows_up, self.looks = 0, shows_up, 0

    def dispatch(self, *_: object) -> None:
        self.dispatched += 1

    def runs(self, *_: str) -> tuple[Run, ...]:
        self.looks += bool(self.dispatched)
        return (over(8), a_run(9), over(4)) if self.dispatched and self.looks > self.shows_up else (over(4),)


def test_a_run_that_is_not_named_is_the_first_new_one_or_unknown() -> None:
    pauses: list[float] = []
    assert start(Old(3), "f", "main", {}, sleep=pauses.append) == 8
    assert len(pauses) == 3
    assert start(Old(LOOKS + 1), "f", "main", {}, sleep=pauses.append) is None


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def ticks() -> Iterator[float]:
    return iter([0.0, 65.0, 70.0])


def test_a_terminal_shows_one_line_that_is_kept_up_to_date(
    ticks: Iterator[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    screen = Screen(stream, monotonic=lambda: next(ticks))
    screen.status("one")
    screen.line("news")
    screen.status("x" * 1000)
    screen.clear()
    screen.clear()
    first, second = stream.getvalue().split("news\n")
    assert first == "1m5s  one\r\x1b[K"
    assert second.startswith("1m10s  xxx") and second.endswith("x\r\x1b[K") and len(second) < 500


def test_without_a_terminal_there_are_lines_only_and_nothing_of_githubs_is_obeyed() -> None:
    stream = io.StringIO()
    screen = Screen(stream)
    screen.status("one")
    screen.line("\x1b]0;title\x07 a\nb\r")
    assert stream.getvalue() == " ]0;title  a b \n"


def test_an_answer_that_is_lost_while_starting_is_passed_on() -> None:
    class Gone(Old):
        def dispatch(self, *_: object) -> None:
            raise GitHubFailed("no answer", 0)

    with pytest.raises(GitHubFailed, match="no answer"):
        start(Gone(0), "f", "main", {})
