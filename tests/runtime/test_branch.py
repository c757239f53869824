"""The state branch against a real origin: what is written, what is refused, what survives a bad network."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from headgate_runtime import branch as branch_module
from headgate_runtime.branch import Change, Snapshot, StateBranch
from headgate_runtime.errors import (
    Contended,
    GitFailed,
    HeadgateError,
    Refused,
    StateForeign,
    StateMissing,
    StateNewer,
    StateRewound,
)

OpenBranch = Callable[..., StateBranch]
RECORD = "environments/prod/app.json"
HOSTILE = [
    "'\"`$(reboot)`${{ secrets.X }}",
    "::error::no",
    "line one\nline two\r\nCo-authored-by: Mallory",
    "two\u2028lines\u2029and\x85more",
    "\x00\x07\x1b[31mred",
    "naïve 🚀 \u202eright-to-left",
    "lone \udcff surrogate",
    "--force",
    "# a comment",
    "data 5\nM 100644 inline format\n",
    "",
    "x" * 5000,
]


def one(
    content: bytes = b"{}\n", path: str = RECORD, subject: str = "something happened", **event: object
) -> Callable[[Snapshot], Sequence[Change]]:
    """A decision that is always the same one change."""
    return lambda _: [Change(subject, event or {"event": "happened"}, {path: content})]


def test_the_first_write_founds_the_branch_and_the_next_builds_on_it(
    origin: Any, open_branch: OpenBranch
) -> None:
    first = open_branch().write(one(b"1", seq=1), patience=5, create=True)
    second = open_branch().write(one(b"2", seq=2), patience=5)
    assert origin.read("format") == "1\n"
    assert "Do not edit" in origin.read("README.md")
    assert origin.read(RECORD) == "2"
    assert origin.tip() == second.commit
    assert origin.git("rev-parse", f"{second.commit}^").strip() == first.commit
    assert origin.events() == [{"seq": 1}, {"seq": 2}]
    assert first.snapshot.read(RECORD) == b"1"
    assert (first.attempts, second.attempts) == (1, 1)


def test_all_events_of_a_decision_arrive_as_commits_of_one_push(origin: Any, open_branch: OpenBranch) -> None:
    open_branch().write(one(), patience=5, create=True)
    origin.hook("post-receive", 'echo push >> "$GIT_DIR/pushes"')
    changes = [Change(f"event {number}", {"seq": number}, {RECORD: b"%d" % number}) for number in range(5)]
    written = open_branch().write(lambda _: changes, patience=5)
    assert written.changes == tuple(changes)
    assert (origin.path / "pushes").read_text() == "push\n"
    assert [event["seq"] for event in origin.events()[1:]] == [0, 1, 2, 3, 4]
    assert [origin.git("show", f"{written.commit}~{4 - back}:{RECORD}") for back in range(5)] == list("01234")


def test_a_change_may_delete_files_and_leaves_the_others_alone(origin: Any, open_branch: OpenBranch) -> None:
    open_branch().write(one(), patience=5, create=True)
    origin.commit({"releases/1.json": b"one", "notes/by hand.txt": b"mine"})
    written = open_branch().write(lambda _: [Change("pruned", {}, {"releases/1.json": None})], patience=5)
    assert written.snapshot.paths() == ("README.md", RECORD, "format", "notes/by hand.txt")
    assert written.snapshot.read("releases/1.json") is None


def test_nothing_due_writes_nothing(origin: Any, open_branch: OpenBranch) -> None:
    open_branch().write(one(), patience=5, create=True)
    tip = origin.tip()
    written = open_branch().write(lambda _: [], patience=5)
    assert (written.commit, written.changes) == (tip, ())
    assert origin.tip() == tip


def test_a_snapshot_reads_the_present_tree(origin: Any, open_branch: OpenBranch) -> None:
    contents = {f"releases/{number}.json": b"\x00\n%d\n" % number for number in range(20)}
    open_branch().write(lambda _: [Change("many", {}, {**contents, RECORD: b""})], patience=5, create=True)
    state = open_branch().fetch()
    assert state.commit == origin.tip()
    assert state.paths("releases/") == tuple(sorted(contents))
    assert {path: state.read(path) for path in contents} == contents
    assert state.read(RECORD) == b""
    assert state.read("releases/none.json") is None
    assert state.read("releases") is None


def test_the_tip_is_cheap_to_ask_for(origin: Any, open_branch: OpenBranch) -> None:
    branch = open_branch()
    assert branch.tip() is None
    written = branch.write(one(), patience=5, create=True)
    assert branch.tip() == written.commit == origin.tip()


def test_whoever_is_slower_decides_again_on_the_fresh_state(origin: Any, open_branch: OpenBranch) -> None:
    open_branch().write(one(b"0"), patience=5, create=True)
    rival = open_branch()
    seen: list[bytes | None] = []

    def decide(state: Snapshot) -> Sequence[Change]:
        seen.append(state.read(RECORD))
        if len(seen) < 3:
            rival.write(one(b"rival %d" % len(seen)), patience=5)
        return [Change("mine", {"mine": 1}, {RECORD: b"mine on " + (seen[-1] or b"")})]

    written = open_branch().write(decide, patience=30)
    assert seen == [b"0", b"rival 1", b"rival 2"]
    assert written.attempts == 3
    assert origin.read(RECORD) == "mine on rival 2"
    assert origin.events().count({"mine": 1}) == 1


def test_what_the_fresh_state_refuses_is_refused(origin: Any, open_branch: OpenBranch) -> None:
    open_branch().write(one(b"free"), patience=5, create=True)
    rival = open_branch()

    def decide(state: Snapshot) -> Sequence[Change]:
        if state.read(RECORD) != b"free":
            raise Refused("somebody else owns it")
        rival.write(one(b"taken"), patience=5)
        return one(b"mine")(state)

    with pytest.raises(Refused, match="somebody else owns it"):
        open_branch().write(decide, patience=30)
    assert origin.read(RECORD) == "taken"


def test_patience_ends_and_says_so(origin: Any, open_branch: OpenBranch) -> None:
    open_branch().write(one(), patience=5, create=True)
    rival, pauses, clock = open_branch(), [], [0.0]

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        clock[0] += seconds

    def decide(state: Snapshot) -> Sequence[Change]:
        clock[0] += 1.0
        tip = rival.write(one(b"%f" % clock[0]), patience=5).commit
        assert tip != state.commit
        return one(b"mine")(state)

    mine = open_branch(sleep=sleep, monotonic=lambda: clock[0], jitter=lambda: 1.0)
    with pytest.raises(Contended, match="others wrote first in all of 6 attempts in 20 s") as caught:
        mine.write(decide, patience=20)
    assert caught.value.exit_code == 2
    assert pauses == [1.0, 2.0, 3.0, 4.0, 5.0]
    assert b"mine" not in origin.read(RECORD).encode()


def test_two_founders_found_one_branch(origin: Any, open_branch: OpenBranch) -> None:
    rival = open_branch()

    def decide(state: Snapshot) -> Sequence[Change]:
        if not state.paths("environments/"):
            rival.write(one(b"rival"), patience=5, create=True)
        return [Change("mine", {}, {"environments/dev/app.json": b"mine"})]

    open_branch().write(decide, patience=30, create=True)
    assert origin.read(RECORD) == "rival"
    assert origin.read("environments/dev/app.json") == "mine"
    assert len(origin.git("rev-list", "--max-parents=0", "headgate/state").split()) == 1


def test_a_branch_founded_between_two_looks_is_looked_at_again(open_branch: OpenBranch, wrapper: Any) -> None:
    tip = open_branch().write(one(), patience=5, create=True).commit
    missing = "fatal: couldn't find remote ref refs/heads/headgate/state"
    wrapper.install(f'if [ "$1" = fetch ] && first; then echo "{missing}" >&2; exit 128; fi')
    assert open_branch().fetch().commit == tip


def test_a_missing_branch_is_not_day_one(origin: Any, open_branch: OpenBranch) -> None:
    for action in (lambda: open_branch().fetch(), lambda: open_branch().write(one(), patience=5)):
        with pytest.raises(StateMissing, match="headgate/state is missing") as caught:
            action()
        assert "-f ref=refs/heads/headgate/state -f sha=<commit>" in caught.value.hint
    assert origin.git("for-each-ref") == ""


def test_a_branch_deleted_under_a_write_is_missing(origin: Any, open_branch: OpenBranch) -> None:
    open_branch().write(one(b"1"), patience=5, create=True)
    open_branch().write(one(b"2"), patience=5)

    def decide(state: Snapshot) -> Sequence[Change]:
        origin.move(None)
        return one(b"3")(state)

    with pytest.raises(StateMissing):
        open_branch().write(decide, patience=5)
    assert origin.git("for-each-ref") == ""


@pytest.mark.parametrize(
    ("files", "error", "why"),
    [
        ({"index.html": b"<html>"}, StateForeign, "there is no file `format`"),
        ({"format": b""}, StateForeign, "holds b'', not a number"),
        ({"format": b"one\n"}, StateForeign, "holds b'one"),
        ({"format": b"1\n1\n"}, StateForeign, "not a number"),
        ({"format": b"0\n"}, StateForeign, "not a number"),
        ({"format": b"\xff\xfe\x00"}, StateForeign, "not a number"),
        ({"format": b"9" * 5000}, StateForeign, "not a number"),
        ({"format/inside": b"1\n"}, StateForeign, "there is no file `format`"),
        ({"format": b"2\n"}, StateNewer, "has format 2, this Headgate knows 1"),
    ],
)
def test_foreign_and_newer_branches_are_refused_untouched(
    origin: Any, open_branch: OpenBranch, files: Mapping[str, bytes], error: type[HeadgateError], why: str
) -> None:
    tip = origin.commit(files, orphan=True)
    for action in (
        lambda: open_branch().fetch(),
        lambda: open_branch().write(one(), patience=5),
        lambda: open_branch().write(one(), patience=5, create=True),
    ):
        with pytest.raises(error) as caught:
            action()
        assert why in str(caught.value)
        assert "`format`" in str(caught.value)
        assert tip in str(caught.value)
        assert caught.value.exit_code == 2
        assert caught.value.hint
    assert origin.tip() == tip


def test_a_branch_that_went_back_is_refused_untouched(origin: Any, open_branch: OpenBranch) -> None:
    first = open_branch().write(one(b"1"), patience=5, create=True).commit
    second = open_branch().write(one(b"2"), patience=5).commit
    origin.move(first)
    rewritten = origin.commit({RECORD: b"other"})
    for action in (
        lambda: open_branch().write(one(b"3"), patience=5, known=[first, second]),
        lambda: open_branch().write(one(b"3"), patience=5, known=[second], create=True),
        lambda: open_branch().require_ancestors([second]),
    ):
        with pytest.raises(StateRewound) as caught:
            action()
        assert second in str(caught.value)
        assert rewritten in str(caught.value)
        assert f"-f sha={second}" in caught.value.hint
    assert origin.tip() == rewritten
    open_branch().require_ancestors([first, rewritten])


def test_whoever_wrote_last_sees_that_the_branch_went_back(origin: Any, open_branch: OpenBranch) -> None:
    open_branch().write(one(b"1"), patience=5, create=True)
    origin.grow(100)
    back = origin.git("rev-parse", "headgate/state~50").strip()
    mine = open_branch()
    lost = mine.write(one(b"2"), patience=5).commit
    origin.move(back)
    with pytest.raises(StateRewound, match=lost):
        mine.write(one(b"3"), patience=5, known=[lost])
    assert origin.tip() == back


def test_a_branch_deleted_and_founded_anew_went_back(origin: Any, open_branch: OpenBranch) -> None:
    mine = open_branch()
    lost = mine.write(one(b"1"), patience=5, create=True).commit
    origin.move(None)
    with pytest.raises(StateRewound):
        mine.write(one(b"2"), patience=5, create=True, known=[lost])
    with pytest.raises(StateMissing):
        mine.write(one(b"2"), patience=5, known=[lost])
    assert origin.git("for-each-ref") == ""


@pytest.mark.parametrize("commit", ["", "HEAD", "--help", "0" * 40, "refs/headgate/tip", "abc"])
def test_what_is_no_commit_of_the_branch_was_not_written_by_this_run(
    origin: Any, open_branch: OpenBranch, commit: str
) -> None:
    tip = open_branch().write(one(), patience=5, create=True).commit
    with pytest.raises(StateRewound):
        open_branch().write(one(b"2"), patience=5, known=[commit])
    assert origin.tip() == tip


def test_a_write_fetches_one_commit_however_long_the_history(origin: Any, open_branch: OpenBranch) -> None:
    open_branch().write(one(), patience=5, create=True)
    origin.grow(2000)
    branch = open_branch()
    branch.write(one(b"2"), patience=5)
    assert commits_in_scratch(branch) == 2


def test_an_ancestor_is_looked_for_no_further_back_than_needed(origin: Any, open_branch: OpenBranch) -> None:
    open_branch().write(one(), patience=5, create=True)
    origin.grow(2000)
    known = origin.git("rev-parse", "headgate/state~200").strip()
    branch = open_branch()
    branch.write(one(b"2"), patience=5, known=[known])
    assert 200 < commits_in_scratch(branch) < 400


def commits_in_scratch(branch: StateBranch) -> int:
    return int(branch._git.run("rev-list", "--count", branch_module._NEXT))


def test_a_push_whose_answer_was_lost_is_not_made_twice(
    origin: Any, open_branch: OpenBranch, wrapper: Any
) -> None:
    open_branch().write(one(b"0", seq=0), patience=5, create=True)
    wrapper.install('if [ "$1" = push ] && first; then "$real" "$@"; echo "fatal: hung up" >&2; exit 128; fi')
    asked: list[str] = []

    def decide(state: Snapshot) -> Sequence[Change]:
        asked.append(state.commit)
        return one(b"1", seq=1)(state)

    written = open_branch(sleep=lambda _: None).write(decide, patience=30)
    assert origin.events() == [{"seq": 0}, {"seq": 1}]
    assert origin.tip() == written.commit
    assert written.attempts == 2
    assert len(asked) == 1


@pytest.mark.parametrize("founding", [False, True])
def test_a_lost_answer_is_found_below_what_others_pushed_since(
    origin: Any, open_branch: OpenBranch, wrapper: Any, founding: bool
) -> None:
    if not founding:
        open_branch().write(one(b"0"), patience=5, create=True)
    rival = open_branch()
    wrapper.install(
        'if [ "$1" = push ] && first; then "$real" "$@"; echo "error: RPC failed; curl 56" >&2; exit 1; fi'
    )
    mine = open_branch(sleep=lambda _: [rival.write(one(b"r", rival=n), patience=5) for n in range(3)])
    written = mine.write(one(b"1", mine=1), patience=30, create=founding)
    assert origin.events().count({"mine": 1}) == 1
    assert origin.git("rev-list", "--count", f"{written.commit}..headgate/state").strip() == "3"


def test_a_push_that_never_arrived_is_made_again(origin: Any, open_branch: OpenBranch, wrapper: Any) -> None:
    open_branch().write(one(b"0", seq=0), patience=5, create=True)
    wrapper.install(
        'if [ "$1" = push ] && first; then echo "fatal: Could not resolve host" >&2; exit 128; fi'
    )
    open_branch(sleep=lambda _: None).write(one(b"1", seq=1), patience=30)
    assert origin.events() == [{"seq": 0}, {"seq": 1}]


def test_a_fetch_survives_a_short_loss_of_the_network(
    origin: Any, open_branch: OpenBranch, wrapper: Any
) -> None:
    tip = open_branch().write(one(), patience=5, create=True).commit
    wrapper.install(
        'case "$1" in fetch|ls-remote) [ $(ls "$folder" | wc -l) -lt 4 ] && { mktemp "$folder/n.XXXX" >&2;'
        ' echo "fatal: The requested URL returned error: 503" >&2; exit 128; } ;; esac'
    )
    assert open_branch(sleep=lambda _: None).fetch().commit == tip
    assert origin.tip() == tip


def test_a_network_that_stays_away_ends_as_what_it_is(
    origin: Any, open_branch: OpenBranch, wrapper: Any
) -> None:
    tip = open_branch().write(one(), patience=5, create=True).commit
    wrapper.install('[ "$1" = push ] && { echo "ssh: connect: Connection timed out" >&2; exit 128; }')
    with pytest.raises(GitFailed, match=r"git push failed: .*Connection timed out"):
        open_branch(jitter=lambda: 0.1).write(one(b"2"), patience=0.5)
    assert origin.tip() == tip


def test_a_protected_branch_fails_at_once_with_a_hint(origin: Any, open_branch: OpenBranch) -> None:
    tip = open_branch().write(one(), patience=5, create=True).commit
    origin.hook("pre-receive", "echo 'GH013: Repository rule violations found' >&2; exit 1")
    never: list[float] = []
    with pytest.raises(GitFailed, match="pre-receive hook declined") as caught:
        open_branch(sleep=never.append).write(one(b"2"), patience=60)
    assert "forbid only deletion and force pushes" in caught.value.hint
    assert never == []
    assert origin.tip() == tip


def test_a_remote_that_is_not_there_fails_at_once(tmp_path: Any, scratch: Any) -> None:
    branch = StateBranch((tmp_path / "nowhere").as_uri(), "headgate/state", scratch, sleep=pytest.fail)
    for action in (branch.tip, branch.fetch):
        with pytest.raises(GitFailed, match="does not appear to be a git repository"):
            action()


@pytest.mark.parametrize("text", HOSTILE)
def test_text_from_people_stays_one_subject_and_one_line_of_json(
    origin: Any, open_branch: OpenBranch, text: str
) -> None:
    event = {"reason": text, "nested": {text: [text]}}
    open_branch().write(lambda _: [Change(text, event, {RECORD: b"1"})], patience=5, create=True)
    message = origin.messages()[-1].rstrip("\n")
    subject, blank, body = message.split("\n")
    assert 1 <= len(subject) <= 200
    assert subject.isprintable()
    assert blank == ""
    assert body.isascii()
    assert body.isprintable()
    assert json.loads(body) == event
    assert origin.read("format") == "1\n"
    subprocess.run(["git", "-C", str(origin.path), "fsck", "--strict", "--no-dangling"], check=True)


def test_a_subject_keeps_the_words_people_wrote(origin: Any, open_branch: OpenBranch) -> None:
    subject = "prod/app: baking → promoting (büro 🚀)"
    open_branch().write(one(subject=subject), patience=5, create=True)
    assert origin.messages()[-1].splitlines()[0] == subject


@pytest.mark.parametrize(
    "path",
    ["", "/etc/passwd", "../x", "a/../b", ".git/config", "a/.b", "a//b", "a\nb", 'a"b', "a b", "é", "a/"],
)
def test_a_path_that_is_none_is_refused(origin: Any, open_branch: OpenBranch, path: str) -> None:
    tip = open_branch().write(one(), patience=5, create=True).commit
    with pytest.raises(Refused):
        open_branch().write(one(path=path), patience=5)
    assert origin.tip() == tip


def test_a_file_in_the_way_of_a_folder_is_replaced_as_git_would(origin: Any, open_branch: OpenBranch) -> None:
    written = open_branch().write(one(path="a/b", content=b"1"), patience=5, create=True)
    assert written.snapshot.read("a/b") == b"1"
    assert origin.git("cat-file", "-t", "headgate/state:a").strip() == "tree"


def test_an_event_that_is_no_json_writes_nothing(origin: Any, open_branch: OpenBranch) -> None:
    tip = open_branch().write(one(), patience=5, create=True).commit
    with pytest.raises(ValueError, match="JSON"):
        open_branch().write(one(number=float("nan")), patience=5)
    assert origin.tip() == tip
