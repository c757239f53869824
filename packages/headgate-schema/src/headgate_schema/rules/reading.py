"""HG0xx: what keeps a text from being read as a manifest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from headgate_schema.composer import MAX_DEPTH
from headgate_schema.decode import without_extensions
from headgate_schema.document import MAX_VALUES, Document
from headgate_schema.expressions import find_expressions
from headgate_schema.finding import Place, Related
from headgate_schema.rules.rule import Problem, rule
from headgate_schema.rules.syntax import invalid_yaml, list_troubles, merge_conflict
from headgate_schema.span import Path
from headgate_schema.text import MAX_BYTES
from headgate_schema.wording import quote


@rule("HG002", "not UTF-8")
def wrong_encoding(document: Document) -> Iterator[Problem]:
    """The file is not UTF-8 text. Other encodings are read differently by different tools.

    Save it as UTF-8; a byte order mark is allowed.
    """
    for trouble, place in list_troubles(document, "encoding"):
        yield Problem(f"the text is not UTF-8: {trouble.detail}", place, hint="save the file as UTF-8")


@rule("HG003", "invisible character")
def forbidden_character(document: Document) -> Iterator[Problem]:
    """The text contains a control character, a line break that only some tools know, or one that reorders
    what is shown. Such a character lets people and programs see different things.

    Delete it. Inside double quotes, an escape does not help: the value would still contain it.
    """
    for trouble, place in list_troubles(document, "character"):
        yield Problem(f"the character {trouble.detail} is not allowed", place, hint="delete it")


@rule("HG004", "file too large")
def too_large(document: Document) -> Iterator[Problem]:
    """The file is larger than any manifest needs to be; it is not read at all.

    Check that it is the right file.
    """
    for _, place in list_troubles(document, "too_large"):
        yield Problem(f"the file is larger than {MAX_BYTES:,} bytes, the most that is read", place)


@rule("HG005", "nested too deeply")
def too_deep(document: Document) -> Iterator[Problem]:
    """Lists and mappings are nested too deeply, or contain themselves through an alias.

    A manifest needs fewer than ten levels: look for brackets that are never closed, or for an alias inside
    its own anchor.
    """
    for _, place in list_troubles(document, "too_deep"):
        yield Problem(f"nested more than {MAX_DEPTH} levels deep", place)


@rule("HG006", "too many values")
def too_many_values(document: Document) -> Iterator[Problem]:
    """The document has too many values. Values reached through an alias count every time, so a few lines of
    aliases of aliases can stand for millions.

    Write out what the aliases stand for, once.
    """
    for _, place in list_troubles(document, "too_many_values"):
        yield Problem(f"more than {MAX_VALUES:,} values, aliases counted each time", place)


@rule("HG007", "empty document")
def empty_document(document: Document) -> Iterator[Problem]:
    """The file has no content but comments.

    A manifest starts with `version: 1`, `environments` and `deploys`.
    """
    for _, place in list_troubles(document, "empty"):
        yield Problem(
            "the document is empty", place, hint='a manifest needs "version: 1", "environments" and "deploys"'
        )


@rule("HG008", "not a mapping")
def not_mapping(document: Document) -> Iterator[Problem]:
    """The document is a list or a single value; a manifest is a mapping of fields.

    Remove the `-` before the first key, or write `key: value` pairs.
    """
    for _, place in list_troubles(document, "not_mapping"):
        yield Problem("the document is not a mapping of keys to values", place)


@rule("HG009", "several documents")
def many_documents(document: Document) -> Iterator[Problem]:
    """The file holds more than one YAML document; tools differ in which one they read.

    Remove everything from the second `---` on.
    """
    for _, place in list_troubles(document, "many_documents"):
        yield Problem("a second document starts here; one file holds one", place)


@rule("HG010", "duplicate key")
def duplicate_key(document: Document) -> Iterator[Problem]:
    """The same key stands twice in one mapping. Most tools silently keep the last, some the first.

    Delete one, or join their contents. Until then nothing is said about what stands in either.
    """
    for trouble, place in list_troubles(document, "duplicate_key"):
        earlier = Related(Place(document.name, span=trouble.earlier), "first given here")
        yield Problem(f"the key {quote(trouble.detail)} is given twice", place, (earlier,))


@rule("HG011", "key is not text")
def odd_key(document: Document) -> Iterator[Problem]:
    """A key is a number, a boolean, nothing, a list or a mapping; keys are names.

    Put it in quotes if it is meant as text. Until then its entry is left out, and no key of the same mapping
    is called missing.
    """
    for trouble, place in list_troubles(document, "odd_key"):
        yield Problem(f"a key must be text, not {trouble.detail}", place, hint="put it in quotes")


@rule("HG012", "YAML tag")
def yaml_tag(document: Document) -> Iterator[Problem]:
    """A tag such as `!!str` or `!include` changes what a value is, in ways that depend on the tool.

    Remove it; put a value in quotes to make it text.
    """
    for trouble, place in list_troubles(document, "tag"):
        yield Problem(
            f"the tag {quote(trouble.detail)} is not allowed", place, hint="put text in quotes instead"
        )


@rule("HG013", "merge key")
def merge_key(document: Document) -> Iterator[Problem]:
    """The merge key `<<` is not part of YAML 1.2, and GitHub does not know it.

    Write the keys out, or use an alias for a whole value. Until then no key of that mapping is called
    missing.
    """
    for _, place in list_troubles(document, "merge_key"):
        yield Problem('the merge key "<<" is not allowed', place, hint="write the keys out")


@rule("HG014", "number out of range")
def odd_number(document: Document) -> Iterator[Problem]:
    """Infinity, not-a-number, and numbers of hundreds of digits cannot be passed on faithfully.

    Write a finite number, or put it in quotes to make it text.
    """
    for trouble, place in list_troubles(document, "number"):
        yield Problem(
            f"{quote(trouble.detail)} is no finite number", place, hint="put it in quotes if it is text"
        )


@rule("HG015", "expression in the manifest")
def expression(document: Document) -> Iterator[Problem]:
    """`${{` stands in a text of the manifest. Nothing there is evaluated, and it may get a meaning later, so
    it is refused instead of being passed on literally.

    Read the value inside the callback, where GitHub evaluates expressions.
    """
    for path, text in _strings(without_extensions(document.data or {}), ()):
        if "${{" in text and not document.gaps.contain(path):
            yield Problem(
                f'"${{{{" is not allowed in the manifest: {quote(text)}',
                Place(document.name, path, fragment=next(_list_whole(text), "${{")),
                hint="expressions are evaluated in callbacks, not here",
            )


def _list_whole(text: str) -> Iterator[str]:
    return (f"${{{{{expression}}}}}" for expression in find_expressions(text))


def _strings(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    match value:
        case str():
            yield path, value
        case dict():
            for key, item in value.items():
                yield from _strings(item, (*path, key))
        case list():
            for index, item in enumerate(value):
                yield from _strings(item, (*path, index))


READING = (
    invalid_yaml,
    wrong_encoding,
    forbidden_character,
    too_large,
    too_deep,
    too_many_values,
    empty_document,
    not_mapping,
    many_documents,
    duplicate_key,
    odd_key,
    yaml_tag,
    merge_key,
    odd_number,
    expression,
    merge_conflict,
)
