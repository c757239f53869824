"""Reading YAML: values, places, and everything that is refused."""

from __future__ import annotations

import subprocess
import sys
from textwrap import dedent

import pytest
from headgate_schema.composer import MAX_DEPTH
from headgate_schema.document import MAX_VALUES, Document, read_document
from headgate_schema.span import Span
from headgate_schema.text import MAX_BYTES


def read(text: str) -> Document:
    return read_document(dedent(text).encode(), "x.yaml")


def kinds(document: Document) -> list[str]:
    return [trouble.kind for trouble in document.troubles]


def test_scalars_follow_the_core_schema_of_yaml_1_2() -> None:
    text = "{on: yes, off: No, a: 12:30:45, b: 1_000, c: 0o17, d: 010, e: 2026-11-23, "
    text += "f: ~, g: '1', h: 1.0, i: .5}"
    assert read(text).data == {
        "on": "yes", "off": "No", "a": "12:30:45", "b": "1_000", "c": 15, "d": 10, "e": "2026-11-23",
        "f": None, "g": "1", "h": 1, "i": 0.5,
    }  # fmt: skip


@pytest.mark.parametrize("prefix", ["", "\ufeff"])
@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_places_count_lines_and_code_points_from_one(prefix: str, line_break: str) -> None:
    text = "first: 1\nsecond: {é🚀: [x, '🚀', last]}\n".replace("\n", line_break)
    document = read_document((prefix + text).encode(), "x.yaml")
    assert document.locate(("second", "é🚀"), "key") == Span(2, 10, 2, 12)
    assert document.locate(("second", "é🚀", 1)) == Span(2, 18, 2, 21)
    assert document.locate(("second", "é🚀", 2)) == Span(2, 23, 2, 27)


def test_a_block_ends_where_its_last_value_ends() -> None:
    document = read(
        """\
        a:
          - b: c   # said of c

          # said of d
        d: |
          text

        # the end
        """
    )
    assert document.locate(("a",)) == Span(2, 3, 2, 9)
    assert document.locate(("d",)) == Span(5, 4, 6, 7)
    assert document.locate(()) == Span(1, 1, 6, 7)


def test_a_path_that_leads_nowhere_gives_the_nearest_thing_around_it() -> None:
    document = read("a:\n  b: [1]\n")
    assert document.locate(("a", "b", 7)) == document.locate(("a", "b"), "key")
    assert document.locate(("a", "none", "deep")) == document.locate(("a",), "key")
    assert document.locate(("none",)) == document.locate(("a",), "key")
    assert read("a:\n  - b: 1\n    c: 2\n").locate(("a", 0, "none")) == Span(2, 5, 2, 6)
    assert (
        document.has(("a", "b", 0))
        and not document.has(("a", "b", 1))
        and not document.has(("a", "b", 0, "c"))
    )


def test_an_empty_value_has_a_place_without_width() -> None:
    assert read("a:\nb: 1\n").locate(("a",)) == Span(1, 3, 1, 3)


def test_the_value_of_an_alias_is_where_its_anchor_stands() -> None:
    document = read("a: &x [1]\nb: *x\n")
    assert document.data == {"a": [1], "b": [1]}
    assert document.locate(("b",), "key") == Span(2, 1, 2, 2)
    assert document.locate(("b", 0)) == Span(1, 8, 1, 9)


def test_all_troubles_are_listed_in_the_order_of_their_places() -> None:
    document = read("a: !x 1\nb: .inf\na: 2\n<<: {}\n3: 4\n")
    assert kinds(document) == ["tag", "number", "duplicate_key", "merge_key", "odd_key"]
    assert document.troubles[2].earlier == Span(1, 1, 1, 2)


def test_github_reads_scalar_keys_as_text() -> None:
    document = read_document(b"on: push\n1: a\ntrue: b\n? [x]\n: c\n", "x.yaml", are_scalar_keys_text=True)
    assert kinds(document) == ["odd_key"]
    assert read_document(b"1: a\ntrue: b\n", "x.yaml", are_scalar_keys_text=True).data == {
        "1": "a",
        "true": "b",
    }


def test_a_file_above_the_size_limit_is_not_read() -> None:
    assert kinds(read_document(b"a: " + b"x" * MAX_BYTES, "x.yaml")) == ["too_large"]
    assert kinds(read_document(b"a: " + b"x" * (MAX_BYTES - 3), "x.yaml")) == []


def test_depth_is_limited_exactly() -> None:
    inner = MAX_DEPTH - 1
    assert kinds(read("a: " + "[" * inner + "]" * inner)) == []
    assert kinds(read("a: " + "[" * (inner + 1) + "]" * (inner + 1))) == ["too_deep"]


@pytest.mark.parametrize("text", ["[" * 300_000, "- " * 300_000 + "a", "{a: " * 200_000, "? " * 300_000])
def test_a_tower_of_brackets_neither_crashes_nor_hangs(text: str) -> None:
    assert kinds(read(text)) in (["too_deep"], ["syntax"])


