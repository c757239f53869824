"""Comments: each belongs to something, goes with what is carried, and is never lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from headgate_schema.document import read_document
from headgate_schema.migrate import REGISTRY, migrate
from headgate_schema.migrate.comments import Comment, attach_comments
from headgate_schema.migrate.manuscript import is_faithful
from headgate_schema.syntax import read_syntax

HERE = Path(__file__).parent / "cascade"
CASES = sorted(path.parent for path in HERE.glob("*/headgate.yaml"))
NOTE = "# a note: with 'quotes' and {brackets}"


def note(lines: list[str], number: int, kind: str) -> list[str]:
    """The lines with a note above, behind, or more to the right below one of them."""
    line = lines[number]
    indent = " " * (len(line) - len(line.lstrip()))
    if kind == "behind":
        return [*lines[:number], f"{line} {NOTE}", *lines[number + 1 :]]
    if kind == "above":
        return [*lines[:number], indent + NOTE, *lines[number:]]
    return [*lines[: number + 1], f"{indent}  {NOTE}", *lines[number + 1 :]]


@pytest.mark.parametrize("kind", ["above", "behind", "below"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_note_anywhere_is_in_the_result_once_and_changes_nothing_else(case: Path, kind: str) -> None:
    text = (case / "manifest.yaml").read_text(encoding="utf-8")
    lines = text.splitlines()
    data = read_document(text.encode(), "x").data
    expected = read_document((case / "headgate.yaml").read_bytes(), "x").data
    noted = [note(lines, number, kind) for number in range(len(lines))]
    read = [read_document("\n".join(one).encode(), "manifest.yaml") for one in noted]
    ours = [document for document in read if document.data == data and has_note(document.text)]
    assert len(ours) > len(lines) / 2
    for document in ours:
        result = migrate(document, REGISTRY).text or ""
        assert result.count(NOTE) == 1, document.text
        assert read_document(result.encode(), "x").data == expected


def test_a_text_that_says_something_else_or_lost_a_comment_is_not_faithful() -> None:
    kept = [Comment("# a", 0, "above"), Comment("# a", 9, "behind")]
    assert is_faithful("# a\na: 1 # a\n", {"a": 1}, kept)
    assert not is_faithful("a: 1 # a\n", {"a": 1}, kept)
    assert not is_faithful("# a\na: true # a\n", {"a": 1}, kept)
    assert not is_faithful("# a\na: 1 # a\na: 1\n", {"a": 1}, kept)


def has_note(text: str) -> bool:
    comments = attach_comments(read_syntax(text)).values()
    return any(NOTE in comment.text for found in comments for comment in found)


TEXT = """\
# above a
a: # behind a
  # above b
  - b # behind b
  - c: 1 # behind c
    # above d
    d: [1, # behind 1
      2] # behind d
    # below d
  # below e
# above f
f: {x: 1, y: 2} # behind f
g: | # behind g
  # no comment
"""


def test_each_comment_belongs_to_what_a_reader_would_say() -> None:
    found = {
        comment.text: (path, comment.side)
        for path, comments in attach_comments(read_syntax(TEXT)).items()
        for comment in comments
    }
    assert found == {
        "# above a": (("a",), "above"),
        "# behind a": (("a",), "behind"),
        "# above b": (("a", 0), "above"),
        "# behind b": (("a", 0), "behind"),
        "# behind c": (("a", 1, "c"), "behind"),
        "# above d": (("a", 1, "d"), "above"),
        "# behind 1": (("a", 1, "d", 0), "behind"),
        "# behind d": (("a", 1, "d"), "behind"),
        "# below d": (("a", 1, "d"), "below"),
        "# below e": (("a", 1), "below"),
        "# above f": (("f",), "above"),
        "# behind f": (("f",), "behind"),
        "# behind g": (("g",), "behind"),
    }