def test_values_are_counted_each_time_an_alias_is_used() -> None:
    few = MAX_VALUES // 10 - 20
    text = f"a: &a [{', '.join('1' * few)}]\nb: [{', '.join(['*a'] * 9)}]\n"
    assert kinds(read(text)) == []
    assert kinds(read(text.replace("b: [", "b: [*a, "))) == ["too_many_values"]


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [*a]",
        "a: &a\n  - *a\n",
        "a: &a\n  b: *a\n",
        "a: &a {*a : 1}",
        "&a\nb: &b\n  c: *a\n",
    ],
)
def test_recursive_aliases_are_refused(text: str) -> None:
    document = read(text)
    assert document.troubles
    document.locate(("a", 0, 0, "b"))


def test_control_characters_are_refused_wherever_they_come_from() -> None:
    for text in (
        "a: b\x07",
        "a: 'b\x85'",
        "a: b\u2029",
        "# \u202e",
        'a: "\\x1b"',
        'a: "\\u202E"',
        "a\ufeff: b",
    ):
        assert kinds(read(text)) == ["character"], text
    assert read('a: "line\\n\\ttab"').data == {"a": "line\n\ttab"}


PURE = """
import sys, types
import yaml
yaml.__with_libyaml__ = False
sys.modules["yaml.cyaml"] = None
from headgate_schema import composer
from yaml.scanner import Scanner
assert issubclass(composer._Composer, Scanner)
import msgspec
from headgate_schema.document import read_document
for text in sys.stdin.read().split("\\0"):
    document = read_document(text.encode(), "x.yaml")
    places = [msgspec.to_builtins(document.locate(("deploys", 1), part)) for part in ("key", "value")]
    kinds = [trouble.kind for trouble in document.troubles]
    print(msgspec.json.encode([document.data, places, kinds]).decode())
"""


def test_without_libyaml_the_same_is_read(first_shape: str, full: str) -> None:
    texts = [
        first_shape,
        full,
        "",
        "a: [",
        "a: &a [*a]",
        "a: !x 1",
        "[" * 500,
        "a: 1\n---\n",
        "a: 'é🚀'",
        "1: 2",
    ]
    run = subprocess.run(
        [sys.executable, "-c", PURE], input="\0".join(texts), capture_output=True, text=True, check=True
    )
    import msgspec

    for text, line in zip(texts, run.stdout.splitlines(), strict=True):
        document = read_document(text.encode(), "x.yaml")
        places = [msgspec.to_builtins(document.locate(("deploys", 1), part)) for part in ("key", "value")]
        expected = [document.data, places, [trouble.kind for trouble in document.troubles]]
        assert msgspec.json.decode(line) == expected, text


PLACES = """version: 1   # one
deploys:
  - name: "app 🚀"
    needs: &names [db, 'x']

    text: |
      a: b
  - needs: *names
empty:
"""


@pytest.mark.parametrize(
    ("line", "column", "found"),
    [
        (1, 1, (("version",), "key")),
        (1, 8, (("version",), "key")),
        (1, 9, ((), "value")),
        (1, 10, (("version",), "value")),
        (1, 12, ((), "value")),
        (1, 15, ((), "value")),
        (2, 3, (("deploys",), "key")),
        (3, 3, (("deploys",), "value")),
        (3, 6, (("deploys", 0, "name"), "key")),
        (3, 18, (("deploys", 0, "name"), "value")),
        (4, 20, (("deploys", 0, "needs", 0), "value")),
        (4, 23, (("deploys", 0, "needs"), "value")),
        (4, 26, (("deploys", 0, "needs", 1), "value")),
        (5, 1, (("deploys", 0), "value")),
        (7, 9, (("deploys", 0, "text"), "value")),
        (8, 12, (("deploys", 1), "value")),
        (9, 6, (("empty",), "key")),
        (99, 1, None),
    ],
)
@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_a_place_leads_back_to_its_path(line: int, column: int, found: object, line_break: str) -> None:
    text = PLACES.replace("\n", line_break)
    assert read_document(text.encode(), "x.yaml").find_path(line, column) == found


def test_what_is_found_at_a_place_is_located_around_it() -> None:
    document = read_document(PLACES.encode(), "x.yaml")
    for line, row in enumerate(PLACES.splitlines(), 1):
        for column in range(1, len(row) + 2):
            found = document.find_path(line, column)
            if found is not None:
                span = document.locate(*found)
                assert (span.line, span.column) <= (line, column) <= (span.end_line, span.end_column)


def test_a_place_in_a_text_that_was_not_read_has_no_path() -> None:
    assert read_document(b"a: [", "x.yaml").find_path(1, 1) is None
    assert read_document(b"", "x.yaml").find_path(1, 1) is None
